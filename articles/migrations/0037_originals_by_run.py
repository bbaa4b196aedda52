from django.db import migrations, models

from articles.models.beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("articles", "0036_stubs_by_status"),
    ]

    operations = [
        AddIndexBeside(
            model_name="original",
            index=models.Index(fields=["run", "article"], name="original_by_run"),
        ),
    ]
