from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0023_workers_pulse"),
    ]

    operations = [
        migrations.AlterField(
            model_name="revision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("baseline", "as it was before"),
                    ("edit", "edit"),
                    ("bulk", "bulk action"),
                    ("import", "import"),
                    ("restore", "restored"),
                    ("source", "taken from the source"),
                    ("policy", "cleaned by today's policy"),
                ],
                default="edit",
                max_length=8,
                verbose_name="kind",
            ),
        ),
    ]
