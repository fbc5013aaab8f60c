"""Random weightings and the jackknife against the same thing done one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yingcheng.plan.formulas import coupling_degree, subsystem_levels
from yingcheng.plan.robustness import draw_ensemble, jackknife_ranks, rank_interval, ranks_of

GROUPS = ((0, 1, 2), (3, 4), (5,))


def test_every_draw_is_what_its_weights_say() -> None:
    table = np.random.default_rng(5).random((12, 6))
    ensemble = draw_ensemble(table, np.ones(6), GROUPS, np.ones(3), seed=1, draws=40)
    for draw in range(40):
        levels = subsystem_levels(table, ensemble.weights[draw], GROUPS)
        assert pytest.approx(levels) == ensemble.levels[:, :, draw].T
        degrees = coupling_degree(levels, ensemble.above[draw])
        assert ensemble.degrees[:, draw] == pytest.approx(degrees)
        assert ensemble.ranks[:, draw].tolist() == ranks_of(degrees).tolist()
    assert ensemble.weights.sum(axis=1) == pytest.approx(np.full(40, 3.0))  # one per subsystem
    assert ensemble.above.sum(axis=1) == pytest.approx(np.ones(40))


def test_two_subsystems_work_as_well() -> None:
    table = np.random.default_rng(6).random((9, 4))
    ensemble = draw_ensemble(table, np.ones(4), ((0, 1), (2, 3)), np.ones(2), seed=1, draws=10)
    levels = subsystem_levels(table, ensemble.weights[3], ((0, 1), (2, 3)))
    assert ensemble.degrees[:, 3] == pytest.approx(coupling_degree(levels, ensemble.above[3]))


def test_the_jackknife_leaves_one_indicator_out_at_a_time() -> None:
    table, weights, above = np.random.default_rng(7).random((15, 6)), np.array([1.0, 2, 3, 1, 1, 1]), np.ones(3)
    found = jackknife_ranks(table, weights, GROUPS, above)
    for left_out in range(5):
        kept = [tuple(i for i in group if i != left_out) for group in GROUPS]
        degrees = coupling_degree(subsystem_levels(table, weights, kept), above)
        assert found[left_out].tolist() == ranks_of(degrees).tolist()
    # The only indicator of a subsystem cannot be left out.
    assert found[5].tolist() == ranks_of(coupling_degree(subsystem_levels(table, weights, GROUPS), above)).tolist()


def test_equal_degrees_share_the_better_rank() -> None:
    assert ranks_of(np.array([0.5, 0.9, 0.5, 0.1])).tolist() == [2, 1, 2, 4]


def test_rank_intervals_are_ranks_that_occur() -> None:
    ranks = np.array([list(range(1, 101)), [7] * 100])
    low, high = rank_interval(ranks)
    assert (low.tolist(), high.tolist()) == ([6, 7], [95, 7])


@given(arrays(np.float64, (8, 6), elements=st.floats(0, 1)))
def test_any_table_gives_ranks_within_the_number_of_cities(table: np.ndarray) -> None:
    ensemble = draw_ensemble(table, np.ones(6), GROUPS, np.ones(3), seed=0, draws=20)
    assert ensemble.ranks.min() >= 1
    assert ensemble.ranks.max() <= 8
    assert np.isfinite(ensemble.degrees).all()
    assert (ensemble.degrees <= 1 + 1e-12).all()


def test_who_is_best_in_everything_is_first_under_every_weighting() -> None:
    table = np.random.default_rng(8).random((10, 6)) * 0.9
    table[4] = 1.0
    ensemble = draw_ensemble(table, np.ones(6), GROUPS, np.ones(3), seed=2, draws=200)
    assert (ensemble.ranks[4] == 1).all()
    assert (ensemble.jackknife[:, 4] == 1).all()
