"""Believable nonsense: names, titles and texts of any number, for communities that are grown. Seeded."""

import random
from collections.abc import Sequence

# ruff: noqa: SIM905  # these lists read best as running words
NOUNS = (
    "index query cache socket kernel parser thread lock table page scheduler compiler buffer packet cursor replica "
    "journal pipeline test branch patch driver layout font keyboard router mailbox token certificate snapshot log "
    "benchmark allocator queue worker protocol schema migration template browser"
).split()
VERBS = (
    "flushes blocks rewrites compares drops retries measures splits merges hides keeps loses doubles replaces "
    "documents ignores survives repairs explains surprises"
).split()
ADJECTIVES = (
    "slow small stale quiet broken portable honest boring strict lazy cold ordinary forgotten narrow old readable "
    "surprising safe tiny plain"
).split()
SYLLABLES = "ka lo mi ren tas vo bel dor an quin su fre gal hi jo ny pe rou sil tem u wen ya zor".split()
OPENINGS = (
    "In practice",
    "As far as I can tell",
    "On my machine",
    "After two years",
    "Here",
    "Under load",
    "Last week",
)
SENTENCES = 500
CODE_SHARE = 0.08
# Names that are dropped: the n-th most common one has a share of 1/n, as words of any language have (Zipf).
NAMES = 200_000
NAME_SHARE = 0.5


def name(number: int) -> str:
    """The name of person `number`: three syllables, and a number when those have been used up."""
    parts = [SYLLABLES[number // len(SYLLABLES) ** i % len(SYLLABLES)] for i in range(3)]
    round_trip = number // len(SYLLABLES) ** 3
    return "".join(parts) + (str(round_trip) if round_trip else "")


class Writer:
    """Writes titles and HTML texts by recombining a stock of sentences."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._sentences = [self._sentence() for _ in range(SENTENCES)]

    def title(self) -> str:
        """Such as "The lazy parser survives a cold cache"."""
        first, second = self._pick(ADJECTIVES), self._pick(ADJECTIVES)
        return f"The {first} {self._pick(NOUNS)} {self._pick(VERBS)} a {second} {self._pick(NOUNS)}"

    def text(self, most_paragraphs: int) -> str:
        """One to `most_paragraphs` paragraphs, few more often than many; some end in code."""
        count = 1 + int(most_paragraphs * self._rng.random() ** 2)
        paragraphs = [f"<p>{self._paragraph()}</p>" for _ in range(count)]
        if self._rng.random() < CODE_SHARE:
            paragraphs.append(self._code())
        return "\n".join(paragraphs)

    def _paragraph(self) -> str:
        sentences = self._rng.choices(self._sentences, k=1 + int(5 * self._rng.random()))
        if self._rng.random() < NAME_SHARE:
            sentences.append(f"{name(int(NAMES ** self._rng.random())).title()} says otherwise.")
        return " ".join(sentences)

    def _sentence(self) -> str:
        subject = f"the {self._pick(ADJECTIVES)} {self._pick(NOUNS)} {self._pick(VERBS)} its {self._pick(NOUNS)}"
        reason = f"because every {self._pick(NOUNS)} {self._pick(VERBS)} a {self._pick(ADJECTIVES)} {self._pick(NOUNS)}"
        return f"{self._pick(OPENINGS)} {subject}{f', {reason}' if self._rng.random() < 0.5 else ''}."

    def _code(self) -> str:
        first, second = self._pick(NOUNS), self._pick(NOUNS)
        return f"<pre><code>for {first} in {second}s:\n    if {first} &gt; 0:\n        {first}.close()\n</code></pre>"

    def _pick(self, words: Sequence[str]) -> str:
        return self._rng.choice(words)
