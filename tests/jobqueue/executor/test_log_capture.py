"""Which lines of a job's log are kept."""

import logging
import threading
from collections.abc import Iterator

import pytest

from jobqueue.executor import masking
from jobqueue.executor.log_capture import Line, LogCapture
from jobqueue.redaction import MASK

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


@pytest.fixture(autouse=True)
def _no_secrets_of_another_job() -> Iterator[None]:
    yield
    masking.begin("{}")


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


class Account:
    """Says its balance."""

    def __init__(self, balance: int) -> None:
        self.balance = balance

    def __str__(self) -> str:
        return f"{self.balance} €"


def _formatted(monkeypatch: pytest.MonkeyPatch, capture: LogCapture) -> list[str]:
    texts: list[str] = []

    def counting(record: logging.LogRecord) -> str:
        texts.append(record.getMessage())
        return texts[-1]

    monkeypatch.setattr(capture, "format", counting)
    return texts


def test_of_a_million_lines_only_those_that_stay_are_formatted(
    capture: LogCapture, monkeypatch: pytest.MonkeyPatch
) -> None:
    formatted = _formatted(monkeypatch, capture)
    record = log.makeRecord(log.name, logging.INFO, "", 0, "line %d of %s", (7, "many"), None)
    capture.begin()
    for _ in range(1_000_000):
        capture.handle(record)

    lines = capture.end()
    assert len(formatted) == 10
    assert len(lines) == 11
    assert lines[5][3] == "… 999990 lines dropped …"


def test_what_may_change_until_the_end_is_formatted_when_it_is_logged(capture: LogCapture) -> None:
    items, account = [1], Account(5)
    capture.begin()
    for _ in range(6):
        log.info("%s", "fill")
    log.info("items %s", items)
    log.info("items %(a)s", {"a": items})
    log.info("%s", account)
    items.append(2)
    account.balance = 0

    assert _texts(capture.end())[-3:] == ["items [1]", "items [1]", "5 €"]


def test_a_line_of_ten_megabytes_is_cut_wherever_it_comes(capture: LogCapture) -> None:
    capture.begin()
    for _ in range(12):
        log.info("%s", "x" * 10_000_000)

    lines = capture.end()
    assert {len(text) for text in _texts(lines) if "dropped" not in text} == {8_000}
    assert len(lines) == 11


class Talkative:
    """Logs while it is logged."""

    def __init__(self, depth: int) -> None:
        self.depth = depth

    def __str__(self) -> str:
        if self.depth:
            log.info("%s", Talkative(self.depth - 1))
        return f"said at {self.depth}"


def test_logging_while_a_line_is_formatted_is_kept_too(capture: LogCapture) -> None:
    capture.begin()
    capture.handle(log.makeRecord(log.name, logging.INFO, "", 0, "%s", (Talkative(1),), None))

    assert "said at 1" in _texts(capture.end())


class Endless:
    """Logs itself whenever it is logged."""

    def __str__(self) -> str:
        capture = next(one for one in logging.getLogger().handlers if isinstance(one, LogCapture))
        capture.handle(log.makeRecord(log.name, logging.INFO, "", 0, "%s", (self,), None))
        return "and so on"


def test_endless_recursion_within_a_line_ends(capture: LogCapture) -> None:
    capture.begin()
    capture.handle(log.makeRecord(log.name, logging.INFO, "", 0, "%s", (Endless(),), None))
    log.info("and on it goes")

    assert _texts(capture.end())[-1] == "and on it goes"


def test_secrets_are_masked_in_lines_and_their_tracebacks(capture: LogCapture) -> None:
    masking.begin('{"apiToken": "of this job"}')
    capture.begin()
    for number in range(8):
        log.info("%d: %s and password=%s", number, "of this job", "hunter2")
    try:
        raise ValueError("of this job")
    except ValueError:
        log.exception("it failed")

    texts = _texts(capture.end())
    assert texts[0] == f"0: {MASK} and password={MASK}"
    assert texts[-1].endswith(f"ValueError: {MASK}")
    assert not any("of this job" in text or "hunter2" in text for text in texts)


@pytest.mark.parametrize("before", [7_990, 7_999, 9_980, 9_995, 10_000])
def test_no_cut_of_a_line_leaves_half_a_secret(capture: LogCapture, before: int) -> None:
    masking.begin('{"token": "s3cr3ts3cr3ts3cr3t"}')
    capture.begin()
    log.info("%s", "x" * before + "s3cr3ts3cr3ts3cr3t" + "x" * 10_000)
    log.info("%s", "s3cr3ts3cr3ts3cr3t" * 10_000)

    assert "s3cr3t" not in "".join(_texts(capture.end()))
