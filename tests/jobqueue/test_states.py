"""What operators may call states and priorities."""

from collections.abc import Callable

import pytest

from jobqueue.states import FINISHED, UNFINISHED, WAITING, Priority, Status, parse_priority, parse_status


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title, "  {} ".format])
def test_a_state_is_read_by_its_name_in_any_case(status: Status, spell: Callable[[str], str]) -> None:
    assert parse_status(spell(status.value)) is status


@pytest.mark.parametrize(
    ("old", "status"),
    [("processing", Status.RUNNING), ("COMPLETED", Status.SUCCEEDED), ("Completed", Status.SUCCEEDED)],
)
def test_the_names_that_operators_already_use_are_understood(old: str, status: Status) -> None:
    assert parse_status(old) is status


@pytest.mark.parametrize("text", ["", "done", "pending,failed", "pend\0ing"])
def test_an_unknown_state_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(ValueError, match="expected one of pending, running, retrying, succeeded, failed, dead, canc"):
        parse_status(text)


@pytest.mark.parametrize("priority", Priority)
def test_a_priority_is_read_by_its_name_in_any_case(priority: Priority) -> None:
    assert parse_priority(f" {priority.name.lower()} ") is priority
    assert parse_priority(priority.name) is priority


@pytest.mark.parametrize("text", ["", "urgent", "50"])
def test_an_unknown_priority_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(ValueError, match="expected one of LOW, NORMAL, HIGH, CRITICAL"):
        parse_priority(text)


def test_every_state_is_either_finished_or_not() -> None:
    assert set(FINISHED) | set(UNFINISHED) == set(Status)
    assert not set(FINISHED) & set(UNFINISHED)
    assert set(WAITING) == set(UNFINISHED) - {Status.RUNNING}


def test_a_higher_priority_is_a_higher_number() -> None:
    assert Priority.LOW < Priority.NORMAL < Priority.HIGH < Priority.CRITICAL
