"""An account on the platform: who it is and how its status changes with time."""

from dataclasses import dataclass

from gameplatform.simulator.draw import number
from gameplatform.simulator.habits import DAY, DEAL, NEWCOMER, Habit
from gameplatform.simulator.people import Coach, Competitor, Role, Status
from gameplatform.simulator.roster import STATUSES, status_slot

COACH_IDS, COMPETITOR_IDS, LATER_IDS = 1_001, 10_001, 900_001
PENDING_AFTER, APPROVED_AFTER = 60, 180  # seconds after an account is created
_GOLDEN = 0.618_033_988_75  # its multiples, modulo 1, spread evenly however many there are
_APPROVED_SLOTS = [slot for slot, status in enumerate(STATUSES) if status == "approved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`steps` are (since unix second, status), oldest first; a coach has no habit and solves nothing.

    Practice solves lie from `joined_at` to `history_until`, and again, as the clock runs, from `live_from`: every
    `habit.live_period`, the first after `live_phase` (0 to 1) of one.
    """

    syned_user_id: str
    metactf_user_id: int
    username: str
    email: str
    role: Role
    steps: tuple[tuple[int, Status], ...]
    habit: Habit | None
    joined_at: int
    history_until: int
    live_from: int
    live_phase: float

    def status(self, now: int) -> Status:
        """The status at `now` (unix seconds)."""
        return next((status for since, status in reversed(self.steps) if since <= now), self.steps[0][1])

    def approved(self, now: int) -> bool:
        """Whether the platform shows this account's scores at `now`."""
        return self.status(now) == "approved"


def of_coach(coach: Coach, opened_at: int) -> Account:
    """The account that a roster's coach already has when the world opens."""
    return Account(
        syned_user_id=str(coach.syned_user_id),
        metactf_user_id=COACH_IDS + coach.index,
        username=f"coach_{coach.last_name.lower()}{coach.index}",
        email=coach.email,
        role=coach.role,
        steps=((0, coach.status),),
        habit=None,
        joined_at=opened_at,
        history_until=opened_at,
        live_from=opened_at,
        live_phase=0.0,
    )


def of_competitor(seed: int, competitor: Competitor, status: Status, opened_at: int) -> Account:
    """The account that a roster's competitor already has when the world opens."""
    place, turn = _dealt(seed, competitor.index)
    habit = DEAL[place]
    joined = _between(habit.joined_days, number(seed, competitor.syned_user_id, "joined"))
    quiet = _between(habit.quiet_days, number(seed, competitor.syned_user_id, "quiet"))
    return Account(
        syned_user_id=str(competitor.syned_user_id),
        metactf_user_id=COMPETITOR_IDS + competitor.index,
        username=f"{competitor.first_name[0]}{competitor.last_name}{competitor.index}".lower(),
        email=competitor.email,
        role=competitor.role,
        steps=((0, status),),
        habit=habit,
        joined_at=opened_at - joined * DAY,
        history_until=opened_at - quiet * DAY,
        live_from=opened_at,
        live_phase=_phase(place, turn),
    )


def created(*, syned_user_id: str, nth: int, username: str, email: str, role: Role, now: int) -> Account:
    """The account that a call creates at `now`; it is approved some minutes later, a coach sooner."""
    steps: tuple[tuple[int, Status], ...] = ((now, "user_created"), (now + PENDING_AFTER, "approved"))
    if role == "user":
        waiting: tuple[int, Status] = (now + PENDING_AFTER, "pending_approval")
        steps = (steps[0], waiting, (now + APPROVED_AFTER, "approved"))
    return Account(
        syned_user_id=syned_user_id,
        metactf_user_id=LATER_IDS + nth,
        username=username,
        email=email,
        role=role,
        steps=steps,
        habit=NEWCOMER if role == "user" else None,
        joined_at=steps[-1][0],
        history_until=steps[-1][0],
        live_from=steps[-1][0],
        live_phase=nth * _GOLDEN % 1,
    )


def _between(days: tuple[int, int], drawn: int) -> int:
    return days[0] + drawn % (days[1] - days[0] + 1)


def _dealt(seed: int, index: int) -> tuple[int, int]:
    """The competitor's place in DEAL, and which turn of dealing it was; approved ones get each place once a turn."""
    slot, turn = status_slot(seed, index), index // len(STATUSES)
    if slot not in _APPROVED_SLOTS:
        return index % len(DEAL), turn
    return (_APPROVED_SLOTS.index(slot) + turn * 5) % len(DEAL), turn


def _phase(place: int, turn: int) -> float:
    alike = [other for other, habit in enumerate(DEAL) if habit.live_period == DEAL[place].live_period]
    return (turn * len(alike) + alike.index(place)) * _GOLDEN % 1
