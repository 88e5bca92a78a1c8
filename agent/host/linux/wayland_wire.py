"""Wayland wire format: messages to bytes and back, within the limits that the protocol's own library keeps."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_MESSAGE: Final = 4096
_HEAD: Final = struct.Struct("=II")
_WORD: Final = struct.Struct("=I")


class WaylandGarbage(ValueError):
    """What a compositor sent is no message of the protocol; the message says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of an object.

    Attributes
    ----------
    sender, opcode : int
    body : bytes
        Its arguments, whole words.
    """

    sender: int
    opcode: int
    body: bytes


def request(target: int, opcode: int, *arguments: int | str) -> bytes:
    """A request to an object; numbers are unsigned words, texts are short."""
    body = b"".join(_WORD.pack(each) if isinstance(each, int) else _packed(each) for each in arguments)
    return _HEAD.pack(target, (_HEAD.size + len(body)) << 16 | opcode) + body


def take_messages(waiting: bytearray) -> Iterator[Message]:
    """Take the whole messages off what has been received; part of one stays.

    Raises
    ------
    WaylandGarbage
        If a length cannot be one.
    """
    while len(waiting) >= _HEAD.size:
        sender, second = _HEAD.unpack_from(waiting)
        size, opcode = second >> 16, second & 0xFFFF
        if size < _HEAD.size or size % _WORD.size or size > MOST_MESSAGE:
            raise WaylandGarbage(f"a message of {size} bytes")
        if len(waiting) < size:
            return
        body = bytes(waiting[_HEAD.size : size])
        del waiting[:size]
        yield Message(sender, opcode, body)


class Arguments:
    """Reads the arguments of one message in their order; every accessor raises `WaylandGarbage` where one is missing.

    Parameters
    ----------
    body : bytes
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self) -> int:
        """An unsigned word: a number, or an object's."""
        if self._at + _WORD.size > len(self._body):
            raise WaylandGarbage("a message that ends too early")
        (number,) = _WORD.unpack_from(self._body, self._at)
        self._at += _WORD.size
        return int(number)

    def text(self) -> str:
        """A text with its length in front."""
        length = self.number()
        end = self._at + length
        if not length or end > len(self._body) or self._body[end - 1]:
            raise WaylandGarbage("a text that does not end")
        text = self._body[self._at : end - 1]
        self._at = end + -end % _WORD.size
        return text.decode(errors="replace")


def _packed(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return _WORD.pack(len(raw)) + raw + b"\0" * (-len(raw) % _WORD.size)
