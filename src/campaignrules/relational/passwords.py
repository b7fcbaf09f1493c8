"""Texts about databases without the passwords that stand in them.

In: a text, and what it is about: a URL, an engine or connection of SQLAlchemy, or nothing that is known. Out: the text with
*** for each password. Must not know: why the text is shown.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

_URL_PASSWORD: Final = re.compile(r"://[^/@\s]*?:([^/\s]*)@")
_SET_PASSWORD: Final = re.compile(r"(?:password|passwd|pwd)\s*=\s*('[^']*'|[^\s&;]+)", re.IGNORECASE)


def without_passwords(text: str, source: object) -> str:
    """`text` without any password that it, or the source it is about, holds."""
    url = getattr(getattr(source, "engine", source), "url", None)
    secrets = {str(getattr(url, "password", None) or "")}
    for holder in (text, source if isinstance(source, str) else ""):
        secrets |= {*_URL_PASSWORD.findall(holder), *_SET_PASSWORD.findall(holder)}
    secrets |= {unquote(secret) for secret in secrets}
    # Of a password that should have been escaped, a driver may take a part for the name of a host.
    secrets |= {part for secret in secrets for part in re.split("[@:/?#]", secret) if len(part) > 1}
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
