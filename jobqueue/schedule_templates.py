"""Templates: times for several schedules at once. The project says which; see JOB_QUEUE["SCHEDULE_TEMPLATES"]."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.module_loading import import_string
from django.utils.text import slugify

from jobqueue import cron
from jobqueue.conf import conf
from jobqueue.exceptions import InvalidOptionError, JobQueueError
from jobqueue.registry import registry


@dataclass(frozen=True, kw_only=True)
class TemplateSchedule:
    """The times of one schedule."""

    name: str
    """The schedule's name; it is made if there is none."""
    task_type: str
    """Of every other schedule with this task type, only those with a scope stay switched on."""
    expression: str


@dataclass(frozen=True, kw_only=True)
class ScheduleTemplate:
    """Times that go together."""

    name: str
    purpose: str
    """For what it is, in a few words."""
    schedules: Sequence[TemplateSchedule]

    @property
    def slug(self) -> str:
        """Its name in addresses and commands, such as "off-season"."""
        return slugify(self.name)


def templates() -> Sequence[ScheduleTemplate]:
    """The project's templates."""
    given = conf().SCHEDULE_TEMPLATES
    return list(import_string(given) if isinstance(given, str) else given)


def find_template(name: str) -> ScheduleTemplate:
    """The template of that name or slug; upper and lower case are the same.

    Raises:
        InvalidOptionError: there is none; with those that there are.
    """
    known = templates()
    wanted = slugify(name)
    for template in known:
        if template.slug == wanted:
            return template
    expected = ", ".join(template.name for template in known) or "none, as JOB_QUEUE has no SCHEDULE_TEMPLATES"
    raise InvalidOptionError(f"There is no schedule template {name[:80]!a}: expected {expected}.")


def problems_of_templates() -> Iterator[str]:
    """A sentence for everything in the project's templates that could not be applied."""
    try:
        given: Sequence[object] = templates()
    except (ImportError, TypeError) as error:
        yield f"JOB_QUEUE['SCHEDULE_TEMPLATES'] is {conf().SCHEDULE_TEMPLATES!r}, which is no list: {error}."
        return
    slugs: set[str] = set()
    for template in given:
        if not isinstance(template, ScheduleTemplate):
            yield f"JOB_QUEUE['SCHEDULE_TEMPLATES'] has {template!r}: expected a ScheduleTemplate."
            continue
        if not template.slug or template.slug in slugs:
            yield f"Two schedule templates are called {template.name!r}: expected another name for each."
        slugs.add(template.slug)
        yield from _problems_of(template)


def _problems_of(template: ScheduleTemplate) -> Iterator[str]:
    names = [one.name for one in template.schedules]
    if not names or len(set(names)) < len(names):
        yield f"The schedule template {template.name!r} has the schedules {names}: expected one or more, none twice."
    for one in template.schedules:
        try:
            registry.get(one.task_type)
            cron.check(one.expression, "UTC")
        except JobQueueError as error:
            yield f"The schedule template {template.name!r} has an impossible schedule {one.name!r}: {error}"
