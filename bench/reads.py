"""Which server answers the queries of 1,000 page views, of visitors and of members.

Run: `make bench-reads`, or `python -m bench.reads [VIEWS]`. Aims: replicas answer at least 95 % of visitors' and 90 %
of members' page queries. The mix is that of Lobsters in 2018 (jonhoo/trawler) without logging in and out, and without
downvotes, which this site has not. Members write between their views: what a write itself asks is not counted, what
its author reads afterwards is.
"""

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass

from deploy.local import fleet, scratch, statements
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser, Page

VIEWS = 1000
MEMBERS = 20
AIMS = {"visitors": 0.95, "members": 0.90}
# Of a hundred requests.
READS = {"story": 55.842, "front": 30.105, "person": 6.702, "comments": 4.674, "newest": 0.967}
WRITES = {"comment vote": 0.630, "story vote": 0.475, "comment": 0.316, "reply": 0.071, "submit": 0.053}
STORIES = """
    SELECT id, '/s/' || id || '/' || coalesce(nullif(slug, ''), '-'), greatest(score, 1) FROM stories_story
    WHERE removed_at IS NULL AND deleted_at IS NULL AND held_at IS NULL AND locked_at IS NULL
      AND created_at > now() - interval '80 days'
"""
COMMENTS = "SELECT id FROM comments_comment WHERE story_id = ANY(%s) AND removed_at IS NULL AND deleted_at IS NULL"


@dataclass(frozen=True)
class Place:
    """What is there to be read and answered; stories in proportion to their votes."""

    stories: dict[str, int]
    comments: list[int]
    people: list[str]

    def page(self, kind: str) -> str:
        """The address of a view."""
        story = random.choices(list(self.stories), list(self.stories.values()))[0]  # noqa: S311 (no secret)
        person = random.choice(self.people)  # noqa: S311 (no secret)
        return {"story": story, "front": "/", "person": f"/u/{person}/", "comments": "/comments/"}.get(kind, "/newest")

    def write(self, kind: str, browser: Browser) -> Page:
        """One of the acts of WRITES."""
        story, comment = self.page("story").rpartition("/")[0], random.choice(self.comments)  # noqa: S311 (no secret)
        words = f"Thoughts number {random.getrandbits(64)}"
        match kind:
            case "comment vote":
                return browser.post(f"/comments/{comment}/vote")
            case "story vote":
                return browser.post(f"{story}/vote")
            case "comment":
                return browser.post(f"{story}/comments/", text=words)
            case "reply":
                return browser.post(f"/comments/{comment}/reply", text=words)
        return browser.post("/submit", title=words, text=words, tags="performance", community="web")


def main() -> None:
    """Measure and print."""
    views = int(sys.argv[1]) if len(sys.argv) > 1 else VIEWS
    with fleet.running() as here:
        place, members = prepare(here)
        _say(f"{'':<10}{'views':>7}{'writes':>8}{'queries':>9}{'primary':>9}{'replicas':>12}{'share':>9}{'aim':>6}")
        for who, browsers in {"visitors": [Browser(here.address)], "members": members}.items():
            _say(measure(here, place, who, browsers, views))


def prepare(here: Fleet) -> tuple[Place, list[Browser]]:
    """Look around, sign members in, and let every process see each page once."""
    names = [f"reader{number}" for number in range(MEMBERS)]
    command = [sys.executable, "-m", "tests.cluster.people", *names]
    environment = {**os.environ, **here.environment}
    said = subprocess.run(command, cwd=scratch.ROOT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 (our own)
    members = [Browser(here.address, sessions[0]) for sessions in json.loads(said.stdout).values()]
    stories = here.primary.query(STORIES)
    comments = here.primary.query(COMMENTS, [[pk for pk, *_ in stories]])
    people = here.primary.query("SELECT username FROM accounts_user WHERE karma > 0")
    place = Place({path: score for _, path, score in stories}, [pk for (pk,) in comments], [name for (name,) in people])
    here.wait_for_replay()
    for kind in list(READS) * 8:
        members[0].get(place.page(kind))
    return place, members


def measure(here: Fleet, place: Place, who: str, browsers: list[Browser], views: int) -> str:
    """A line: how many queries of `views` page views, one after the other, each server answered."""
    weights = READS | (WRITES if who == "members" else {})
    counts, seen, written = {database.name: 0 for database in here.databases}, 0, 0
    mark = _counts(here)
    while seen < views:
        kind = random.choices(list(weights), list(weights.values()))[0]  # noqa: S311 (no secret)
        browser = random.choice(browsers)  # noqa: S311 (no secret)
        if kind in READS:
            answer, seen = browser.get(place.page(kind)), seen + 1
        else:
            counts = _added(counts, mark, _counts(here))
            answer, written = place.write(kind, browser), written + 1
            mark = _counts(here)
        # A vote on one's own is refused, like at any site.
        assert answer.status in {200, 302, 403}, (kind, answer.status)  # noqa: S101 (it measures only what works)
    counts = _added(counts, mark, _counts(here))
    total, primary = sum(counts.values()), counts[here.primary.name]
    replicas = " + ".join(str(counts[replica.name]) for replica in here.replicas)
    share = f"{1 - primary / total:>9.1%}{AIMS[who]:>6.0%}"
    return f"{who:<10}{seen:>7}{written:>8}{total:>9}{primary:>9}{replicas:>12}{share}"


def _counts(here: Fleet) -> dict[str, int]:
    return {database.name: statements.count(database) for database in here.databases}


def _added(counts: dict[str, int], before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: number + after[name] - before[name] for name, number in counts.items()}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
