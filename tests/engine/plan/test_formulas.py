"""The formulas against published tables and against what must hold for any input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yingcheng.plan.formulas import (
    corrected_coupling,
    coupling,
    coupling_degree,
    development,
    grade_of,
    min_max,
    obstacle_degree,
    subsystem_levels,
    topsis,
    winsor_bounds,
    z_scores,
)
from yingcheng.plan.reference import grades
from yingcheng.plan.structure import location_quotient, shift_share
from yingcheng.plan.weighting import ahp_weights, critic_weights, entropy_weights

# R package mathmodels, manual: levels of six objects and what its functions print for them.
LEVELS = np.array(
    [
        [0.0162, 0.2720, 0.2655],
        [0.1782, 0.6824, 0.3721],
        [0.5490, 0.0593, 0.5729],
        [0.6730, 0.4812, 0.9082],
        [0.0207, 0.8891, 0.2017],
        [0.9875, 0.5573, 0.8984],
    ]
)
FOUR_BY_TWO = np.array([[3.0, 10], [5, 20], [2, 15], [7, 25]])

shares = st.floats(0.001, 1.0)
levels_of_three = arrays(np.float64, (5, 3), elements=shares)


def test_coupling_reproduces_the_manual_of_mathmodels() -> None:
    assert coupling(LEVELS).round(3).tolist() == [0.571, 0.867, 0.674, 0.967, 0.418, 0.971]
    assert development(LEVELS).round(3).tolist() == [0.185, 0.411, 0.394, 0.687, 0.370, 0.814]
    assert coupling_degree(LEVELS).round(3).tolist() == [0.325, 0.597, 0.515, 0.815, 0.393, 0.889]


def test_corrected_coupling_reproduces_the_manual_of_mathmodels() -> None:
    weights = np.array([0.4, 0.3, 0.3])
    assert corrected_coupling(LEVELS).round(3).tolist() == [0.447, 0.501, 0.455, 0.669, 0.175, 0.715]
    assert development(LEVELS, weights).round(3).tolist() == [0.168, 0.388, 0.409, 0.686, 0.336, 0.832]
    degrees = coupling_degree(LEVELS, weights, corrected=True)
    assert degrees.round(3).tolist() == [0.274, 0.440, 0.432, 0.678, 0.242, 0.771]


def test_coupling_of_three_subsystems_reproduces_a_published_table() -> None:
    # ChinaXiv 202011.00071, table 4, rows 2008, 2013 and 2016; T weighted .3 .3 .4. Printed levels carry four digits.
    levels = np.array([[0.3946, 0.3953, 0.4876], [0.4601, 0.6031, 0.3967], [0.5522, 0.5875, 0.5801]])
    weights = np.array([0.3, 0.3, 0.4])
    np.testing.assert_allclose(coupling(levels), [0.9950, 0.9848, 0.9996], atol=1e-4)
    np.testing.assert_allclose(development(levels, weights), [0.4320, 0.4776, 0.5740], atol=1e-4)
    np.testing.assert_allclose(coupling_degree(levels, weights), [0.6556, 0.6859, 0.7575], atol=1e-4)


def test_a_published_degree_that_is_really_the_coupling_is_told_apart() -> None:
    # ChinaXiv 202006.00126, table 7: the column printed as D repeats C.
    levels = np.array([[0.070, 0.583], [0.327, 0.397], [0.928, 0.794]])
    printed = [0.619, 0.995, 0.997]
    np.testing.assert_allclose(coupling(levels), printed, atol=1e-3)
    assert (np.abs(coupling_degree(levels) - printed) > 0.05).all()


def test_entropy_and_critic_reproduce_the_manual_of_mathmodels() -> None:
    standardised = min_max(FOUR_BY_TWO, np.array([1.0, -1.0]))
    # The manual rescales to .002 … .998 before taking logarithms.
    np.testing.assert_allclose(entropy_weights(0.002 + 0.996 * standardised), [0.5452618, 0.4547382], atol=5e-8)
    np.testing.assert_allclose(critic_weights(standardised), [0.5075187, 0.4924813], atol=5e-8)


def test_ahp_reproduces_the_manual_of_mathmodels() -> None:
    judgements = np.array(
        [
            [1, 1 / 2, 4, 3, 3],
            [2, 1, 7, 5, 5],
            [1 / 4, 1 / 7, 1, 1 / 2, 1 / 3],
            [1 / 3, 1 / 5, 2, 1, 1],
            [1 / 3, 1 / 5, 3, 1, 1],
        ]
    )
    weights, largest, ratio = ahp_weights(judgements)
    np.testing.assert_allclose(weights, [0.26360349, 0.47583538, 0.0538146, 0.09806829, 0.10867824], atol=5e-9)
    assert largest == pytest.approx(5.072084, abs=5e-7)
    assert ratio == pytest.approx(0.01609027, abs=5e-9)


def test_ahp_refuses_judgements_that_contradict_themselves() -> None:
    with pytest.raises(ValueError, match="reciprocal"):
        ahp_weights(np.array([[1.0, 2.0], [2.0, 1.0]]))


def test_topsis_reproduces_the_manual_of_mathmodels() -> None:
    values = np.array([[2.0, 8], [5, 1], [3, 6]])
    closeness = topsis(values, np.array([0.6, 0.4]), np.array([1.0, -1.0]))
    np.testing.assert_allclose(closeness, [0.0, 1.0, 0.3111391], atol=5e-8)


def test_topsis_refuses_an_unknown_scale() -> None:
    with pytest.raises(ValueError, match="vector"):
        topsis(FOUR_BY_TWO, np.ones(2), np.ones(2), scale="linear")


def test_a_constant_column_gets_no_weight() -> None:
    values = np.column_stack([FOUR_BY_TWO, np.full(4, 9.0)])
    standardised = min_max(values, np.ones(3))
    assert standardised[:, 2].tolist() == [0.0] * 4
    for weights in (entropy_weights(standardised), critic_weights(standardised)):
        assert weights[2] == 0.0
        assert weights.sum() == pytest.approx(1.0)
    # The same column left at its own level, not at 0, is just as uninformative.
    assert entropy_weights(values)[2] == 0.0


@pytest.mark.parametrize("weigh", [entropy_weights, critic_weights])
def test_weights_need_a_column_that_differs(weigh: object) -> None:
    with pytest.raises(ValueError, match="differs"):
        weigh(np.ones((3, 2)))  # type: ignore[operator]


def test_directions_turn_the_scale_and_ends_clip_it() -> None:
    values = np.array([[0.0, 0.0], [5.0, 5.0], [20.0, 20.0]])
    scaled = min_max(values, np.array([1.0, -1.0]), low=np.array([0.0, 0.0]), high=np.array([10.0, 10.0]))
    assert scaled.tolist() == [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]


def test_a_logarithmic_scale_halves_at_the_geometric_mean() -> None:
    values = np.array([[1.0], [10.0], [100.0]])
    assert min_max(values, np.ones(1), log=np.array([True]))[:, 0] == pytest.approx([0.0, 0.5, 1.0])
    with pytest.raises(ValueError, match="positive"):
        min_max(np.array([[0.0], [1.0]]), np.ones(1), log=np.array([True]))


def test_unknown_values_stay_unknown() -> None:
    scaled = min_max(np.array([[1.0], [np.nan], [3.0]]), np.ones(1))
    assert scaled[0, 0] == 0.0
    assert np.isnan(scaled[1, 0])


def test_winsor_bounds_leave_a_single_extreme_city_out() -> None:
    values = np.append(np.arange(100.0), 10_000.0)[:, None]
    _low, high = winsor_bounds(values)
    assert high[0] < 100


def test_z_scores_have_mean_nought_and_follow_the_direction() -> None:
    scores = z_scores(FOUR_BY_TWO, np.array([1.0, -1.0]))
    np.testing.assert_allclose(scores.mean(axis=0), 0.0, atol=1e-12)
    assert scores[3, 0] > 0 > scores[3, 1]


@given(levels_of_three)
def test_equal_weights_make_the_degree_the_root_of_the_geometric_mean(levels: np.ndarray) -> None:
    np.testing.assert_allclose(coupling_degree(levels), np.sqrt(np.prod(levels, axis=1) ** (1 / 3)), rtol=1e-9)


@given(levels_of_three)
def test_coupling_lies_between_nought_and_one(levels: np.ndarray) -> None:
    for values in (coupling(levels), corrected_coupling(levels)):
        assert (values >= 0).all()
        assert (values <= 1 + 1e-12).all()


def test_coupling_is_one_for_equal_levels_and_nought_for_none() -> None:
    assert coupling(np.full(3, 0.4)) == pytest.approx(1.0)
    assert coupling(np.zeros(3)) == 0.0
    assert corrected_coupling(np.zeros(3)) == 0.0


@given(arrays(np.float64, (4, 5), elements=st.floats(0, 1)))
def test_obstacle_shares_add_up_to_one_unless_nothing_is_in_the_way(standardised: np.ndarray) -> None:
    sums = obstacle_degree(standardised, np.full(5, 0.2)).sum(axis=1)
    free = (standardised == 1).all(axis=1)
    np.testing.assert_allclose(sums[~free], 1.0)
    assert (sums[free] == 0).all()


def test_obstacles_reproduce_the_manual_of_mathmodels() -> None:
    parts = obstacle_degree(LEVELS[:1], np.full(3, 1 / 3), as_shares=False)
    assert parts[0].round(3).tolist() == [0.328, 0.243, 0.245]


def test_levels_are_weighted_means_within_the_groups() -> None:
    levels = subsystem_levels(np.array([[0.2, 0.4, 1.0]]), np.array([3.0, 1.0, 7.0]), [(0, 1), (2,)])
    assert levels[0] == pytest.approx([0.25, 1.0])


def test_location_quotients_compare_shares() -> None:
    quotients = location_quotient(np.array([[20.0, 80.0, 0.0]]), np.array([10.0, 90.0, 0.0]))
    assert quotients[0] == pytest.approx([2.0, 80 / 90, 0.0])


@given(
    arrays(np.float64, 4, elements=st.floats(1, 1000)),
    arrays(np.float64, 4, elements=st.floats(1, 1000)),
    arrays(np.float64, 4, elements=st.one_of(st.just(0.0), st.floats(1, 1e5))),
    arrays(np.float64, 4, elements=st.floats(1, 1e5)),
)
def test_shift_share_adds_up_to_the_change(
    start: np.ndarray, end: np.ndarray, whole_start: np.ndarray, whole_end: np.ndarray
) -> None:
    whole_start = whole_start + np.array([1.0, 0, 0, 0])
    national, mix, regional = shift_share(start, end, whole_start, whole_end)
    np.testing.assert_allclose(national + mix + regional, end - start, rtol=1e-7, atol=1e-6)


def test_shift_share_tells_the_three_parts_apart() -> None:
    # The whole grows by 20 %, its first industry by 50 %; the city keeps pace with the first and loses in the second.
    national, mix, regional = shift_share(
        np.array([10.0, 10.0]), np.array([15.0, 8.0]), np.array([100.0, 100.0]), np.array([150.0, 90.0])
    )
    assert national == pytest.approx([2.0, 2.0])
    assert mix == pytest.approx([3.0, -3.0])
    assert regional == pytest.approx([0.0, -1.0])


@pytest.mark.parametrize(
    ("degree", "name"), [(0.05, "极度失调"), (0.5, "勉强协调"), (0.899, "良好协调"), (1.0, "优质协调")]
)
def test_grades_follow_the_named_table(degree: float, name: str) -> None:
    assert grade_of(degree, grades()) == name


def test_another_table_of_grades_may_be_named() -> None:
    assert grade_of(0.62, grades("four")) == "高度协调"
