"""Organizations, coaches, teams and competitors."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import coachdash.models.organization


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gameplatform", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("region", models.CharField(blank=True, default="", max_length=100)),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        help_text="IANA name, such as America/Chicago",
                        max_length=64,
                        validators=[coachdash.models.organization.check_zone_name],
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="CoachProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="coach_profile",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="coaches", to="coachdash.organization"
                    ),
                ),
            ],
            options={
                "ordering": ["user_id"],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                (
                    "division",
                    models.CharField(
                        choices=[
                            ("middle_school", "Middle school"),
                            ("high_school", "High school"),
                            ("college", "College"),
                        ],
                        max_length=13,
                    ),
                ),
                ("affiliation", models.CharField(blank=True, default="", max_length=200)),
                (
                    "coach",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coached_teams",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Competitor",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("first_name", models.CharField(max_length=100)),
                ("last_name", models.CharField(max_length=100)),
                ("school_email", models.EmailField(blank=True, default="", max_length=254)),
                (
                    "division",
                    models.CharField(
                        choices=[
                            ("middle_school", "Middle school"),
                            ("high_school", "High school"),
                            ("college", "College"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "grade",
                    models.PositiveSmallIntegerField(blank=True, help_text="6 to 12; empty at a college.", null=True),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "account",
                    models.ForeignObject(
                        from_fields=["id"],
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="gameplatform.account",
                        to_fields=["id"],
                    ),
                ),
                (
                    "coach",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="competitors",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="members",
                        to="coachdash.team",
                    ),
                ),
            ],
            options={
                "ordering": ["last_name", "first_name", "id"],
                "permissions": [("see_every_competitor", "Can see the students of every coach")],
            },
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(models.F("coach"), models.F("name"), name="team_name_once_per_coach"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("division__in", ["middle_school", "high_school", "college"])),
                name="team_division_known",
            ),
        ),
        migrations.AddIndex(
            model_name="competitor",
            index=models.Index(
                models.F("coach"),
                models.F("last_name"),
                models.F("first_name"),
                models.F("id"),
                name="competitor_roster",
            ),
        ),
        migrations.AddConstraint(
            model_name="competitor",
            constraint=models.CheckConstraint(
                condition=models.Q(("division__in", ["middle_school", "high_school", "college"])),
                name="competitor_division_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="competitor",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade__isnull", True), ("grade__range", (6, 12)), _connector="OR"),
                name="competitor_grade_in_school",
            ),
        ),
    ]
