"""The bytes of a text file in any encoding → the same text as UTF-8 bytes with plain line ends.

In: bytes, and the encoding if somebody states one. A mark at the beginning decides before anything stated. Must not
know: separators, cells.
"""

from __future__ import annotations

import codecs
from typing import Final

import polars as pl

from campaignrules.intake.findings import finding, refuse
from campaignrules.results import Finding

_MARKS: Final = ((codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF16_LE, "UTF-16-LE"), (codecs.BOM_UTF16_BE, "UTF-16-BE"))
_STATED: Final = {
    "utf8": "UTF-8", "utf8sig": "UTF-8", "gb18030": "GB18030", "gbk": "GB18030", "gb2312": "GB18030",
    "utf16": "UTF-16-LE", "utf16le": "UTF-16-LE", "utf16be": "UTF-16-BE", "big5": "Big5",
}  # fmt: skip
"""What may be stated, without case and punctuation. GBK and GB2312 are the beginnings of GB18030."""
SUPPORTED: Final = "utf-8、gb18030、utf-16、big5"


def utf8(data: bytes, label: str, stated: str | None) -> tuple[bytes, tuple[Finding, ...]]:
    """`data` in UTF-8 without a mark, and what to say about the encoding. Raises CampaignError."""
    wanted = None if stated is None else _named(stated)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _again(data[len(mark) :], label, encoding)
            return text, () if encoding == "UTF-8" else (_found(label, "UTF-16"),)
    if wanted is not None:
        return _again(data, label, wanted), ()
    _refuse_nul(data, label)
    if _is_utf8(data):
        return data, ()
    try:
        return data.decode("gb18030").encode(), (_found(label, "GB18030"),)
    except UnicodeDecodeError:
        raise refuse("unknown-encoding", path=label) from None


def _named(stated: str) -> str:
    name = _STATED.get("".join(c for c in stated.casefold() if c.isalnum()))
    if name is None:
        raise refuse("encoding-not-supported", name=stated, supported=SUPPORTED)
    return name


def _found(label: str, encoding: str) -> Finding:
    return finding("encoding-found", "", {"file": label}, encoding=encoding)


def _refuse_nul(data: bytes, label: str) -> None:
    if b"\0" in data:
        raise refuse("nul-in-file", path=label)


def _again(data: bytes, label: str, encoding: str) -> bytes:
    """`data`, which is said to be in `encoding`, in UTF-8."""
    if encoding == "UTF-8" and _is_utf8(data):
        text = data
    else:
        try:
            text = data.decode(encoding).encode()
        except UnicodeDecodeError as error:
            read = data[: error.start].decode(encoding, "replace")
            line = read.count("\n") + read.replace("\r\n", "\n").count("\r") + 1
            name = encoding.removesuffix("-LE").removesuffix("-BE")
            raise refuse("not-in-encoding", path=label, line=line, encoding=name) from None
    _refuse_nul(text, label)
    return text


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8; the engine looks at many of them at once."""
    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def may_be_utf8(data: bytes, stated: str | None) -> bool:
    """Whether to try: nothing says that the text is in another encoding, and nothing shows that it is no text."""
    wanted = "UTF-8" if stated is None else _named(stated)
    return wanted == "UTF-8" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" not in data


def unix(data: bytes) -> bytes:
    """Each line end as one line feed."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
