"""People's browsers before the fleet, and what is on the pages they get."""

import re
import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from itertools import cycle
from urllib.parse import urlencode, urlsplit

from tests.patience import PATIENCE


@dataclass(frozen=True)
class Page:
    """One answer; redirects are not followed."""

    status: int
    headers: HTTPMessage
    text: str

    @property
    def target(self) -> int:
        """The id at the end of where it sends people: of the comment they wrote."""
        assert self.status == 302, (self.status, self.text[-2000:])
        return int(re.findall(r"\d+", self.headers["Location"])[-1])

    def is_pressed(self, key: str) -> bool:
        """Whether the reader's vote on "s1" (a story) or "c1" (a comment) stands."""
        found = re.search(rf'id="{key}-vote".*?aria-pressed="(\w+)"', self.text, re.DOTALL)
        assert found, f"No button for {key} on the page."
        return found[1] == "true"

    def comment(self, pk: int) -> str:
        """The comment's part of the page without its replies, or nothing."""
        found = re.search(rf'id="c{pk}">(.*?)(<div class="reply-place|<article|</article)', self.text, re.DOTALL)
        return found[1] if found else ""


class Browser:
    """Keeps cookies; `session` makes it a member's."""

    def __init__(self, address: str, session: str = "") -> None:
        self.host = urlsplit(address).netloc
        # Any secret will do, as long as cookie and form agree.
        self.cookies = {"csrftoken": secrets.token_hex(16)} | ({"sessionid": session} if session else {})

    def get(self, path: str) -> Page:
        """Look at a page."""
        return self._ask("GET", path)

    def post(self, path: str, **fields: str) -> Page:
        """Send a form."""
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}))

    def is_signed_in(self) -> bool:
        """Whether the site knows who it is."""
        return self.get("/settings").status == 200

    def _ask(self, method: str, path: str, body: str | None = None) -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection(self.host, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        self._keep(response.headers.get_all("Set-Cookie", []))
        return Page(response.status, response.headers, text)

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, cookie in SimpleCookie(line).items():
                if cookie["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = cookie.value


@contextmanager
def reading(browsers: list[Browser], pages: list[str]) -> Iterator[Counter[int]]:
    """All the time; how often they got which status."""
    statuses: Counter[int] = Counter()
    is_over = threading.Event()

    def read(browser: Browser) -> None:
        for page in cycle(pages):
            if is_over.is_set():
                return
            statuses[browser.get(page).status] += 1

    with ThreadPoolExecutor(len(browsers)) as threads:
        running = [threads.submit(read, browser) for browser in browsers]
        try:
            yield statuses
        finally:
            is_over.set()
        for one in running:
            one.result()
