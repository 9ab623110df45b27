"""How a competitor behaves over the months; the platform's accounts are dealt one habit each."""

from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Days count back from the opening of the world; `live_period` is in seconds, 0 means never again."""

    name: str
    gap_days: float
    joined_days: tuple[int, int]
    quiet_days: tuple[int, int] = (0, 0)
    live_period: int = 0
    flash_chance: float = 0.0
    logs_in: bool = True


KEEN = Habit(name="keen", gap_days=3.6, joined_days=(120, 260), live_period=120, flash_chance=0.85)
STEADY = Habit(name="steady", gap_days=8.0, joined_days=(90, 260), live_period=240, flash_chance=0.5)
NEWCOMER = Habit(name="newcomer", gap_days=2.5, joined_days=(6, 25), live_period=240, flash_chance=0.6)
FADING = Habit(name="fading", gap_days=5.0, joined_days=(120, 260), quiet_days=(9, 60), flash_chance=0.25)
STUCK = Habit(name="stuck", gap_days=10.0, joined_days=(90, 200), quiet_days=(16, 30), flash_chance=0.3)
ABSENT = Habit(name="absent", gap_days=0.0, joined_days=(20, 100), logs_in=False)

DEAL = (
    KEEN, STEADY, FADING, NEWCOMER, STEADY, ABSENT, KEEN,
    STEADY, STUCK, NEWCOMER, STEADY, FADING, KEEN, ABSENT,
)  # fmt: skip
