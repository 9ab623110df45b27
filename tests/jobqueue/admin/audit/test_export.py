"""The export of the log: what is filtered, whole, harmless, and recorded."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobqueue.admin.audit import export
from jobqueue.admin.audit.export import COLUMNS, cell
from jobqueue.models import AuditEntry
from tests.jobqueue.admin.audit.test_screen import LOG
from tests.jobqueue.audited import last_entry, note

EXPORT = f"{LOG}export/"


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    response: Any = client.post(f"{EXPORT}{query}")
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_column_is_there_oldest_first(alice: Client) -> None:
    note("7", before={"a": 1}, after={"a": [2, "ü"]}, reason='he said "no",\nthen left')
    note("8", is_refused=True)
    first, second = exported(alice)

    entry = AuditEntry.objects.get(number=1)
    assert tuple(first) == COLUMNS
    assert (first["number"], first["at"], first["hash"]) == ("1", entry.at.isoformat(), entry.hash)
    assert (first["before"], first["after"]) == ('{"a": 1}', '{"a": [2, "ü"]}')
    assert first["reason"] == 'he said "no",\nthen left'
    assert (second["object_id"], second["is_refused"], second["actor_id"]) == ("8", "yes", "")


def test_what_is_filtered_is_what_comes(alice: Client) -> None:
    for name in ("ant", "bee", "cow"):
        note(name)

    assert [row["object_id"] for row in exported(alice, "?q=bee")] == ["bee"]
    assert exported(alice, "?since=nonsense") == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_no_cell_is_a_formula(alice: Client, text: str) -> None:
    assert cell(text) == f"'{text}"
    note(reason=text)
    assert exported(alice)[0]["reason"].startswith("'")


def test_it_is_recorded_with_the_filter_and_is_not_part_of_itself(alice: Client) -> None:
    note("1")
    note("2")
    rows = exported(alice, "?q=2&before=1")

    assert [row["number"] for row in rows] == ["2"]
    entry = last_entry()
    assert (entry.action, entry.actor, entry.number) == ("AUDIT_EXPORT", "alice", 3)
    assert entry.after == {"filter": {"q": "2"}, "entries": 1, "last": 2}


def test_looking_exports_and_records_nothing(alice: Client) -> None:
    assert alice.get(EXPORT).status_code == 405
    assert not AuditEntry.objects.exists()


def test_a_long_log_is_read_in_batches(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_BATCH", 10)
    for n in range(25):
        note(str(n))
    with CaptureQueriesContext(connection) as captured:
        rows = exported(alice)

    assert [row["number"] for row in rows] == [str(n) for n in range(1, 26)]
    assert sum("LIMIT 10" in query["sql"] for query in captured) == 4
