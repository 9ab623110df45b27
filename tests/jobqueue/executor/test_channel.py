"""Messages over a socket pair, in whatever pieces they arrive."""

import socket
import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.executor.channel import FromChild, Incoming, ToChild, frame

MESSAGES: list[list[Any]] = [
    [ToChild.RECALL],
    [ToChild.INTERRUPT, "id", "cancel", "because ü 🎲"],
    [FromChild.REPORT, "id", 0.5, b"\x00\xff" * 1_000],
    [FromChild.LOG, "id", 7, [[1, 1.5, "INFO", "x" * 500], [2, 2.5, "INFO", ""]]],
    [],
]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def _read_all(sock: socket.socket) -> list[list[Any]]:
    incoming, messages = Incoming(), list[list[Any]]()
    while incoming.read(sock):
        messages += incoming.messages()
    return messages


def test_messages_arrive_as_they_were_sent(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.sendall(b"".join(frame(message) for message in MESSAGES))
    ours.shutdown(socket.SHUT_WR)

    assert _read_all(theirs) == MESSAGES


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1_000])
def test_split_anywhere_they_are_put_together_again(pair: tuple[socket.socket, socket.socket], size: int) -> None:
    ours, theirs = pair
    data = b"".join(frame(message) for message in MESSAGES)
    incoming, messages = Incoming(), list[list[Any]]()

    for at in range(0, len(data), size):
        ours.sendall(data[at : at + size])
        assert incoming.read(theirs)
        messages += incoming.messages()

    assert messages == MESSAGES


@given(st.lists(st.lists(st.text() | st.integers(-(2**63), 2**64 - 1) | st.binary())), st.data())
def test_any_messages_survive_any_cuts(messages: list[list[Any]], data: st.DataObject) -> None:
    stream = b"".join(frame(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    incoming, received = Incoming(), list[list[Any]]()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            if start < end:
                ours.sendall(stream[start:end])
                incoming.read(theirs)
                received += incoming.messages()

    assert received == messages


def test_a_message_larger_than_any_buffer_arrives_whole(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    message = [FromChild.REPORT, "id", 1.0, b"x" * 10_000_000]

    def send() -> None:
        ours.sendall(frame(message))
        ours.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    received = _read_all(theirs)
    sender.join()

    assert received == [message]


def test_a_reader_that_stops_in_the_middle_finds_the_rest_later(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    incoming = Incoming()
    ours.sendall(b"".join(frame([number]) for number in range(5)))
    incoming.read(theirs)

    assert list(islice(incoming.messages(), 2)) == [[0], [1]]
    assert list(incoming.messages()) == [[2], [3], [4]]
    assert list(incoming.messages()) == []


def test_the_end_of_the_stream_is_told_and_half_a_message_is_none(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.sendall(frame(["half"])[:-1])
    ours.close()
    incoming = Incoming()

    assert incoming.read(theirs)
    assert list(incoming.messages()) == []
    assert not incoming.read(theirs)


def test_without_waiting_an_empty_channel_says_so(pair: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(BlockingIOError):
        Incoming().read(pair[0], socket.MSG_DONTWAIT)
