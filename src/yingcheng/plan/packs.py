"""Make, write and read a 基准包 (reference pack). Once made it is not changed: another one gets another version."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import process

from yingcheng.errors import SettingsError, UnusableInput
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.plan.formulas import Array, min_max, winsor_bounds
from yingcheng.plan.reference import (
    DERIVED,
    INDUSTRIES,
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
    shipped_pack,
)
from yingcheng.plan.weighting import ahp_weights, combined_weights, constant_columns, critic_weights, entropy_weights
from yingcheng.standards.regions import find_region, prefectures, provinces

__all__ = ["SCHEMES", "FigureTable", "Recipe", "make_pack", "narrowed", "own_pack", "read_pack", "write_pack"]

SCHEMES = ("equal", "entropy", "critic", "ahp")
HIGHEST_RATIO = 0.1
"""Saaty's limit: judgements that contradict each other more than this are to be made again."""
FEWEST_CITIES = 5
_DIGITS = 10  # significant digits of ends and weights: the same on every machine
_SCHEME_WORDS = {"equal": "等权", "entropy": "熵权", "critic": "CRITIC 权", "ahp": "层次分析法（AHP）权"}
_SUBSYSTEM_KEY = "子系统"
_CODE_HEADS = ("code", "代码", "区划代码", "行政区划代码", "城市代码")
_CITY_HEADS = ("city", "城市", "市", "地区", "城市名称", "地级市")


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


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures by city as read from a file: one row a city, texts as they stand there."""

    file: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_row: int  # 1-based row of ``rows[0]``


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
    except ValueError as fault:
        faults.append(f"{name}：{fault}")
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
        except ValueError as fault:
            faults.append(f"{subsystem}：{fault}")
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


def _known_columns(catalogue: Sequence[Quantity]) -> set[str]:
    have = {quantity.column for quantity in catalogue}
    derived = {name for name, parts in DERIVED.items() if have.issuperset(parts)}
    return have | derived


def _read_definitions(content: Mapping[str, Any], where: str) -> tuple[tuple[Quantity, ...], tuple[Definition, ...]]:
    faults: list[str] = []
    catalogue: list[Quantity] = []
    definitions: list[Definition] = []
    for kind, entries in (("quantity", content.get("quantity", [])), ("indicator", content.get("indicator", []))):
        for number, entry in enumerate(entries, start=1):
            try:
                if kind == "quantity":
                    catalogue.append(quantity_from(entry))
                else:
                    definitions.append(definition_from(entry))
            except KeyError as fault:
                faults.append(_("第 {number} 个 [[{kind}]] 缺少 {key}。").format(number=number, kind=kind, key=fault))
            except (TypeError, ValueError) as fault:
                faults.append(_("第 {number} 个 [[{kind}]]：{fault}").format(number=number, kind=kind, fault=fault))
    known = _known_columns(catalogue)
    for definition in definitions:
        faults.extend(_definition_faults(definition, known))
    if not catalogue or not definitions:
        faults.append(_("至少要有一个 [[quantity]] 和一个 [[indicator]]。"))
    if faults:
        raise SettingsError(_("指标定义有 {count} 处错误").format(count=len(faults)), where=where, faults=tuple(faults))
    return tuple(catalogue), tuple(definitions)


def _definition_faults(definition: Definition, known: set[str]) -> list[str]:
    name, faults = definition.indicator.name, []
    if definition.indicator.subsystem not in SUBSYSTEMS:
        faults.append(_("“{name}”的 subsystem 应为 人、城、产 之一。").format(name=name))
    if definition.indicator.direction not in {1, -1}:
        faults.append(_("“{name}”的 direction 应为 1 或 -1。").format(name=name))
    if not definition.columns and not definition.diversity:
        faults.append(_("“{name}”没有写 sum。").format(name=name))
    if definition.weight < 0:
        faults.append(_("“{name}”的 weight 不能为负。").format(name=name))
    parts = [*definition.columns, *filter(None, [definition.over]), *(INDUSTRIES if definition.diversity else ())]
    for part in parts:
        if part not in known:
            near = process.extractOne(part, known, score_cutoff=60)
            hint = _("您是否指：{name}").format(name=near[0]) if near else ""
            faults.append(_("“{name}”用到没有定义的列 {part}。{hint}").format(name=name, part=part, hint=hint))
    return faults


def _plain(text: str) -> str:
    return re.sub(r"[\s（）()《》“”\"，,、—–\-_]+", "", text).lower()


def own_pack(
    recipe: Recipe, table: FigureTable, definition: Mapping[str, Any], *, where: str
) -> tuple[Pack, tuple[Finding, ...]]:
    """A pack from a table of one's own: one row a city, columns named as the definition names its quantities.

    Args:
        recipe: name, version and method.
        table: the figures.
        definition: content of a definition file (``[units]``, ``[[quantity]]``, ``[[indicator]]``).
        where: name of the definition file, for errors.

    Raises:
        SettingsError: the definition is wrong.
        UnusableInput: the table has no city column, lacks a quantity's column, names a city twice, or too few cities.
    """
    catalogue, definitions = _read_definitions(definition, where)
    heads = [_plain(head) for head in table.headers]
    place = next((heads.index(_plain(head)) for head in _CODE_HEADS if _plain(head) in heads), None)
    named = next((heads.index(_plain(head)) for head in _CITY_HEADS if _plain(head) in heads), None)
    if place is None and named is None:
        raise UnusableInput(_("没有城市列。"), where=table.file, remedy=_("表头要有“城市”或“区划代码”一列。"))
    columns = [_column_of(quantity, heads) for quantity in catalogue]
    absent = [quantity.name for quantity, column in zip(catalogue, columns, strict=True) if column is None]
    if absent:
        raise UnusableInput(
            _("缺少下列各列：{names}").format(names="、".join(absent)),
            where=table.file,
            remedy=_("表头写指标定义里的 name、column 或 also 均可。"),
        )
    findings: list[Finding] = []
    cities: list[tuple[str, str, str]] = []
    figures: list[list[float]] = []
    for number, row in enumerate(table.rows, start=table.first_row):
        text = row[place] if place is not None and row[place].strip() else row[named] if named is not None else ""
        city = _city(text)
        if city is None:
            findings.append(_unknown_city(table.file, number, text))
            continue
        if city in cities:
            raise UnusableInput(_("“{city}”出现了两次。").format(city=city[2]), where=f"{table.file} / 第{number}行")
        cities.append(city)
        figures.append([_number(row[column], table.file, number, findings) for column in columns if column is not None])
    if not cities:
        raise UnusableInput(_("没有一行能认出城市。"), where=table.file)
    units = {unit: (float(pair[0]), str(pair[1])) for unit, pair in definition.get("units", {}).items()}
    pack, more = make_pack(
        recipe,
        catalogue=catalogue,
        definitions=definitions,
        cities=cities,
        quantities=np.asarray(figures),
        units=units or dict(shipped_pack().units),
        place=table.file,
    )
    return pack, (*findings, *more)


def _column_of(quantity: Quantity, heads: Sequence[str]) -> int | None:
    for name in (quantity.column, quantity.name, *quantity.also):
        for head in (_plain(name), _plain(f"{name}{quantity.unit}")):
            if head in heads:
                return heads.index(head)
    return None


def _city(text: str) -> tuple[str, str, str] | None:
    """Code, province and name of the prefecture (or municipality) a cell means."""
    bare = re.sub(r"\.0+$", "", text.strip())
    if re.fullmatch("[0-9]{6}", bare) and bare.endswith("0000"):
        bare = f"{bare[:2]}0100"
    region = next((r for r in prefectures() if r.code == bare), None) if bare.isdigit() else find_region(bare).region
    if region is None:
        return None
    province = next((p.name for p in provinces() if p.code[:2] == region.code[:2]), "")
    code = f"{region.code[:2]}0100" if region.code.endswith("0000") and province.endswith("市") else region.code
    if code.endswith("0000") or not code.endswith("00"):
        return None
    return code, province, province if province.endswith("市") else region.name


def _unknown_city(file: str, row: int, text: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "pack-city-unknown",
        Place(file, "", row),
        text,
        _("地级及以上城市的名称或六位代码"),
        _("请写全称或代码；这一行没有采用。"),
    )


def _number(text: str, file: str, row: int, findings: list[Finding]) -> float:
    bare = text.strip().replace(",", "").replace("，", "").removesuffix("%")
    if not bare or bare in {"-", "—", "…", "NA", "N/A"}:
        return float("nan")
    try:
        return float(bare)
    except ValueError:
        findings.append(
            Finding(
                Severity.WARNING,
                "pack-figure-unreadable",
                Place(file, "", row),
                text,
                _("数字"),
                _("请改成数字；按缺数处理。"),
            )
        )
        return float("nan")


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
