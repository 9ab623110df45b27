"""The schedules that every installation has; those whose work has yet to be set up are switched off."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

from jobqueue.cron import next_after

# (name, expression, task type, notes)
ACTIVE = (
    (
        "game_platform_sync_incremental",
        "*/30 * * * *",
        "game_platform_sync",
        "Fetches what is new for every account that is due.",
    ),
    (
        "game_platform_totals_sweep_hourly",
        "0 * * * *",
        "game_platform_totals_sweep",
        "Adds up the totals of accounts with new solves.",
    ),
    (
        "job_queue_cleanup_daily",
        "15 3 * * *",
        "job_queue_cleanup",
        "Deletes finished jobs that are past their retention.",
    ),
)
INACTIVE = (
    (
        "sms_digest_processor",
        "0 * * * *",
        "sms_digest_processor",
        "Off until configured: needs the account of an SMS service.",
    ),
    (
        "admin_alert_dispatch",
        "*/5 * * * *",
        "admin_alert_dispatch",
        "Off until configured: needs the addresses that alerts go to.",
    ),
    (
        "release_parent_email_verification",
        "0 * * * *",
        "release_parent_email_verification",
        "Off until configured: needs outgoing mail.",
    ),
    (
        "game_platform_profile_refresh",
        "0 4 * * *",
        "game_platform_profile_refresh",
        "Off until configured: needs the token of the game platform.",
    ),
    (
        "calendar_sync",
        "0 * * * *",
        "calendar_sync",
        "Off until configured: needs the address of a calendar.",
    ),
    (
        "roster_reconciliation",
        "0 5 * * *",
        "roster_reconciliation",
        "Off until configured: needs the source of the roster.",
    ),
)


def seed_schedules(apps: Apps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Add those that are missing; one whose work another active schedule does already is added switched off."""
    schedules = apps.get_model("jobqueue", "Schedule").objects
    now = timezone.now()
    for is_seed_active, seeds in ((True, ACTIVE), (False, INACTIVE)):
        for name, expression, task_type, notes in seeds:
            if schedules.filter(name=name).exists():
                continue
            is_done = schedules.filter(task_type=task_type, scope={}, is_active=True).exists()
            is_active = is_seed_active and not is_done
            schedules.create(
                name=name,
                expression=expression,
                task_type=task_type,
                notes=notes,
                is_active=is_active,
                next_run_at=next_after(expression, "UTC", now) if is_active else None,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("coachdash", "0002_groups"),
        ("jobqueue", "0016_sql_health_of_schedules"),
    ]

    operations = [migrations.RunPython(seed_schedules, migrations.RunPython.noop)]
