"""The heartbeat's one row. No model: the prober alone writes and reads it, in SQL, and tests never empty it."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE replicas_heartbeat (
                id integer PRIMARY KEY CHECK (id = 1),
                beaten_at timestamp with time zone NOT NULL,
                timeline bigint NOT NULL
            )
            """,
            "DROP TABLE replicas_heartbeat",
        ),
    ]
