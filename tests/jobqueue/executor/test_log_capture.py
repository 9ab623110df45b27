"""Which lines of a job's log are kept."""

import logging
import threading
from collections.abc import Iterator

import pytest

from jobqueue.executor.log_capture import Line, LogCapture

log = logging.getLogger("somebody.else")


@pytest.fixture
def capture() -> Iterator[LogCapture]:
    """Keeps ten lines of what is logged in this test."""
    capture = LogCapture(10)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(capture)
    yield capture
    root.removeHandler(capture)
    root.setLevel(level)


def _texts(lines: list[Line]) -> list[str]:
    return [text for _, _, _, text in lines]


def _log(count: int) -> None:
    for _ in range(count):
        log.info("x")


def _all(capture: LogCapture, count: int, *, take_after: int = 0) -> list[Line]:
    capture.begin()
    taken: list[Line] = []
    for number in range(1, count + 1):
        log.info("line %d", number)
        if take_after and number % take_after == 0:
            taken += capture.take()
    return taken + capture.end()


def test_every_line_of_a_short_log_is_kept_with_its_number_time_and_level(capture: LogCapture) -> None:
    capture.begin()
    log.info("one %s", "thing")
    log.error("another")

    (first, second) = capture.end()

    assert (first[0], first[2], first[3]) == (1, "INFO", "one thing")
    assert (second[0], second[2], second[3]) == (2, "ERROR", "another")
    assert first[1] <= second[1]


def test_an_exception_is_kept_with_its_traceback(capture: LogCapture) -> None:
    capture.begin()
    try:
        raise ValueError("inside")
    except ValueError:
        log.exception("it failed")

    (text,) = _texts(capture.end())
    assert text.startswith("it failed\nTraceback")
    assert text.endswith("ValueError: inside")


@pytest.mark.parametrize("take_after", [0, 1, 3])
def test_of_a_long_log_the_middle_is_dropped_and_that_is_said(capture: LogCapture, take_after: int) -> None:
    lines = _all(capture, 100, take_after=take_after)

    assert _texts(lines) == [
        *(f"line {n}" for n in range(1, 6)),
        "… 90 lines dropped …",
        *(f"line {n}" for n in range(96, 101)),
    ]
    numbers = [number for number, *_ in lines]
    assert numbers == sorted(set(numbers))
    assert lines[5][2] == "WARNING"


@pytest.mark.parametrize(("count", "dropped"), [(10, 0), (11, 1)])
def test_nothing_is_said_while_nothing_is_dropped(capture: LogCapture, count: int, dropped: int) -> None:
    texts = _texts(_all(capture, count))

    assert [text for text in texts if "dropped" in text] == [f"… {n} lines dropped …" for n in [dropped] if n]
    assert len(texts) == count


def test_each_attempt_begins_anew(capture: LogCapture) -> None:
    _all(capture, 100)

    assert _texts(_all(capture, 1)) == ["line 1"]


def test_between_jobs_nothing_is_kept(capture: LogCapture) -> None:
    log.info("before any job")
    _all(capture, 1)
    log.info("between two")
    capture.begin()

    assert capture.end() == []


def test_debug_lines_are_not_kept(capture: LogCapture) -> None:
    capture.begin()
    log.debug("detail")

    assert capture.end() == []


def test_what_postgresql_cannot_store_is_replaced_and_long_lines_are_cut(capture: LogCapture) -> None:
    capture.begin()
    # Straight to it: pytest's reports cannot hold it either.
    capture.handle(log.makeRecord(log.name, logging.INFO, "", 0, "a\0b \ud800", (), None))
    log.info("x" * 100_000)

    (strange, long) = _texts(capture.end())
    assert strange == "a␀b ?"
    assert len(long) == 8_000


def test_a_line_that_cannot_be_formatted_does_not_fail_the_job(capture: LogCapture) -> None:
    capture.begin()
    # Straight to it: pytest's own handler is stricter.
    capture.handle(log.makeRecord(log.name, logging.INFO, "", 0, "%d items", ("many",), None))
    log.info("next")

    (broken, following) = _texts(capture.end())
    assert broken.startswith("This line cannot be formatted: ")
    assert following == "next"


def test_lines_of_many_threads_are_all_counted(capture: LogCapture) -> None:
    capture.begin()
    threads = [threading.Thread(target=_log, args=(500,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = capture.end()
    assert len(lines) == 11
    assert "… 1990 lines dropped …" in _texts(lines)
