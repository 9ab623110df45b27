"""What becomes of the calls that a thread makes: their error, if there was one, judged in one place."""

from dataclasses import dataclass

from gameplatform.exceptions import GamePlatformError, TimedOut, TransientError

_UNEXPECTED = "UNEXPECTED"


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How it went; what came in is added by subclasses."""

    error: Exception | None = None

    @property
    def is_worth_repeating(self) -> bool:
        """Whether another try may go well soon; after time-outs it would only cost as long again."""
        return isinstance(self.error, TransientError) and not isinstance(self.error, TimedOut)

    @property
    def error_code(self) -> str:
        """The cause in one word; "" without an error."""
        if self.error is None:
            return ""
        return self.error.error_code if isinstance(self.error, GamePlatformError) else _UNEXPECTED
