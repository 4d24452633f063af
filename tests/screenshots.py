"""Draws every page of the sample community and a mail, at two widths, light and dark, to look at before it is done.

`make screenshots` writes var/screenshots/ and the README's picture. It is no test: nothing here can fail but the site.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.request import urlopen

import django
from django.template.loader import get_template
from playwright.sync_api import Browser, BrowserContext, Page

from deploy.local.processes import Program, free_port, serve, stop
from tests.journeys.browsers import chromium

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "screenshots"
README_PICTURE = ROOT / "docs" / "front-page.png"
SIZES = {390: 844, 1280: 900}
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]

# Pages by the name of their picture. {story} and {comment} are a much discussed story and a comment on it.
PUBLIC = {
    **{"front": "/", "newest": "/newest", "top": "/top/month", "rising": "/rising", "comments": "/comments/"},
    **{"community": "/c/craft/", "about": "/c/craft/about", "communities": "/c/", "tags": "/t/", "tag": "/t/howto/"},
    **{"people": "/u/", "person": "/u/graybeard/", "persons-stories": "/u/graybeard/stories/"},
    **{"thread": "{story}", "comment": "{comment}", "rank": "/s/1/rank", "log": "/moderation/log"},
    **{"log-in": "/account/login/", "sign-up": "/account/signup/", "nothing": "/nowhere"},
    **{"api": "/api/docs"},
}
MEMBERS = {
    **{"member-front": "/", "member-thread": "{story}", "reply": "{comment}/reply", "submit": "/submit"},
    **{
        "inbox": "/inbox",
        "notifications": "/settings/notifications",
        "saved": "/saved",
        "mutes": "/mutes",
        "settings": "/settings",
        "data": "/settings/data",
        "ban": "/u/graybeard/ban",
        "flag": "{comment}/flag",
        "flags": "/moderation/flags",
    },
    **{"mail": "/account/email/", "password": "/account/password/change/", "log-out": "/account/logout/"},
    **{"tokens": "/settings/tokens", "apps": "/settings/apps"},
}


def main() -> None:
    """Serve the sample from a directory of its own, and draw."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, served(Path(directory)) as address, chromium() as browser:
        login = _login(Path(directory) / "development-logins.txt")
        for width, height in SIZES.items():
            for scheme in SCHEMES:
                context = browser.new_context(
                    base_url=address, color_scheme=scheme, viewport={"width": width, "height": height}
                )
                draw(context, login, f"{width}-{scheme}")
                draw_mail(context, f"{width}-{scheme}")
                context.close()
        _draw_for_readme(browser, address)
    sys.stdout.write(f"The pictures are in {FOLDER}\n")


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """The sample community on a free port, as `make run` serves it; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    site = Program(
        command=[sys.executable, "-m", "deploy.local.serve"],
        log=directory / "log",
        user="",
        attempt=lambda: urlopen(address).close(),
        directory=ROOT,
        environment={
            "PORT": str(port),
            "VAR_DIR": str(directory),
            "DATABASE_URL": f"sqlite:///{directory}/site.sqlite3",
        },
    )
    process = serve(site)
    try:
        yield address
    finally:
        stop(process)


def draw(context: BrowserContext, login: tuple[str, str], variant: str) -> None:
    """All pages in one variant: first as a visitor, then as a moderator."""
    page = context.new_page()
    page.goto("/most-commented")
    story = page.locator(".story-comments").first.get_attribute("href")
    page.goto(str(story))
    comment = page.locator(".comment-head a[title]").nth(1).get_attribute("href")
    _draw_all(page, PUBLIC, {"story": story, "comment": comment}, variant)
    page.goto("/account/login/")
    page.get_by_label("Login").fill(login[0])
    page.get_by_label("Password", exact=True).fill(login[1])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    _draw_all(page, MEMBERS, {"story": story, "comment": comment}, variant)


def draw_mail(context: BrowserContext, variant: str) -> None:
    """The HTML part of a mail, as a program for mail shows it. No database is asked."""
    stop = {"address": "https://example.org/stop", "words": ["Replies"]}
    line = {"actor": "mia", "act": "replied to you on", "title": "A shed of one's own", "path": "/comments/1"}
    texts = "We built ours from the doors of an old school.", "How do you heat it in winter?"
    lines = [{**line, "excerpt": text} for text in texts]
    mail = {"subject": "mia replied to you", "person": {"username": "sam"}, "stop": stop, "stop_all": stop}
    page = context.new_page()
    page.set_content(get_template("mail/notifications.html").render({**mail, "site_url": "", "lines": lines}))
    page.screenshot(path=FOLDER / f"letter-{variant}.png")


def _draw_all(page: Page, pages: dict[str, str], places: dict[str, str | None], variant: str) -> None:
    for name, path in pages.items():
        page.goto(path.format(**places))
        page.screenshot(path=FOLDER / f"{name}-{variant}.png")


def _draw_for_readme(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address, color_scheme="light", viewport={"width": 1280, "height": 640})
    page.goto("/")
    page.screenshot(path=README_PICTURE)


def _login(path: Path) -> tuple[str, str]:
    """The moderator's name and password."""
    words = next(line.split() for line in path.read_text(encoding="utf-8").splitlines() if "moderator" in line)
    return words[1], words[2]


if __name__ == "__main__":
    main()
