from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0003_people")]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="rests_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
