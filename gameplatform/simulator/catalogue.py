"""The practice challenges and the order in which one competitor meets them."""

from collections.abc import Iterator
from dataclasses import dataclass

from gameplatform.simulator.domains import DOMAINS
from gameplatform.simulator.draw import generator

PER_DOMAIN = 61  # a prime: every step through a domain's list then visits each challenge once
POINTS = (100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600)
_ADJECTIVES = (
    "Amber", "Broken", "Buried", "Crooked", "Distant", "Faded", "Frozen", "Hidden", "Hollow", "Idle", "Lost",
    "Mirrored", "Nested", "Patient", "Quiet", "Restless", "Rusty", "Silent", "Sleepy", "Tangled", "Twisted",
    "Velvet", "Wandering", "Woven",
)  # fmt: skip
_NOUNS = (
    "Antenna", "Archive", "Beacon", "Bridge", "Cable", "Canary", "Compass", "Gateway", "Harbor", "Journal",
    "Key", "Ladder", "Lantern", "Locker", "Maze", "Needle", "Oracle", "Parcel", "Pipeline", "Relay", "Signal",
    "Socket", "Spiral", "Vault",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge as the platform lists it; `category` in whatever spelling its author used."""

    challenge_id: int
    title: str
    points: int
    category: str
    retired: bool
    work_roles: list[str]


def draw_challenge(key: tuple[object, ...], challenge_id: int, domain: int) -> Challenge:
    """The challenge of this key in domain number `domain`."""
    rng = generator(*key, challenge_id)
    about = DOMAINS[domain]
    return Challenge(
        challenge_id=challenge_id,
        title=f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} {challenge_id % 100}",
        points=rng.choice(POINTS),
        category=rng.choice(about.spellings),
        retired=rng.random() < 0.08,
        work_roles=[role for role in about.work_roles if rng.random() < 0.8],
    )


class Catalogue:
    """Every practice challenge by domain, PER_DOMAIN each."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._domains = [
            [draw_challenge((seed, "practice"), 1000 + domain * 100 + place, domain) for place in range(PER_DOMAIN)]
            for domain in range(len(DOMAINS))
        ]

    def order_for(self, name: str) -> Iterator[Challenge]:
        """All challenges in the order that this competitor meets them, by their own taste for domains."""
        rng = generator(self._seed, name, "taste")
        count = len(DOMAINS)
        weights = [rng.random() ** 2 + 0.15 for _ in range(count)]
        steps = [rng.randrange(1, PER_DOMAIN) for _ in range(count)]
        met = [0] * count
        while any(seen < PER_DOMAIN for seen in met):
            for domain in rng.choices(range(count), weights, k=32):
                seen = met[domain]
                if seen < PER_DOMAIN:
                    met[domain] = seen + 1
                    yield self._domains[domain][(seen + 1) * steps[domain] % PER_DOMAIN]
