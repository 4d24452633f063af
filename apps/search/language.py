"""The language of searches: words, "phrases", -not, OR and operators. Not here: how an engine finds them (engines/).

`parse` reads what was typed; `str` of a query gives it back in one form, in which two equal queries look the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from apps.core.errors import Invalid
from apps.core.text import clean_line

MAX_LENGTH = 300
MAX_TERMS = 16
# What may be looked for; people and tags are found by the beginnings of their names.
POSTS = ("story", "comment")
NAMES = ("person", "tag")
# Words after "is:" that say what kind of story.
TRAITS = ("link", "text", "own")

_DATE = r"\d{4}(?:-\d\d){0,2}"
_NAME = r"[a-z0-9][a-z0-9_.+-]*"
# What may stand after an operator, several joined by commas, and what to say of anything else.
OPERATORS = {
    "tag:": (_NAME, "the name of a tag, such as tag:python"),
    "user:": (_NAME, "a person's name, such as user:mia"),
    "domain:": (r"[^\s/:@]+", "a web site's name, such as domain:example.org"),
    "community:": (_NAME, "the short name of a community, such as community:web"),
    "before:": (_DATE, "a date, such as before:2026-03-31, before:2026-03 or before:2026"),
    "after:": (_DATE, "a date, such as after:2026-03-31, after:2026-03 or after:2026"),
    "score>": (r"-?\d{1,9}", "a whole number, such as score>10"),
    "is:": ("|".join((*POSTS, *NAMES, *TRAITS)), f"one of {', '.join((*POSTS, *NAMES, *TRAITS))}"),
}
# What is written elsewhere, and the operator that stands for it here; most likely it is not meant as a word.
LOOKALIKES = {
    **dict.fromkeys(("site:", "url:"), "domain:"),
    **dict.fromkeys(("author:", "by:", "from:"), "user:"),
    **dict.fromkeys(("sub:", "subreddit:"), "community:"),
    **dict.fromkeys(("score:", "score=", "score<", "points:", "points>", "points<"), "score>"),
    **{"since:": "after:", "until:": "before:", "type:": "is:"},
}
# These have one value, and saying "not" of them would say the same as another one does.
SINGLE = ("before:", "after:", "score>", "is:")

_TOKEN = re.compile(
    rf'(?P<minus>-?)(?:(?P<operator>{"|".join(OPERATORS)})(?P<value>"[^"]*"?|[^\s"]*)'
    rf'|(?P<lookalike>{"|".join(LOOKALIKES)})[^\s"]+'
    r'|"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[^\W_][\w.+#'-]*")


class BadQuery(Invalid):
    """The search says something that cannot be meant."""

    code = "bad-search"
    field = "q"


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that follow each other."""

    text: str
    is_excluded: bool = False

    def __str__(self) -> str:
        quote = "" if _PLAIN.fullmatch(self.text) and self.text != "OR" else '"'
        return f"{'-' * self.is_excluded}{quote}{self.text}{quote}"


@dataclass(frozen=True, slots=True)
class Filter:
    """An operator with the values of which one must hold, or none when it is excluded."""

    operator: str
    values: tuple[str, ...]
    is_excluded: bool = False

    def __str__(self) -> str:
        return f"{'-' * self.is_excluded}{self.operator}{','.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Query:
    """Of each group of words one must be there, no word that is excluded, and all filters must hold."""

    words: tuple[tuple[Term, ...], ...] = ()
    filters: tuple[Filter, ...] = ()

    def __str__(self) -> str:
        return " ".join([*(" OR ".join(map(str, group)) for group in self.words), *map(str, self.filters)])

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is looked for."""
        chosen = self.chosen
        return POSTS if not chosen else ("story",) if chosen in TRAITS else (chosen,)

    @property
    def chosen(self) -> str:
        """The word after "is:", or ""."""
        return self.value_of("is:")

    @property
    def is_for_names(self) -> bool:
        """Whether words are beginnings of names."""
        return self.kinds[0] in NAMES

    @property
    def has_words(self) -> bool:
        """Whether any word shall be found, not only left out."""
        return any(not group[0].is_excluded for group in self.words)

    def value_of(self, operator: str) -> str:
        """What stands after an operator that has one value; "" when it is not there."""
        return next((one.values[0] for one in self.filters if one.operator == operator), "")

    def turned_to(self, kind: str) -> Self:
        """The same for another kind of things; "" for stories and comments."""
        others = tuple(one for one in self.filters if one.operator != "is:")
        return replace(self, filters=(*others, Filter("is:", (kind,))) if kind else others)

    def without(self, dropped: Filter) -> Self:
        """The same with a filter less."""
        return replace(self, filters=tuple(one for one in self.filters if one != dropped))


def parse(typed: str) -> Query:
    """Read what a person typed. Raises BadQuery, which names the part that is wrong."""
    if len(typed) > MAX_LENGTH:
        raise BadQuery(f"A search has at most {MAX_LENGTH} characters; this one has {len(typed):,}.")
    words: list[tuple[Term, ...]] = []
    filters: list[Filter] = []
    is_joined = False
    for token in _TOKEN.finditer(clean_line(typed)):
        if token[0] == "OR":
            _check_joint(not is_joined and bool(words) and not words[-1][0].is_excluded)
            is_joined = True
        elif token["operator"]:
            _check_joint(not is_joined)
            filters.append(_filter(token))
        elif token["lookalike"]:
            raise BadQuery(_instead(token))
        elif term := _term(token):
            _check_joint(not (is_joined and term.is_excluded))
            words[-1:] = [(*words[-1], term)] if is_joined else [*words[-1:], (term,)]
            is_joined = False
    _check_joint(not is_joined)
    return _checked(Query(tuple(words), tuple(dict.fromkeys(filters))), typed)


def moment(date: str) -> datetime:
    """The first moment of a day, a month or a year. Raises ValueError for one that no calendar has."""
    year, month, day = [*map(int, date.split("-")), 1, 1][:3]
    return datetime(year, month, day, tzinfo=UTC)


def _filter(token: re.Match[str]) -> Filter:
    operator = token["operator"].lower()
    form, expected = OPERATORS[operator]
    values = tuple(dict.fromkeys(_values(token["value"].strip('"').strip().lower())))
    fits = bool(values) and all(re.fullmatch(form, value) for value in values)
    if not fits or (operator in {"before:", "after:"} and not all(map(_is_date, values))):
        raise BadQuery(f"“{token[0]}”: {operator} takes {expected}.")
    if operator in SINGLE and (token["minus"] or len(values) > 1):
        raise BadQuery(f"“{token[0]}”: {operator} takes one value and no minus.")
    return Filter(operator, values, bool(token["minus"]))


def _instead(token: re.Match[str]) -> str:
    operator = LOOKALIKES[token["lookalike"].lower()]
    quoted = f'"{token[0].lstrip("-")}"'
    return f"“{token[0]}”: write {operator}, with {OPERATORS[operator][1]}; or {quoted} to look for these words."


def _values(text: str) -> Iterator[str]:
    return (value for value in text.split(",") if value)


def _is_date(date: str) -> bool:
    try:
        moment(date)
    except ValueError:
        return False
    return True


def _term(token: re.Match[str]) -> Term | None:
    """None for signs without a letter or a digit, in which no engine sees anything."""
    text = (token["word"] if token["phrase"] is None else token["phrase"]).strip()
    return Term(text, bool(token["minus"])) if any(sign.isalnum() for sign in text) else None


def _check_joint(is_right: bool) -> None:
    if not is_right:
        raise BadQuery("OR stands between two words that shall be found, such as rust OR go.")


def _checked(query: Query, typed: str) -> Query:
    if not query.words and not query.filters:
        raise BadQuery(f"There is no word in “{typed}”: search knows letters and digits.")
    if sum(map(len, query.words)) + len(query.filters) > MAX_TERMS:
        raise BadQuery(f"A search has at most {MAX_TERMS} words and operators.")
    if all(group[0].is_excluded for group in query.words) and all(one.is_excluded for one in query.filters):
        raise BadQuery("Say also what to look for: a minus only leaves something out.")
    if sum(one.operator == "is:" for one in query.filters) > 1:
        raise BadQuery(f"is: can be said once, with {OPERATORS['is:'][1]}.")
    return query
