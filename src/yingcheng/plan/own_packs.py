"""A 基准包 from a table of one's own: one row a city, with a file that defines quantities and indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import process

from yingcheng.errors import SettingsError, UnusableInput
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.plan.packs import Recipe, make_pack
from yingcheng.plan.reference import (
    DERIVED,
    INDUSTRIES,
    SUBSYSTEMS,
    Definition,
    Pack,
    Quantity,
    definition_from,
    quantity_from,
    shipped_pack,
)
from yingcheng.standards.regions import find_region, prefectures, provinces

__all__ = ["FigureTable", "has_city_column", "own_pack"]

_CODE_HEADS = ("code", "代码", "区划代码", "行政区划代码", "城市代码")
_CITY_HEADS = ("city", "城市", "市", "地区", "城市名称", "地级市")


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures by city as read from a file: one row a city, texts as they stand there."""

    file: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_row: int  # 1-based row of ``rows[0]``


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
    place, named = _first_of(_CODE_HEADS, heads), _first_of(_CITY_HEADS, heads)
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


def _first_of(wanted: Sequence[str], heads: Sequence[str]) -> int | None:
    return next((heads.index(_plain(head)) for head in wanted if _plain(head) in heads), None)


def has_city_column(headers: Sequence[str]) -> bool:
    """Whether a table names cities or their codes, so that a pack may be made of it."""
    return _first_of((*_CODE_HEADS, *_CITY_HEADS), [_plain(head) for head in headers]) is not None


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
