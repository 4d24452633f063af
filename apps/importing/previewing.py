"""What an import would bring, found out without writing anything. Not here: importing (runs.py)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten

from django.conf import settings
from django.utils import timezone
from django.utils.html import strip_tags

from apps.core.errors import DomainError
from apps.importing.fields import BadItem
from apps.importing.items import Item, Terms
from apps.importing.models import FILE_NAME_LENGTH, ImportedItem, ImportPreview
from apps.importing.preparing import prepare
from apps.importing.reading import Inputs, Record
from apps.importing.runs import chunks

ERRORS_SHOWN = 10
STORIES_SHOWN = 5
TEXT_SHOWN = 100


@dataclass(slots=True)
class Preview:
    """Numbers of items by what would become of them, the first reasons why not, the first stories.

    Whether a comment's parent is anywhere is only found out by importing.
    """

    read: int = 0
    stories: int = 0
    comments: int = 0
    known: int = 0
    rejected: int = 0
    errors: list[str] = field(default_factory=list)
    sample: list[Item] = field(default_factory=list)


def file_names() -> list[str]:
    """The files in the folder for imports, by name."""
    folder = Path(settings.IMPORTS_DIR)
    names = [path.name for path in folder.iterdir() if path.is_file()] if folder.exists() else []
    return sorted(name for name in names if len(name) <= FILE_NAME_LENGTH)


def look(*, preview_id: int) -> str:
    """The report of a preview that an administrator has asked for; or why its file cannot be read."""
    name = ImportPreview.objects.values_list("file", flat=True).get(pk=preview_id)
    # Only what stands in the folder itself, whatever the name says.
    path = Path(settings.IMPORTS_DIR) / Path(name).name
    try:
        return preview_of([str(path)], Terms(now=timezone.now()))
    except DomainError as error:
        return error.detail


def preview_of(paths: Sequence[str], terms: Terms) -> str:
    """The preview of files as lines for an operator. Raises Unreadable."""
    with Inputs(paths) as inputs:
        found = preview_records(inputs.records(), terms)
    lines = [
        f"{found.read:,} items read: {found.stories:,} stories and {found.comments:,} comments would come in, "
        f"{found.known:,} are already there, {found.rejected:,} would be rejected. Nothing was written."
    ]
    if found.errors:
        lines += ["", "The first that would be rejected:", *(f"  {error}" for error in found.errors)]
    if found.sample:
        lines += ["", "Stories as they would look:", *map(_told, found.sample)]
    return "\n".join(lines)


def preview_records(records: Iterable[Record], terms: Terms) -> Preview:
    """Read all items and write none. Memory: a batch. Cost: 1 query for each batch and source."""
    found = Preview()
    for prepared in prepare(chunks(records), terms):
        items = []
        for record, item in prepared:
            if isinstance(item, BadItem):
                found.rejected += 1
                found.errors += [f"{record.path}, line {record.number}: {item}"][: ERRORS_SHOWN - len(found.errors)]
            else:
                items.append(item)
        found.read += len(prepared)
        _count(found, items)
    return found


def _count(found: Preview, items: Sequence[Item]) -> None:
    # The same item twice in one file is one.
    new = {item.key: item for item in reversed(items)}
    for key in _here(items):
        new.pop(key, None)
    stories = [item for item in reversed(new.values()) if item.kind == "story"]
    found.known += len(items) - len(new)
    found.stories += len(stories)
    found.comments += len(new) - len(stories)
    found.sample += stories[: STORIES_SHOWN - len(found.sample)]


def _here(items: Iterable[Item]) -> set[tuple[str, str]]:
    ids: dict[str, list[str]] = defaultdict(list)
    for item in items:
        ids[item.source].append(item.id)
    found = [ImportedItem.objects.filter(source=source, source_id__in=named) for source, named in ids.items()]
    return {key for rows in found for key in rows.values_list("source", "source_id")}


def _told(story: Item) -> str:
    place = f" ({story.link.domain})" if story.link else ""
    tags = "".join(f" #{tag}" for tag in story.tags)
    points = f"{story.ups - story.flags:,} points by {story.author or 'nobody'}"
    text = shorten(strip_tags(story.html), TEXT_SHOWN)
    lines = [f"  {story.title}{place}{tags}", f"    {points}, {story.created_at:%Y-%m-%d}, {story.community}"]
    return "\n".join([*lines, f"    {text}"] if text else lines)
