"""API tokens, and how often somebody called of late."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobqueue", "0016_sql_health_of_schedules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CallRate",
            fields=[
                ("key", models.CharField(max_length=160, primary_key=True, serialize=False)),
                ("free_at", models.DateTimeField(help_text="When all that was taken will have been given back.")),
                (
                    "refused",
                    models.PositiveIntegerField(default=0, help_text="Refused since the last that was allowed."),
                ),
                (
                    "refused_before",
                    models.PositiveIntegerField(default=0, help_text="Refused before the last that was allowed."),
                ),
            ],
        ),
        # What a crash may take is not worth a flush per call; room in the page keeps its updates out of the index.
        migrations.RunSQL(
            "ALTER TABLE jobqueue_callrate SET UNLOGGED; ALTER TABLE jobqueue_callrate SET (fillfactor = 50)",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="What it is for, such as Grafana.", max_length=100)),
                ("prefix", models.CharField(help_text="How the secret begins, to recognise it by.", max_length=12)),
                ("digest", models.CharField(help_text="SHA-256 of the secret.", max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("jobs:read", "Read jobs, schedules and their history"),
                                ("jobs:write", "Create, run, retry, cancel and pause; make and change schedules"),
                                ("jobs:delete", "Delete jobs and schedules"),
                            ],
                            max_length=16,
                        )
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True, help_text="From then on it is refused; empty for never.", null=True
                    ),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, help_text="To the minute.", null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "ordering": ["-id"],
                "permissions": [("manage_every_token", "Can see and revoke everybody's API tokens")],
                "indexes": [
                    models.Index(
                        models.F("owner"), models.OrderBy(models.F("id"), descending=True), name="token_by_owner"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("owner"),
                        models.F("name"),
                        condition=models.Q(("revoked_at", None)),
                        name="token_once_per_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scopes__contained_by", ["jobs:read", "jobs:write", "jobs:delete"]),
                            models.Q(("scopes", []), _negated=True),
                        ),
                        name="token_scopes_known",
                    ),
                ],
            },
        ),
    ]
