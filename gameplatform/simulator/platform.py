"""What the platform keeps and callers change: accounts, teams, who is in which, solves added by hand.

Values are replaced, never altered in place, so that a shallow copy is a consistent picture (truth.py).
"""

from gameplatform.simulator import account as accounts
from gameplatform.simulator.account import Account
from gameplatform.simulator.activity import Activity, activity_of
from gameplatform.simulator.answers import ChallengeSolve, FlashCtf
from gameplatform.simulator.exceptions import not_found, rejected
from gameplatform.simulator.flash import flash_results
from gameplatform.simulator.opening import (
    TEAM_IDS,
    PlatformTeam,
    opening_accounts,
    opening_assignments,
    opening_teams,
)
from gameplatform.simulator.people import Division, Role
from gameplatform.simulator.world import World


class Platform:
    """The platform over one world, opened at `opened_at` (unix seconds).

    Its verbs raise RefusedError with the status and text that the API answers with.
    """

    def __init__(self, world: World, opened_at: int) -> None:
        self.world = world
        self.opened_at = opened_at
        self.accounts = opening_accounts(world, opened_at)
        self.teams = opening_teams(world, self.accounts)
        self.assignments = opening_assignments(world, self.accounts)
        self.added: dict[str, tuple[ChallengeSolve, ...]] = {}
        self._emails = {account.email for account in self.accounts.values()}
        self._created_users = 0
        self._next_team_id = TEAM_IDS + len(world.teams)

    def copy(self) -> "Platform":
        """A picture of this instant that later calls do not change."""
        picture = Platform.__new__(Platform)
        picture.__dict__.update(self.__dict__)
        picture.accounts, picture.teams = dict(self.accounts), dict(self.teams)
        picture.assignments, picture.added = dict(self.assignments), dict(self.added)
        return picture

    def account(self, syned_user_id: str) -> Account:
        """The account of a local id, or 404."""
        try:
            return self.accounts[syned_user_id]
        except KeyError:
            raise not_found("User") from None

    def activity(self, account: Account, now: int) -> Activity:
        """What the account has done up to `now`, whether or not its status lets the API show it."""
        added = self.added.get(account.syned_user_id, ())
        return activity_of(self.world, account, self.opened_at, now, added)

    def flash(self, account: Account, now: int) -> list[FlashCtf]:
        """The flash CTF results of an approved account up to `now`."""
        return flash_results(self.world.seed, account, self.opened_at, now)

    def create_user(
        self, *, syned_user_id: str, username: str, email: str, role: Role, coach_id: str | None, now: int
    ) -> Account:
        """A new account; refused for a known id or e-mail, and under a coach who may not have students."""
        if syned_user_id in self.accounts:
            raise rejected("A user with this syned_user_id already exists")
        if email.lower() in self._emails:
            raise rejected("A user with this email already exists")
        if coach_id is not None:
            self._usable_coach(coach_id, now)
        nth = self._created_users
        account = accounts.created(
            syned_user_id=syned_user_id, nth=nth, username=username, email=email, role=role, now=now
        )
        self._created_users += 1
        self.accounts[syned_user_id] = account
        self._emails.add(email.lower())
        return account

    def create_team(
        self, *, syned_team_id: str, coach_id: str, name: str, division: Division, affiliation: str, now: int
    ) -> PlatformTeam:
        """A new, empty team; refused for a known id and under an unknown coach."""
        if syned_team_id in self.teams:
            raise rejected("A team with this syned_team_id already exists")
        coach = self._usable_coach(coach_id, now)
        team = PlatformTeam(
            syned_team_id=syned_team_id,
            metactf_team_id=self._next_team_id,
            metactf_coach_id=coach.metactf_user_id,
            name=name,
            division=division,
            affiliation=affiliation,
        )
        self._next_team_id += 1
        self.teams[syned_team_id] = team
        return team

    def delete_team(self, syned_team_id: str) -> None:
        """Remove a team; refused while it has members, naming them."""
        self._team(syned_team_id)
        members = [user for user, team in self.assignments.items() if team == syned_team_id]
        if members:
            raise rejected(f"Team is not empty, remove its members first: {', '.join(sorted(members))}")
        del self.teams[syned_team_id]

    def assign(self, syned_user_id: str, syned_team_id: str) -> None:
        """Put a user into a team, out of any other; again is fine."""
        self.account(syned_user_id)
        self._team(syned_team_id)
        self.assignments[syned_user_id] = syned_team_id

    def unassign(self, syned_user_id: str) -> str | None:
        """Take a user out of their team; returns the team they were in."""
        self.account(syned_user_id)
        return self.assignments.pop(syned_user_id, None)

    def add_solve(self, syned_user_id: str, solve: ChallengeSolve) -> None:
        """Let an account have solved something beyond its own stream."""
        self.account(syned_user_id)
        self.added[syned_user_id] = (*self.added.get(syned_user_id, ()), solve)

    def _usable_coach(self, coach_id: str, now: int) -> Account:
        coach = self.accounts.get(coach_id)
        if coach is None or coach.role != "coach" or coach.status(now) not in ("approved", "user_created"):
            raise rejected("Coach not found or not approved")
        return coach

    def _team(self, syned_team_id: str) -> PlatformTeam:
        try:
            return self.teams[syned_team_id]
        except KeyError:
            raise not_found("Team") from None
