"""Reads a mapped table into rows of typed values, with a finding for every cell that is not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from yingcheng.findings import Finding, Place, Severity, SourceRow
from yingcheng.i18n import _
from yingcheng.intake.cells import TEXT_TYPES, ColumnReader, Firm, Issue, People, plain_text, read_person
from yingcheng.intake.grid import CellValue
from yingcheng.intake.mapping import MappedColumn, MappedTable
from yingcheng.intake.tables import TableRow, cell_text
from yingcheng.opportunities.records import Contact
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money
from yingcheng.standards.regions import RegionReading, find_region

__all__ = ["Row", "RowSet", "read_rows"]

_SAME_AS_ABOVE = frozenset({"同上", "〃", "″", "''", '"', "”", "同前"})
_LONGEST_MARK = 4
# an opportunity is published with its name, what it is about, and who asks
_TO_PUBLISH = (frozenset({"name"}), frozenset({"need", "summary", "pain"}), frozenset({"unit", "lead"}))
# no place of their own: the whole of the city or province the list is about
_EVERYWHERE = frozenset(
    {"全市", "全域", "全市域", "市域", "全省", "省内", "各区", "各县区", "各县（市、区）", "不限", "待定", "无"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: typed values by field name, and the text of the columns without a field."""

    source: SourceRow
    values: dict[str, object]
    extra: tuple[tuple[str, str], ...]
    section: str = ""

    def text(self, name: str) -> str:
        """Text of a field; empty where not given."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts of a field, each once."""
        value = self.values.get(name)
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, tuple) else ()

    def money(self, name: str) -> Money | None:
        """An amount."""
        value = self.values.get(name)
        return value if isinstance(value, Money) else None

    def period(self, name: str) -> Period | None:
        """A day or span."""
        value = self.values.get(name)
        return value if isinstance(value, Period) else None

    def day(self, name: str) -> date | None:
        """A single day."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def whole(self, name: str) -> int | None:
        """A whole number."""
        value = self.values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def figure(self, name: str) -> float | None:
        """Any number."""
        value = self.values.get(name)
        return value if isinstance(value, float) else None

    def flag(self, name: str) -> bool | None:
        """是 / 否."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def firm(self, name: str) -> Firm | None:
        """A company cell."""
        value = self.values.get(name)
        return value if isinstance(value, Firm) else None

    def reach(self, name: str) -> People | None:
        """A cell about people."""
        value = self.values.get(name)
        return value if isinstance(value, People) else None

    def contact(self) -> Contact:
        """Person, telephone and e-mail from every column that speaks of them, with the consent the sheet carries."""
        reaches = {name: reach for name in ("contact", "phone", "email") if (reach := self.reach(name)) is not None}
        written = self.text("person")
        if not reaches and not written:
            return Contact()
        person, named = read_person(written)
        if named is not None:
            reaches = {"person": named} | reaches
        return Contact(
            person=person or "、".join(dict.fromkeys(p for r in reaches.values() for p in r.persons)),
            title=self.text("title"),
            phones=tuple(dict.fromkeys(p for r in reaches.values() for p in r.phones)),
            emails=tuple(dict.fromkeys(e for r in reaches.values() for e in r.emails)),
            text="；".join(dict.fromkeys(r.text for r in reaches.values() if r.text)),
            publishable=self._consent(reaches),
        )

    def _consent(self, reaches: dict[str, People]) -> frozenset[str]:
        """A word in a cell about the whole contact covers every field, one in a cell of its own that field alone."""
        general = self.flag("contact_consent")
        whole = reaches["contact"].consent if "contact" in reaches else None
        allowed = {"person", "phone", "email"} if (general if whole is None else whole) else set()
        if "person" in reaches:
            _settle(allowed, _fields_of(reaches["person"]), reaches["person"].consent)
        for name in ("phone", "email"):
            own = reaches[name].consent if name in reaches else None
            _settle(allowed, {name}, own if own is not None else self.flag(f"{name}_consent"))
        return frozenset(allowed)


def _fields_of(reach: People) -> set[str]:
    """What a cell headed 联系人 speaks of: the person, and the numbers or addresses written behind the name."""
    given = (("phone", reach.phones), ("email", reach.emails))
    return {"person", *(name for name, values in given if values)}


def _settle(allowed: set[str], names: set[str], consent: bool | None) -> None:
    if consent is True:
        allowed |= names
    elif consent is False:
        allowed -= names


@dataclass(slots=True)
class RowSet:
    """The rows of one table, and the findings the assembling adds to."""

    mapped: MappedTable
    rows: tuple[Row, ...]
    findings: list[Finding] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)  # row numbers

    def place(self, row: Row, name: str = "") -> Place:
        """The cell of a field, or the whole row."""
        return row.source.place(name)

    def refuse(self, row: Row, code: str, found: str, expected: str, remedy: str, *, name: str = "") -> None:
        """Leaves a row out, with the reason."""
        if row.source.row not in self.refused:
            self.refused.add(row.source.row)
            self.findings.append(Finding(Severity.ERROR, code, self.place(row, name), found, expected, remedy))

    def warn(self, row: Row, code: str, found: str, expected: str, remedy: str, *, name: str = "") -> None:
        """Takes a row with a doubt."""
        self.findings.append(Finding(Severity.WARNING, code, self.place(row, name), found, expected, remedy))

    def notice(self, row: Row, code: str, found: str, expected: str, remedy: str, *, name: str = "") -> None:
        """Something worth knowing about a row."""
        self.findings.append(Finding(Severity.NOTICE, code, self.place(row, name), found, expected, remedy))

    def region(self, row: Row, name: str, *, within: str = "") -> RegionReading | None:
        """The region a cell names, looked up beside its province; doubts become findings."""
        text = row.text(name)
        if not text or text in _EVERYWHERE:
            return None
        reading = _find_region(text, within)
        if reading.region is None:
            self.warn(
                row,
                "region-unknown",
                text,
                _("行政区划名称（GB/T 2260），如 太原市小店区"),
                _("请写全省、市、县（区）名称；该行按原文保留。"),
                name=name,
            )
        elif reading.abolished:
            self.notice(
                row,
                "region-abolished",
                text,
                _("现行行政区划名称"),
                _("该区划已撤销或更名（{note}），请核对。").format(note=reading.note.rstrip("。")),
                name=name,
            )
        elif not reading.certain:
            self.warn(
                row,
                "region-uncertain",
                text,
                _("能唯一确定的行政区划名称；按“{name}”读入").format(name=reading.region.path),
                _("请写全省、市、县（区）名称。"),
                name=name,
            )
        return reading


@lru_cache(maxsize=20_000)
def _find_region(text: str, within: str) -> RegionReading:
    return find_region(text, within=within)


def read_rows(mapped: MappedTable) -> RowSet:
    """Reads every data row of a table whose kind is known."""
    table = mapped.table
    found = RowSet(mapped, ())
    columns = [list(cells) for cells in zip(*(row.cells for row in table.rows), strict=True)]
    if not columns:
        return found
    _fill_down(mapped, columns, found)
    shared = tuple((c.field.name, c.column) for c in mapped.columns if c.field is not None)
    by_field: dict[str, list[list[object]]] = {}
    extras: list[tuple[str, list[str]]] = []
    for column in mapped.columns:
        cells = columns[column.index]
        if column.field is None or column.field.keep:
            extras.append((_extra_name(column), [plain_text(c) if c is not None else "" for c in cells]))
        if column.field is not None:
            by_field.setdefault(column.field.name, []).append(_read_column(column, cells, table.rows, found))
    values = {name: lists[0] if len(lists) == 1 else _combine(lists) for name, lists in by_field.items()}
    names = list(values)
    by_row: Iterator[Sequence[object]] = zip(*values.values(), strict=True) if names else iter([()] * len(table.rows))
    found.rows = tuple(
        Row(
            SourceRow(table.file, table.sheet, row.number, shared),
            dict(zip(names, given, strict=True)),
            tuple((head, texts[i]) for head, texts in extras if texts[i]),
            row.section,
        )
        for i, (row, given) in enumerate(zip(table.rows, by_row, strict=True))
    )
    return found


def _extra_name(column: MappedColumn) -> str:
    return column.header or f"第{column.column}列"


def _is_empty(cell: CellValue) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _fill_down(mapped: MappedTable, columns: list[list[CellValue]], found: RowSet) -> None:
    """Replaces 同上 everywhere, and blanks where the kind says a blank means "same as above"."""
    for cells in columns:
        last: CellValue = None
        for i, cell in enumerate(cells):
            if isinstance(cell, str) and len(cell) <= _LONGEST_MARK and cell.strip() in _SAME_AS_ABOVE:
                cells[i] = last
            elif cell is not None:
                last = cell
    kind = mapped.kind
    if kind is None:
        return
    for group in kind.fill_down:
        indexes = [c.index for c in mapped.columns if c.field is not None and c.field.name in group]
        filled = [i for i in range(len(mapped.table.rows)) if _fill_row(columns, indexes, i)] if indexes else []
        if filled:
            column = next(c for c in mapped.columns if c.index == indexes[0])
            found.findings.append(
                Finding(
                    Severity.NOTICE,
                    "same-as-above",
                    Place(mapped.table.file, mapped.table.sheet, mapped.table.rows[filled[0]].number, column.column),
                    _("{count} 行空白").format(count=len(filled)),
                    _("每行都填写“{header}”").format(header=column.header),
                    _("空白按“同上”读入；如不对，请逐行填写。"),
                )
            )


def _fill_row(columns: list[list[CellValue]], indexes: list[int], i: int) -> bool:
    if i == 0 or not all(_is_empty(columns[index][i]) for index in indexes):
        return False
    for index in indexes:
        columns[index][i] = columns[index][i - 1]
    return any(not _is_empty(columns[index][i]) for index in indexes)


def _read_column(column: MappedColumn, cells: list[CellValue], rows: Sequence[TableRow], found: RowSet) -> list[object]:
    if column.field is None:
        return []
    table = found.mapped.table
    values: list[object] = []
    read_text = TEXT_TYPES.get(column.field.type)
    if read_text is not None:  # most columns: no issues to collect, and too many distinct values to remember
        values.extend(map(read_text, cells))
    else:
        reader = ColumnReader(column.field.type, column.unit)
        for cell, row in zip(cells, rows, strict=True):
            reading = reader.read(cell)
            values.append(reading.value)
            if reading.issues:
                place = Place(table.file, table.sheet, column.row or row.number, column.column)
                found.findings.extend(_finding(issue, place, cell) for issue in reading.issues)
    if rows and all(cell is None for cell in cells):
        found.findings.append(
            Finding(
                Severity.WARNING if _needed_to_publish(column, found.mapped) else Severity.NOTICE,
                "column-empty",
                Place(table.file, table.sheet, column.row or table.header_row, column.column),
                column.header,
                _("填写“{label}”").format(label=column.field.label),
                _("整列 {count} 行均为空，请报送单位补充。").format(count=len(rows)),
            )
        )
    return values


def _needed_to_publish(column: MappedColumn, mapped: MappedTable) -> bool:
    """Whether nothing can be published without this column: no other column of the table fills the same need."""
    if mapped.kind is None or mapped.kind.name != "opportunities" or column.field is None:
        return False
    group = next((group for group in _TO_PUBLISH if column.field.name in group), frozenset())
    others = [c.index for c in mapped.columns if c.field is not None and c.field.name in group]
    return bool(group) and all(row.cells[index] is None for row in mapped.table.rows for index in others)


def _finding(issue: Issue, place: Place, cell: CellValue) -> Finding:
    return Finding(issue.severity, issue.code, place, cell_text(cell), issue.expected, issue.remedy)


def _combine(lists: list[list[object]]) -> list[object]:
    """Values of several columns of one field: lists are joined, of the others the first given one counts."""
    combined: list[object] = []
    for values in zip(*lists, strict=True):
        if any(isinstance(v, tuple) for v in values):
            combined.append(tuple(dict.fromkeys(x for v in values if isinstance(v, tuple) for x in v)))
        else:
            combined.append(next((v for v in values if v not in (None, "")), values[0]))
    return combined
