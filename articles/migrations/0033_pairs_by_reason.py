from django.db import migrations, models

from articles.models.beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("articles", "0032_schedules_claims_and_waiting_entries"),
    ]

    operations = [
        AddIndexBeside(
            model_name="possibleduplicate",
            index=models.Index(fields=["reason", "verdict", "-likeness", "id"], name="pair_by_reason"),
        ),
    ]
