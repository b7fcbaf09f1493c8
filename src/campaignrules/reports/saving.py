"""Text or bytes → file, whole or not at all.

Comes in: a path that the user gave, and what it shall hold. A reader sees the old file or the new one, never half of it.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from campaignrules.errors import CampaignError, fault, reason_of


def save(path: str | Path, text: str) -> None:
    """Write `text` to `path` as UTF-8. Raises CampaignError when that cannot be done."""
    save_bytes(path, text.encode("utf-8", "backslashreplace"))


def save_bytes(path: str | Path, content: bytes) -> None:
    """Write `content` to `path`. Raises CampaignError when that cannot be done."""
    try:
        _save(Path(path), content)
    except (OSError, ValueError) as error:
        raise CampaignError(fault("cannot-write", None, path=path, reason=reason_of(error))) from error


def _save(path: Path, content: bytes) -> None:
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(content)  # a device or a pipe has no old content to keep; a folder refuses
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(target))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """The rights of the file that is replaced, or those a new file would get."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
