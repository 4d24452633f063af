from django.db import migrations


class Migration(migrations.Migration):
    # On a new database OAuth's many steps come before the site's own tables: at each of them Django builds anew all
    # models around people, and these are still few. So all migrations together take half of the time.
    dependencies = [
        ("api", "0001_tokens_and_answers"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = []
