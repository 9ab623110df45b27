"""Templates of schedules for tests."""

from jobqueue.schedule_templates import ScheduleTemplate, TemplateSchedule


def _template(name: str, purpose: str, first: str, second: str) -> ScheduleTemplate:
    return ScheduleTemplate(
        name=name,
        purpose=purpose,
        schedules=[
            TemplateSchedule(name="adding", task_type="add_one", expression=first),
            TemplateSchedule(name="resting", task_type="noop", expression=second),
        ],
    )


BUSY = _template("Very Busy", "For busy days.", "*/5 * * * *", "2-57/5 * * * *")
CALM = _template("Calm", "For the others.", "0 * * * *", "10 * * * *")
TEMPLATES = [BUSY, CALM]
NAME = "tests.jobqueue.templates.TEMPLATES"
