"""The ledger of effects that must not happen twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobqueue", "0006_failures")]

    operations = [
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "task_type", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("task_type", models.CharField(max_length=100)),
                ("key", models.CharField(max_length=255)),
                ("claim", models.BigIntegerField(help_text="Of the attempt that applied it.")),
                ("applied_at", models.DateTimeField()),
                (
                    "suppressed",
                    models.PositiveIntegerField(default=0, help_text="How often it would have been applied again."),
                ),
                ("suppressed_at", models.DateTimeField(blank=True, help_text="The last time.", null=True)),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="effects",
                        to="jobqueue.job",
                    ),
                ),
            ],
            options={
                "ordering": ["-applied_at"],
            },
        ),
        migrations.AddIndex(
            model_name="effect",
            index=models.Index(models.F("job"), name="effect_of_job"),
        ),
        migrations.AddIndex(
            model_name="effect",
            index=models.Index(models.F("applied_at"), name="effect_by_time"),
        ),
        migrations.AddIndex(
            model_name="effect",
            index=models.Index(
                models.F("suppressed_at"), condition=models.Q(("suppressed__gt", 0)), name="effect_suppressed"
            ),
        ),
    ]
