"""Apply a template of schedules, undo that, or list the templates."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser

from jobqueue import operations
from jobqueue.audit import Actor
from jobqueue.management.command import FAILED, JobQueueCommand, wrong_use
from jobqueue.management.printing import as_json, plain
from jobqueue.management.template_describing import changes_json, changes_text, templates_json, templates_text
from jobqueue.operations.template_changes import Preview, ScheduleChange
from jobqueue.operations.templates import latest_application, preview_template, preview_undo
from jobqueue.schedule_templates import find_template, templates


class Command(JobQueueCommand):
    help = (
        "Give several schedules the times of a template, and switch off all others of their task types that have no "
        "scope. Without a name it lists the templates."
    )
    examples = ("competition-active --dry-run", "--undo")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", help='such as "Off-Season" or off-season')
        parser.add_argument(
            "--timezone", metavar="ZONE", help="of its times, such as Europe/Berlin (default: as each schedule has)"
        )
        parser.add_argument("--undo", action="store_true", help="put back what the latest application changed")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change, and change nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["undo"]:
            self._undo(options)
        elif options["name"] is not None:
            self._apply(options)
        elif options["timezone"] is not None or options["dry_run"]:
            raise wrong_use("Which template? Give its name; without any option they are listed.")
        else:
            shown = templates(), latest_application()
            self.stdout.write(as_json(templates_json(*shown)) if options["json"] else templates_text(*shown))

    def _apply(self, options: dict[str, Any]) -> None:
        template, is_dry_run = find_template(options["name"]), options["dry_run"]
        preview = preview_template(template, options["timezone"])
        is_changed = not preview.is_in_force
        if is_dry_run:
            _refuse_if_impossible(preview)
        else:
            is_changed = operations.apply_template(template, Actor.of_shell(), options["timezone"]) is not None
        lead = f"{'Would apply' if is_dry_run else 'Applied'} {template.name}:"
        self._tell(template.name, preview.changes, lead if is_changed else "", options)

    def _undo(self, options: dict[str, Any]) -> None:
        if options["name"] is not None or options["timezone"] is not None:
            raise wrong_use("--undo is about the latest application: give no template and no time zone.")
        latest = latest_application()
        if latest is None:
            raise CommandError("No template was applied that could be undone.", returncode=FAILED)
        if options["dry_run"]:
            preview = preview_undo(latest)
            _refuse_if_impossible(preview)
            self._tell(latest.template, preview.changes, f"Would undo {plain(latest)}:", options)
        else:
            changes = operations.undo_template(latest, Actor.of_shell())
            self._tell(latest.template, changes, f"Undone {plain(latest)}:", options)

    def _tell(self, template: str, changes: Sequence[ScheduleChange], lead: str, options: dict[str, Any]) -> None:
        if options["json"]:
            told = {"template": template, "dryRun": options["dry_run"], "changed": bool(lead)}
            self.stdout.write(as_json({**told, "changes": changes_json(changes)}))
            return
        self.stdout.write(lead or f"Nothing to change: {plain(template)} is in force already.")
        self.stdout.write(changes_text(changes))


def _refuse_if_impossible(preview: Preview) -> None:
    if preview.problems:
        raise CommandError("\n".join(preview.problems), returncode=FAILED)
