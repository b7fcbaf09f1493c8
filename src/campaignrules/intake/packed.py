"""How large a Parquet or Arrow file will be in memory, by what each page and buffer says of itself, before it is read.

In: an open file. Out: bytes, or `DamagedError`. Whoever unpacks a page takes as much memory as the page claims, and one
that claims more than there is ends the process: so each claim is looked at first, and no total that the file gives is
believed. Must not know: limits, columns, types.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from attrs import define

_FOOTER: Final = 32 * 2**20
_NESTED: Final = 16
_LONGEST_HEADER: Final = 2**16
_VALUE: Final = 8
"""Bytes that a value takes at least, though the file may say in one word that a million are alike."""


class DamagedError(Exception):
    """The file is not what it says it is."""


def _read(file: BinaryIO, start: int, size: int, whole: int) -> bytes:
    if start < 0 or size < 0 or start + size > whole:
        raise DamagedError
    file.seek(start)
    return file.read(size)


# -- Parquet ------------------------------------------------------------------------------------------------------


def parquet_footer(file: BinaryIO, whole: int) -> dict[int, Any]:
    """The footer of a Parquet file of `whole` bytes, as it stands there: {number of the field: value}."""
    tail = _read(file, whole - 8, 8, whole)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != b"PAR1" or length > _FOOTER:
        raise DamagedError
    try:
        return _Compact(_read(file, whole - 8 - length, length, whole)).struct()
    except (KeyError, IndexError, TypeError):
        raise DamagedError from None


def parquet_size(file: BinaryIO, whole: int, footer: dict[int, Any] | None = None) -> int:
    """Bytes of all pages of a Parquet file of `whole` bytes, unpacked. `footer`: when it has been read already."""
    read = parquet_footer(file, whole) if footer is None else footer
    try:
        return sum(_chunk_size(file, chunk.get(3) or {}, whole) for group in read[4] for chunk in group[1])
    except (KeyError, IndexError, TypeError, AttributeError):
        raise DamagedError from None


def _chunk_size(file: BinaryIO, chunk: dict[int, Any], whole: int) -> int:
    """The pages of one column in one group of rows, one after the other."""
    values, left, size = chunk[5], chunk[7], 0
    at = min(chunk[9], chunk.get(11) or chunk[9])
    while values > 0 and left > 0:
        start = _read(file, at, min(_LONGEST_HEADER, whole - at), whole)
        header = _Compact(start)
        page = header.struct()
        held = (page.get(5) or page.get(7) or page.get(8) or {}).get(1, 0)
        if min(page[2], page[3], held) < 0 or held > values:
            raise DamagedError
        size += page[2] + _VALUE * held
        values -= 0 if page.get(7) else held
        at += header.at + page[3]
        left -= header.at + page[3]
    return size


@define(eq=False, repr=False)
class _Compact:
    """Thrift's compact protocol, as Parquet uses it: structs become {number of the field: value}."""

    data: bytes
    at: int = 0
    depth: int = 0

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        found = shift = 0
        while shift < 70:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
        raise DamagedError

    def _whole(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)

    def struct(self) -> dict[int, Any]:
        self.depth += 1
        if self.depth > _NESTED:
            raise DamagedError
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._whole()
            kind = head & 15
            fields[number] = kind == 1 if kind in (1, 2) else self._value(kind)
        self.depth -= 1
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (4, 5, 6):
            return self._whole()
        if kind == 12:
            return self.struct()
        if kind in (9, 10):
            return self._list()
        skipped = self._varint() if kind == 8 else {1: 1, 2: 1, 3: 1, 7: 8}[kind]
        self.at += skipped
        return self.data[self.at - skipped : self.at] if kind == 8 else None

    def _list(self) -> list[Any]:
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        if size > len(self.data):
            raise DamagedError
        return [self._value(head & 15) for _ in range(size)]


# -- Arrow --------------------------------------------------------------------------------------------------------

_MAGIC: Final = b"ARROW1"
_DICTIONARY, _RECORDS = 2, 3


def is_arrow_file(start: bytes) -> bool:
    """Whether a file that starts so is of Arrow's file format; else it is a stream."""
    return start.startswith(_MAGIC)


def arrow_size(file: BinaryIO, whole: int) -> int:
    """Bytes of all buffers of an Arrow file or stream of `whole` bytes, unpacked."""
    try:
        blocks = _blocks(file, whole) if is_arrow_file(file.read(6)) else _messages(file, whole)
        return sum(_message_size(file, start, whole) for start in blocks)
    except (struct.error, IndexError):
        raise DamagedError from None


def _blocks(file: BinaryIO, whole: int) -> Iterator[int]:
    """Where the messages of a file begin, by its footer."""
    length, magic = struct.unpack("<i6s", _read(file, whole - 10, 10, whole))
    if magic != _MAGIC or not 0 < length <= _FOOTER:
        raise DamagedError
    footer = _root(_read(file, whole - 10 - length, length, whole))
    for slot in (2, 3):
        for at in footer.structs(slot, 24):
            yield struct.unpack_from("<q", footer.data, at)[0]


def _messages(file: BinaryIO, whole: int) -> Iterator[int]:
    """Where the messages of a stream begin: each says how long it is."""
    at = 0
    while at + 8 <= whole:
        yield at
        head, length = _framed(file, at, whole)
        if not length:
            return
        body: int = _root(_read(file, at + head, length, whole)).number(3, "<q")
        at += head + length + body
        if body < 0 or at > whole:
            raise DamagedError


def _framed(file: BinaryIO, at: int, whole: int) -> tuple[int, int]:
    """Bytes before a message's head, and of the head; older writers have no mark before them."""
    mark, after = struct.unpack("<ii", _read(file, at, 8, whole))
    head, length = (8, int(after)) if mark == -1 else (4, int(mark))
    if not 0 <= length <= _FOOTER:
        raise DamagedError
    return head, length


def _message_size(file: BinaryIO, at: int, whole: int) -> int:
    head, length = _framed(file, at, whole)
    if not length:
        return 0
    message = _root(_read(file, at + head, length, whole))
    kind, body = message.number(1, "<B"), message.number(3, "<q")
    start = at + head + length
    if body < 0 or start + body > whole:
        raise DamagedError
    if kind not in (_DICTIONARY, _RECORDS):
        return 0
    batch = message.table(2)
    return _batch_size(file, batch.table(1) if kind == _DICTIONARY else batch, start, body)


def _batch_size(file: BinaryIO, batch: _Flat, start: int, body: int) -> int:
    """The buffers of one batch of rows, and what its values take in any case."""
    packed = batch.slot(3) is not None
    size = sum(_buffer_size(file, batch.data, at, (start, body), packed=packed) for at in batch.structs(2, 16))
    lengths = [batch.number(0, "<q"), *(struct.unpack_from("<q", batch.data, at)[0] for at in batch.structs(1, 16))]
    if min(lengths) < 0:
        raise DamagedError
    return int(size + _VALUE * sum(lengths))


def _buffer_size(file: BinaryIO, data: bytes, at: int, body: tuple[int, int], *, packed: bool) -> int:
    offset, length = struct.unpack_from("<qq", data, at)
    if offset < 0 or length < 0 or offset + length > body[1]:
        raise DamagedError
    if not packed or length < 8:
        return int(length)
    file.seek(body[0] + offset)
    (unpacked,) = struct.unpack("<q", file.read(8))
    if unpacked < -1:
        raise DamagedError
    return int(length if unpacked == -1 else unpacked)


def _root(data: bytes) -> _Flat:
    return _Flat(data, struct.unpack_from("<I", data)[0])


@define(eq=False, repr=False)
class _Flat:
    """A table of FlatBuffers: slots that say where the fields are."""

    data: bytes
    at: int

    def slot(self, number: int) -> int | None:
        """Where a field is, None when the table has none."""
        slots = self.at - struct.unpack_from("<i", self.data, self.at)[0]
        if slots < 0:
            raise DamagedError
        size = struct.unpack_from("<H", self.data, slots)[0]
        if 6 + 2 * number > size:
            return None
        offset = struct.unpack_from("<H", self.data, slots + 4 + 2 * number)[0]
        return self.at + offset if offset else None

    def number(self, slot: int, kind: str) -> int:
        at = self.slot(slot)
        return 0 if at is None else int(struct.unpack_from(kind, self.data, at)[0])

    def table(self, slot: int) -> _Flat:
        at = self.slot(slot)
        if at is None:
            raise DamagedError
        return _Flat(self.data, at + struct.unpack_from("<I", self.data, at)[0])

    def structs(self, slot: int, size: int) -> range:
        """Where each struct of a list is."""
        at = self.slot(slot)
        if at is None:
            return range(0)
        start = at + struct.unpack_from("<I", self.data, at)[0]
        count = struct.unpack_from("<I", self.data, start)[0]
        if start + 4 + count * size > len(self.data):
            raise DamagedError
        return range(start + 4, start + 4 + count * size, size)
