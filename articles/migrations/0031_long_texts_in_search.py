from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0030_walks_of_search"),
    ]

    operations = [
        migrations.AddField("entry", "more", models.TextField(null=True)),
        migrations.AddField("entry", "whole", models.TextField(null=True)),
        migrations.AddField("spelling", "changed_at", models.DateTimeField(auto_now=True, null=True)),
    ]
