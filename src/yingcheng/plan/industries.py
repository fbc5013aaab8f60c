"""The industries of a city: location quotient × regional shift, one by one and taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yingcheng.plan.formulas import Array
from yingcheng.plan.panel import Panel
from yingcheng.plan.records import Industry
from yingcheng.plan.reference import INDUSTRIES, plan_data
from yingcheng.plan.structure import location_quotient, shift_share

__all__ = ["BaseRule", "find_industries", "kind_of", "shipped_base_rule", "together"]

_FARMING = "A"


@dataclass(frozen=True, slots=True)
class BaseRule:
    """When an industry counts as strong and as gaining, and what the four combinations are called."""

    quotient: float
    shift: float
    kinds: tuple[str, str, str, str]  # strong and gaining, strong and losing, weak and gaining, weak and losing


def shipped_base_rule() -> BaseRule:
    """优势, 转型, 机会, 弱 at a location quotient of 1 and a regional shift of 0."""
    rule = plan_data("tracks.toml")["base"]
    first, second, third, fourth = rule["kinds"]
    return BaseRule(float(rule["quotient"]), float(rule["shift"]), (first, second, third, fourth))


def kind_of(quotient: float, shift: float | None, rule: BaseRule) -> str:
    """The kind an industry is of; empty where the shift is not known."""
    if shift is None or np.isnan(quotient):
        return ""
    strong, gaining = quotient >= rule.quotient, shift > rule.shift
    return rule.kinds[(0 if gaining else 1) if strong else (2 if gaining else 3)]


def _figures(panel: Panel, row: int) -> tuple[Array, Array, Array | None, Array | None] | None:
    """End and reference end, start and reference start (None where unknown), each (19,); None without employment."""
    pack = panel.pack
    if not set(INDUSTRIES) <= set(pack.columns):
        return None
    columns = [pack.columns.index(section) for section in INDUSTRIES]
    own = panel.quantities[row, columns]
    if np.isnan(own).any():
        return None
    earlier = pack.industries
    if earlier is None:
        return own, np.nansum(pack.quantities[:, columns], axis=0), None, None
    # Sheets may renew the end of a city; growth since the start then mixes sources, so the pack's own end is used.
    start = earlier.start[row]
    known = not np.isnan(start).any() and np.array_equal(own, pack.quantities[row, columns])
    return own, earlier.whole_end, start if known else None, earlier.whole_start


def _quotient(own: Array, whole: Array, within: Sequence[int]) -> float:
    """Location quotient of industries taken together.

    Outside farming it is taken among the non-farm employed: among all employed, every industry of a highly urbanised
    city would look strong only because the city has few farmers.
    """
    farming = INDUSTRIES.index(_FARMING)
    pool = [i for i in range(len(INDUSTRIES)) if farming in within or i != farming]
    rest = [i for i in pool if i not in within]
    pair = np.asarray([[own[list(within)].sum(), own[rest].sum()]])
    return float(location_quotient(pair, np.asarray([whole[list(within)].sum(), whole[rest].sum()]))[0, 0])


def find_industries(panel: Panel, row: int, rule: BaseRule) -> tuple[Industry, ...]:
    """Every section of the city; empty where the pack or the city has no employment by section."""
    found = _figures(panel, row)
    if found is None:
        return ()
    own, whole, start, whole_start = found
    years = panel.pack.industries.years if panel.pack.industries else ()
    names = _names(panel)
    parts: tuple[Array, Array, Array] | None = None
    if start is not None and whole_start is not None:
        parts = shift_share(start, own, whole_start, whole)
    result = []
    for i, section in enumerate(INDUSTRIES):
        quotient = _quotient(own, whole, [i])
        shift = float(parts[2][i] / start[i]) if parts is not None and start is not None and start[i] > 0 else None
        national, mix, regional = (float(part[i]) for part in parts) if parts is not None else (None, None, None)
        result.append(
            Industry(
                section,
                names[section],
                quotient,
                shift,
                kind_of(quotient, shift, rule),
                None if start is None else float(start[i]),
                float(own[i]),
                national,
                mix,
                regional,
                "—".join(years) if parts is not None else "",
            )
        )
    return tuple(result)


def _names(panel: Panel) -> dict[str, str]:
    return {q.column: q.name.removesuffix("从业人员（长表抽样）") for q in panel.pack.catalogue}


def together(panel: Panel, row: int, sections: Sequence[str]) -> tuple[float, float | None] | None:
    """Location quotient and regional shift per start of some sections taken together; ``None`` without employment."""
    found = _figures(panel, row)
    if found is None:
        return None
    own, whole, start, whole_start = found
    within = [INDUSTRIES.index(section) for section in sections]
    quotient = _quotient(own, whole, within)
    if start is None or whole_start is None or start[within].sum() <= 0:
        return quotient, None
    regional = shift_share(start, own, whole_start, whole)[2]
    return quotient, float(regional[within].sum() / start[within].sum())
