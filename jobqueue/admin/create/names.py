"""Names for schedules that people did not name."""

from datetime import timedelta

from jobqueue.admin.forms.span_field import written
from jobqueue.models import Schedule

_LONGEST = 100
_MOST_TRIED = 1_000


def free_name(task_type: str, every: timedelta) -> str:
    """Such as "game_platform_sync every 15m", with a number if there is one of that name."""
    wanted = f"{task_type[: _LONGEST - 20]} every {written(every)}"
    taken = set(Schedule.objects.filter(name__startswith=wanted).values_list("name", flat=True)[:_MOST_TRIED])
    numbered = (f"{wanted} ({number})" for number in range(2, _MOST_TRIED + 2))
    return next(free for free in (wanted, *numbered) if free not in taken)
