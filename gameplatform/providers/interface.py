"""What the sync asks of a game platform."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from gameplatform.providers.records import AccountRef, EventEntry, Practice, Profile


class Provider(Protocol):
    """A platform. All methods may be called from many threads and raise `CallError`s only."""

    @property
    def requests_sent(self) -> int:
        """How many requests went out so far."""

    def check_health(self) -> None:
        """Raise if the platform as a whole cannot be used now."""

    def profile(self, account: AccountRef) -> Profile:
        """Who the account is.

        Raises:
            NotFound: the platform does not know it.
        """

    def practice(self, account: AccountRef, since: datetime | None) -> Practice:
        """Its solves outside events: all, or those after `since` (perhaps a few older ones too).

        Raises:
            NotFound: the platform does not know it.
            Forbidden: it is not approved.
        """

    def events(self, account: AccountRef) -> tuple[EventEntry, ...]:
        """Its whole event history; empty on a platform without events. Raises as `practice`."""

    def team_assignments(self) -> Mapping[str, str | None]:
        """The team of every account that the platform knows, in one call; None: in no team.

        Both are our ids in lower case, as text: what others created on the platform may be no UUID.
        """

    def close(self) -> None:
        """Let go of the connections; calls under way in other threads end soon."""
