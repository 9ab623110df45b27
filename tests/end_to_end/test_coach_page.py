"""What a coach sees: the figures of the mirror, and new ones after the next sync."""

from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from jobqueue.models import Job
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.processes import WorkerProcess

from .syncs import an_hour_passes, succeeded, sync

pytestmark = pytest.mark.django_db(transaction=True)

type Row = tuple[str, ...]

_STUDENTS = """
SELECT student.first_name || ' ' || student.last_name,
       (SELECT count(*) FROM gameplatform_solve WHERE account_id = student.id),
       (SELECT coalesce(sum(points), 0) FROM gameplatform_solve WHERE account_id = student.id AND source = 'odl'),
       (SELECT coalesce(sum(points), 0) FROM gameplatform_eventresult WHERE account_id = student.id)
  FROM coachdash_competitor AS student JOIN gameplatform_account AS account USING (id)
 WHERE student.coach_id = %s AND account.status = 'approved'
"""


def test_it_shows_what_the_sync_brought_and_what_the_next_one_brings(
    platform: Platform, coaches: dict[UUID, User], worker: WorkerProcess
) -> None:
    coach = next(iter(coaches.values()))
    client = Client()
    client.force_login(coach)
    sync()

    first = shown(client)
    assert first == in_the_mirror(coach)
    assert len(first) >= 30

    an_hour_passes(platform)
    busy = next(iter(platform.people())).syned_user_id
    platform.add_solve(busy, points=512)
    client.post("/dashboard/sync/")
    succeeded(Job.objects.get(created_by=coach).pk)

    second = shown(client)
    assert second == in_the_mirror(coach)
    assert second != first


def in_the_mirror(coach: User) -> list[Row]:
    """Name, challenges, practice points, CTF points and all points of each student on the platform."""
    with connection.cursor() as cursor:
        cursor.execute(_STUDENTS, [coach.pk])
        found = cursor.fetchall()
    return sorted(
        (name, f"{challenges:,}", f"{practice:,}", f"{ctf:,}", f"{practice + ctf:,}")
        for name, challenges, practice, ctf in found
    )


def shown(client: Client) -> list[Row]:
    """The same columns of each row of the page that shows figures."""
    table = _Table()
    table.feed(client.get("/dashboard/").content.decode())
    columns = ("name", "Challenges", "Practice", "CTF", "Points")
    return sorted(tuple(row[name] for name in columns) for row in table.rows if "Points" in row)


class _Table(HTMLParser):
    """Reads the rows of the student table, by the labels of their cells."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, str]] = []
        self._cell = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        attributes = dict(attrs)
        if tag == "tr":
            self.rows.append({})
        self._cell = "name" if attributes.get("scope") == "row" else attributes.get("data-label", "")

    def handle_endtag(self, tag: str) -> None:
        self._cell = ""

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][self._cell] = data.strip()
