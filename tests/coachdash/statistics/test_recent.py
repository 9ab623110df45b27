"""The newest solves."""

from datetime import timedelta

from django.contrib.auth.models import User

from coachdash import access
from coachdash.statistics.recent import SHOWN, recent_solves
from gameplatform.models import FlashEvent
from tests.coachdash import factories


def test_the_newest_solves_of_all_students_come_first(alice: User, bob: User) -> None:
    ada, ivo = factories.playing(alice, "Ada Finch"), factories.playing(alice, "Ivo Moss")
    for nth in range(SHOWN):
        account = ada if nth % 2 else ivo
        factories.solve(account, 100, at=factories.NOW + timedelta(minutes=nth), title=f"number {nth}")
    factories.solve(factories.playing(bob, "Uma Reed"), 100, at=factories.NOW + timedelta(days=1))
    factories.solve(ada, 100, at=factories.NOW - timedelta(minutes=1), title="older")
    found = recent_solves(access.competitors(alice))
    assert [each.title for each in found] == [f"number {nth}" for nth in reversed(range(SHOWN))]
    assert found[0].student == ("Ada Finch" if (SHOWN - 1) % 2 else "Ivo Moss")


def test_the_newest_are_found_among_more_students_than_are_shown(alice: User) -> None:
    for nth in range(SHOWN * 2):
        account = factories.playing(alice, f"Ada Finch{nth}")
        factories.solve(account, nth + 1, at=factories.NOW + timedelta(minutes=nth))
    found = recent_solves(access.competitors(alice))
    assert [each.points for each in found] == list(range(SHOWN * 2, SHOWN, -1))


def test_a_solve_in_an_event_is_marked(alice: User) -> None:
    event = FlashEvent.objects.create(name="Night Shift", starts_at=factories.NOW)
    factories.solve(factories.playing(alice, "Ada Finch"), 100, ctf=event)
    assert [each.is_ctf for each in recent_solves(access.competitors(alice))] == [True]
