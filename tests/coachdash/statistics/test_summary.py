"""The tiles, against sums that SQL makes by itself."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from coachdash import access
from coachdash.statistics.sorting import Sort
from coachdash.statistics.students import student_page
from coachdash.statistics.summary import summary
from gameplatform.models import FlashEvent, SyncState
from tests.coachdash import factories

BY_HAND = """
SELECT count(*), sum(solve.points), sum(solve.points) FILTER (WHERE source = 'flash_ctf')
FROM gameplatform_solve AS solve JOIN coachdash_competitor AS competitor ON competitor.id = solve.account_id
WHERE competitor.coach_id = %s
"""


@pytest.fixture
def roster(alice: User, bob: User) -> None:
    """Two of Alice's play, three do not; one of Bob's plays."""
    event = FlashEvent.objects.create(name="Night Shift", starts_at=factories.NOW)
    ada = factories.playing(alice, "Ada Finch", 300, 150, 100)
    ada.stats.delete()
    factories.solve(ada, 500, ctf=event)
    factories.totals(ada)
    factories.playing(alice, "Ivo Moss", 600, at=timezone.now())
    factories.account(factories.student(alice, "Noor Reed"), "denied")
    factories.account(factories.student(alice, "Suki Vale"), "pending_approval")
    factories.student(alice, "Zora Tarn")
    factories.playing(bob, "Yara Oakes", 600)


def test_the_sums_are_those_of_the_solves(roster: None, alice: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, [alice.pk])
        solves, points, ctf_points = cursor.fetchone()
    figures = summary(access.competitors(alice))
    assert (figures.challenges, figures.points, figures.ctf) == (solves, points, ctf_points) == (5, 1650, 500)
    assert figures.practice == 1150
    assert (figures.practice_challenges, figures.ctf_challenges) == (4, 1)


def test_the_rows_of_the_table_add_up_to_the_tiles(roster: None, alice: User) -> None:
    rows = student_page(access.competitors(alice), Sort(), "1").rows
    played = [row.figures for row in rows if row.figures is not None]
    figures = summary(access.competitors(alice))
    assert sum(each.points for each in played) == figures.points
    assert sum(each.challenges for each in played) == figures.challenges
    assert sum(each.practice for each in played) == figures.practice
    assert sum(each.ctf for each in played) == figures.ctf
    assert len(played) == figures.on_platform == 2
    assert len(rows) == figures.students == 5


def test_active_are_those_seen_within_fourteen_days(alice: User) -> None:
    now = timezone.now()
    factories.playing(alice, "Ada Finch", at=now - timedelta(days=13, hours=23))
    factories.playing(alice, "Ivo Moss", at=now - timedelta(days=14, hours=1))
    assert summary(access.competitors(alice)).active == 1


def test_a_student_whose_account_was_refused_later_counts_no_more(alice: User) -> None:
    account = factories.playing(alice, "Ada Finch", 300)
    account.status = "denied"
    account.save()
    figures = summary(access.competitors(alice))
    assert (figures.points, figures.on_platform) == (0, 0)


def test_the_data_are_as_of_the_last_answer_and_failures_are_counted(alice: User) -> None:
    factories.playing(alice, "Ada Finch", 300)
    failing = factories.playing(alice, "Ivo Moss", 100)
    SyncState.objects.filter(account=failing).update(
        consecutive_failures=2, error_code="TIMEOUT", last_success_at=factories.NOW - timedelta(days=2)
    )
    figures = summary(access.competitors(alice))
    assert figures.as_of == factories.NOW
    assert figures.failing == 1


def test_nobody_at_all_gives_zeros(alice: User) -> None:
    figures = summary(access.competitors(alice))
    assert (figures.students, figures.points, figures.as_of) == (0, 0, None)
