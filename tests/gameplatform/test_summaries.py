"""Results as people read them."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from gameplatform.models import Account
from gameplatform.summaries import of_scheduled, of_sweep, of_sync

pytestmark = pytest.mark.django_db

SYNC: dict[str, Any] = {
    "competitors": {"total": 3, "synced": 2, "skipped": 0, "failed": 1},
    "solves_added": 1,
    "events_added": 2,
    "requests": 1200,
    "seconds": 1.5,
    "failures": [],
}
CHANGE = {
    "new_solves": 2,
    "challenges_before": 1,
    "challenges_after": 3,
    "points_before": 1000,
    "points_after": 1500,
}
SWEEP: dict[str, Any] = {"refreshed": 0, "differing": 0, "continued": False, "seconds": 0.1}


def test_a_sync_says_what_came_and_from_how_many() -> None:
    told = of_sync(SYNC)
    assert told.headline == "1 new solve and 2 event results came from 2 accounts. 1 account failed."
    assert told.numbers["requests"] == 1200


def test_a_sync_of_nobody_says_that() -> None:
    nobody = {"total": 0, "synced": 0, "skipped": 0, "failed": 0}
    assert "No account" in of_sync({**SYNC, "competitors": nobody}).headline


def test_a_dry_run_lists_the_accounts_by_name_with_before_and_after() -> None:
    named, unnamed, gone = Account.objects.create(username="ada"), Account.objects.create(email_used="b@x.org"), uuid4()
    changes = [{**CHANGE, "account": str(key)} for key in (named.pk, unnamed.pk, gone)]
    told = of_sync({**SYNC, "dry_run": True, "changes": changes})
    assert "would come from" in told.headline
    (table,) = told.tables
    assert table.rows[0] == ("ada", 2, "1 → 3", "1,000 → 1,500")
    assert [row[0] for row in table.rows[1:]] == ["b@x.org", str(gone)]
    assert table.note == ""


def test_a_list_that_was_cut_says_so() -> None:
    changes = [{**CHANGE, "account": str(uuid4())} for _ in range(200)]
    (table,) = of_sync({**SYNC, "dry_run": True, "changes": changes}).tables
    assert table.note == "The first 200; more accounts may change."


def test_failures_are_listed_with_their_number() -> None:
    failures = [{"account": str(uuid4()), "code": "NOT_FOUND", "message": "Unknown user."}]
    competitors = {"total": 30, "synced": 5, "skipped": 0, "failed": 25}
    (table,) = of_sync({**SYNC, "competitors": competitors, "failures": failures}).tables
    assert (table.title, table.note) == ("What failed", "The first 1 of 25.")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({}, "All totals are up to date: nothing was to be added up."),
        ({"dry_run": True}, "No totals are outdated as things stand. What a sync would change is told by the sync."),
        ({"refreshed": 1}, "Totals of 1 account added up anew."),
        ({"refreshed": 2, "dry_run": True}, "Totals of 2 accounts would be added up anew."),
        ({"refreshed": 2, "continued": True}, "Totals of 2 accounts added up anew. The rest is done by a further job."),
    ],
)
def test_a_sweep_says_what_it_did(result: dict[str, Any], told: str) -> None:
    assert of_sweep({**SWEEP, **result}).headline == told


def test_a_collection_says_what_it_wrote() -> None:
    result = {
        "accounts": 2,
        "requests_made": 4,
        "items_collected": 9,
        "rows_written": 1,
        "accounts_scored": 2,
        "skipped": 0,
        "failures": 1,
        "seconds": 0.1,
        "first_failures": [{"account": str(uuid4()), "collector": "solves", "code": "TIMEOUT", "message": "slow"}],
    }
    told = of_scheduled(result)
    assert told.headline == "Wrote 1 row for 2 accounts."
    assert told.tables[0].rows[0][1:] == ("solves: TIMEOUT", "slow")
    assert of_scheduled({**result, "dry_run": True}).headline == "Would write 1 row for 2 accounts."


def test_what_is_no_such_result_is_refused() -> None:
    for summarise in (of_sync, of_sweep, of_scheduled):
        with pytest.raises(msgspec.ValidationError):
            summarise({"other": 1})
