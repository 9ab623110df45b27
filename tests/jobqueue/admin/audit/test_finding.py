"""Finding entries: by person, action, object, door and day; and what a wrong word is answered with."""

from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from jobqueue.audit import record
from jobqueue.models import AuditEntry
from tests.jobqueue.admin.audit.test_screen import LOG, numbers
from tests.jobqueue.audited import ALICE, as_the_owner_who_switched_the_triggers_off, note

DAYS = ("2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z", "2026-03-03T00:00:00Z")


def write_on(*days: str) -> None:

    for n, day in enumerate(days, start=1):
        note(str(n))
        with as_the_owner_who_switched_the_triggers_off() as cursor:
            cursor.execute("UPDATE jobqueue_auditentry SET at = %s WHERE number = %s", [day, n])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"since": "2026-03-02"}, [4, 3, 2]),
        ({"until": "2026-03-02"}, [3, 2, 1]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, [3, 2]),
        ({"since": "2026-03-04"}, []),
    ],
)
def test_a_range_of_days_takes_both_of_its_ends(alice: Client, query: dict[str, str], found: list[int]) -> None:
    write_on(*DAYS)

    assert numbers(alice, **query) == found


def test_the_last_days_count_from_now(alice: Client) -> None:
    write_on(*DAYS)
    with time_machine.travel("2026-03-03T00:30:00Z"):
        alice.force_login(alice_user())
        assert numbers(alice, when="hour") == [4, 3]
        assert numbers(alice, when="today") == [4]
        assert numbers(alice, when="week") == [4, 3, 2, 1]


def alice_user() -> Any:

    return User.objects.get(username="alice")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"since": "soon"}, "From is &#x27;soon&#x27;: expected a date such as 2026-11-28."),
        ({"until": "2026-02-31"}, "To is &#x27;2026-02-31&#x27;: expected a date"),
        ({"until": "9999-12-31"}, "expected a date"),
        ({"when": "ever"}, "When is &#x27;ever&#x27;: expected one of hour, today, week, month."),
        ({"channel": "door"}, "expected one of admin, api, cli, sql"),
        ({"refused": "x"}, "expected one of yes, no"),
        ({"actor_id": "alice"}, "expected the number of a user"),
        ({"actor_id": "9" * 40}, "expected the number of a user"),
    ],
)
def test_a_word_that_makes_no_sense_is_told_and_finds_nothing(
    alice: Client, query: dict[str, str], sentence: str
) -> None:
    note()
    response: Any = alice.get(LOG, query)

    assert sentence in response.content.decode()
    assert response.context_data["rows"] == []


@pytest.mark.parametrize("name", ["q", "action", "object_type", "actor_id", "since"])
def test_no_word_breaks_the_page(alice: Client, name: str) -> None:
    for text in ("\0", "'; DROP TABLE", "x" * 5_000, "🦉", "<script>"):
        assert alice.get(LOG, {name: text}).status_code == 200
    assert AuditEntry.objects.count() == 0


def test_what_other_apps_record_can_be_chosen_too(alice: Client) -> None:

    record(ALICE, "TEAM_EDIT", object_type="coachdash.team", object_id="7")
    page = alice.get(LOG).content.decode()

    assert '<option value="TEAM_EDIT">Team edit</option>' in page
    assert '<option value="coachdash.team">Team</option>' in page
    assert numbers(alice, q="7") == numbers(alice, object_type="coachdash.team") == [1]


def test_done_and_refused_are_told_apart(alice: Client) -> None:
    note("1")
    note("2", is_refused=True)

    assert numbers(alice, refused="yes") == [2]
    assert numbers(alice, refused="no") == [1]
