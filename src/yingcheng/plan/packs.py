"""Make, write and read a 基准包 (reference pack). Once made it is not changed: another one gets another version."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from yingcheng.errors import SettingsError, UnusableInput
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.plan.formulas import Array, min_max, winsor_bounds
from yingcheng.plan.reference import (
    SUBSYSTEMS,
    Definition,
    EarlierIndustries,
    Pack,
    Quantity,
    content_of,
    definition_from,
    derive,
    digest_of,
    quantity_from,
)
from yingcheng.plan.weighting import ahp_weights, combined_weights, constant_columns, critic_weights, entropy_weights

__all__ = ["SCHEMES", "Recipe", "make_pack", "narrowed", "read_pack", "write_pack"]

SCHEMES = ("equal", "entropy", "critic", "ahp")
HIGHEST_RATIO = 0.1
"""Saaty's limit: judgements that contradict each other more than this are to be made again."""
FEWEST_CITIES = 5
_DIGITS = 10  # significant digits of ends and weights: the same on every machine
_SCHEME_WORDS = {"equal": "等权", "entropy": "熵权", "critic": "CRITIC 权", "ahp": "层次分析法（AHP）权"}
_SUBSYSTEM_KEY = "子系统"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a pack is to be made.

    Attributes:
        id: short name, the same for all versions.
        version: of this pack.
        title: what is printed.
        years: of the figures.
        scheme: of the weights within a subsystem: ``equal``, ``entropy``, ``critic``, ``ahp``, or several joined by
            ``+`` (their product).
        subsystems: weights of 人, 城, 产.
        lower, upper: percentiles at which the scales end.
        judgements: subsystem (or 子系统 for the three themselves) → pairwise comparison matrix, for ``ahp``.
    """

    id: str
    version: str
    title: str
    years: str
    scheme: str = "equal"
    subsystems: tuple[float, ...] = (1.0, 1.0, 1.0)
    lower: float = 0.05
    upper: float = 0.95
    judgements: Mapping[str, Sequence[Sequence[float]]] | None = None


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]


def _group_weights(
    scheme: str, standardised: Array, subsystem: str, recipe: Recipe, faults: list[str]
) -> tuple[Array, str]:
    """Weights of one subsystem's indicators by one scheme, and what is to be said about them."""
    count = standardised.shape[1]
    if scheme == "equal" or constant_columns(standardised).all():
        return np.ones(count) / count, ""
    if scheme == "entropy":
        return entropy_weights(standardised), ""
    if scheme == "critic":
        return critic_weights(standardised), ""
    return _judged(subsystem, count, recipe, faults)


def _judged(name: str, count: int, recipe: Recipe, faults: list[str]) -> tuple[Array, str]:
    even = np.ones(count) / count
    matrix = (recipe.judgements or {}).get(name)
    if matrix is None:
        faults.append(_("缺少“{name}”的判断矩阵。").format(name=name))
        return even, ""
    table = np.asarray(matrix, dtype=np.float64)
    if table.shape != (count, count):
        faults.append(_("“{name}”的判断矩阵应为 {count} × {count}。").format(name=name, count=count))
        return even, ""
    try:
        weights, _largest, ratio = ahp_weights(table)
    except ValueError:
        faults.append(_("“{name}”的判断矩阵应为正互反矩阵（a_ij = 1/a_ji），且不超过 10 阶。").format(name=name))
        return even, ""
    if ratio > HIGHEST_RATIO:
        faults.append(
            _("“{name}”的判断矩阵一致性比率 CR = {ratio:.3f}，超过 {limit}，须重新判断。").format(
                name=name, ratio=ratio, limit=HIGHEST_RATIO
            )
        )
    return weights, f"{name} CR {ratio:.3f}"


def _weighted(
    definitions: Sequence[Definition], standardised: Array, recipe: Recipe
) -> tuple[tuple[Definition, ...], tuple[float, ...], str]:
    """The definitions with their weights, the subsystems' weights, and how they were made, in words."""
    schemes = recipe.scheme.split("+")
    if unknown := [scheme for scheme in schemes if scheme not in SCHEMES]:
        raise SettingsError(
            _("不认识的赋权方法“{name}”。").format(name="、".join(unknown)),
            remedy=_("可用：{names}，或用 + 相连。").format(names="、".join(SCHEMES)),
        )
    faults: list[str] = []
    remarks: list[str] = []
    result = list(definitions)
    for subsystem in SUBSYSTEMS:
        within = [i for i, d in enumerate(definitions) if d.core and d.indicator.subsystem == subsystem]
        parts = []
        for scheme in schemes:
            weights, remark = _group_weights(scheme, standardised[:, within], subsystem, recipe, faults)
            parts.append(weights)
            remarks.extend([remark] if remark else [])
        try:
            together = combined_weights(*parts)
        except ValueError:
            faults.append(_("“{name}”的几种权重相乘全为 0，不能合成。").format(name=subsystem))
            continue
        for i, weight in zip(within, _rounded(together), strict=True):
            result[i] = replace(result[i], weight=weight)
    above = recipe.subsystems
    if "ahp" in schemes and _SUBSYSTEM_KEY in (recipe.judgements or {}):
        weights, remark = _judged(_SUBSYSTEM_KEY, len(SUBSYSTEMS), recipe, faults)
        above = tuple(_rounded(weights))
        remarks.append(remark)
    if faults:
        raise SettingsError(_("赋权有 {count} 处错误").format(count=len(faults)), faults=tuple(faults))
    inside = " × ".join(_SCHEME_WORDS[scheme] for scheme in schemes)
    equal = len(set(above)) == 1
    between = "等权" if equal else "按" + "：".join(f"{weight:g}" for weight in above)
    words = f"子系统之间{between}，子系统内各指标{inside}"
    return tuple(result), above, words + (f"（{'；'.join(remarks)}）" if remarks else "")


def make_pack(
    recipe: Recipe,
    *,
    catalogue: Sequence[Quantity],
    definitions: Sequence[Definition],
    cities: Sequence[tuple[str, str, str]],
    quantities: Array,
    units: Mapping[str, tuple[float, str]],
    industries: EarlierIndustries | None = None,
    place: str = "",
) -> tuple[Pack, tuple[Finding, ...]]:
    """Make a pack: leave out cities without a core figure, freeze the ends of the scales, weigh, hash.

    Args:
        recipe: name, version and method.
        catalogue: q quantities.
        definitions: m indicators; their ends and weights are made anew.
        cities: n × (code, province, city).
        quantities: (n, q), NaN where unknown.
        units: spellings of units → factor and base unit.
        industries: earlier employment of the same n cities.
        place: file that findings speak of.

    Raises:
        SettingsError: a subsystem has no core indicator, or the weights cannot be made.
        UnusableInput: fewer than five cities are left.
    """
    columns = tuple(quantity.column for quantity in catalogue)
    lacking = [name for name in SUBSYSTEMS if not any(d.core and d.indicator.subsystem == name for d in definitions)]
    if lacking:
        raise SettingsError(_("子系统“{names}”没有核心指标。").format(names="、".join(lacking)), where=place)
    values = derive(columns, quantities, definitions)
    core = [i for i, d in enumerate(definitions) if d.core]
    complete = ~np.isnan(values[:, core]).any(axis=1)
    findings = [
        Finding(
            Severity.NOTICE,
            "pack-city-left-out",
            Place(place),
            cities[int(i)][2],
            _("核心指标齐全；缺：{names}").format(
                names="、".join(definitions[c].indicator.name for c in core if np.isnan(values[i, c]))
            ),
            _("补全后重新制作，或不把它作参考城市。"),
        )
        for i in np.flatnonzero(~complete)
    ]
    kept = np.flatnonzero(complete)
    if len(kept) < FEWEST_CITIES:
        raise UnusableInput(
            _("核心指标齐全的城市只有 {count} 个，至少要 {least} 个。").format(count=len(kept), least=FEWEST_CITIES),
            where=place,
            remedy="\n".join(f"  - {finding.found}：{finding.expected}" for finding in findings[:10]),
        )
    values = values[kept]
    measured = ~np.isnan(values).all(axis=0)
    used = [definitions[int(i)] for i in np.flatnonzero(measured)]
    values = values[:, measured]
    low, high = winsor_bounds(values, lower=recipe.lower, upper=recipe.upper)
    scaled = _ended(used, values, low, high, place)
    same = constant_columns(values)
    findings.extend(_constant(definition, place) for i, definition in enumerate(scaled) if same[i])
    weighted, above, words = _weighted(scaled, _standardised(scaled, values), recipe)
    earlier = None if industries is None else replace(industries, start=industries.start[kept])
    chosen = [cities[int(i)] for i in kept]
    pack = Pack(
        id=recipe.id,
        version=recipe.version,
        title=recipe.title,
        years=recipe.years,
        weighting=words,
        codes=tuple(code for code, _province, _city in chosen),
        provinces=tuple(province for _code, province, _city in chosen),
        cities=tuple(city for _code, _province, city in chosen),
        catalogue=tuple(catalogue),
        quantities=quantities[kept],
        definitions=weighted,
        values=values,
        subsystem_weights=above,
        units=units,
        industries=earlier,
        sha256="",
    )
    return replace(pack, sha256=digest_of(content_of(pack))), tuple(findings)


def _standardised(definitions: Sequence[Definition], values: Array) -> Array:
    core = [i for i, d in enumerate(definitions) if d.core]
    table = min_max(
        values[:, core],
        np.asarray([definitions[i].indicator.direction for i in core], dtype=np.float64),
        low=np.asarray([definitions[i].low for i in core]),
        high=np.asarray([definitions[i].high for i in core]),
        log=np.asarray([definitions[i].log for i in core]),
    )
    result = np.zeros((len(values), len(definitions)))
    result[:, core] = table
    return result


def _ended(definitions: Sequence[Definition], values: Array, low: Array, high: Array, place: str) -> list[Definition]:
    """The definitions with the ends of their scales.

    A column that only a few cities hold above its lowest value has equal percentiles; its ends are then its extremes.
    """
    bottom = np.where(low < high, low, np.nanmin(values, axis=0))
    top = np.where(low < high, high, np.nanmax(values, axis=0))
    faults = [
        _("“{name}”取对数，但量程下端 {low:g} 不是正数。").format(name=d.indicator.name, low=end)
        for d, end in zip(definitions, bottom, strict=True)
        if d.log and end <= 0
    ]
    if faults:
        raise SettingsError(_("指标定义有错误"), where=place, faults=tuple(faults))
    ends = zip(definitions, _rounded(bottom), _rounded(top), strict=True)
    return [replace(definition, low=first, high=last) for definition, first, last in ends]


def _constant(definition: Definition, place: str) -> Finding:
    return Finding(
        Severity.NOTICE,
        "indicator-constant",
        Place(place),
        definition.indicator.name,
        _("各城市数值有差别"),
        _("各城市都相同，分不出高下：熵权、CRITIC 权为 0，等权时各城市同得 0。建议不作核心指标。"),
    )


def narrowed(recipe: Recipe, pack: Pack, chosen: Sequence[int]) -> tuple[Pack, tuple[Finding, ...]]:
    """A pack of some cities of another one, with scales of their own; the economy they are compared with stays."""
    rows = list(chosen)
    earlier = pack.industries
    return make_pack(
        recipe,
        catalogue=pack.catalogue,
        definitions=pack.definitions,
        cities=[(pack.codes[i], pack.provinces[i], pack.cities[i]) for i in rows],
        quantities=pack.quantities[rows],
        units=pack.units,
        industries=None if earlier is None else replace(earlier, start=earlier.start[rows]),
        place=pack.title,
    )


def write_pack(pack: Pack, path: Path) -> None:
    """Write a pack as a file of its own, one line a city, so that two versions can be compared as texts too.

    Raises:
        UnusableInput: another pack stands there already; a pack is never overwritten.
    """
    content = {**content_of(pack), "sha256": pack.sha256}
    cities = content.pop("cities")
    head = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).removesuffix("\n}")
    lines = ",\n".join(f"  {json.dumps(city, ensure_ascii=False, allow_nan=False)}" for city in cities)
    text = f'{head},\n "cities": [\n{lines}\n ]\n}}\n'
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise UnusableInput(_("这里已有另一个基准包，不覆盖。"), where=str(path), remedy=_("请换一个文件名或版本号。"))
    path.write_text(text, encoding="utf-8", newline="\n")


def read_pack(path: Path) -> Pack:
    """Read a pack file and check that nobody changed it.

    Raises:
        UnusableInput: no such file, not a pack, or its content does not go with its fingerprint.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UnusableInput(_("找不到基准包。"), where=str(path), remedy=_("请检查路径。")) from None
    except (OSError, ValueError) as fault:
        raise UnusableInput(_("不是基准包文件：{fault}").format(fault=fault), where=path.name) from fault
    if not isinstance(content, dict) or content.get("format") != "yingcheng-pack/1":
        raise UnusableInput(
            _("不是基准包文件。"), where=path.name, remedy=_("基准包由 yingcheng plan pack make 制作。")
        )
    told = content.pop("sha256", "")
    if digest_of(content) != told:
        raise UnusableInput(
            _("基准包的内容与它的指纹不符：做好以后被改动过。"),
            where=path.name,
            remedy=_("基准包不能手改；请用 yingcheng plan pack make 另做一个版本。"),
        )
    try:
        return _pack_from(content, told)
    except (KeyError, TypeError, ValueError) as fault:
        raise UnusableInput(_("基准包缺少内容：{fault}").format(fault=repr(fault)), where=path.name) from fault


def _array(rows: Sequence[Sequence[float | None]]) -> Array:
    return np.asarray([[np.nan if value is None else value for value in row] for row in rows], dtype=np.float64)


def _pack_from(content: Mapping[str, Any], told: str) -> Pack:
    catalogue = tuple(quantity_from(entry) for entry in content["quantities"])
    definitions = tuple(definition_from(entry) for entry in content["indicators"])
    cities = content["cities"]
    quantities = _array([city["figures"] for city in cities])
    earlier = content["industries"]
    return Pack(
        id=content["id"],
        version=content["version"],
        title=content["title"],
        years=content["years"],
        weighting=content["weights"],
        codes=tuple(city["code"] for city in cities),
        provinces=tuple(city["province"] for city in cities),
        cities=tuple(city["city"] for city in cities),
        catalogue=catalogue,
        quantities=quantities,
        definitions=definitions,
        values=derive(tuple(quantity.column for quantity in catalogue), quantities, definitions),
        subsystem_weights=tuple(float(content["subsystems"][name]) for name in SUBSYSTEMS),
        units={unit: (float(factor), base) for unit, (factor, base) in content["units"].items()},
        industries=None
        if earlier is None
        else EarlierIndustries(
            (earlier["years"][0], earlier["years"][1]),
            _array([city["industries_before"] for city in cities]),
            np.asarray(earlier["whole_start"], dtype=np.float64),
            np.asarray(earlier["whole_end"], dtype=np.float64),
        ),
        sha256=told,
    )
