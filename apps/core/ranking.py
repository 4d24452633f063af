"""Formulas over two tallies, `ups` and `downs`. Not here: how a story ages (stories/ranking.py)."""

import math

# Quantile of the normal distribution: the lower bound holds with 80 %.
WILSON_Z = 1.281551565545


def wilson(ups: int, downs: int) -> float:
    """Lower bound of the share of ups, from 0 to 1; 0 without an up.

    Source: Wilson's score interval as Reddit's "best" order uses it.
    """
    if ups <= 0:
        return 0.0
    n = ups + downs
    share = ups / n
    z2 = WILSON_Z * WILSON_Z
    spread = WILSON_Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return min(max((share + z2 / (2 * n) - spread) / (1 + z2 / n), 0.0), 1.0)


def controversy(ups: int, downs: int) -> float:
    """How divided the voters are: many votes, evenly split, rank high; 0 when all agree. Source: Reddit."""
    if ups <= 0 or downs <= 0:
        return 0.0
    return float((ups + downs) ** (min(ups, downs) / max(ups, downs)))
