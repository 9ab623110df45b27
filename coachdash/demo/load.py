"""Loads the demo's data into the database, as often as you like."""

from pathlib import Path

from django.db import transaction

from coachdash.demo.logins import Login, kept_logins
from coachdash.demo.roster import load_accounts, load_roster
from coachdash.demo.schedules import add_scores, hurry_schedules
from coachdash.demo.users import load_coach, load_users
from gameplatform.simulator.world import World

COACHES = ("alice", "bob")
COMPETITORS, SEED = 60, 1


def load(world: World, passwords: Path) -> list[Login]:
    """Add whatever is missing and return the log-ins. All or nothing.

    Args:
        world: with as many coaches as `COACHES`; its ids are those that a simulator of the same world knows.
        passwords: the file of the log-ins, made if absent.
    """
    logins = kept_logins(passwords)
    with transaction.atomic():
        users = load_users(logins)
        coaches = {coach.syned_user_id: users[username] for coach, username in zip(world.coaches, COACHES, strict=True)}
        for coach in world.coaches:
            load_coach(coaches[coach.syned_user_id], coach)
        load_roster(world, coaches)
        load_accounts(world, coaches)
        hurry_schedules()
        add_scores()
    return logins
