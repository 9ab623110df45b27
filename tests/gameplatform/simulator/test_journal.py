"""What callers changed survives a restart, also a violent one."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gameplatform.simulator.background import running
from gameplatform.simulator.journal import JournalError
from gameplatform.simulator.simulation import simulation
from gameplatform.simulator.world import World

from .caller import OPENED_AT, Caller


@contextmanager
def started(journal: Path, opened_at: int = OPENED_AT) -> Iterator[Caller]:
    world = simulation(World(competitors=20), speed=0, opened_at=opened_at, journal=journal)
    with running(world) as address:
        caller = Caller(running=address, simulation=world)
        yield caller
        caller.session.close()


def change_things(caller: Caller) -> None:
    coach = caller.simulation.platform.world.coaches[0]
    solver, _ = caller.solver()
    caller.post(
        "/users",
        first_name="Nova",
        last_name="Quill",
        email="nova@school.example.org",
        role="user",
        syned_user_id=str(uuid.UUID(int=1)),
        syned_coach_user_id=str(coach.syned_user_id),
    )
    caller.advance(500)
    caller.post("/users/delete_assignment", syned_user_id=solver)
    caller.post("/users/delete_assignment", syned_user_id="nobody")
    caller.admin("POST", "/solves", {"syned_user_id": solver})


def test_a_restarted_simulator_is_the_same_platform(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with started(journal) as caller:
        change_things(caller)
        before = caller.state()

    with started(journal, opened_at=OPENED_AT + 100) as caller:
        after = caller.state()

    assert after["users"] == before["users"]
    assert after["totals"] == before["totals"]
    assert after["clock"] == before["clock"]


def test_a_last_line_cut_short_is_dropped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with started(journal) as caller:
        change_things(caller)
        before = caller.state()
    with journal.open("ab") as file:
        file.write(b'{"at":18000')

    for _ in range(2):
        with started(journal) as caller:
            assert caller.state()["users"] == before["users"]
            caller.post("/users/delete_assignment", syned_user_id=str(caller.competitor("denied").syned_user_id))
            before = caller.state()


def test_a_journal_of_another_world_is_refused(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with started(journal):
        pass

    with pytest.raises(JournalError, match="seed 1, 20 students and 2 coaches"):
        simulation(World(seed=2, competitors=20), journal=journal)


def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    journal = tmp_path / "notes.txt"
    journal.write_text("dear diary\n")

    with pytest.raises(JournalError, match="is not a journal"):
        simulation(World(), journal=journal)
    assert journal.read_text() == "dear diary\n"
