from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=150)),
                ("turn", models.BigIntegerField()),
                ("totals", models.JSONField()),
                ("figures", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["turn", "source"], name="observability_one_sample_a_turn")
                ],
            },
        ),
    ]
