"""Where a request goes next, and what htmx says about where it comes from."""

import pytest
from django.test import RequestFactory

from apps.core.http import back, is_fragment, page_path

PART = {"HX-Request": "true"}


def test_a_page_is_at_its_own_address(rf: RequestFactory) -> None:
    request = rf.get("/newest?after=1~2")

    assert not is_fragment(request)
    assert page_path(request) == "/newest?after=1~2"


@pytest.mark.parametrize(
    ("current", "path"),
    [
        ("http://testserver/newest?after=1~2#s3", "/newest?after=1~2"),
        ("http://testserver/", "/"),
        ("https://evil.example/x", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_a_part_belongs_to_the_page_that_asked_for_it(rf: RequestFactory, current: str, path: str) -> None:
    request = rf.get("/s/1/vote", headers=PART | {"HX-Current-URL": current})

    assert is_fragment(request)
    assert page_path(request) == path


@pytest.mark.parametrize(
    ("next_path", "anchor", "target"),
    [
        ("/newest?after=1~2", "s3", "/newest?after=1~2#s3"),
        ("/t/", "", "/t/"),
        ("https://evil.example/", "s3", "/#s3"),
        ("//evil.example/", "", "/"),
        ("/\\evil.example/", "", "/"),
        ("", "c4", "/#c4"),
        ("newest", "", "/"),
        ("account_login", "s3", "/#s3"),
    ],
)
def test_the_way_back_stays_on_the_site_and_ends_at_the_thing(
    rf: RequestFactory, next_path: str, anchor: str, target: str
) -> None:
    request = rf.post("/s/3/vote", {"next": next_path})

    assert back(request, anchor)["Location"] == target
