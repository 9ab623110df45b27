"""Editing a payload is a permission of its own: it decides what a job does, not only when."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("jobqueue", "0020_throughput"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="job",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("operate_job", "Can run, retry, cancel and pause jobs"),
                    ("edit_job_payload", "Can edit the payload of jobs that wait"),
                ],
            },
        ),
    ]
