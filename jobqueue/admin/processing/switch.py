"""The state of the switch "Automatic Processing": on, or off with who, since when and why."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from jobqueue.admin.counts import Count
from jobqueue.conf import conf
from jobqueue.models import Pause
from jobqueue.models.pause import PauseScope


@dataclass(frozen=True, kw_only=True)
class AutomaticProcessing:
    """What the switch shows."""

    pauses: list[Pause]
    """Those in force; the one of everything, if there is one, is `stop`."""
    waiting: Count
    is_disabled: bool
    """By the setting, which no switch here can undo."""

    @property
    def stop(self) -> Pause | None:
        """The pause that is the switch."""
        return next((pause for pause in self.pauses if pause.scope == PauseScope.EVERYTHING), None)

    @property
    def partial(self) -> list[Pause]:
        """What is stopped beside it: queues and task types."""
        return [pause for pause in self.pauses if pause.scope != PauseScope.EVERYTHING]


def automatic_processing(waiting: Count) -> AutomaticProcessing:
    """The state now, in one query."""
    in_force = Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now())
    pauses = list(Pause.objects.filter(in_force).select_related("created_by"))
    return AutomaticProcessing(pauses=pauses, waiting=waiting, is_disabled=conf().DISABLED)
