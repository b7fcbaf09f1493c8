"""Compound files (.xls, and workbooks with a password) → their streams, followed sector by sector within bounds.

In: the bytes of a file. Out: its streams by name. Chains of sectors that meet themselves, leave the file or are longer than
it make the file damaged. Must not know: what streams hold.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from campaignrules.intake.spreadsheets.archives import damaged

MARK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFFA
"""Numbers of sectors from here on are none."""
_ENTRY: Final = 128
_STREAM, _ROOT = 2, 5

Sectors = NDArray[np.uint32]


@frozen(eq=False, repr=False)
class _Store:
    """Sectors of one size, and the table that says which one comes after which."""

    data: bytes
    begins: int
    size: int
    after: Sectors
    label: str

    def chain(self, first: int, length: int | None = None) -> bytes:
        """The sectors from `first` on."""
        found: list[bytes] = []
        most = len(self.after)
        while first < _END:
            if first >= most or len(found) > most:
                raise damaged(self.label)
            at = self.begins + first * self.size
            found.append(self.data[at : at + self.size])
            first = int(self.after[first])
        joined = b"".join(found)
        if length is not None and len(joined) < length:
            raise damaged(self.label)
        return joined if length is None else joined[:length]


def streams(data: bytes, label: str) -> dict[str, bytes]:
    """The streams of a compound file by their names, without those of its folders' names. Raises CampaignError."""
    if len(data) < 512 or not data.startswith(MARK):
        raise damaged(label)
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise damaged(label)
    directory, cutoff, first_small, _, first_more, _ = struct.unpack_from("<I4xIIIII", data, 48)
    store = _Store(data, 1 << shift, 1 << shift, _table(data, 1 << shift, first_more, label), label)
    entries = store.chain(directory)
    root = next((entry for entry in _entries(entries) if entry[1] == _ROOT), None)
    if root is None:
        raise damaged(label)
    small_table = np.frombuffer(store.chain(first_small), np.uint32) if first_small < _END else np.zeros(0, np.uint32)
    small = _Store(store.chain(root[2]), 0, 64, small_table, label)
    found: dict[str, bytes] = {}
    for name, kind, first, length in _entries(entries):
        if kind == _STREAM and name in ("workbook", "book", "encryptedpackage", "encryptioninfo"):
            if name in found:
                raise damaged(label)
            found[name] = (store if length >= cutoff else small).chain(first if length else _END, length)
    return found


def _entries(directory: bytes) -> list[tuple[str, int, int, int]]:
    """Name, kind, first sector and length of each entry."""
    found = []
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        named, kind = struct.unpack_from("<HB", directory, at + 64)
        first, length = struct.unpack_from("<II", directory, at + 116)
        name = directory[at : at + max(min(named, 64) - 2, 0)].decode("utf-16-le", "replace")
        found.append((name.casefold(), kind, first, length))
    return found


def _table(data: bytes, size: int, more: int, label: str) -> Sectors:
    """The table of all sectors, from the sectors that the header and its continuations list."""
    listed = list(struct.unpack_from("<109I", data, 76))
    steps = 0
    while more < _END:
        at = size + more * size
        steps += 1
        if at + size > len(data) or steps > len(data) // size:
            raise damaged(label)
        *numbers, more = struct.unpack_from(f"<{size // 4}I", data, at)
        listed += numbers
    sectors = [number for number in listed if number < _END]
    if len(sectors) > len(data) // size + 1 or any(number * size >= len(data) for number in sectors):
        raise damaged(label)
    parts = [data[size + number * size : 2 * size + number * size].ljust(size, b"\xff") for number in sectors]
    return np.frombuffer(b"".join(parts), np.uint32)
