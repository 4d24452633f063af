"""People of imported items: who they are here. They cannot log in. Not here: what they wrote."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from django.contrib.auth.hashers import make_password

from apps.accounts.adapter import RESERVED
from apps.accounts.models import USERNAME_LENGTH, User
from apps.importing import references, rows
from apps.importing.indexing import index_later
from apps.importing.models import ImportedPerson

NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
NAMELESS = "someone"
SUFFIXES = tuple(f"-{number}" for number in range(2, 10))


def import_people(source: str, seen: Mapping[str, datetime]) -> tuple[dict[str, int], int]:
    """Ids of the people of `source` by their names there, and how many of them are new.

    `seen` holds the time of each name's first item, which is when a new person joined. Cost: 2 queries for known
    people, who are held; for new ones 2 or 3 more and 2 writes.
    """
    ids: dict[str, int] = dict(rows.find(ImportedPerson, ["name", "user_id"], source, "name", seen))
    references.hold(User, ids.values())
    new = [name for name in seen if name not in ids]
    keys = rows.reserve_keys(User, len(new)) if new else []
    created = dict(zip(new, keys, strict=True))
    usernames = _free_usernames(created)
    rows.insert_objects(
        [
            User(pk=key, username=usernames[name], password=make_password(None), date_joined=seen[name])
            for name, key in created.items()
        ]
    )
    rows.insert(
        ImportedPerson,
        ("source", "name", "user_id"),
        [(source, name, key) for name, key in created.items()],
    )
    index_later("person", keys)
    return ids | created, len(created)


def _free_usernames(keys: Mapping[str, int]) -> dict[str, str]:
    """A username nobody has for each name: its own, else with the first free suffix, else with its key."""
    options = {name: _options(name, key) for name, key in keys.items()}
    wanted = Counter(first.lower() for first, *_ in options.values())
    taken = _taken(wanted) | RESERVED
    clashing = {first for first, count in wanted.items() if count > 1 or first in taken}
    taken |= _taken({option.lower() for names in options.values() if names[0].lower() in clashing for option in names})
    chosen = {}
    for name, names in options.items():
        chosen[name] = next(option for option in names if option.lower() not in taken)
        taken.add(chosen[name].lower())
    return chosen


def _options(name: str, key: int) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = NOT_IN_A_NAME.sub("_", plain).strip("_.-") or NAMELESS
    return [base[: USERNAME_LENGTH - len(suffix)] + suffix for suffix in ("", *SUFFIXES, f"-{key}")]


def _taken(names: Collection[str]) -> set[str]:
    found = User.objects.filter(username__lower__in=names).values_list("username__lower", flat=True)
    return set(found) if names else set()
