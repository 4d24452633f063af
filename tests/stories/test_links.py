"""What counts as an address, and when two are the same page."""

import pytest

from apps.stories.links import BadLink, parse_url

SAME = [
    ("https://example.org/a", "http://example.org/a"),
    ("https://example.org/a", "https://www.example.org/a"),
    ("https://example.org/a", "HTTPS://Example.ORG/a"),
    ("https://example.org/a", "https://example.org:443/a"),
    ("https://example.org/a", "http://example.org:80/a"),
    ("https://example.org/a", "https://example.org./a"),
    ("https://example.org/a", "https://example.org/a/"),
    ("https://example.org", "https://example.org/"),
    ("https://example.org/a", "https://example.org/b/../a"),
    ("https://example.org/a", "https://example.org/a#section"),
    ("https://example.org/a", "https://example.org/a?"),
    ("https://example.org/a", "https://example.org/a?utm_source=x&UTM_Campaign=y&fbclid=z&ref_src=t"),
    ("https://example.org/a?x=1", "https://example.org/a?gclid=9&x=1"),
    ("https://example.org/a?x=1&y=2", "https://example.org/a?y=2&x=1"),
    ("https://example.org/a?x=a b", "https://example.org/a?x=a+b"),
    ("https://example.org/ü", "https://example.org/%C3%BC"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://example.org/a", "  https://example.org/a\n"),
    ("https://example.org/a", "https://exam\u200bple.org/a"),
]
DIFFERENT = [
    ("https://example.org/a", "https://example.org/A"),
    ("https://example.org/a", "https://example.org:8443/a"),
    ("https://example.org/a", "https://news.example.org/a"),
    ("https://example.org/a?x=1", "https://example.org/a?x=2"),
    ("https://example.org/a?x=1", "https://example.org/a?x=1&x=2"),
    ("https://example.org/a?id=1", "https://example.org/a"),
    ("https://example.org/#!/a", "https://example.org/#!/b"),
    ("https://example.org/#/a", "https://example.org/"),
    ("https://www.com/", "https://www.org/"),
]
REFUSED = [
    *(
        "",
        " ",
        "example.org",
        "www.example.org/a",
        "//example.org",
        "/a",
        "?a=1",
        "#a",
        "https://",
        "https:///",
        "http:",
    ),
    *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.org", "mailto:a@example.org"),
    *("blob:https://example.org/1", "view-source:https://example.org", "about:blank", "https://exa mple.org"),
    *("http://localhost", "http://localhost:8000/", "http://intranet/", "http://localhost./", "http://./"),
    *("http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://017700000001/", "http://10.0.0.1/"),
    *("http://192.168.1.1/", "http://169.254.169.254/latest", "http://0.0.0.0/", "http://[::1]/", "http://[fe80::1]/"),
    *("http://224.0.0.1/", "http://[ff02::1]/", "http://[64:ff9b::10.0.0.1]/", "http://[2002:a00:1::]/"),
    *(
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://%zz.example/",
        "https://xn--pokxncvks.example/",
    ),
    *("https://" + "a" * 254 + ".example/", "https://" + "a." * 1000 + "example/"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_page_has_one_normal_form(one: str, other: str) -> None:
    assert parse_url(one).normalized_url == parse_url(other).normalized_url


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_have_different_normal_forms(one: str, other: str) -> None:
    assert parse_url(one).normalized_url != parse_url(other).normalized_url


@pytest.mark.parametrize("text", REFUSED)
def test_what_strangers_cannot_open_in_a_browser_is_refused(text: str) -> None:
    with pytest.raises(BadLink):
        parse_url(text)


@pytest.mark.parametrize("text", ["https://me@example.org/", "https://me:secret@example.org/"])
def test_a_password_in_an_address_is_refused_with_a_warning(text: str) -> None:
    with pytest.raises(BadLink, match="everybody would see"):
        parse_url(text)


def test_an_address_of_2000_characters_is_the_longest() -> None:
    longest = "https://example.org/" + "a" * 1980

    assert parse_url(longest).url == longest
    with pytest.raises(BadLink, match="longer than 2,000"):
        parse_url(longest + "a")


def test_an_address_that_grows_by_escaping_still_fits() -> None:
    link = parse_url("https://example.org/?" + "&".join(f"a={'+' * 60}%21" for _ in range(29)))

    assert len(link.normalized_url) <= 2000


def test_the_link_itself_is_kept_as_a_browser_has_it() -> None:
    link = parse_url("https://WWW.Example.org/a?utm_source=x#top")

    assert link.url == "https://www.example.org/a?utm_source=x#top"
    assert link.domain == "example.org"
