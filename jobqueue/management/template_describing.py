"""Templates of schedules, and what they change, as text and as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from jobqueue.forecast import in_words
from jobqueue.management.printing import indented, iso, plain, seconds
from jobqueue.management.schedule_describing import times_table
from jobqueue.models import Schedule, TemplateApplication
from jobqueue.operations.template_changes import ScheduleChange, changes_by, concerned, facts
from jobqueue.schedule_templates import ScheduleTemplate


def templates_text(templates: Sequence[ScheduleTemplate], latest: TemplateApplication | None) -> str:
    """Each with its purpose and its times; which is in force, and what can be undone."""
    if not templates:
        return "There are no schedule templates: JOB_QUEUE has no SCHEDULE_TEMPLATES."
    stored = concerned(templates)
    parts = [_template_text(one, is_in_force=_is_in_force(changes_by(one, stored))) for one in templates]
    if latest is not None:
        by = f" by {plain(latest.applied_by)}" if latest.applied_by else ""
        parts.append(f"{plain(latest)} was applied {seconds(latest.applied_at)}{by}; --undo puts back what was before.")
    return "\n\n".join(parts)


def templates_json(templates: Sequence[ScheduleTemplate], latest: TemplateApplication | None) -> dict[str, Any]:
    """The same for scripts."""
    stored = concerned(templates)
    return {
        "templates": [
            {
                "name": one.name,
                "slug": one.slug,
                "purpose": one.purpose,
                "inForce": _is_in_force(changes_by(one, stored)),
                "schedules": [
                    {"name": each.name, "taskType": each.task_type, "expression": each.expression}
                    for each in one.schedules
                ],
            }
            for one in templates
        ],
        "latest": _application_json(latest) if latest else None,
    }


def changes_text(changes: Iterable[ScheduleChange]) -> str:
    """For each schedule what becomes of it, and its next runs."""
    return "\n".join(_change_text(change) for change in changes)


def changes_json(changes: Iterable[ScheduleChange]) -> list[dict[str, Any]]:
    """The same for scripts."""
    return [
        {
            "name": change.name,
            "changed": change.is_change,
            "words": change.words,
            "before": _times_json(change.before),
            "after": _times_json(change.after),
            "nextRuns": [iso(moment) for moment in change.next_runs],
        }
        for change in changes
    ]


def _template_text(template: ScheduleTemplate, *, is_in_force: bool) -> str:
    width = max(len(one.name) for one in template.schedules)
    lines = [f"{template.name} ({template.slug}){': in force' if is_in_force else ''}", indented(template.purpose, 2)]
    lines += [
        f"  {one.name:<{width}}  {one.expression:<{_width(template)}}  {in_words(one.expression)}".rstrip()
        for one in template.schedules
    ]
    return "\n".join(lines)


def _width(template: ScheduleTemplate) -> int:
    return max(len(one.expression) for one in template.schedules)


def _is_in_force(changes: Iterable[ScheduleChange]) -> bool:
    return not any(change.is_change for change in changes)


def _change_text(change: ScheduleChange) -> str:
    lines = [f"{plain(change.name)}:", indented(change.words.replace("→", "->"), 2)]
    runs = change.next_runs
    if runs and change.after is not None:
        lines += ["  Next runs:", _further(times_table(runs, change.after.timezone))]
    return "\n".join(lines)


def _further(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _times_json(schedule: Schedule | None) -> dict[str, Any] | None:
    if schedule is None:
        return None
    known = facts(schedule)
    return {
        "kind": known["kind"],
        "expression": known["expression"],
        "interval": known["interval"],
        "timezone": known["timezone"],
        "isActive": known["is_active"],
    }


def _application_json(application: TemplateApplication) -> dict[str, Any]:
    return {
        "template": application.template,
        "appliedAt": iso(application.applied_at),
        "appliedBy": application.applied_by_id,
        "changes": {change["name"]: change["words"] for change in application.changes},
    }
