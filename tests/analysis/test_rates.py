"""Rates and intervals against values that others published."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from analysis.rates import (
    annual_rate,
    byar_interval,
    count_interval,
    density_per_square_mile,
    equal_rates_probability,
    exact_interval,
    rate_interval,
)

# Public Health England, PHEindicatormethods, testdata_Byars_Wilson.xlsx
BYAR = [
    (65, 0.95, 50.163187710459454, 82.84913854593984),
    (1045, 0.95, 982.5932018073325, 1110.33121298565),
    (1, 0.95, 0.01307213290150435, 5.5637555824752605),
    (65, 0.998, 42.8802614714802, 94.00029084431802),
    (1045, 0.998, 947.9407035610374, 1148.806160988033),
    (10, 0.998, 2.916318374695686, 24.193724927880535),
]

# The same package, testdata_Rate.xlsx: count, population, rate per 100 and its 95% interval, by the
# rule "exact below ten, Byar otherwise"
RATES_PER_100 = [
    (1, 100, 1, 0.025317807984289897, 5.571643390938898),
    (5, 100, 5, 1.62348639011842, 11.668332079322669),
    (20, 100, 20, 12.211428834875937, 30.889880369197066),
    (65, 100, 65, 50.163187710459454, 82.84913854593984),
    (9856, 12345, 79.83799108950991, 78.26949058976757, 81.4300165427214),
    (222, 3215, 6.905132192846033, 6.026574877652675, 7.87572937087185),
    (999, 3456, 28.90625, 27.14130493609052, 30.755833237378415),
]


@pytest.mark.parametrize(("count", "confidence", "low", "high"), BYAR)
def test_byar_interval_matches_public_health_england(
    count: int, confidence: float, low: float, high: float
) -> None:
    assert byar_interval([count], confidence) == (pytest.approx([low]), pytest.approx([high]))


def test_rates_and_intervals_match_public_health_england() -> None:
    counts, people, rates, low, high = np.array(RATES_PER_100).T
    assert annual_rate(counts, people, 12) == pytest.approx(10 * rates)
    assert rate_interval(counts, people, 12) == (pytest.approx(10 * low), pytest.approx(10 * high))


def test_the_exact_interval_matches_r_exactci() -> None:
    # statsmodels test_rates_poisson.py, values from R: 15 events, 400 at risk
    low, high = exact_interval([15])
    assert low[0] / 400 == pytest.approx(0.0209884653319583)
    assert high[0] / 400 == pytest.approx(0.0618505471787146)


def test_the_interval_is_exact_below_ten_and_byar_s_from_there_on() -> None:
    low, high = count_interval([9, 10])
    assert (low[0], high[0]) == tuple(limit[0] for limit in exact_interval([9]))
    assert (low[1], high[1]) == tuple(limit[0] for limit in byar_interval([10]))


def test_no_crime_has_an_interval_from_zero() -> None:
    low, high = count_interval([0])
    assert low[0] == 0
    assert high[0] == pytest.approx(3.688879454113936)  # -ln(0.025)


def test_the_published_liverpool_rate_and_interval() -> None:
    # a national newspaper: 359 drug offences, 1,111 residents, 323 per 1,000
    low, high = rate_interval([359], [1111], 12)
    assert annual_rate([359], [1111], 12)[0] == pytest.approx(323.13, abs=0.005)
    assert low[0] == pytest.approx(290.57, abs=0.005)
    assert high[0] == pytest.approx(358.35, abs=0.005)


def test_a_rate_is_per_year_whatever_the_period() -> None:
    assert annual_rate([3], [1000], 3).tolist() == [12.0]


def test_a_missing_or_zero_denominator_has_no_rate() -> None:
    assert np.isnan(annual_rate([5, 5], [0, np.nan], 12)).all()


def test_equal_fractions_give_exactly_equal_rates() -> None:
    rates = annual_rate([7, 21, 49], [1013, 3039, 7091], 7)
    assert len(set(rates.tolist())) == 1


def test_density_is_per_square_mile() -> None:
    assert density_per_square_mile([12], [2.589988110336]).tolist() == [12.0]


def test_the_chance_of_a_change_is_that_of_the_exact_conditional_test() -> None:
    pairs = [(0, 0), (0, 1), (3, 9), (9, 3), (10, 10), (60, 30), (1000, 1100)]
    now, earlier = np.array(pairs).T
    expected = [binomtest(x, x + y, 0.5).pvalue if x + y else 1.0 for x, y in pairs]
    assert equal_rates_probability(now, earlier) == pytest.approx(expected)
    assert np.isnan(equal_rates_probability([np.nan], [4.0])[0])
