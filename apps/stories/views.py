"""Pages of stories: lists, submitting, editing, and the small marks on a story."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import MemberRequest, member_required
from apps.accounts.permissions import access_person, check_may_write
from apps.accounts.queries import muted_person_names
from apps.communities.permissions import access_community, access_tag
from apps.communities.queries import muted_tag_names
from apps.communities.tags import together
from apps.core import cursors
from apps.core.errors import DomainError, NotFound
from apps.core.http import back, is_fragment, sent
from apps.pagecache.pages import cached_page
from apps.stories import actions, tags
from apps.stories.actions import Draft, Duplicate
from apps.stories.forms import EditForm, SubmitForm
from apps.stories.links import BadLink, parse_url
from apps.stories.models import Story
from apps.stories.permissions import EditingClosed, access_story, can_edit, check_can_delete
from apps.stories.queries import lists, own, single

ListView = Callable[..., HttpResponse]


@require_safe
@cached_page(seconds=60, tags=[tags.FRONT_PAGE])
def front_page(request: HttpRequest, order: str = "hottest", window: str = "week") -> HttpResponse:
    """All stories."""
    return _list(request, lists.Listing(order=order, window=window), {"base": "/"})


@require_safe
@cached_page(seconds=60, tags=[tags.community])
def community(request: HttpRequest, slug: str, order: str = "hottest", window: str = "week") -> HttpResponse:
    """Stories of one community."""
    place = access_community(slug)
    listing = lists.Listing(order=order, window=window, community=place)
    return _list(request, listing, {"base": f"/c/{slug}/", "community": place})


@require_safe
@cached_page(seconds=60, tags=[tags.tagged])
def tag(request: HttpRequest, names: str, order: str = "hottest", window: str = "week") -> HttpResponse:
    """Stories with any of the tags, which the address joins by commas."""
    words = [access_tag(name) for name in together(names)]
    listing = lists.Listing(order=order, window=window, tags=tuple(words))
    return _list(request, listing, {"base": f"/t/{names}/", "tags": words})


@require_safe
@cached_page(seconds=60, tags=[tags.domain])
def domain(request: HttpRequest, domain: str, order: str = "newest", window: str = "week") -> HttpResponse:
    """Stories from one web site."""
    listing = lists.Listing(order=order, window=window, domain=domain.lower())
    return _list(request, listing, {"base": f"/d/{domain}/", "domain": domain})


@require_safe
@cached_page(seconds=60, tags=[tags.person])
def person(request: HttpRequest, username: str, order: str = "newest", window: str = "week") -> HttpResponse:
    """Stories that one person submitted."""
    author = access_person(username)
    listing = lists.Listing(order=order, window=window, person=author)
    return _list(request, listing, {"base": f"/u/{author.username}/stories/", "person": author})


@require_safe
@member_required
def saved(request: MemberRequest) -> HttpResponse:
    """The stories this member keeps for later."""
    page = own.saved_stories(request.user, cursor=cursors.parse(request.GET, own.KEPT_ORDER))
    return render(request, "stories/kept.html", {"page": page, "title": "Saved stories"})


@require_safe
@member_required
def hidden(request: MemberRequest) -> HttpResponse:
    """The stories this member has hidden."""
    page = own.hidden_stories(request.user, cursor=cursors.parse(request.GET, own.KEPT_ORDER))
    return render(request, "stories/kept.html", {"page": page, "title": "Hidden stories"})


@require_safe
@member_required
def mutes(request: MemberRequest) -> HttpResponse:
    """Whom and what this member does not want to read."""
    context = {
        "people": muted_person_names(request.user),
        "tags": muted_tag_names(request.user),
        "domains": own.muted_domains(request.user),
    }
    return render(request, "stories/mutes.html", context)


@require_safe
@cached_page(seconds=60, tags=[tags.story, tags.VOCABULARY])
def rank(request: HttpRequest, pk: int) -> HttpResponse:
    """Why the story stands where it stands."""
    story = access_story(request.user, pk)
    if story.is_gone:
        raise NotFound
    rank, modifiers = single.rank_parts(story)
    return render(request, "stories/rank.html", {"story": story, "rank": rank, "modifiers": modifiers})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def submit(request: MemberRequest) -> HttpResponse:
    """The form for a new story; a link that is known leads to its discussion."""
    if request.method != "POST":
        check_may_write(request.user, timezone.now())
    form = SubmitForm(sent(request), initial=_wishes(request))
    duplicate = None
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data["community"]
        try:
            story = actions.submit_story(by=request.user, community=place, draft=_draft(form), now=timezone.now())
            return redirect(story)
        except Duplicate as error:
            form.add_error(None, error.detail)
            duplicate = error.story
        except DomainError as error:
            form.add_error(None, error.detail)
    status = 422 if form.errors else 200
    return render(request, "stories/submit.html", {"form": form, "duplicate": duplicate}, status=status)


@require_safe
@member_required
def duplicate(request: MemberRequest) -> HttpResponse:
    """Whether the link that is being typed has been submitted lately: a part of the form."""
    try:
        link = parse_url(request.GET.get("url", ""))
    except BadLink:
        return HttpResponse()
    known = single.recent_duplicate(link.normalized_url, timezone.now())
    return render(request, "stories/_duplicate.html", {"duplicate": known})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """The form to change a story in its first hours."""
    story = access_story(request.user, pk)
    if not can_edit(request.user, story, timezone.now()):
        raise EditingClosed
    form = EditForm(sent(request), initial=_as_typed(story))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(actions.edit_story(by=request.user, story=story, draft=_draft(form), now=timezone.now()))
        except DomainError as error:
            form.add_error(None, error.detail)
    return render(request, "stories/edit.html", {"form": form, "story": story}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def deletion(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask once, then delete."""
    story = access_story(request.user, pk)
    if request.method == "POST":
        return redirect(actions.delete_story(by=request.user, story=story, now=timezone.now()))
    # What is gone is shown to nobody, not even to be deleted.
    check_can_delete(request.user, story)
    return render(request, "stories/deletion.html", {"story": story})


@require_POST
@member_required
def save(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep the story for later, or no longer."""
    story = access_story(request.user, pk)
    if "undo" in request.POST:
        actions.unsave_story(by=request.user, story=story)
    else:
        actions.save_story(by=request.user, story=story, now=timezone.now())
    return _marked(request, story)


@require_POST
@member_required
def hide(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave the story out of lists, or no longer."""
    story = access_story(request.user, pk)
    if "undo" in request.POST:
        actions.unhide_story(by=request.user, story=story)
    else:
        actions.hide_story(by=request.user, story=story, now=timezone.now())
    return _marked(request, story)


@require_POST
@member_required
def mute_domain(request: MemberRequest, domain: str) -> HttpResponse:
    """Leave stories from a web site out of lists, or no longer."""
    if "undo" in request.POST:
        actions.unmute_domain(by=request.user, domain=domain)
    else:
        actions.mute_domain(by=request.user, domain=domain, now=timezone.now())
    return back(request)


def _list(request: HttpRequest, listing: lists.Listing, context: dict[str, object]) -> HttpResponse:
    cursor = cursors.parse(request.GET, listing.keys)
    page = lists.listing(listing, cursor=cursor, now=timezone.now())
    names = {"orders": list(lists.ORDERS), "windows": list(lists.WINDOWS)}
    template = "stories/_page.html" if is_fragment(request) else "stories/list.html"
    return render(request, template, {"page": page, "listing": listing} | names | context)


def _marked(request: MemberRequest, story: Story) -> HttpResponse:
    if is_fragment(request):
        return render(request, "stories/_marks_only.html", {"story_id": story.pk})
    return back(request, f"s{story.pk}")


def _draft(form: EditForm) -> Draft:
    typed = form.cleaned_data
    return Draft(
        title=typed["title"],
        text=typed["text"],
        url=typed.get("url", ""),
        tags=typed["tags"],
        is_own_work=typed["is_own_work"],
    )


def _as_typed(story: Story) -> dict[str, object]:
    return {
        "title": story.title,
        "text": single.text_of(story).markdown,
        "tags": list(single.tag_names(story)),
        "is_own_work": story.is_own_work,
    }


def _wishes(request: HttpRequest) -> dict[str, str]:
    """What a bookmarklet or a link asks to fill in."""
    return {name: request.GET[name] for name in ("url", "title", "text", "community") if name in request.GET}
