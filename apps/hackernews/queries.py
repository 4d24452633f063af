"""What the API says of stories, comments and people, in its own words. Source: github.com/HackerNews/API."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import User, name_of, shown_name
from apps.comments.models import Comment
from apps.hackernews.items import comment_item, model_of, story_item
from apps.stories.models import Story
from apps.stories.queries.lists import Listing, listed_ids

Json = dict[str, Any]

# As many as that API gives.
LONG, SHORT = 500, 200
# Kinds of stories are looked for among so many newest ones.
RECENT = 5000
JOB_TAGS = ("job", "jobs", "hiring")
SUBMITTED = 1000
CHANGED = 50


def item(number: int) -> Json | None:
    """A story or a comment with the numbers of its direct answers; None when there is none. At most 3 queries."""
    model, pk = model_of(number)
    if model is Story:
        story = Story.objects.select_related("author", "body").filter(pk=pk, held_at=None).first()
        return _story(story) if story else None
    comment = Comment.objects.select_related("author", "body").filter(pk=pk, story__held_at=None).first()
    return _comment(comment) if comment else None


def user(name: str) -> Json | None:
    """A person, with the numbers of what they wrote, newest first; None when there is nobody. 3 queries."""
    person = User.objects.filter(username__lower=name.lower(), is_active=True).first()
    if person is None:
        return None
    stories = Story.objects.listed().filter(author=person).order_by("-created_at", "-id")
    comments = Comment.objects.live().filter(author=person, story__held_at=None).order_by("-created_at", "-id")
    dated = [(at, story_item(pk)) for pk, at in stories.values_list("pk", "created_at")[:SUBMITTED]]
    dated += [(at, comment_item(pk)) for pk, at in comments.values_list("pk", "created_at")[:SUBMITTED]]
    found = {
        "id": person.username,
        "created": _seconds(person.date_joined),
        "karma": person.karma,
        "about": person.about_html,
        "submitted": [number for _, number in sorted(dated, reverse=True)],
    }
    return _without_empty(found)


def listing(name: str, *, now: datetime) -> list[int]:
    """The numbers of the stories in one of the API's lists. 1 query."""
    match name:
        case "topstories":
            return _numbers(listed_ids(Listing(), now=now)[:LONG])
        case "newstories":
            return _numbers(listed_ids(Listing(order="newest"), now=now)[:LONG])
        case "beststories":
            return _numbers(listed_ids(Listing(order="top", window="week"), now=now)[:SHORT])
        case "askstories":
            return _numbers(_recent().filter(url="").values_list("pk", flat=True)[:SHORT])
        case "showstories":
            return _numbers(_recent().filter(is_own_work=True).values_list("pk", flat=True)[:SHORT])
    return _numbers(_recent().filter(tags__name__in=JOB_TAGS).distinct().values_list("pk", flat=True)[:SHORT])


LISTS = ("topstories", "newstories", "beststories", "askstories", "showstories", "jobstories")


def newest_item() -> int:
    """The largest number in use. 2 queries."""
    story = Story.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    comment = Comment.objects.order_by("-pk").values_list("pk", flat=True).first()
    return max(story_item(story), comment_item(comment) if comment else 0)


def updates() -> Json:
    """The items that were written or answered last, and whose they are. 2 queries."""
    stories = Story.objects.listed().order_by("-active_at", "-id").values_list("pk", "author__username")[:CHANGED]
    newest = Comment.objects.live().filter(story__held_at=None).order_by("-created_at", "-id")
    comments = list(newest.values_list("pk", "author__username")[:CHANGED])
    names = [name for _, name in [*comments, *stories] if shown_name(name)]
    return {
        "items": [*(comment_item(pk) for pk, _ in comments), *(story_item(pk) for pk, _ in stories)],
        "profiles": list(dict.fromkeys(names)),
    }


def _story(story: Story) -> Json:
    is_job = story.tags.filter(name__in=JOB_TAGS).exists()
    base = {"id": story_item(story.pk), "type": "job" if is_job else "story", "time": _seconds(story.created_at)}
    roots = Comment.objects.shown().filter(story=story, parent=None)
    if story.is_gone:
        return base | _gone(story) | _kids(roots)
    said = {
        "by": name_of(story.author),
        "title": story.title,
        "url": story.url,
        "text": story.body.html if hasattr(story, "body") else "",
    }
    counts = {"score": story.score, "descendants": story.num_comments}
    return _without_empty(base | said) | counts | _kids(roots)


def _comment(comment: Comment) -> Json:
    parent = comment_item(comment.parent_id) if comment.parent_id else story_item(comment.story_id)
    base = {"id": comment_item(comment.pk), "type": "comment", "parent": parent, "time": _seconds(comment.created_at)}
    replies = Comment.objects.shown().filter(story=comment.story_id, parent=comment)
    if comment.is_gone:
        return base | _gone(comment) | _kids(replies)
    said = {"by": name_of(comment.author), "text": comment.body.html}
    return _without_empty(base | said) | _kids(replies)


def _gone(of: Story | Comment) -> Json:
    return {"deleted": True} if of.deleted_at else {"dead": True}


def _kids(answers: QuerySet[Comment]) -> Json:
    """The direct answers in the thread's first order; left out when there are none, as that API does."""
    found = [comment_item(pk) for pk in answers.order_by("-confidence", "-id").values_list("pk", flat=True)]
    return {"kids": found} if found else {}


def _recent() -> QuerySet[Story]:
    """The newest stories, newest first."""
    newest = Story.objects.listed().order_by("-created_at", "-id").values("pk")[:RECENT]
    return Story.objects.filter(pk__in=newest).order_by("-created_at", "-id")


def _numbers(ids: Any) -> list[int]:
    return [story_item(pk) for pk in ids]


def _without_empty(found: Json) -> Json:
    return {name: value for name, value in found.items() if value not in ("", [])}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
