"""Rows of city figures → :class:`IndicatorValue`, from long tables (a figure per row) and wide ones (several)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.cells import read_cell
from yingcheng.intake.mapping import MappedColumn
from yingcheng.intake.rows import Row, RowSet
from yingcheng.intake.vocabulary import header_key, header_unit
from yingcheng.plan.records import IndicatorValue
from yingcheng.standards.regions import Region, find_region

__all__ = ["assemble_indicators"]

_YEAR = re.compile(r"(?:19|20)\d{2}")
_YEAR_HEADING = re.compile(r"^((?:19|20)\d{2})年?(?:末|底|度)?$")


@dataclass(frozen=True, slots=True)
class _FigureColumn:
    """A column of figures and what its heading says: an indicator, a year, or a city."""

    header: str
    column: int
    indicator: str = ""
    unit: str = ""
    year: str = ""
    city: Region | None = None


def assemble_indicators(tables: Sequence[RowSet]) -> tuple[IndicatorValue, ...]:
    """Every readable figure, in reading order; a row without any is refused."""
    return tuple(value for table in tables for value in _table_values(table))


def _table_values(table: RowSet) -> list[IndicatorValue]:
    mapped = table.mapped
    names = {column.field.name for column in mapped.columns if column.field is not None}
    figures = [_figure_column(column, names) for column in mapped.columns if column.field is None and column.header]
    found = _YEAR.search(f"{mapped.table.title} {mapped.table.sheet} {mapped.table.file}")
    default_year = found.group() if found else ""
    return [value for row in table.rows for value in _row_values(table, row, figures, default_year)]


def _figure_column(column: MappedColumn, names: set[str]) -> _FigureColumn:
    base = re.sub(r"[（(][^（()）]*[)）]", "", column.header).strip() or column.header
    if "indicator" in names:
        year = _YEAR_HEADING.match(header_key(column.header))
        if year:
            return _FigureColumn(column.header, column.column, year=year.group(1))
        if "city" not in names:
            city = find_region(base)
            if city.region is not None and city.certain:
                return _FigureColumn(column.header, column.column, city=city.region)
    year_inside = _YEAR.match(base)
    name = base[4:].removeprefix("年").strip() if year_inside and len(base) > 5 else base
    return _FigureColumn(
        column.header,
        column.column,
        indicator=name,
        unit=header_unit(column.header),
        year=year_inside.group() if year_inside and len(base) > 5 else "",
    )


def _row_values(table: RowSet, row: Row, figures: Sequence[_FigureColumn], default_year: str) -> list[IndicatorValue]:
    reading = table.region(row, "city")
    region = reading.region if reading else None
    city_text = row.text("city")
    year = _year(row.text("year")) or default_year
    values: list[IndicatorValue] = []

    def add(
        name: str, value: float, unit: str, when: str, place: Region | None, place_text: str, column: int = 0
    ) -> None:
        # In a wide sheet every figure has a column of its own; in a long one the field "value" names it already.
        source = replace(row.source, columns=(*row.source.columns, ("value", column))) if column else row.source
        values.append(
            IndicatorValue(
                city=place.name if place else place_text,
                region_code=place.code if place else "",
                indicator=name,
                year=when or year,
                value=value,
                unit=unit,
                source=source,
            )
        )

    indicator = row.text("indicator")
    single = row.figure("value")
    if indicator and single is not None and city_text:
        add(_base(indicator), single, row.text("unit") or header_unit(indicator), "", region, city_text)
    texts = dict(row.extra)
    for column in figures:
        number = _number(table, row, column, texts.get(column.header, ""))
        if number is None:
            continue
        name = column.indicator or _base(indicator)
        place, place_text = (column.city, "") if column.city else (region, city_text)
        if name and (place or place_text):
            unit = column.unit or row.text("unit") or header_unit(indicator)
            add(name, number, unit, column.year, place, place_text, column.column)
    if not values:
        table.refuse(
            row,
            "figure-missing",
            " ".join(part for part in (city_text, indicator) if part),
            _("城市、指标名称和数值"),
            _("请补全城市和数值；没有数据的行可以删除。"),
        )
    return values


def _base(indicator: str) -> str:
    return re.sub(r"[（(][^（()）]*[)）]\s*$", "", indicator).strip() or indicator


def _year(text: str) -> str:
    found = _YEAR.search(text)
    return found.group() if found else text


def _number(table: RowSet, row: Row, column: _FigureColumn, text: str) -> float | None:
    reading = read_cell("figure", text)
    for issue in reading.issues:
        place = Place(row.source.file, row.source.sheet, row.source.row, column.column)
        table.findings.append(Finding(Severity.WARNING, issue.code, place, text, issue.expected, issue.remedy))
    return reading.value if isinstance(reading.value, float) else None
