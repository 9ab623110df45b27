"""Tells one account's failure from the platform's."""

from typing import TypeGuard

from gameplatform.exceptions import RateLimited, Unauthorized
from gameplatform.providers.interface import Provider


class OutageWatch:
    """Sees every outcome; after `patience` failures in a row it asks the platform itself.

    Args:
        provider: whose health counts.
        patience: how many failures in a row may be the accounts' own affair.
        longest_pause: seconds; a platform that asks for more wants everybody to stop.
    """

    def __init__(self, provider: Provider, *, patience: int, longest_pause: float) -> None:
        self._provider = provider
        self._patience = patience
        self._longest_pause = longest_pause
        self._failures = 0

    def saw(self, error: Exception | None) -> None:
        """Count an account's outcome.

        Raises:
            GamePlatformError: the platform refuses everybody, asks for a long pause, or is down.
        """
        if isinstance(error, Unauthorized) or self._asks_for_pause(error):
            raise error
        self._failures = self._failures + 1 if error is not None else 0
        if self._failures >= self._patience:
            self._failures = 0
            self._provider.check_health()

    def _asks_for_pause(self, error: Exception | None) -> TypeGuard[RateLimited]:
        return isinstance(error, RateLimited) and (error.retry_after or 0) > self._longest_pause
