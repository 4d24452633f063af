"""Comments: threads of any size, lists, one, and what people do with them."""

from django.utils import timezone

from apps.accounts.permissions import access_person
from apps.api.endpoints import Endpoint, check_match, version_of
from apps.api.models import Scope
from apps.api.operations import Answer, Call, MemberCall, operation
from apps.api.shapes import comments as shapes
from apps.api.shapes.base import PageQuery, Values
from apps.api.sharing import neighbor, page_of
from apps.comments import actions
from apps.comments.models import Comment
from apps.comments.permissions import access_comment
from apps.comments.queries import around, lists
from apps.comments.queries.levels import Extent
from apps.comments.queries.rows import ORDERS, CommentRow
from apps.comments.queries.subtrees import Cut, subtree
from apps.core import cursors
from apps.core.errors import Invalid
from apps.stories.permissions import access_story
from apps.votes import actions as votes

# An answer's HTML has about so many characters at most; a single comment may have more.
MOST_CHARACTERS = 500_000


class Thread(Endpoint):
    """The comments on one story."""

    @operation(gives=shapes.Thread, query=shapes.ThreadQuery, is_public=True)
    def get(self, call: Call, pk: int, query: Values) -> Answer:
        """Read a thread, or what is below one of its comments: so much at once as you like, and where the rest is."""
        story = access_story(call.user, pk)
        parent = access_comment(call.user, query["parent"]) if "parent" in query else None
        if parent and parent.story_id != story.pk:
            raise Invalid("This comment is in another thread.", field="parent")
        roots = min(query["width"], query["limit"])
        extent = Extent(roots, query["width"], query["depth"], query["limit"], MOST_CHARACTERS)
        cursor = cursors.parse(call.query_params, ORDERS[query["order"]])
        page, cuts = subtree(story, parent, order=query["order"], cursor=cursor, extent=extent)
        answer = page_of(call, page, shapes.shown(page.rows, call.user))
        total = parent.num_descendants if parent else story.num_comments
        return Answer(answer | {"cuts": [_cut(call, cut) for cut in cuts], "total": total})

    @operation(scope=Scope.WRITE, takes=shapes.CommentDraft, gives=shapes.CommentDetail, status=201)
    def post(self, call: MemberCall, pk: int, given: Values) -> Answer:
        """Comment on a story, or answer one of its comments. The same text sent twice is one comment."""
        story = access_story(call.user, pk)
        parent = access_comment(call.user, given["parent"]) if given.get("parent") else None
        if parent and parent.story_id != story.pk:
            raise Invalid("This comment is in another thread.", field="parent")
        now = timezone.now()
        comment = actions.post_comment(by=call.user, story=story, parent=parent, text=given["text"], now=now)
        return _whole(call, comment.pk, {"Location": f"/api/v1/comments/{comment.pk}"})


class Comments(Endpoint):
    """Comments of the whole site."""

    @operation(gives=shapes.Comments, query=shapes.CommentsQuery, is_public=True)
    def get(self, call: Call, query: Values) -> Answer:
        """Read the newest comments, or some by their ids."""
        if "ids" in query:
            rows = {row.id: row for row in lists.listed_rows(query["ids"])}
            items = shapes.shown([rows[pk] for pk in query["ids"] if pk in rows], call.user)
            return Answer({"items": items, "previous": None, "next": None})
        return _listed(call, lists.newest(cursor=cursors.parse(call.query_params, lists.NEWEST)))


class PersonComments(Endpoint):
    """What one person wrote."""

    @operation(gives=shapes.Comments, query=PageQuery, is_public=True)
    def get(self, call: Call, username: str, query: Values) -> Answer:
        """Read a person's comments, newest first."""
        person = access_person(username)
        return _listed(call, lists.by_person(person, cursor=cursors.parse(call.query_params, lists.NEWEST)))


class OneComment(Endpoint):
    """One comment."""

    @operation(gives=shapes.CommentDetail, is_public=True)
    def get(self, call: Call, pk: int) -> Answer:
        """Read a comment; of one that is gone, its place."""
        return _whole(call, pk)

    @operation(scope=Scope.WRITE, takes=shapes.CommentText, gives=shapes.CommentDetail, refusals=(412,))
    def patch(self, call: MemberCall, pk: int, given: Values) -> Answer:
        """Change the text in the first hours."""
        comment = _unchanged(call, pk)
        actions.edit_comment(by=call.user, comment=comment, text=given["text"], now=timezone.now())
        return _whole(call, pk)

    @operation(scope=Scope.WRITE, refusals=(412,))
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Drop the text of a comment of one's own; its replies stay."""
        actions.delete_comment(by=call.user, comment=_unchanged(call, pk), now=timezone.now())
        return Answer()


class CommentVote(Endpoint):
    """One's own vote on a comment."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, pk: int) -> Answer:
        """Vote for a comment. Idempotent."""
        votes.cast_comment_vote(by=call.user, comment=access_comment(call.user, pk), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Retract one's vote. Idempotent."""
        votes.retract_comment_vote(by=call.user, comment=access_comment(call.user, pk), now=timezone.now())
        return Answer()


def _listed(call: Call, page: cursors.Page[CommentRow]) -> Answer:
    return Answer(page_of(call, page, shapes.shown(page.rows, call.user)))


def _cut(call: Call, cut: Cut) -> dict[str, object]:
    rest = neighbor(call, cut.rest, parent=cut.parent_id)
    return {"parent": cut.parent_id, "num_comments": cut.num_comments, "next": rest}


def _whole(call: Call, pk: int, headers: dict[str, str] | None = None) -> Answer:
    comment = access_comment(call.user, pk)
    [found] = shapes.shown([around.row_of(comment)], call.user)
    markdown = "" if comment.is_gone else comment.body.markdown
    title = "" if comment.story.is_gone else comment.story.title
    more = {"story": comment.story_id, "story_title": title, "markdown": markdown, "ancestors": comment.ancestor_ids}
    return Answer(found | more, headers or {}, _version(comment))


def _unchanged(call: MemberCall, pk: int) -> Comment:
    """The comment, locked, if it is still what If-Match says. Raises ChangedMeanwhile, NotFound."""
    access_comment(call.user, pk)
    actions.lock_comment(pk)
    comment = access_comment(call.user, pk)
    check_match(call, _version(comment))
    return comment


def _version(comment: Comment) -> str:
    """Of the text."""
    return version_of(comment.body.markdown, comment.is_gone)
