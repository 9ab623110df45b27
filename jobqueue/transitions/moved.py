"""What a verb did to the jobs it was asked for."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a verb did to the jobs it was asked for."""

    done: list[UUID] = field(default_factory=list)
    requested: list[UUID] = field(default_factory=list)
    """Running jobs that were asked to stop and will, within seconds."""
    skipped: dict[UUID, str] = field(default_factory=dict)
    """Why the others were left alone: their state, "unknown job", "its unique key is taken" ..."""

    def summary(self, verb: str) -> str:
        """One line such as "5 retried, 2 skipped: running"."""
        parts = [f"{len(self.done)} {verb}"]
        if self.requested:
            parts.append(f"{len(self.requested)} asked to stop")
        if self.skipped:
            reasons = Counter(self.skipped.values()).most_common()
            listed = ", ".join(reason if len(reasons) == 1 else f"{n} {reason}" for reason, n in reasons)
            parts.append(f"{len(self.skipped)} skipped: {listed}")
        return ", ".join(parts)
