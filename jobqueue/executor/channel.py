"""The pipe between supervisor and child: frames of a length and a msgpack message, over a socket pair."""

import socket
import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import msgspec

_LENGTH = struct.Struct("<I")
_CHUNK = 262_144
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class ToChild(IntEnum):
    """What the supervisor says; the message is a list that begins with one of these."""

    JOBS = 0
    """[list of ClaimedJob]: run these in this order."""
    INTERRUPT = 1
    """[id, kind, reason]: stop this job if you run it, drop it if you have not begun it."""
    RECALL = 2
    """[]: drop all jobs that you have not begun."""


class FromChild(IntEnum):
    """What a child says."""

    REPORT = 0
    """[id, seconds, encoded Report, whether the job is due again]: this execution ended."""
    PROGRESS = 1
    """[id, claim, done, total, message]"""
    CHECKPOINT = 2
    """[id, claim, JSON]"""
    LOG = 3
    """[id, claim, list of (number, time, level, text)]"""
    DROPPED = 4
    """[list of ids]: not begun and dropped, as asked."""
    LEAVING = 5
    """[]: it ends and has begun none of the jobs that it still holds."""


def frame(message: list[Any]) -> bytes:
    """The bytes of one message."""
    body = _encode(message)
    return _LENGTH.pack(len(body)) + body


class Incoming:
    """Puts messages together from whatever pieces arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def read(self, sock: socket.socket, flags: int = 0) -> bool:
        """Take in what is there (waiting for it if the socket blocks); returns False at the end of the stream.

        Raises:
            BlockingIOError: nothing is there.
        """
        data = sock.recv(_CHUNK, flags)
        self._buffer += data
        return bool(data)

    def messages(self) -> Iterator[list[Any]]:
        """The complete messages so far, each once."""
        buffer, at = self._buffer, 0
        try:
            while len(buffer) - at >= 4:
                (length,) = _LENGTH.unpack_from(buffer, at)
                if len(buffer) - at - 4 < length:
                    break
                body = bytes(buffer[at + 4 : at + 4 + length])
                at += 4 + length
                yield _decode(body)
        finally:
            del buffer[:at]
