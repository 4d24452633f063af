"""Formulas against vectors computed elsewhere."""

import pytest

from apps.core.ranking import controversy, wilson


@pytest.mark.parametrize(
    ("ups", "downs", "expected"),
    [
        (1, 0, 0.378448),
        (0, 1, 0.0),
        (2, 0, 0.549092),
        (10, 0, 0.858931),
        (10, 1, 0.739495),
        (100, 10, 0.867689),
        (5, 5, 0.312204),
        (60, 40, 0.536090),
        (1000, 100, 0.897364),
    ],
)
def test_wilson_is_the_lower_bound_at_eighty_percent(ups: int, downs: int, expected: float) -> None:
    assert wilson(ups, downs) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize(("ups", "downs"), [(0, 0), (-3, 2), (0, 10**9)])
def test_wilson_without_ups_is_zero(ups: int, downs: int) -> None:
    assert wilson(ups, downs) == 0.0


def test_wilson_stays_below_one() -> None:
    assert 0.999 < wilson(10**12, 0) <= 1.0


@pytest.mark.parametrize(
    ("ups", "downs", "expected"),
    [(10, 10, 20.0), (100, 50, 12.247449), (50, 100, 12.247449), (10, 1, 1.270982), (0, 5, 0.0), (5, 0, 0.0)],
)
def test_controversy_is_high_where_many_disagree(ups: int, downs: int, expected: float) -> None:
    assert controversy(ups, downs) == pytest.approx(expected, abs=5e-7)
