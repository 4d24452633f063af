"""The sample community of a first start: its places, words, people and log-ins. Not here: its stories (items)."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from apps.accounts.actions import edit_profile
from apps.accounts.models import User
from apps.communities.actions import appoint_moderator, define_community, define_tag, join_community
from apps.communities.models import Community
from apps.importing.items import Terms
from apps.importing.models import ImportedItem
from apps.importing.people import import_people
from apps.importing.reading import Inputs
from apps.importing.rejects import Rejects
from apps.importing.runs import import_records, shift_to
from apps.moderation.actions import acts as moderation
from apps.moderation.actions import flags
from apps.stories.models import Story

SOURCE = "sample"
FOLDER = Path(settings.BASE_DIR) / "sample"
# The communities are older than their first story.
SITE_AGE = timedelta(days=100)
MODERATED_AFTER = timedelta(minutes=50)
RIGHTS = {
    "member": {},
    "moderator": {"is_moderator": True},
    "administrator": {"is_staff": True, "is_superuser": True},
}


@dataclass(frozen=True, slots=True)
class Login:
    """A person of the sample who can log in."""

    role: str
    username: str
    password: str


@transaction.atomic
def load_sample(now: datetime) -> list[Login]:
    """Fill an empty site with the sample community; returns the log-ins, none when there is any story already."""
    if Story.objects.exists():
        return []
    site = json.loads((FOLDER / "site.json").read_text(encoding="utf-8"))
    places = _define_places(site, now - SITE_AGE)
    _import_items([str(FOLDER / "items.jsonl")], now)
    people = _people([row["name"] for row in site["people"]], now)
    for row in site["people"]:
        _settle(people[row["name"]], row, places)
    for row in site["communities"]:
        for name in row["moderators"]:
            appoint_moderator(person=people[name], community=places[row["slug"]], now=people[name].date_joined)
    logins = [_open_door(people[row["name"]], row["login"]) for row in site["people"] if "login" in row]
    for row in site["acts"]:
        _moderate(people[row["by"]], row)
    for row in site["flags"]:
        _flag(people[row["by"]], row)
    return logins


def write_logins(logins: Sequence[Login]) -> Path:
    """Keep the log-ins in var/development-logins.txt, for nobody else to read: a line each of role, name, password."""
    path = Path(settings.VAR_DIR) / "development-logins.txt"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in login_lines(logins))
    return path


def login_lines(logins: Sequence[Login]) -> list[str]:
    """The log-ins as aligned lines."""
    return [f"{login.role:<13}  {login.username:<8}  {login.password}" for login in logins]


def _define_places(site: Mapping[str, Any], now: datetime) -> dict[str, Community]:
    for position, heading in enumerate(site["tags"]):
        for tag in heading["tags"]:
            define_tag(category=heading["category"], position=position, **tag)
    texts = ("slug", "name", "summary", "rules")
    return {row["slug"]: define_community(**{key: row[key] for key in texts}, now=now) for row in site["communities"]}


def _import_items(paths: Sequence[str], now: datetime) -> None:
    terms = Terms(now=now, source=SOURCE, shift=shift_to(now, paths))
    with Inputs(paths) as inputs, Rejects(paths, strict=True) as rejects:
        import_records(inputs.records(), terms, rejects)


def _people(names: Sequence[str], now: datetime) -> dict[str, User]:
    ids, _ = import_people(SOURCE, dict.fromkeys(names, now))
    people = User.objects.in_bulk(ids.values())
    return {name: people[pk] for name, pk in ids.items()}


def _settle(person: User, row: Mapping[str, Any], places: Mapping[str, Community]) -> None:
    if about := row.get("about"):
        edit_profile(by=person, about=about, now=person.date_joined)
    for slug in row["communities"]:
        join_community(by=person, community=places[slug], now=person.date_joined)


def _moderate(by: User, row: Mapping[str, Any]) -> None:
    """Remove a comment, lock a thread, or ban a comment's author, soon after it was written."""
    item, reason = _imported(row["item"]), row["reason"]
    if story := item.story:
        moderation.lock_thread(by=by, story=story, reason=reason, now=story.active_at + MODERATED_AFTER)
    elif comment := item.comment:
        now = comment.created_at + MODERATED_AFTER
        if row["act"] == "remove":
            moderation.remove_comment(by=by, comment=comment, reason=reason, now=now)
        elif author := comment.author:
            moderation.ban_person(by=by, person=author, days=row["days"], reason=reason, now=now)


def _flag(by: User, row: Mapping[str, Any]) -> None:
    """Flag a story or comment soon after it was written, so that moderators find something to do."""
    item, what = _imported(row["item"]), {"reason": row["reason"], "note": row.get("note", "")}
    if story := item.story:
        flags.flag_story(by=by, story=story, **what, now=story.created_at + MODERATED_AFTER)
    elif comment := item.comment:
        flags.flag_comment(by=by, comment=comment, **what, now=comment.created_at + MODERATED_AFTER)


def _imported(number: int) -> ImportedItem:
    items = ImportedItem.objects.select_related("story", "comment__author")
    return items.get(source=SOURCE, source_id=str(number))


def _open_door(person: User, role: str) -> Login:
    """Let `person` log in, with a password that nobody could know before."""
    login = Login(role, person.username, secrets.token_urlsafe(12))
    person.set_password(login.password)
    person.email = f"{person.username}@example.org"
    for right, value in RIGHTS[role].items():
        setattr(person, right, value)
    person.save(update_fields=["password", "email", *RIGHTS[role]])
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return login
