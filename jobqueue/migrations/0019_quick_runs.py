"""Who started which quick action, and the jobs that it made or joined."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jobqueue.ids


class Migration(migrations.Migration):
    dependencies = [
        ("jobqueue", "0018_worker_cycles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="QuickRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=jobqueue.ids.uuid7,
                        editable=False,
                        help_text="It begins with its time.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("action", models.CharField(help_text="The name of the quick action.", max_length=50)),
                ("label", models.CharField(help_text="What it was called then.", max_length=200)),
                (
                    "scope",
                    models.JSONField(
                        blank=True, default=dict, help_text='For whom, such as {"coach": 12}; empty for all.'
                    ),
                ),
                (
                    "scope_label",
                    models.CharField(blank=True, default="", help_text="The same in words.", max_length=255),
                ),
                ("is_dry_run", models.BooleanField(default=False)),
                (
                    "steps",
                    models.JSONField(
                        default=list, help_text="In their order: label, task_type, job, and whether it joined."
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
    ]
