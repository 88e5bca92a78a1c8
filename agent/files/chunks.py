"""Encrypted chunks in an append-only file: how recordings lie on disk.

======================  ===============================================================================
head of the file        8 bytes that name the format, 16 random bytes that name the file
head of a chunk         length of the body; CRC-32 of that length and the chunk's number; CRC-32 of the body
body of a chunk         a random nonce of 12 bytes, then the content under AES-256-GCM with its tag
======================  ===============================================================================

Numbers are 4 bytes, little-endian. The file's key is derived from the user's recording key and the file's
name by HKDF-SHA-256, and each chunk is authenticated together with the file's name and its own number: chunks
cannot be changed, exchanged, left out or brought in from elsewhere. That the end of a file was cut off
between two chunks cannot be seen.

What a crash leaves of a chunk at the end is a *torn tail*: an incomplete one, one whose body never reached
the disk, or nothing but zeros. Anything else that is wrong is damage, and refused.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agent.engine.errors import SteadyhandError

MAGIC: Final = b"SHREC\x00\x00\x01"
HEAD_BYTES: Final = len(MAGIC) + 16
MOST_CONTENT: Final = 1 << 23

_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD: Final = struct.Struct("<III")
_COPY: Final = "restore it from a copy, or erase it and record again"


class ChunkCipher:
    """Seals and opens the chunks of one file.

    Parameters
    ----------
    key : bytes
        The user's recording key, 32 bytes.
    file_id : bytes
        The 16 random bytes of the file's head.
    """

    def __init__(self, key: bytes, file_id: bytes) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=file_id, info=b"steadyhand recording 1")
        self._aead = AESGCM(derive.derive(key))
        self._file_id = file_id

    def seal(self, number: int, content: bytes) -> bytes:
        """Chunk `number`, ready to be appended.

        The nonce is random and not the number: a torn chunk is written again with another content.
        """
        nonce = os.urandom(_NONCE_BYTES)
        body = nonce + self._aead.encrypt(nonce, content, self._bound(number))
        return _HEAD.pack(len(body), _head_crc(len(body), number), zlib.crc32(body)) + body

    def open(self, number: int, body: bytes) -> bytes:
        """The content of chunk `number`.

        Raises
        ------
        InvalidTag
            If it was changed, is another chunk, or the key is another.
        """
        return self._aead.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], self._bound(number))

    def _bound(self, number: int) -> bytes:
        return self._file_id + number.to_bytes(8, "little")


class ChunkReader:
    """Iterates once over the contents of the chunks in a file, one in memory at a time.

    Parameters
    ----------
    file : BinaryIO
        At its beginning; seekable.
    key : bytes
        The user's recording key.
    where : str
        The file's name in errors.

    Attributes
    ----------
    count : int
        Whole chunks seen so far.
    end : int
        Where the last of them ends, in bytes; 0 where not even the file's head is whole.
    torn_bytes : int
        What follows the last whole chunk; known when iteration has ended.
    cipher : ChunkCipher or None
        Of this file; None where its head is not whole.

    Raises
    ------
    SteadyhandError
        From iteration, if it is not a recording, was damaged or changed, or the key is another.
    """

    def __init__(self, file: BinaryIO, key: bytes, where: str) -> None:
        self._file = file
        self._key = key
        self._where = where
        self.count = 0
        self.end = 0
        self.torn_bytes = 0
        self.cipher: ChunkCipher | None = None

    def __iter__(self) -> Iterator[bytes]:
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        head = self._file.read(HEAD_BYTES)
        if not MAGIC.startswith(head[: len(MAGIC)]):
            raise SteadyhandError(f"{self._where} is not a recording, or one of a newer Steadyhand", _COPY)
        if len(head) == HEAD_BYTES:
            self.end = HEAD_BYTES
            self.cipher = ChunkCipher(self._key, head[len(MAGIC) :])
            # What a writer appends meanwhile is left for the next reader.
            while self.end < size and (content := self._next(self.cipher, size)) is not None:
                yield content
        self.torn_bytes = max(0, size - self.end)

    def _next(self, cipher: ChunkCipher, size: int) -> bytes | None:
        """The next chunk's content; None at the end or at a torn tail."""
        head = self._file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        length, head_crc, body_crc = _HEAD.unpack(head)
        if head_crc != _head_crc(length, self.count) or length > MOST_CONTENT + _NONCE_BYTES + _TAG_BYTES:
            if self._only_zeros(head):
                return None
            raise self._damaged("does not begin as it must")
        body = self._file.read(length)
        end = self.end + _HEAD.size + length
        if len(body) < length or (zlib.crc32(body) != body_crc and end == size):
            return None
        if zlib.crc32(body) != body_crc:
            raise self._damaged("is damaged")
        try:
            content = cipher.open(self.count, body)
        except InvalidTag as error:
            raise self._damaged("was changed, or was encrypted with another key") from error
        self.end = end
        self.count += 1
        return content

    def _only_zeros(self, head: bytes) -> bool:
        """True where only zeros are left: the file's length reached the disk, its content did not."""
        if any(head):
            return False
        while part := self._file.read(1 << 20):
            if any(part):
                return False
        return True

    def _damaged(self, how: str) -> SteadyhandError:
        return SteadyhandError(f"{self._where}: chunk {self.count} {how}", _COPY)


def _head_crc(length: int, number: int) -> int:
    return zlib.crc32(struct.pack("<IQ", length, number))
