"""Packed files → their parts, counted while they are unpacked; and the parts as a file that hides nothing.

In: the bytes of a zip file. Out: `{name: bytes}` of its members, or one of our errors. What a later reader sees is packed
anew from the parts that were checked, so that two readers cannot understand one file differently. Must not know: what
the parts mean.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Final

from campaignrules.errors import CampaignError
from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import Limits

MEMBERS: Final = 4_096
"""Parts that a packed file has at most."""
LITTLE: Final = 2**20
"""Bytes that may be unpacked from a file of any size."""
_ENTRY: Final = b"PK\x01\x02"
_KINDS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1 | 0x40


def unpacked(data: bytes, label: str, limits: Limits) -> dict[str, bytes]:
    """The members of a zip file that hold anything, by name. Raises CampaignError."""
    if data.count(_ENTRY) > MEMBERS:
        raise refuse("unsafe-archive", path=label)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _parts(archive, min(limits.unpacked, max(LITTLE, limits.ratio * len(data))), label)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise damaged(label) from None


def damaged(label: str) -> CampaignError:
    """The error for a file that ends too early or is garbled."""
    return refuse("workbook-damaged", path=label)


def _parts(archive: zipfile.ZipFile, most: int, label: str) -> dict[str, bytes]:
    """The sizes that are declared are no more than `most` in all, and no member is unpacked further."""
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    _check(members, most, label)
    parts: dict[str, bytes] = {}
    for member in members:
        with archive.open(member) as file:
            part = file.read(member.file_size)  # what is longer, or not what it should be, is found out here
        parts[member.filename.replace("\\", "/")] = part
    return parts


def _check(members: list[zipfile.ZipInfo], most: int, label: str) -> None:
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise refuse("workbook-encrypted", path=label)
    if sum(member.file_size for member in members) > most:
        raise refuse("unpacked-limit", path=label)
    names = [member.filename.replace("\\", "/").casefold() for member in members]
    if len(set(names)) < len(names) or any(map(_odd_name, names)):
        raise refuse("unsafe-archive", path=label)
    if any(member.compress_type not in _KINDS for member in members):
        raise refuse("unsafe-archive", path=label)


def _odd_name(name: str) -> bool:
    """Whether a name leads out of the archive; nothing is ever written under it."""
    return (
        not name
        or name.startswith("/")
        or ".." in name.split("/")
        or ":" in name
        or any(ord(sign) < 32 for sign in name)
    )


def packed(parts: Mapping[str, bytes]) -> IO[bytes]:
    """The parts as a zip file in memory, uncompressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    file.seek(0)
    return file
