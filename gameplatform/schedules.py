"""Times at which the mirror is synchronised and totals are added up, for the project's JOB_QUEUE."""

from gameplatform.sync.options import TASK_TYPE as SYNC_TYPE
from gameplatform.totals.sweep import TASK_TYPE as TOTALS_SWEEP
from jobqueue.api import ScheduleTemplate, TemplateSchedule

SYNC = "game_platform_sync_incremental"
TOTALS = "game_platform_totals_sweep_hourly"


def _template(name: str, purpose: str, *, sync: str, totals: str) -> ScheduleTemplate:
    return ScheduleTemplate(
        name=name,
        purpose=purpose,
        schedules=[
            TemplateSchedule(name=SYNC, task_type=SYNC_TYPE, expression=sync),
            TemplateSchedule(name=TOTALS, task_type=TOTALS_SWEEP, expression=totals),
        ],
    )


TEMPLATES = [
    _template("Competition Active", "For competition days.", sync="*/15 * * * *", totals="5,20,35,50 * * * *"),
    _template("Standard Operations", "The default.", sync="*/30 * * * *", totals="0 * * * *"),
    _template("Coordinated Hourly", "Totals see the latest sync.", sync="0 * * * *", totals="10 * * * *"),
    _template("Off-Season", "Few calls of the platform.", sync="0 */4 * * *", totals="15 */4 * * *"),
    _template(
        "Business Hours Only",
        "For classrooms: Monday to Friday, 9 to 17.",
        sync="0 9-17 * * 1-5",
        totals="15 9-17 * * 1-5",
    ),
]
