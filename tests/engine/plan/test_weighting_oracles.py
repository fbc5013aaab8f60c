"""Weights, TOPSIS and complexity against pymcdm, pyrepo-mcda and ecomplexity on random matrices."""

from __future__ import annotations

import contextlib
import io
import warnings

import numpy as np
import pytest

from yingcheng.errors import UnusableInput
from yingcheng.plan.formulas import Array, min_max, obstacle_degree, topsis
from yingcheng.plan.structure import FEWEST_INDUSTRIES, economic_complexity, location_quotient
from yingcheng.plan.weighting import (
    ahp_weights,
    combined_weights,
    constant_columns,
    critic_weights,
    entropy_weights,
)

with warnings.catch_warnings():  # development-time oracles: their own deprecations are none of ours
    warnings.simplefilter("ignore")
    import pandas as pd
    import pymcdm.methods
    import pymcdm.normalizations
    import pymcdm.weights
    import pyrepo_mcda.mcda_methods
    import pyrepo_mcda.normalizations
    import pyrepo_mcda.weighting_methods
    from ecomplexity import ecomplexity, proximity

SEEDS = range(12)


def table(seed: int) -> Array:
    generator = np.random.default_rng(seed)
    return np.asarray(generator.gamma(2.0, 3.0, (int(generator.integers(3, 40)), int(generator.integers(2, 9)))) + 0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_entropy_weights_are_those_of_both_packages(seed: int) -> None:
    values = table(seed)
    assert entropy_weights(values) == pytest.approx(pymcdm.weights.entropy_weights(values), abs=1e-12)
    assert entropy_weights(values) == pytest.approx(pyrepo_mcda.weighting_methods.entropy_weighting(values), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_critic_weights_are_those_of_both_packages(seed: int) -> None:
    values = table(seed)
    own = critic_weights(min_max(values, np.ones(values.shape[1])))
    assert own == pytest.approx(pymcdm.weights.critic_weights(values), abs=1e-12)
    assert own == pytest.approx(pyrepo_mcda.weighting_methods.critic_weighting(values), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_topsis_is_that_of_both_packages(seed: int) -> None:
    values = table(seed)
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.ones(values.shape[1]))
    directions = np.where(generator.random(values.shape[1]) < 0.5, -1.0, 1.0)
    vector = pymcdm.methods.TOPSIS(pymcdm.normalizations.vector_normalization)(values, weights, directions)
    assert topsis(values, weights, directions) == pytest.approx(vector, abs=1e-12)
    other = pyrepo_mcda.mcda_methods.TOPSIS(normalization_method=pyrepo_mcda.normalizations.vector_normalization)
    assert topsis(values, weights, directions) == pytest.approx(other(values, weights, directions), abs=1e-12)
    scaled = min_max(values, directions)
    plain = pymcdm.methods.TOPSIS(pymcdm.normalizations.minmax_normalization)(values, weights, directions)
    assert topsis(scaled, weights, np.ones(len(weights)), scale="none") == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_complexity_and_relatedness_are_those_of_ecomplexity(seed: int) -> None:
    generator = np.random.default_rng(seed)
    cities, industries = 30 + 5 * seed, FEWEST_INDUSTRIES + 3 * seed
    employed = generator.gamma(0.4, 20, (cities, industries)).round() + 1.0
    found = economic_complexity(employed)
    rows = [(2020, f"c{i:03}", f"p{j:03}", employed[i, j]) for i in range(cities) for j in range(industries)]
    frame = pd.DataFrame(rows, columns=["t", "l", "p", "v"])
    names = {"time": "t", "loc": "l", "prod": "p", "val": "v"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        told = ecomplexity(frame, names, check_logsupermodularity=False)
        pairs = proximity(frame, names)
    assert found.eci == pytest.approx(told.groupby("l").eci.first().sort_index().to_numpy(), abs=1e-9)
    products = told.groupby("p").pci.first().sort_index().to_numpy()
    # They scale the industries by the cities' mean and deviation; ours have mean 0 and deviation 1.
    assert found.pci == pytest.approx((products - products.mean()) / products.std(), abs=1e-9)
    density = told.pivot_table(index="l", columns="p", values="density").sort_index().to_numpy()
    assert found.density == pytest.approx(density, abs=1e-9)
    close = pairs.pivot_table(index="p_1", columns="p_2", values="proximity").sort_index().to_numpy()
    assert found.proximity == pytest.approx(close, abs=1e-9)


def test_complexity_is_refused_below_eighty_industries_with_the_reason() -> None:
    with pytest.raises(UnusableInput) as caught:
        economic_complexity(np.ones((10, 19)))
    assert "19 个行业" in str(caught.value)
    assert "80" in caught.value.remedy


@pytest.mark.parametrize(
    ("employed", "why"),
    [
        (np.ones((2, 80)), "3 个城市"),
        (np.vstack([np.ones((5, 80)), np.zeros((1, 80))]), "全为 0"),
        (np.hstack([np.ones((5, 80)), np.zeros((5, 1))]), "删去该列"),
        (np.full((5, 80), np.nan), "空缺"),
    ],
)
def test_tables_that_say_nothing_are_refused(employed: Array, why: str) -> None:
    with pytest.raises(UnusableInput, match=why):
        economic_complexity(employed)


def test_entropy_by_hand() -> None:
    # Column 1 is (1, 0): e = 0, divergence 1. Column 2 is even: e = 1, divergence 0.
    assert entropy_weights(np.array([[1.0, 0.5], [0.0, 0.5]])).tolist() == [1.0, 0.0]
    # (3/4, 1/4): e = −(.75 ln .75 + .25 ln .25)/ln 2 = .8112781244591328
    weights = entropy_weights(np.array([[3.0, 1.0], [1.0, 0.0]]))
    assert weights == pytest.approx([0.1887218755408672 / 1.1887218755408672, 1 / 1.1887218755408672])


def test_a_constant_column_weighs_nothing() -> None:
    values = np.array([[1.0, 7.0, 2.0], [2.0, 7.0, 1.0], [4.0, 7.0, 3.0]])
    assert constant_columns(values).tolist() == [False, True, False]
    assert entropy_weights(values)[1] == 0.0
    assert critic_weights(values)[1] == 0.0


def test_ahp_by_hand() -> None:
    # 2 : 1 is consistent: weights 2/3, 1/3, λ = 2; a perfectly consistent 3 × 3 has λ = 3 and CR 0.
    weights, largest, ratio = ahp_weights(np.array([[1.0, 2.0], [0.5, 1.0]]))
    assert weights == pytest.approx([2 / 3, 1 / 3])
    assert (largest, ratio) == (pytest.approx(2.0), 0.0)
    weights, largest, ratio = ahp_weights(np.array([[1.0, 2, 6], [0.5, 1, 3], [1 / 6, 1 / 3, 1]]))
    assert weights == pytest.approx([0.6, 0.3, 0.1])
    assert ratio == pytest.approx(0.0, abs=1e-12)


def test_combined_weights_by_hand() -> None:
    one, other = np.array([0.5, 0.5]), np.array([0.8, 0.2])
    assert combined_weights(one, other).tolist() == pytest.approx([0.8, 0.2])
    assert combined_weights(other, other) == pytest.approx([0.64 / 0.68, 0.04 / 0.68])
    assert combined_weights(one, other, shares=np.array([0.5, 0.5])) == pytest.approx([0.65, 0.35])


@pytest.mark.parametrize(
    ("schemes", "shares"),
    [
        ((np.ones(2), np.ones(3)), None),
        ((np.array([1.0, 0.0]), np.array([0.0, 1.0])), None),
        ((np.ones(2), np.ones(2)), np.array([1.0])),
        ((np.ones(2), np.ones(2)), np.array([-1.0, 2.0])),
    ],
)
def test_weights_that_cannot_be_combined_are_refused(schemes: tuple[Array, ...], shares: Array | None) -> None:
    with pytest.raises(ValueError, match="weight"):
        combined_weights(*schemes, shares=shares)


def test_location_quotient_and_obstacles_by_hand() -> None:
    # 60 of 100 here, 500 of 1000 there.
    assert location_quotient(np.array([[60.0, 40.0]]), np.array([500.0, 500.0])).tolist() == [[1.2, 0.8]]
    shares = obstacle_degree(np.array([[0.5, 0.9, 1.0]]), np.array([0.2, 0.5, 0.3]))
    assert shares == pytest.approx(np.array([[2 / 3, 1 / 3, 0.0]]))
