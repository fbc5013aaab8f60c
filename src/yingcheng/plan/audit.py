"""Re-computation audit: which formula, exponent and weights reproduce published C, T and D, or that none does.

A figure counts as met where the recomputed one rounds to the printed digits, or comes within what the rounding of the
printed levels can cause. Formulas are tried from the right ones to the known wrong ones (王淑佳等 2021《国内耦合协调度
模型的误区及修正》); a formula is accepted where every row agrees. Where none is, a right one is still accepted if no
more than one row in ten disagrees: those cells are named as slips.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np
from scipy.optimize import linprog

from yingcheng.i18n import _
from yingcheng.plan.audit_formulas import (
    SECOND_ORDER,
    SLACK,
    Fit,
    Formula,
    coupling_formulas,
    fit_to,
    likely_exponents,
    rounding_of,
)
from yingcheng.plan.audit_table import PublishedColumn, PublishedTable
from yingcheng.plan.formulas import Array, coupling, coupling_degree, development, grade_of
from yingcheng.plan.reference import grades

__all__ = ["Audit", "Match", "RightRow", "Slip", "Verdict", "audit_table"]

_STEPS = (10, 20, 100)  # weights in tenths, twentieths, hundredths
_MOST_TRIED = 200_000  # combinations of weights
_FEWEST_FOR_SLIPS = 6


class Verdict(StrEnum):
    """What came out, from best to worst."""

    REPRODUCED = "可以复现"
    VARIANT = "可以复现，但公式不规范"
    UNREPRODUCED = "不能复现"
    MISLABELLED = "列名与内容不符"


@dataclass(frozen=True, slots=True)
class Slip:
    """A single cell that disagrees with the formula all the others agree with."""

    label: str
    published: float
    right: float


@dataclass(frozen=True, slots=True)
class Match:
    """What one published column turned out to be.

    ``verdict`` speaks of this column; ``exact`` rows agree to the last printed digit, ``near`` within the rounding of
    the levels, ``off`` rows do not (of the best formula where none fits).
    """

    column: str  # C / T / D
    header: str
    verdict: Verdict
    formula: str
    remark: str
    exact: int
    near: int
    off: int
    exponent: float | None = None
    weights: tuple[float, ...] = ()
    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True, slots=True)
class RightRow:
    """The right figures of one row, beside the published ones (``None`` where not published)."""

    label: str
    coupling: float
    development: float
    degree: float
    corrected: float  # √(C*·T)
    grade: str
    published_coupling: float | None
    published_development: float | None
    published_degree: float | None


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole audit of one table. ``weights`` are those of T that were found, else equal ones."""

    file: str
    subsystems: tuple[str, ...]
    verdict: Verdict
    matches: tuple[Match, ...]
    weights: tuple[float, ...]
    weights_found: bool
    rows: tuple[RightRow, ...]
    decimals: int


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What a column tells about Σw·U: (n,) values and how far each may be from it."""

    target: Array
    half: Array


def _told(published: PublishedColumn) -> _Told:
    return _Told(published.values, np.full(len(published.values), published.half))


class _Search:
    """The published table as arrays, and the questions asked of it."""

    def __init__(self, table: PublishedTable) -> None:
        self.table = table
        self.levels = table.table
        self.halves = np.asarray([column.half for column in table.levels])
        self.k = self.levels.shape[1]
        self.formulas = coupling_formulas(self.k)
        self.equal = np.full(self.k, 1.0 / self.k)

    def try_formula(self, compute: Callable[[Array], Array], published: PublishedColumn) -> Fit:
        return fit_to(compute(self.levels), rounding_of(compute, self.levels, self.halves), published)

    @property
    def allowed(self) -> int:
        """How many slips a column may have: one row in ten, none in a short table."""
        return max(1, len(self.levels) // 10) if len(self.levels) >= _FEWEST_FOR_SLIPS else 0

    def match(
        self,
        column: str,
        published: PublishedColumn,
        fit: Fit,
        name: str,
        remark: str = "",
        *,
        verdict: Verdict | None = None,
        exponent: float | None = None,
        weights: tuple[float, ...] = (),
    ) -> Match:
        """What was found, in numbers; the verdict follows from the remark unless it is given."""
        rows = np.flatnonzero(~fit.exact & ~fit.near)
        labels = self.table.labels
        slips = tuple(Slip(labels[i], float(published.values[i]), float(fit.computed[i])) for i in rows)
        return Match(
            column,
            published.header,
            verdict or (Verdict.VARIANT if remark else Verdict.REPRODUCED),
            name,
            remark,
            int(fit.exact.sum()),
            int(fit.near.sum()),
            fit.off,
            exponent,
            weights,
            () if verdict is Verdict.UNREPRODUCED else slips,
        )

    def find_coupling(self, published: PublishedColumn) -> tuple[Formula, Fit, float | None] | None:
        """The first C formula that every row agrees with, a power of the standard one, or a right one with slips."""
        fits = [(formula, self.try_formula(formula.compute, published)) for formula in self.formulas]
        for formula, fit in fits:
            if not fit.off:
                return formula, fit, None
        if (found := self._find_power(published)) is not None:
            return found
        return next(((f, fit, None) for f, fit in fits if not f.remark and fit.off <= self.allowed), None)

    def _find_power(self, published: PublishedColumn) -> tuple[Formula, Fit, float | None] | None:
        for exponent in likely_exponents(coupling(self.levels), published.values, []):
            if exponent == 1:
                continue

            def compute(levels: Array, e: float = exponent) -> Array:
                return np.asarray(coupling(levels) ** e)

            fit = self.try_formula(compute, published)
            if not fit.off:
                classic = exponent / self.k
                remark = _("带调节系数 k = {k:g}：相当于规范 C 的 {e:g} 次方，与 k = 1/K 的研究不可比").format(
                    k=classic, e=exponent
                )
                return Formula(f"C = [ΠU/(ΣU/K)^K]^{classic:g}", remark, compute), fit, exponent
        return None

    def find_weights(self, *told: _Told) -> tuple[Array, bool] | None:
        """Weights w ≥ 0, adding up to 1, with Σw·U within rounding of all that was told: the plainest that do.

        Returns:
            The weights, and whether they are plain ones (equal, or in hundredths) rather than fitted.
        """
        levels = np.vstack([self.levels] * len(told))
        target = np.concatenate([one.target for one in told])
        # As the weights add up to 1, the rounding of the levels moves the sum by no more than the largest half unit.
        tolerance = np.concatenate([one.half for one in told]) + SLACK + self.halves.max() * SECOND_ORDER

        def misses(weights: Array) -> int:
            return int((np.abs(levels @ weights - target) > tolerance).sum())

        if not misses(self.equal):
            return self.equal, True
        if len(self.levels) <= self.k + 1:
            return None  # so few rows can be met by any weights: that would prove nothing
        for allowed in dict.fromkeys([0, self.allowed * len(told)]):
            for steps in _STEPS:
                grid = _grid(self.k, steps) if steps ** (self.k - 1) <= _MOST_TRIED else []
                fitting = [w for w in (self.equal, *grid) if misses(w) <= allowed]
                if fitting:
                    return min(fitting, key=lambda w: float((np.abs(levels @ w - target) / tolerance).sum())), True
            if allowed == 0 and (fitted := _fitted(levels, target, tolerance)) is not None:
                return fitted, False
        return None


def _fitted(levels: Array, target: Array, tolerance: Array) -> Array | None:
    """Smallest largest miss, as a linear programme over w and the miss in units of the tolerance."""
    scale, k = tolerance[:, None], levels.shape[1]
    solved = linprog(
        np.asarray([0.0] * k + [1.0]),
        A_ub=np.vstack([np.hstack([levels, -scale]), np.hstack([-levels, -scale])]),
        b_ub=np.concatenate([target, -target]),
        A_eq=[[1.0] * k + [0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * (k + 1),
    )
    if solved.x is None or solved.fun is None or solved.fun > 1.0:
        return None
    return np.asarray(solved.x[:k], dtype=np.float64)


def _grid(k: int, steps: int) -> list[Array]:
    heads = product(range(1, steps), repeat=k - 1)
    return [np.asarray([*head, steps - sum(head)]) / steps for head in heads if sum(head) < steps]


def _weights_words(weights: Sequence[float], plain: bool) -> str:
    if max(weights) - min(weights) < 1e-9 and abs(sum(weights) - 1) < 1e-9:
        return _("等权")
    listed = "、".join(f"{weight:.4g}" for weight in weights)
    return _("权重 {weights}").format(weights=listed) + ("" if plain else _("（拟合值）"))


def audit_table(table: PublishedTable) -> Audit:
    """Audit a published table: C from the levels, T from the levels, D from C and T, and what D is if not that.

    Args:
        table: from :func:`yingcheng.plan.audit_table.read_published`.
    """
    search = _Search(table)
    matches: list[Match] = []
    formula = search.formulas[0]
    weights: Array | None = None
    if table.coupling is not None:
        match, found = _audit_coupling(search, table.coupling)
        matches.append(match)
        formula = found or formula
    if table.development is not None:
        match, weights = _audit_development(search, table.development, formula)
        matches.append(match)
    if table.degree is not None:
        match, implied = _audit_degree(search, table.degree, formula, weights)
        matches.append(match)
        weights = implied if weights is None else weights
    verdict = max((match.verdict for match in matches), key=list(Verdict).index)
    outcomes = [column for column in (table.degree, table.coupling, table.development) if column is not None]
    used = search.equal if weights is None else weights
    return Audit(
        table.file,
        tuple(column.header for column in table.levels),
        verdict,
        tuple(matches),
        tuple(float(weight) for weight in used),
        weights is not None,
        _right(table, used),
        max(column.decimals for column in outcomes),
    )


def _audit_coupling(search: _Search, published: PublishedColumn) -> tuple[Match, Formula | None]:
    found = search.find_coupling(published)
    if found is not None:
        formula, fit, exponent = found
        return search.match("C", published, fit, formula.name, formula.remark, exponent=exponent), formula
    fit = search.try_formula(coupling, published)
    remark = _("没有一个已知的 C 公式能由公布的水平算出这一列")
    name = search.formulas[0].name
    return search.match("C", published, fit, name, remark, verdict=Verdict.UNREPRODUCED), None


def _audit_development(search: _Search, published: PublishedColumn, formula: Formula) -> tuple[Match, Array | None]:
    degree = search.table.degree
    # D, where it goes with this C, tells the weights more finely than T alone.
    more = None if degree is None else _implied(search, degree, formula)
    told = _told(published)
    solved = (search.find_weights(told, more) if more is not None else None) or search.find_weights(told)
    if solved is not None:
        weights, plain = solved
        fit = search.try_formula(lambda levels: development(levels, weights), published)
        name = f"T = Σw·U，{_weights_words(weights.tolist(), plain)}"
        return search.match("T", published, fit, name, weights=tuple(weights.tolist())), weights
    total = search.try_formula(lambda levels: levels.sum(axis=-1), published)
    if not total.off:
        remark = _("T 是水平之和而不是加权平均：D 会超过 1")
        return search.match("T", published, total, "T = ΣU", remark), None
    fit = search.try_formula(development, published)
    remark = _("没有一组非负、合计为 1 的权重能算出这一列")
    return search.match("T", published, fit, "T = Σw·U", remark, verdict=Verdict.UNREPRODUCED), None


def _audit_degree(
    search: _Search, published: PublishedColumn, formula: Formula, weights: Array | None
) -> tuple[Match, Array | None]:
    """What D is: √(C·T) with the C and T of the table, another right way, or something else under this name.

    Returns:
        The match, and the weights that D itself implies where T did not tell them.
    """
    for candidate in dict.fromkeys([formula, *search.formulas]):
        option: tuple[Array, bool] | None = None if weights is None else (weights, True)
        if weights is None and (told := _implied(search, published, candidate)) is not None:
            option = search.find_weights(told)
        match = None if option is None else _degree_match(search, published, candidate, *option, allowed=0)
        if match is not None and option is not None:
            return match, option[0]
    if (other := _other_degree(search, published, formula, weights)) is not None:
        return other, None
    used = search.equal if weights is None else weights
    if not formula.remark:
        match = _degree_match(search, published, formula, used, True, allowed=search.allowed)
        if match is not None:
            return match, used
    if (printed := _from_printed(search, published)) is not None:
        return printed, None
    fit = search.try_formula(lambda levels: coupling_degree(levels, used), published)
    remark = _("没有一个已知的公式能由公布的水平算出这一列")
    name = f"D = √(C·T)，{_weights_words(used.tolist(), True)}"
    return search.match("D", published, fit, name, remark, verdict=Verdict.UNREPRODUCED), None


def _implied(search: _Search, published: PublishedColumn, formula: Formula) -> _Told | None:
    """What D tells about the weights: D² / C = Σw·U, with the rounding carried through."""
    together = formula.compute(search.levels)
    if (together <= 0).any():
        return None
    target = published.values**2 / together
    of_degree = 2.0 * published.values * published.half / together
    of_coupling = target / together * rounding_of(formula.compute, search.levels, search.halves)
    return _Told(target, of_degree + of_coupling)


def _degree_match(
    search: _Search, published: PublishedColumn, formula: Formula, weights: Array, plain: bool, *, allowed: int
) -> Match | None:
    def compute(levels: Array) -> Array:
        return np.asarray(np.sqrt(np.clip(formula.compute(levels) * development(levels, weights), 0.0, None)))

    fit = search.try_formula(compute, published)
    if fit.off > allowed:
        return None
    name = f"D = √(C·T)，{formula.name}，{_weights_words(weights.tolist(), plain)}"
    return search.match("D", published, fit, name, formula.remark, exponent=0.5, weights=tuple(weights.tolist()))


def _from_printed(search: _Search, published: PublishedColumn) -> Match | None:
    """D = √(C·T) from the printed C and T, where these cannot be told from the levels."""
    together, mixed = search.table.coupling, search.table.development
    if together is None or mixed is None:
        return None
    computed = np.sqrt(np.clip(together.values * mixed.values, 0.0, None))
    below = np.where(computed > 0, 2.0 * computed, 1.0)
    tolerance = (together.half * mixed.values + mixed.half * together.values) / below * SECOND_ORDER
    fit = fit_to(computed, tolerance, published)
    return None if fit.off else search.match("D", published, fit, _("D = √(C·T)，由公布的 C、T 算出"), exponent=0.5)


def _other_degree(search: _Search, published: PublishedColumn, formula: Formula, weights: Array | None) -> Match | None:
    """Known ways in which a column named D is not √(C·T)."""
    for candidate in search.formulas:
        fit = search.try_formula(candidate.compute, published)
        if not fit.off:
            remark = _("这一列其实是耦合度 C，不是耦合协调度 D：没有乘 T 再开方")
            more = f"；{candidate.remark}" if candidate.remark else ""
            return search.match("D", published, fit, candidate.name, remark + more, verdict=Verdict.MISLABELLED)
    solved = search.find_weights(_told(published))
    if solved is not None:
        mixed, plain = solved
        fit = search.try_formula(lambda levels: development(levels, mixed), published)
        name = f"T = Σw·U，{_weights_words(mixed.tolist(), plain)}"
        remark = _("这一列其实是综合发展水平 T，不是耦合协调度 D")
        return search.match("D", published, fit, name, remark, verdict=Verdict.MISLABELLED)
    return _other_exponent(search, published, formula, search.equal if weights is None else weights)


def _other_exponent(search: _Search, published: PublishedColumn, formula: Formula, weights: Array) -> Match | None:
    """D = (C·T)^θ with another θ than ½."""
    for candidate in dict.fromkeys([formula, search.formulas[0]]):
        base = candidate.compute(search.levels) * development(search.levels, weights)
        for exponent in likely_exponents(base, published.values, [1.0, 1.0 / 3.0, 2.0]):

            def compute(levels: Array, c: Formula = candidate, e: float = exponent) -> Array:
                return np.asarray(np.clip(c.compute(levels) * development(levels, weights), 0.0, None) ** e)

            fit = search.try_formula(compute, published)
            if not fit.off:
                name = f"D = (C·T)^{exponent:.3g}，{candidate.name}，{_weights_words(weights.tolist(), True)}"
                remark = _("漏开平方") if exponent == 1.0 else _("指数不是 1/2")
                return search.match("D", published, fit, name, remark, exponent=exponent)
    return None


def _right(table: PublishedTable, weights: Array) -> tuple[RightRow, ...]:
    levels = table.table
    normal = weights / weights.sum()
    together, mixed = coupling(levels), development(levels, normal)
    degrees = coupling_degree(levels, normal)
    corrected = coupling_degree(levels, normal, corrected=True)

    def told(column: PublishedColumn | None, i: int) -> float | None:
        return None if column is None else float(column.values[i])

    return tuple(
        RightRow(
            label,
            float(together[i]),
            float(mixed[i]),
            float(degrees[i]),
            float(corrected[i]),
            grade_of(float(degrees[i]), grades()),
            told(table.coupling, i),
            told(table.development, i),
            told(table.degree, i),
        )
        for i, label in enumerate(table.labels)
    )
