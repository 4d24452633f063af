"""What people type is understood in one way only, or refused with a sentence about what is wrong."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.search.language import (
    LOOKALIKES,
    MAX_LENGTH,
    NAMES,
    OPERATORS,
    POSTS,
    TRAITS,
    BadQuery,
    Filter,
    Query,
    Term,
    moment,
    parse,
)
from tests.core import hostile

PIECES = st.sampled_from(
    [
        *OPERATORS,
        *LOOKALIKES,
        '"',
        "-",
        "OR",
        " ",
        "rust",
        "2026-02-31",
        "9",
        ",",
        "é",
        "世界",
        "🌊",
        "\x00",
        "\u202e",
        "'",
        "\\",
        ":*",
        "&",
    ]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("static  site", Query(((Term("static"),), (Term("site"),)))),
        ('"static site" generator', Query(((Term("static site"),), (Term("generator"),)))),
        ('"never closed', Query(((Term("never closed"),),))),
        ("rust OR go OR zig", Query(((Term("rust"), Term("go"), Term("zig")),))),
        ("rust or go", Query(((Term("rust"),), (Term("or"),), (Term("go"),)))),
        ('"OR"', Query(((Term("OR"),),))),
        ("rust -go", Query(((Term("rust"),), (Term("go", is_excluded=True),)))),
        ('rust -"go fast"', Query(((Term("rust"),), (Term("go fast", is_excluded=True),)))),
        ("well-known", Query(((Term("well-known"),),))),
        ("c++ & c#", Query(((Term("c++"),), (Term("c#"),)))),
        ("https://example.org std::vector", Query(((Term("https://example.org"),), (Term("std::vector"),)))),
        ("tag:Rust,go", Query(filters=(Filter("tag:", ("rust", "go")),))),
        ("TAG:rust tag:rust", Query(filters=(Filter("tag:", ("rust",)),))),
        ("-user:mia rust", Query(((Term("rust"),),), (Filter("user:", ("mia",), is_excluded=True),))),
        ("score>-1", Query(filters=(Filter("score>", ("-1",)),))),
        ('"site:example.org"', Query(((Term("site:example.org"),),))),
        ("Sent by: Mia", Query(((Term("Sent"),), (Term("by:"),), (Term("Mia"),)))),
        ("localhost:8000 re:think", Query(((Term("localhost:8000"),), (Term("re:think"),)))),
        ('domain:"example.org"', Query(filters=(Filter("domain:", ("example.org",)),))),
    ],
)
def test_words_and_operators_mean_what_they_say(typed: str, meant: Query) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("tag:", "“tag:”: tag: takes the name of a tag, such as tag:python."),
        ("user:a/b", "“user:a/b”: user: takes a person's name, such as user:mia."),
        ("domain:http://x", "“domain:http://x”: domain: takes a web site's name"),
        ("before:soon", "“before:soon”: before: takes a date, such as before:2026-03-31"),
        ("after:2026-02-30", "“after:2026-02-30”: after: takes a date"),
        ("after:0000", "“after:0000”: after: takes a date"),
        ("score>many", "“score>many”: score> takes a whole number, such as score>10."),
        ("is:nice", "“is:nice”: is: takes one of story, comment, person"),
        ("x -is:story", "“-is:story”: is: takes one value and no minus."),
        ("x before:2025,2026", "before: takes one value"),
        ("is:story is:link", "is: can be said once"),
        ("site:github.com", "“site:github.com”: write domain:, with a web site's name, such as domain:example.org;"),
        ("rust -By:mia", '“-By:mia”: write user:, with a person\'s name, such as user:mia; or "By:mia" to look for'),
        ("sub:web", "“sub:web”: write community:"),
        ("score<3", "“score<3”: write score>, with a whole number, such as score>10;"),
        ("score:3", "“score:3”: write score>"),
        ("score>=3", "“score>=3”: score> takes a whole number"),
        ("since:2026", "“since:2026”: write after:"),
        ("OR rust", "OR stands between two words"),
        ("rust OR", "OR stands between two words"),
        ("rust OR OR go", "OR stands between two words"),
        ("rust OR -go", "OR stands between two words"),
        ("-rust OR go", "OR stands between two words"),
        ("rust OR tag:go", "OR stands between two words"),
        ("-rust", "Say also what to look for"),
        ("-tag:rust -go", "Say also what to look for"),
        ("!!! 🌊", "There is no word in “!!! 🌊”"),
        (" ".join("abcdefghijklmnopq"), "at most 16 words and operators"),
        ("x" * 100_000, "at most 300 characters; this one has 100,000."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_part_that_is_wrong(typed: str, sentence: str) -> None:
    with pytest.raises(BadQuery) as refusal:
        parse(typed)

    assert sentence in refusal.value.detail


@pytest.mark.parametrize("typed", hostile.ALL)
def test_hostile_texts_are_understood_or_refused(typed: str) -> None:
    for part in (typed, typed[:MAX_LENGTH], f"rust {typed[:200]}"):
        with suppress(BadQuery):
            parse(part)


@given(st.one_of(st.text(max_size=MAX_LENGTH), st.lists(PIECES, max_size=40).map("".join)))
def test_a_query_reads_as_it_is_written(typed: str) -> None:
    try:
        query = parse(typed)
    except BadQuery:
        return

    assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("x", POSTS),
        ("x is:comment", ("comment",)),
        ("x is:person", NAMES[:1]),
        *((f"is:{t}", ("story",)) for t in TRAITS),
    ],
)
def test_kinds_follow_from_is(typed: str, kinds: tuple[str, ...]) -> None:
    assert parse(typed).kinds == kinds


def test_a_search_can_be_turned_to_another_kind_and_lose_an_operator() -> None:
    query = parse("rust tag:go is:story")

    assert str(query.turned_to("comment")) == "rust tag:go is:comment"
    assert str(query.turned_to("")) == "rust tag:go"
    assert str(query.without(query.filters[0])) == "rust is:story"


def test_a_date_is_its_first_moment() -> None:
    assert [moment(date).isoformat()[:10] for date in ("2026", "2026-03", "2026-03-31")] == [
        *("2026-01-01", "2026-03-01", "2026-03-31"),
    ]
