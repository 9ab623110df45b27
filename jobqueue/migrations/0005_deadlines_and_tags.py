"""Finding jobs by deadline and by tag."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes of a live table are built beside its use.
    atomic = False

    dependencies = [("jobqueue", "0004_dependencies")]

    operations = [
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                models.F("deadline"),
                condition=models.Q(("attempts", 0), ("deadline__isnull", False), ("status", "pending")),
                name="job_by_deadline",
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=GinIndex(condition=models.Q(("tags", []), _negated=True), fields=["tags"], name="job_by_tag"),
        ),
    ]
