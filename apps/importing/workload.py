"""How a real community is distributed: comments per story, votes per story, comment and person.

Counted on lobste.rs on 2018-03-12; taken from trawler (https://github.com/jonhoo/trawler), used under the MIT
license. A pair is where a bin begins, and how many fell into it; from 1,000 votes a person on, bins are merged.
"""

import random
from bisect import bisect
from itertools import accumulate, pairwise

Table = tuple[tuple[int, int], ...]

COMMENTS_PER_STORY: Table = (
    *((0, 33974), (10, 4831), (20, 1029), (30, 401), (40, 193), (50, 103), (60, 50), (70, 24), (80, 18), (90, 10)),
    *((100, 5), (110, 1), (120, 5), (130, 2), (140, 1), (150, 2), (170, 1)),
)
VOTES_PER_STORY: Table = (
    *((0, 16724), (10, 16393), (20, 4601), (30, 1707), (40, 680), (50, 281), (60, 128), (70, 60), (80, 35), (90, 16)),
    *((100, 4), (110, 4), (120, 10), (130, 1), (140, 2), (160, 1), (210, 1), (250, 1), (290, 1)),
)
VOTES_PER_COMMENT: Table = (
    *((0, 89907), (10, 27614), (20, 2825), (30, 637), (40, 177), (50, 61), (60, 29), (70, 6), (80, 5), (90, 5)),
    *((100, 3), (150, 1)),
)
VOTES_PER_PERSON: Table = (
    *((0, 4439), (100, 562), (200, 206), (300, 131), (400, 92), (500, 45), (600, 28), (700, 31), (800, 29), (900, 32)),
    *((1000, 86), (1500, 34), (2000, 20), (2500, 12), (3000, 10), (3500, 3), (4000, 12), (4500, 4), (5000, 3)),
    *((5500, 4), (6000, 3), (6500, 1), (7000, 1), (7500, 1), (8000, 1), (8500, 2), (10000, 2), (13500, 1), (14500, 2)),
)


class Distribution:
    """Draws numbers as a table of bins has them; small numbers are likelier than large ones inside a bin."""

    def __init__(self, table: Table) -> None:
        self._starts = [start for start, _ in table]
        self._steps = [end - start for start, end in pairwise(self._starts)] + [self._starts[1]]
        self._up_to = list(accumulate(count for _, count in table))

    def draw(self, rng: random.Random) -> int:
        """One number."""
        i = bisect(self._up_to, rng.random() * self._up_to[-1])
        return self._starts[i] + int(self._steps[i] * rng.random() ** 2)


comments_per_story = Distribution(COMMENTS_PER_STORY)
votes_per_story = Distribution(VOTES_PER_STORY)
votes_per_comment = Distribution(VOTES_PER_COMMENT)
votes_per_person = Distribution(VOTES_PER_PERSON)
