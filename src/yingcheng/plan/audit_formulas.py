"""C formulas met in the literature, right and wrong, and whether one of them meets a printed column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingcheng.i18n import _
from yingcheng.plan.audit_table import PublishedColumn
from yingcheng.plan.formulas import Array, corrected_coupling, coupling

__all__ = ["SECOND_ORDER", "SLACK", "Fit", "Formula", "coupling_formulas", "fit_to", "likely_exponents", "rounding_of"]

SLACK = 1e-9  # of binary floating point, where a figure lies just on the edge of rounding
SECOND_ORDER = 1.05  # the bound on the effect of rounding is of first order


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of C over (…, K) levels."""

    name: str
    remark: str  # what is wrong with it; empty where nothing is
    compute: Callable[[Array], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """How a formula meets a column: which rows exactly, within rounding, not at all; (n,) each."""

    computed: Array
    exact: npt.NDArray[np.bool_]
    near: npt.NDArray[np.bool_]

    @property
    def off(self) -> int:
        """Rows that are not met."""
        return int((~self.exact & ~self.near).sum())


def _pairs(levels: Array) -> Array:
    first, second = np.triu_indices(levels.shape[-1], 1)
    return np.asarray((levels[..., first] + levels[..., second]).prod(axis=-1))


def _ratio(above: Array, below: Array) -> Array:
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0))


def coupling_formulas(k: int) -> list[Formula]:
    """C formulas met in the literature, right ones first."""

    def power(exponent: float) -> Callable[[Array], Array]:
        return lambda levels: coupling(levels) ** exponent

    def by_pairs(factor: float) -> Callable[[Array], Array]:
        return lambda levels: factor * _ratio(levels.prod(axis=-1), _pairs(levels)) ** (1.0 / k)

    def dispersion(ddof: int) -> Callable[[Array], Array]:
        return lambda levels: 1.0 - _ratio(levels.std(axis=-1, ddof=ddof), levels.mean(axis=-1))

    formulas = [
        Formula("C = K·(ΠU)^(1/K) / ΣU", "", coupling),
        Formula("C* = √{[1 − mean|Ui − Uj|]·(ΠU/Umax)^(1/(K−1))}", "", corrected_coupling),
        Formula(
            "C = (ΠU)^(1/K) / ΣU",
            _("漏乘系数 K：C 最大只有 1/K，协调度被系统压低"),
            lambda levels: coupling(levels) / k,
        ),
        Formula("C = ΠU / (ΣU/K)^K", _("漏开 K 次方：相当于规范 C 的 K 次方，差异被夸大"), power(k)),
        Formula(
            "C = ΠU / (ΣU)^K",
            _("漏乘系数又漏开方：C 最大只有 1/K^K"),
            lambda levels: _ratio(levels.prod(axis=-1), levels.sum(axis=-1) ** k),
        ),
    ]
    if k == 2:
        formulas.append(
            Formula("C = 2·√[U1·U2/(U1 + U2)]", _("分母漏平方：C 与水平高低混在一起，量纲不对"), by_pairs(2.0))
        )
        formulas.append(
            Formula("C = √[U1·U2/(U1 + U2)]", _("分母漏平方、漏乘系数：C 与水平高低混在一起，量纲不对"), by_pairs(1.0))
        )
    if k == 3:
        old, wrong = _("两两之和的旧式：在 0—1 之间，但与规范 C 不可比"), _("两两之和的旧式且系数不对：C 不在 0—1")
        formulas.append(Formula("C = 2·{ΠU/Π(Ui + Uj)}^(1/3)", old, by_pairs(2.0)))
        formulas.append(Formula("C = 3·{ΠU/Π(Ui + Uj)}^(1/3)", wrong, by_pairs(3.0)))
        formulas.append(Formula("C = {ΠU/Π(Ui + Uj)}^(1/3)", wrong, by_pairs(1.0)))
    formulas.append(Formula("C = 1 − S/Ū", _("离差系数式（总体标准差）：与规范 C 不可比"), dispersion(0)))
    formulas.append(Formula("C = 1 − S/Ū", _("离差系数式（样本标准差）：与规范 C 不可比"), dispersion(1)))
    return formulas


def rounding_of(compute: Callable[[Array], Array], levels: Array, halves: Array) -> Array:
    """How far the rounding of the levels can move a figure: (n,), to first order."""
    step = np.maximum(halves, 1e-7)
    total = np.zeros(len(levels))
    for column in range(levels.shape[1]):
        shift = np.zeros(levels.shape[1])
        shift[column] = step[column]
        up, down = compute(levels + shift), compute(np.clip(levels - shift, 0.0, None))
        middle = compute(levels)
        total += np.maximum(np.abs(up - middle), np.abs(down - middle)) * (halves[column] / step[column])
    return total * SECOND_ORDER


def fit_to(computed: Array, tolerance: Array, published: PublishedColumn) -> Fit:
    """Hold recomputed figures, (n,), against printed ones; ``tolerance`` (n,) is what the rounding of inputs causes."""
    distance = np.abs(computed - published.values)
    exact = distance <= published.half + SLACK
    near = ~exact & (distance <= published.half + tolerance + SLACK)
    return Fit(computed, exact, near)


def likely_exponents(base: Array, published: Array, known: Sequence[float]) -> list[float]:
    """Exponents worth trying: those known, and the one that fits published = base^e, in ever finer rounding."""
    usable = (base > 0) & (base < 1 - 1e-9) & (published > 0) & (published < 1)
    tried = list(known)
    if usable.sum() >= 2:
        logs = np.log(base[usable])
        # Rows far from 1 say most about an exponent; rounding makes the others worthless.
        fitted = float((logs * np.log(published[usable])).sum() / (logs**2).sum())
        tried += [float(round(fitted)), round(fitted * 2) / 2, round(fitted, 1), round(fitted, 2)]
    return [exponent for exponent in dict.fromkeys(tried) if exponent > 0]
