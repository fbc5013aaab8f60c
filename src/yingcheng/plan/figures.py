"""Figures of the folder's indicator sheets: which city, which quantity, which unit, and what they replace."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.plan.formulas import Array
from yingcheng.plan.panel import Panel
from yingcheng.plan.records import IndicatorValue
from yingcheng.plan.reference import DERIVED, INDUSTRIES, Definition, Pack, derive

__all__ = ["CityFigures", "apply_figures", "find_city", "names_of"]

_PEOPLES = "朝鲜|土家|苗|藏|羌|彝|布依|侗|哈尼|壮|傣|白|景颇|傈僳|回|蒙古|哈萨克|柯尔克孜"
_CITY_SUFFIX = re.compile(rf"(市|地区|盟|(({_PEOPLES})族?)*自治州)$")
_PROVINCE_SUFFIX = re.compile("(壮族|回族|维吾尔)?(省|市|自治区)$")
_NOISE = re.compile(r"[\s（）()《》“”\"，,、—–\-_]+")
_BRACKETS = re.compile(r"[（(\[][^（()）\[\]]*[)）\]]$")
_MAY_FALL = "十年人口变动"  # the only figure that may be negative
_SAME = 0.002  # relative difference below which a figure only repeats the reference table
_FAR = 3.0  # factor beyond which a figure is taken for a slip of unit rather than for news
_PER_HEAD = ("人", "张", "人/千人", "张/千人", "‰", "人/百人")


@dataclass(frozen=True, slots=True, eq=False)
class CityFigures:
    """The pack's tables with the rows of the attending cities brought up to their own figures.

    Attributes:
        quantities: (n, q).
        values: (n, m).
        sources: ((code, indicator), where its figure came from) for every indicator that rests on a sheet.
        findings: figures beyond everything the pack has, each at its cell.
        notes: what was replaced, added or not understood, each a sentence.
    """

    quantities: Array
    values: Array
    sources: tuple[tuple[tuple[str, str], str], ...]
    notes: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Ledger:
    """What became of the figures of one city."""

    replaced: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class _Target:
    """What a name means: a column of the quantities, or an indicator that a sheet gives directly."""

    name: str
    column: int
    is_quantity: bool
    unit: str
    year: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """A figure of a sheet that is used."""

    value: float
    source: str
    year: str
    place: Place


def _plain(text: str) -> str:
    return _NOISE.sub("", text).lower()


def _target_of(name: str, targets: Mapping[str, _Target]) -> _Target | None:
    """What an indicator's name means; a unit or year in brackets at its end need not be known."""
    bare = _BRACKETS.sub("", name.strip())
    return targets.get(_plain(name)) or targets.get(_plain(bare))


def _code_of(digits: str, reference: Pack) -> str | None:
    # A municipality is 110000 as a province and 110100 as the row of the table.
    code = digits[:2] + "0100" if digits.endswith("0000") else digits
    return code if code in reference.codes else None


@cache
def _city_names(reference: Pack) -> Mapping[str, str]:
    homes = [_PROVINCE_SUFFIX.sub("", province) for province in reference.provinces]
    provinces = {home for home, province in zip(homes, reference.provinces, strict=True) if province[-1] != "市"}
    names: dict[str, str] = {}
    rows = zip(reference.codes, reference.provinces, homes, reference.cities, strict=True)
    for code, province, home, city in rows:
        short = _CITY_SUFFIX.sub("", city)
        for name in (city, province + city, province + short, home + city, home + short):
            names.setdefault(name, code)
        if short not in provinces:
            names.setdefault(short, code)
    return names


def find_city(text: str, reference: Pack) -> str | None:
    """Code of the prefecture that a name (太原, 太原市, 山西太原) or code means; ``None`` where the pack has none.

    A name that a province bears too (吉林, 海南) means no city unless it is written in full.
    """
    wanted = _NOISE.sub("", text)
    if re.fullmatch("[0-9]{6}", wanted):
        return _code_of(wanted, reference)
    return _city_names(reference).get(wanted)


def _targets(reference: Pack) -> dict[str, _Target]:
    targets: dict[str, _Target] = {}
    for column, quantity in enumerate(reference.catalogue):
        target = _Target(quantity.name, column, True, quantity.unit, quantity.year)
        targets.update((_plain(name), target) for name in (quantity.name, *quantity.also))
    years = {quantity.column: quantity.year for quantity in reference.catalogue}
    for column, definition in enumerate(reference.definitions):
        name, unit = definition.indicator.name, definition.indicator.unit
        if len(definition.columns) == 1 and not definition.over:
            # The indicator is the quantity itself; its name leads there.
            quantity_column = reference.columns.index(definition.columns[0])
            quantity = reference.catalogue[quantity_column]
            target = _Target(name, quantity_column, True, quantity.unit, quantity.year)
        else:
            year = years.get(definition.columns[0], "2020") if definition.columns else "2020"
            target = _Target(name, column, False, unit, year)
        targets.update((_plain(other), target) for other in (name, *definition.also))
    return targets


def names_of(panel: Panel, row: int) -> dict[str, tuple[float, str]]:
    """Every spelling of every known figure of a city → value and unit."""
    pack = panel.pack
    figures = {}
    quantities = [(q.name, q.also, q.unit, v) for q, v in zip(pack.catalogue, panel.quantities[row], strict=True)]
    for name, also, unit, value in quantities:
        figures.update(dict.fromkeys((name, *also), (float(value), unit)))
    for definition, value in zip(pack.definitions, panel.values[row], strict=True):
        spellings = (definition.indicator.name, *definition.also)
        figures.update(dict.fromkeys(spellings, (float(value), definition.indicator.unit)))
    return {name: figure for name, figure in figures.items() if not math.isnan(figure[0])}


def _converted(value: IndicatorValue, target: _Target, known: float, reference: Pack) -> tuple[float | None, str]:
    """The figure in the target's unit and a remark on how it was read; ``None`` where the units do not go together."""
    given, wanted = value.unit.strip(), target.unit
    if not given:
        # No unit: the reading that comes nearest to the reference wins, and the note says so.
        if known > 0 and value.value > 0:
            for factor, remark in ((1.0, ""), (100.0, "按比例换算"), (10000.0, "按“万”换算")):
                if 1 / _FAR <= value.value * factor / known <= _FAR:
                    return value.value * factor, remark and f"，单位未注明，{remark}"
        return value.value, ""
    if given == wanted or (given in _PER_HEAD and wanted in _PER_HEAD):
        return value.value, ""
    if wanted == "万元" and given == "元":
        return value.value / 10000.0, ""
    scale = reference.units.get(given)
    if scale is None or scale[1] != wanted:
        return None, ""
    return value.value * scale[0], ""


def _number(value: float) -> str:
    text = f"{value:,.4f}"
    return text.rstrip("0").rstrip(".")


def _rounding(value: float) -> float:
    """Half a unit of the last digit that was sent: 0.82 → 0.005."""
    decimals = repr(value).partition(".")[2]
    return 0.5 * 10.0 ** -len(decimals) if decimals.isdigit() else 0.5


def _year(text: str) -> str:
    found = re.search(r"\d{4}", text)
    return found.group() if found else ""


def _latest(values: Sequence[tuple[IndicatorValue, _Target]]) -> list[tuple[IndicatorValue, _Target]]:
    """The newest figure of each target, in the order first met; of equal years the first."""
    newest: dict[tuple[bool, int], tuple[IndicatorValue, _Target]] = {}
    for value, target in values:
        key = (target.is_quantity, target.column)
        if key not in newest or _year(value.year) > _year(newest[key][0].year):
            newest[key] = (value, target)
    return list(newest.values())


def _place(value: IndicatorValue) -> str:
    return str(value.source.place("value")) if value.source else "指标表"


def _fault(figure: float, target: _Target) -> str:
    """Why a figure cannot be what it says it is; empty where it can."""
    if not math.isfinite(figure):
        return "不是数"
    if target.name == _MAY_FALL:
        return "低于 -100%" if figure <= -100 else ""
    if figure <= 0:
        return "不大于零"
    return "超过 100%" if target.unit == "%" and figure > 100 else ""


def _take(
    value: IndicatorValue, target: _Target, known: float, reference: Pack, ledger: _Ledger
) -> tuple[float, str] | None:
    """Decide on one figure; returns the value to use and its source, or ``None`` where the reference stays."""
    figure, remark = _converted(value, target, known, reference)
    what = f"{target.name} {_number(value.value)}{value.unit}（{_place(value)}）"
    if figure is None:
        ledger.doubtful.append(f"{what}的单位与“{target.unit}”对不上")
        return None
    if fault := _fault(figure, target):
        ledger.doubtful.append(f"{what}{fault}")
        return None
    year = f"，{_year(value.year)} 年" if _year(value.year) else ""
    source = f"{_place(value)}{year}"
    if math.isnan(known):
        ledger.replaced.append(f"{what}{year}{remark}，参考表原无此数")
        return figure, source
    scale = figure / value.value if value.value else 1.0
    if abs(figure - known) <= max(_SAME * abs(known), _rounding(value.value) * scale):
        ledger.repeated += 1
        return None
    if known > 0 and target.name != _MAY_FALL and not 1 / _FAR <= figure / known <= _FAR:
        ledger.doubtful.append(f"{what}与参考表 {_number(known)}{target.unit} 相差悬殊")
        return None
    ledger.replaced.append(f"{what}{year}{remark}，替代参考表 {_number(known)}{target.unit}（{target.year} 年）")
    if _year(value.year) not in {"", target.year}:
        ledger.later.append(target.name)
    return figure, source


def _parts(definition: Definition) -> set[str]:
    """The columns of the reference table that an indicator rests on."""
    used = set(INDUSTRIES) if definition.diversity else set()
    for column in filter(None, (*definition.columns, definition.over)):
        used |= set(DERIVED.get(column, (column,)))
    return used


def _is_consistent(parts: set[str], taken: Mapping[str, _Taken], reference: Pack) -> bool:
    """Whether figures of one source were renewed together: a new total over an old part would be no share at all."""
    sources = {quantity.column: quantity.source for quantity in reference.catalogue}
    for source in {sources[column] for column in parts & taken.keys()}:
        together = {column for column in parts if sources[column] == source}
        if not together <= taken.keys() or len({taken[column].year for column in together}) > 1:
            return False
    return True


def _renew(
    reference: Pack, row: int, taken: Mapping[str, _Taken], direct: Mapping[int, _Taken], ledger: _Ledger
) -> tuple[Array, Array, dict[str, str]]:
    """The city's rows of quantities (q,) and of indicators (m,) with its own figures, and indicator → source."""
    quantities = reference.quantities[row].copy()
    for column, figure in taken.items():
        quantities[reference.columns.index(column)] = figure.value
    computed = derive(reference.columns, quantities[None, :], reference.definitions)[0]
    values, sources = reference.values[row].copy(), {}
    for i, definition in enumerate(reference.definitions):
        name, parts = definition.indicator.name, _parts(definition)
        if i in direct:
            values[i], sources[name] = direct[i].value, direct[i].source
        elif touched := sorted(parts & taken.keys()):
            if _is_consistent(parts, taken, reference):
                values[i] = computed[i]
                sources[name] = "；".join(dict.fromkeys(taken[column].source for column in touched))
            else:
                ledger.stale.append(name)
    return quantities, values, sources


def _beyond(
    reference: Pack, row: int, values: Array, taken: Mapping[str, _Taken], direct: Mapping[int, _Taken]
) -> list[Finding]:
    """Own figures beyond every city of the pack: they count as the end of the scale, which is never stretched."""
    findings = []
    others = np.delete(reference.values, row, axis=0)
    for i, definition in enumerate(reference.definitions):
        own = direct.get(i) or next((taken[part] for part in sorted(_parts(definition) & taken.keys())), None)
        known = others[~np.isnan(others[:, i]), i]
        if own is None or values[i] == reference.values[row, i] or math.isnan(values[i]) or not len(known):
            continue
        low, high = float(known.min()), float(known.max())
        if not low <= values[i] <= high:
            name, unit = definition.indicator.name, definition.indicator.unit
            findings.append(
                Finding(
                    Severity.WARNING,
                    "figure-outside-pack",
                    own.place,
                    f"{name} {_number(float(values[i]))}{unit}",
                    _("基准包各城市为 {low}—{high}{unit}").format(low=_number(low), high=_number(high), unit=unit),
                    _("按量程端点计分，量程不因它改变；请核对数字和单位。"),
                )
            )
    return findings


def _sentences(city: str, ledger: _Ledger) -> list[str]:
    notes = [f"{city}采用指标表数字：{text}。" for text in ledger.replaced]
    if ledger.later:
        names = "、".join(ledger.later)
        notes.append(f"{city}的{names}与参考城市不是同一年份，与之相比的差距和名次含有时间因素。")
    if ledger.stale:
        names = "、".join(ledger.stale)
        notes.append(f"{city}同一来源的数字没有一并更新，下列指标仍用参考表：{names}。")
    notes.extend(f"{city}未采用：{text}，请核对。" for text in ledger.doubtful)
    return notes


def _summary(reference: Pack, ledgers: Mapping[str, _Ledger], strangers: Sequence[str]) -> list[str]:
    """What concerns all cities together, one sentence each."""
    notes = []
    cities = dict(zip(reference.codes, reference.cities, strict=True))
    repeated = [f"{cities[code]} {ledger.repeated} 项" for code, ledger in ledgers.items() if ledger.repeated]
    if repeated:
        notes.append(f"指标表与参考表一致：{'、'.join(repeated)}。")
    unknown = list(dict.fromkeys(name for ledger in ledgers.values() for name in ledger.unknown))
    if unknown:
        more = f" 等 {len(unknown)} 项" if len(unknown) > 10 else ""
        notes.append(f"指标表中下列指标没有可比的参考城市数据，未用于比较：{'、'.join(unknown[:10])}{more}。")
    others = list(dict.fromkeys(name or "（城市名空白）" for name in strangers))
    if others:
        more = f" 等 {len(others)} 个" if len(others) > 10 else ""
        notes.append(f"指标表中下列城市未参会或未能识别，其数字未采用：{'、'.join(others[:10])}{more}。")
    return notes


def apply_figures(reference: Pack, values: Sequence[IndicatorValue], codes: Sequence[str]) -> CityFigures:
    """Let the sheets' figures of the attending cities replace or extend their rows of the reference tables.

    Args:
        reference: the pack; it is not changed.
        values: figures as read; those of cities that do not attend are named in a note and left.
        codes: the attending cities.
    """
    quantities, results, targets = reference.quantities.copy(), reference.values.copy(), _targets(reference)
    owned: dict[str, list[IndicatorValue]] = {code: [] for code in codes}
    strangers: list[str] = []
    for value in values:
        code = _code_of(value.region_code, reference) if value.region_code else find_city(value.city, reference)
        if code in owned:
            owned[code].append(value)
        else:
            strangers.append(value.city)
    sources: dict[tuple[str, str], str] = {}
    notes: list[str] = []
    findings: list[Finding] = []
    ledgers = {code: _Ledger() for code in owned}
    for code, figures in owned.items():
        row, ledger = reference.codes.index(code), ledgers[code]
        read = [(value, _target_of(value.indicator, targets)) for value in figures]
        ledger.unknown.extend(value.indicator for value, target in read if target is None)
        taken: dict[str, _Taken] = {}
        direct: dict[int, _Taken] = {}
        for value, target in _latest([(value, target) for value, target in read if target is not None]):
            table = reference.quantities if target.is_quantity else reference.values
            decision = _take(value, target, float(table[row, target.column]), reference, ledger)
            if decision is None:
                continue
            place = value.source.place("value") if value.source else Place("指标表")
            figure = _Taken(*decision, _year(value.year), place)
            if target.is_quantity:
                taken[reference.columns[target.column]] = figure
            else:
                direct[target.column] = figure
        quantities[row], results[row], own = _renew(reference, row, taken, direct, ledger)
        findings.extend(_beyond(reference, row, results[row], taken, direct))
        sources.update(((code, name), source) for name, source in own.items())
        notes.extend(_sentences(reference.cities[row], ledger))
    notes.extend(_summary(reference, ledgers, strangers))
    return CityFigures(quantities, results, tuple(sources.items()), tuple(notes), tuple(findings))
