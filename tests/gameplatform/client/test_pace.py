"""The pace that is learned from 429 answers."""

from gameplatform.client.pace import LearnedPace


def test_nobody_waits_before_the_first_429() -> None:
    pace = LearnedPace(cap=20)

    assert [pace.delay() for _ in range(100)] == [0] * 100


def test_after_a_429_calls_queue_up_behind_each_other() -> None:
    pace = LearnedPace(cap=20)
    pace.limited(None)

    delays = [pace.delay() for _ in range(4)]

    assert delays == sorted(delays)
    assert delays[-1] > 3 * 0.015


def test_each_429_slows_down_and_each_answer_eases() -> None:
    pace = LearnedPace(cap=20)
    for _ in range(3):
        pace.limited(None)
    slow = pace._gap
    for _ in range(5):
        pace.answered()
    eased = pace._gap
    for _ in range(100):
        pace.answered()

    assert 0.02 < eased < slow
    assert pace._gap == 0


def test_retry_after_holds_everybody_back_but_never_beyond_the_cap() -> None:
    pace = LearnedPace(cap=3)
    pace.limited(60)

    assert 2 < pace.delay() <= 3
    assert pace.delay() > 2
