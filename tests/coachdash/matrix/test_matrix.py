"""Every door of the site times everybody who may knock: who gets in is written down, and nothing else is so.

A new address fails `test_every_door_has_an_expectation`, which says what to write where.
"""

from collections.abc import Iterator, Mapping
from copy import copy

import pytest
from django.db import transaction
from django.test import Client

from . import world
from .answers import word
from .fingerprint import fingerprint
from .routes import Door, doors
from .table import columns, expectations

DOORS = doors()
EXPECTED = expectations()
ROUTES = list(dict.fromkeys(door.route for door in DOORS))
_KNOWN = {name.partition(" /")[2] for name in EXPECTED}


def test_every_door_has_an_expectation() -> None:
    missing = [door.name for door in DOORS if door.name not in EXPECTED and not _is_closed(door)]

    lines = "\n".join(f"{name}  {' '.join('?' for _ in columns(name))}" for name in missing)
    roles = ", ".join(columns(missing[0])) if missing else ""
    assert not missing, f"Who may, of {roles}? Add to tests/coachdash/matrix/site.txt or api.txt:\n{lines}"


def test_every_expectation_has_its_door() -> None:
    assert set(EXPECTED) - {door.name for door in DOORS} == set()


@pytest.mark.parametrize("route", ROUTES)
def test_whoever_knocks_gets_what_is_written_and_a_get_changes_nothing(
    route: str, everybody: Mapping[str, Client]
) -> None:
    wrong = [line for door in DOORS if door.route == route for line in _wrong(door, everybody)]

    assert not wrong, "\n".join(wrong)


def test_nobody_who_is_logged_in_is_made_to_post_by_another_site(everybody: Mapping[str, Client]) -> None:
    """Every POST lacks the token of a form of ours; /api/jobs/run takes no session at all."""
    client = Client(enforce_csrf_checks=True)
    got_in = []
    for door in DOORS:
        client.cookies = copy(everybody["admin"].cookies)
        if door.method == "POST" and knock(client, door, door.address(world.values(door))) not in _REFUSED:
            got_in.append(door.name)

    assert got_in == []


_REFUSED = {"no", "none", "method", "who?"}


def _wrong(door: Door, everybody: Mapping[str, Client]) -> Iterator[str]:
    roles, address = columns(door.name), door.address(world.values(door))
    before = fingerprint() if door.method == "GET" else {}
    found = [knock(everybody[role], door, address) for role in roles]
    after = fingerprint() if door.method == "GET" else {}
    expected = list(EXPECTED.get(door.name, ["method"] * len(roles)))
    if found != expected:
        yield f"{door.name}  {' '.join(found)}  is not as written: {' '.join(expected)}  for {', '.join(roles)}"
    if before != after:
        yield f"{door.name} changed {', '.join(table for table in after if after[table] != before.get(table))}"


def knock(client: Client, door: Door, address: str) -> str:
    """What an empty request comes to; what a POST changes is undone, a GET must not change anything."""
    kind = "application/json" if door.is_of_api else "application/x-www-form-urlencoded"
    if door.method == "GET":
        return word(client.get(address))
    with transaction.atomic():
        answer = client.generic(door.method, address, content_type=kind)
        transaction.set_rollback(True)
    return word(answer)


def _is_closed(door: Door) -> bool:
    """Of an address of the API that is known, a method without a line is one that it does not know."""
    return door.is_of_api and door.route in _KNOWN
