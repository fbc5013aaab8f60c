"""Learning from what people decided: which parts of a match count how much here, and what a sum is worth.

Only pairs that were shown and decided are used; a pair nobody looked at says nothing. The multipliers start at what is
in use and move only as far as the decisions carry them (a normal prior on their logarithms, MacKay, *Bayesian
interpolation*, 1992, with fixed widths), so that thirty decisions cannot upset a ranking. A model is adopted only where
it does better on decisions it has not seen, whole opportunities held out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from yingcheng.errors import InputError
from yingcheng.i18n import _
from yingcheng.matchmaking.affinity.market import Market
from yingcheng.matchmaking.affinity.model import LEAST, MOST, SCALE, STEEP, Effect, Model, shipped_model
from yingcheng.matchmaking.records import Decision

__all__ = ["ENOUGH", "Learned", "learn"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENOUGH = 30  # decisions
ENOUGH_EACH = 5  # of them yes, and no
FOLDS = 5
ERRORS = 2.0  # standard errors that a gain must exceed
WIDTH = 0.5  # of the prior on ln(multiplier): a factor of 1.6 either way is usual
CURVE_WIDTH = (0.25, 0.7)  # on ln(steepness) and ln(scale)


@dataclass(frozen=True, slots=True)
class Learned:
    """The outcome of learning; ``model`` is what was in use before where nothing better was found."""

    model: Model
    adopted: bool
    effect: Effect


@dataclass(frozen=True, slots=True)
class _Sample:
    """Decisions as arrays.

    Attributes:
        value: of each part, before multipliers.
        decision: of each part, its decision.
        asked: of each part, its first group.
        held: of each part, its second group; the last group is none.
        wanted: per decision, 1 or 0.
        weight: per decision.
        owner: per decision, its opportunity.
    """

    value: Floats
    decision: Ints
    asked: Ints
    held: Ints
    wanted: Floats
    weight: Floats
    owner: Ints

    def only(self, keep: NDArray[np.bool_]) -> _Sample:
        """Some of the decisions."""
        places = np.cumsum(keep) - 1
        parts = keep[self.decision]
        return _Sample(
            self.value[parts], places[self.decision[parts]], self.asked[parts], self.held[parts],
            self.wanted[keep], self.weight[keep], self.owner[keep],
        )  # fmt: skip


def learn(market: Market, decisions: Sequence[Decision]) -> Learned:
    """Fit a model to decisions and keep it if it does better on decisions it has not seen.

    Learning always starts from the shipped model, so that the same decisions give the same model whatever is in use.
    Where another model is in use, the new one must do no worse than that on the decisions that one has not seen.

    Args:
        market: with the model in use; the decided pairs are looked up in it.
        decisions: on pairs of the market; the last one counts where there are several on a pair.

    Raises:
        InputError: too few decisions, or all of them alike.
        KeyError: a decision is about something that is not in the market.
    """
    rows = {opportunity.id: place for place, opportunity in enumerate(market.opportunities)}
    columns = {enterprise.id: place for place, enterprise in enumerate(market.enterprises)}
    latest = {(d.opportunity_id, d.enterprise_id): d for d in decisions}
    known = [latest[key] for key in sorted(latest)]
    groups, sample = _sample(market, known, rows, columns)
    _check(sample)
    base, used = shipped_model(meaning=market.has_meaning), market.model
    start, curve = _as_numbers(base, groups)
    before, now = _predicted(sample, start, curve), _predicted(sample, *_as_numbers(used, groups))
    marks = [_mark(decision) for decision in known]
    fresh = np.array([mark not in used.seen for mark in marks])
    for free in (True, False):  # first multipliers and curve, then the curve alone, which moves no rank
        then = _held_out(sample, start, curve, free=free)
        is_better = _is_gain(sample, _losses(sample, before) - _losses(sample, then))
        if free:
            is_better = is_better and _ranks_better(sample, before, then)
        effect = _effect(sample.only(fresh), now[fresh], then[fresh]) if fresh.any() else _effect(sample, now, then)
        if is_better and (used == base or (fresh.any() and effect.loss_after <= effect.loss_before)):
            theta, shape = _fit(sample, start, curve, free=free)
            told = json.dumps([(mark, d.wanted, d.weight) for mark, d in zip(marks, known, strict=True)])
            multipliers = dict(zip(groups, np.exp(theta).round(4).tolist(), strict=False)) if free else {}
            steepness, scale = np.exp(shape).round(4).tolist()
            version = f"{base.version}+{sha256(told.encode()).hexdigest()[:12]}"
            taught = Model(steepness, scale, multipliers, version, effect, frozenset(marks), base.meaning)
            return Learned(taught, True, effect)
    return Learned(used, False, effect)


def _mark(decision: Decision) -> str:
    """A short mark of a pair, that tells nobody who it is."""
    return sha256(f"{decision.opportunity_id}\n{decision.enterprise_id}".encode()).hexdigest()[:12]


def _as_numbers(model: Model, groups: Sequence[str]) -> tuple[Floats, Floats]:
    """Logarithms of a model's multipliers (the last is none and 0) and of its curve."""
    theta = np.array([*(np.log(model.multiplier(group)) for group in groups), 0.0])
    return theta, np.log([model.steepness, model.scale])


def _held_out(sample: _Sample, start: Floats, curve: Floats, *, free: bool) -> Floats:
    """What models that have not seen an opportunity's decisions predict for them."""
    predicted = np.zeros(len(sample.wanted))
    for fold in range(FOLDS):
        out = sample.owner % FOLDS == fold
        if out.any():
            predicted[out] = _predicted(sample.only(out), *_fit(sample.only(~out), start, curve, free=free))
    return predicted


def _effect(sample: _Sample, now: Floats, then: Floats) -> Effect:
    losses = [float(np.average(_losses(sample, predicted), weights=sample.weight)) for predicted in (now, then)]
    rankings = []
    for predicted in (now, then):
        right, pairs = _in_order(sample, predicted)
        rankings.append(float(right.sum() / pairs.sum()) if pairs.sum() else 0.5)
    return Effect(len(sample.wanted), *losses, *rankings)


def _check(sample: _Sample) -> None:
    count, yes = len(sample.wanted), int(sample.wanted.sum())
    if count < ENOUGH or min(yes, count - yes) < ENOUGH_EACH or len(set(sample.owner.tolist())) < FOLDS:
        raise InputError(
            _("可用的决定太少：{count} 条，其中肯定 {yes} 条、否定 {no} 条。").format(
                count=count, yes=yes, no=count - yes
            ),
            remedy=_("至少需要 {enough} 条，涉及 {few} 项以上机会，肯定与否定各不少于 {each} 条。").format(
                enough=ENOUGH, few=FOLDS, each=ENOUGH_EACH
            ),
        )


def _told(market: Market, need: int) -> tuple[str, ...]:
    return tuple(segment.text for segment in market.needs[need])


def _sample(
    market: Market, known: Sequence[Decision], rows: dict[str, int], columns: dict[str, int]
) -> tuple[list[str], _Sample]:
    parts: list[tuple[float, int, str, str]] = []
    for place, decision in enumerate(known):
        (one,) = market.scored(rows[decision.opportunity_id], [columns[decision.enterprise_id]])
        parts += [(part.raw, place, *part.groups) for part in one.parts]
    groups = sorted({group for *_rest, asked, held in parts for group in (asked, held) if group})
    code = {group: place for place, group in enumerate([*groups, ""])}
    owners: dict[tuple[str, ...], int] = {}  # copies of one text are one opportunity here
    for decision in known:
        owners.setdefault(_told(market, rows[decision.opportunity_id]), len(owners))
    return groups, _Sample(
        np.array([value for value, *_rest in parts]),
        np.array([place for _value, place, *_rest in parts], dtype=np.int64),
        np.array([code[asked] for *_rest, asked, _held in parts], dtype=np.int64),
        np.array([code[held] for *_rest, held in parts], dtype=np.int64),
        np.array([float(decision.wanted) for decision in known]),
        np.array([decision.weight for decision in known]),
        np.array([owners[_told(market, rows[decision.opportunity_id])] for decision in known], dtype=np.int64),
    )


FINITE = (-30.0, 3.5)  # linear predictors whose likelihood is a number
LEAST_SUM = 1e-3  # a pair without a common word: its logarithm must stay finite


def _predicted(sample: _Sample, theta: Floats, curve: Floats) -> Floats:
    """Linear predictor of each decision: ln(-ln(1 - score))."""
    weighted = sample.value * np.exp(theta[sample.asked] + theta[sample.held])
    sums = np.bincount(sample.decision, weighted, len(sample.wanted)) + LEAST_SUM
    predicted: Floats = np.exp(curve[0]) * (np.log(sums) - curve[1])
    return predicted


def _losses(sample: _Sample, predicted: Floats) -> Floats:
    """Negative log-likelihood of each decision."""
    hazard = np.exp(np.clip(predicted, *FINITE))
    losses: Floats = np.where(sample.wanted > 0, -np.log(-np.expm1(-hazard)), hazard)
    return losses


def _fit(sample: _Sample, start: Floats, curve: Floats, *, free: bool) -> tuple[Floats, Floats]:
    """Multipliers (as logarithms; the last is none and stays 0) and curve with the highest posterior.

    Multipliers stay as they are unless ``free``.
    """
    size = len(start)

    def penalised(x: Floats) -> tuple[float, Floats]:
        theta, shape = x[:size], x[size:]
        weighted = sample.value * np.exp(theta[sample.asked] + theta[sample.held])
        sums = np.bincount(sample.decision, weighted, len(sample.wanted)) + LEAST_SUM
        steep = np.exp(shape[0])
        predicted = steep * (np.log(sums) - shape[1])
        off, bend = (theta - start) / WIDTH, (shape - curve) / np.array(CURVE_WIDTH)
        value = float(sample.weight @ _losses(sample, predicted) + (off @ off + bend @ bend) / 2)
        hazard = np.exp(np.clip(predicted, *FINITE))
        slope = sample.weight * hazard * np.where(sample.wanted > 0, -1 / np.expm1(hazard), 1.0)
        slope[(predicted < FINITE[0]) | (predicted > FINITE[1])] = 0.0
        by_part = (slope * steep / sums)[sample.decision] * weighted
        gradient = np.bincount(sample.asked, by_part, size) + np.bincount(sample.held, by_part, size) + off / WIDTH
        gradient[-1] = off[-1] / WIDTH  # no group, no multiplier
        return value, np.concatenate(
            [gradient, [slope @ predicted, -steep * slope.sum()] + bend / np.array(CURVE_WIDTH)]
        )

    widest = (np.log(LEAST), np.log(MOST))
    bounds = [widest if free else (value, value) for value in start[:-1].tolist()]
    bounds += [(0.0, 0.0), (np.log(STEEP[0]), np.log(STEEP[1])), (np.log(SCALE[0]), np.log(SCALE[1]))]
    found = minimize(penalised, np.concatenate([start, curve]), jac=True, method="L-BFGS-B", bounds=bounds)
    return found.x[:size], found.x[size:]


def _in_order(sample: _Sample, predicted: Floats) -> tuple[Floats, Floats]:
    """Per opportunity, (yes, no) pairs in the right order, ties half, and all such pairs."""
    right, pairs = np.zeros(sample.owner.max() + 1), np.zeros(sample.owner.max() + 1)
    for owner in range(len(pairs)):
        mine = sample.owner == owner
        yes, no = predicted[mine & (sample.wanted > 0)], predicted[mine & (sample.wanted == 0)]
        differences = yes[:, None] - no[None, :]
        right[owner] = (differences > 0).sum() + (differences == 0).sum() / 2
        pairs[owner] = differences.size
    return right, pairs


def _exceeds_its_error(gains: Floats) -> bool:
    """Whether a mean gain over opportunities is beyond the noise: more than two standard errors."""
    return len(gains) > 1 and bool(gains.mean() > ERRORS * gains.std(ddof=1) / np.sqrt(len(gains)))


def _is_gain(sample: _Sample, gains: Floats) -> bool:
    """By opportunity, because decisions about one resemble each other."""
    weights = np.bincount(sample.owner, sample.weight)
    return _exceeds_its_error(np.bincount(sample.owner, sample.weight * gains) / weights)


def _ranks_better(sample: _Sample, now: Floats, then: Floats) -> bool:
    (before, pairs), (after, _pairs) = _in_order(sample, now), _in_order(sample, then)
    ranked = pairs > 0
    return _exceeds_its_error((after - before)[ranked] / pairs[ranked])
