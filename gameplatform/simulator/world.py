"""The world to sync from: who exists and what can be solved, a pure function of seed and sizes.

What happens in it as time passes is in practice.py and flash.py; what callers change is in platform.py.
"""

from functools import cached_property

from gameplatform.simulator import roster
from gameplatform.simulator.catalogue import Catalogue
from gameplatform.simulator.people import Coach, Competitor, Team


class World:
    """The roster and the challenges; two worlds with the same arguments are equal in every detail.

    `coaches`, `competitors` and `teams` are tuples of frozen dataclasses (people.py), drawn on first use.
    Their UUIDs are the ones the platform knows, so a local roster made from them joins at once. From 20
    competitors on, every account status occurs, None (not on the platform) included.

    Args:
        seed: any whole number; another seed is another world.
        competitors: how many students, at least 1.
        coaches: how many coaches share them, at least 1.

    Raises:
        ValueError: a size below 1.
    """

    def __init__(self, seed: int = 1, competitors: int = 60, coaches: int = 2) -> None:
        if competitors < 1 or coaches < 1:
            raise ValueError(f"expected at least one competitor and one coach, got {competitors} and {coaches}")
        self.seed = seed
        self.size = (competitors, coaches)

    @cached_property
    def coaches(self) -> tuple[Coach, ...]:
        """All coaches, in order of their index."""
        return tuple(roster.draw_coach(self.seed, index) for index in range(self.size[1]))

    @cached_property
    def competitors(self) -> tuple[Competitor, ...]:
        """All competitors, in order of their index; coaches take turns (index modulo coaches)."""
        return tuple(roster.draw_competitor(self.seed, index, self.coaches) for index in range(self.size[0]))

    @cached_property
    def teams(self) -> tuple[Team, ...]:
        """All teams as the schools made them; the platform's assignments deviate here and there."""
        return roster.form_teams(self.coaches, self.competitors)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The practice challenges."""
        return Catalogue(self.seed)
