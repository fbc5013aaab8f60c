"""Finds the tables on a sheet: where each header stands, which rows are data and which only look like it.

A sheet as offices send it has a merged title, a line with the reporting unit, a header of one or two rows, group
headings, repeated headers after page breaks, totals, notes, and sometimes a second table below or beside the first.
Only data rows become :class:`TableRow`; every other row with content is named in a finding, so nothing vanishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.grid import CellValue, Sheet
from yingcheng.intake.vocabulary import header_base, header_key, vocabulary

__all__ = ["Column", "FoundTables", "Table", "TableRow", "cell_text", "find_tables"]

_LONGEST_HEADING = 30  # characters; longer texts are content …
_LONGEST_EXPLAINED = 200  # … unless the length comes from an explanation in brackets
_LOOK_FOR_HEADER = 40  # rows from the top in which an unrecognised header is looked for
_SERIAL = frozenset({"序号", "编号", "no", "no.", "号"})
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "总和", "累计"})
_COVERS = ("封面", "首页", "目录", "填报说明", "填表说明", "填写说明", "使用说明", "须知")  # in the name of a sheet
_COVER_LABELS = frozenset(  # what a cover sheet asks for
    {"报送单位", "填报单位", "填报日期", "填报时间", "报送日期", "报送时间", "填报人", "填表人", "审核人", "负责人"}
    | {"联系人", "联系电话", "电话", "附件", "说明", "备注", "版本", "密级", "批次"}
)
_EXAMPLES = frozenset({"示例", "样例", "例", "例如", "填写示例", "(示例)", "(例)", "范例"})
_NOTE = re.compile(
    r"^[（(【*※]?(?:备?注|说明|填[表报写]说明|附注|资料来源|数据来源|单位|制表人?|填[表报]人|审核人?|审批人?|负责人签字"
    r"|填[报表]单位|填[报表](?:日期|时间)|报送单位|联系人)\s*[0-9一二三四五]{0,2}\s*[：:.、】）)]"
)
_NUMBERED_NOTE = re.compile(r"^[（(]?[0-9一二三四五六七八九十]{1,2}[.、．)）]")
_SECTION = re.compile(r"^(?:[（(]?[一二三四五六七八九十]{1,3}[)）、.]|第[一二三四五六七八九十\d]+[章节部批类])")
_NUMBER_OR_MAIL = re.compile(r"\d{7}|@")
_FEWEST_PAIRS = 3  # labels with values that make a form
_DAY = re.compile(r"\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``variants`` are the texts to look its heading up by, most telling first."""

    column: int  # 1-based in the sheet
    header: str  # one line, upper and lower header joined
    variants: tuple[str, ...]
    row: int = 0  # 1-based; the row of the value where it is not the row of the record, as in a form


@dataclass(frozen=True, slots=True)
class TableRow:
    """A data row. ``section`` is the text of the last group heading above it within the table."""

    number: int  # 1-based in the sheet
    cells: tuple[CellValue, ...]  # one per column of the table
    section: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a sheet; ``title`` is what stands above it, one line per row."""

    file: str
    sheet: str
    title: str
    header_row: int  # 1-based, last row of the header
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class FoundTables:
    """The tables of a sheet and what was noticed while looking for them."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]


def cell_text(value: CellValue) -> str:
    """A cell as a person would read it: 1.0 → ``1``, a date → ``2026-01-31``, empty → empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date):  # datetime included
        text = value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
        return text.removesuffix(" 00:00:00")
    return str(value)


@dataclass(frozen=True, slots=True)
class _Header:
    """Rows (0-based, inclusive) of a header and the joined headings by column position."""

    top: int
    bottom: int
    headings: tuple[tuple[str, tuple[str, ...]], ...]  # per position: joined text, variants

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(header_key(text) for text, _variants in self.headings if text)


class _SheetView:
    """The rows of a sheet with the questions the search asks again and again."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.rows = sheet.rows
        self.width = max((len(row) for row in sheet.rows), default=0)
        self.filled: list[list[int]] = [
            [i for i, cell in enumerate(row) if cell is not None and not (isinstance(cell, str) and not cell.strip())]
            for row in sheet.rows
        ]
        self.known_headings = vocabulary().headings
        self._known: dict[str, bool] = {}
        # merged ranges in 0-based positions of ``rows``
        top, left = sheet.first_row, sheet.first_column
        self.merged = tuple(sorted((t - top, m - left, b - top, r - left) for t, m, b, r in sheet.merged))

    def number(self, position: int) -> int:
        return self.sheet.first_row + position

    def is_known(self, cell: CellValue) -> bool:
        """Whether the cell is a heading of the vocabulary."""
        if not isinstance(cell, str) or not _is_short(cell):
            return False
        known = self._known.get(cell)
        if known is None:
            known = self._known[cell] = (
                header_key(cell) in self.known_headings or header_base(cell) in self.known_headings
            )
        return known

    def is_strong_header(self, position: int) -> bool:
        """At least two different headings of the vocabulary, at least half of the cells, and only short texts."""
        filled = self.filled[position]
        if len(filled) < 2:
            return False
        row = self.rows[position]
        for i in filled:  # data rows fail here, at their first number or long text
            cell = row[i]
            if not (_is_short(cell) if isinstance(cell, str) else _may_head(cell)):
                return False
        places = [i for i in filled if self.is_known(row[i])]
        known = {cell_text(row[i]) for i in places}
        if len(known) < 2 or 2 * len(known) < len(filled) or not all(_may_head(row[i]) for i in filled):
            return False
        return len(filled) < 4 or 2 * len(places) != len(filled) or places != filled[::2]  # 联系人 | 张三 | 电话 | …

    def is_weak_header(self, position: int) -> bool:
        """Short distinct texts above values of another nature, or with a known heading among them."""
        filled = self.filled[position]
        if not filled:
            return False
        row = self.rows[position]
        texts = [row[i] for i in filled]
        if not all(_may_head(text) for text in texts) or len({cell_text(text) for text in texts}) < len(texts):
            return False
        if len(filled) == 1:
            single = row[filled[0]]
            below = self._next_filled(position)
            return isinstance(single, str) and self.is_known(single) and len(below) == 1 and below == filled
        if any(self.is_known(text) for text in texts):
            return True
        return self._number_below(position, filled)

    def _next_filled(self, position: int) -> list[int]:
        return next((self.filled[p] for p in range(position + 1, len(self.rows)) if self.filled[p]), [])

    def _number_below(self, position: int, columns: Sequence[int]) -> bool:
        for below in range(position + 1, min(position + 4, len(self.rows))):
            if any(isinstance(self.rows[below][c], int | float) for c in columns if c < len(self.rows[below])):
                return True
        return False

    def merge_from(self, row: int, column: int) -> tuple[int, int, int, int] | None:
        """The merged range that starts in this cell."""
        return next((m for m in self.merged if m[0] == row and m[1] == column), None)

    def is_band(self, position: int) -> bool:
        """One text only, written over several merged columns: a title, a group heading or a note."""
        filled = self.filled[position]
        if len(filled) != 1:
            return False
        merge = self.merge_from(position, filled[0])
        return merge is not None and merge[3] > merge[1] and merge[0] == merge[2]


def _may_head(cell: CellValue) -> bool:
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float):
        return 1949 <= cell <= 2100 and float(cell).is_integer()  # a year as heading
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    return (
        _is_short(text)
        and not text.endswith(("。", "；", ";"))
        and not (_NOTE.match(text) or _NUMBER_OR_MAIL.search(text))
    )


def _is_short(text: str) -> bool:
    """Whether a text is as short as a heading; 合作需求（包括技术参数、应用规模……500字以内） is."""
    if len(text) <= _LONGEST_HEADING:
        return True
    if len(text) > _LONGEST_EXPLAINED or not ("（" in text or "(" in text):
        return False
    return len(header_base(text)) <= _LONGEST_HEADING // 2


def find_tables(sheet: Sheet, *, header_row: int | None = None) -> FoundTables:
    """All tables of a sheet, from top to bottom and left to right.

    Args:
        sheet: the cells as read.
        header_row: 1-based row of the header, where ``mapping.toml`` pins it; then the sheet is one table.

    Returns:
        The tables and findings about every row with content that is not a data row. A sheet without any table gives
        one finding and no table.
    """
    view = _SheetView(sheet)
    headers = _find_headers(view) if header_row is None else _pinned_headers(view, header_row)
    if header_row is None and (form := _form(view, headers)) is not None:
        return form
    if not headers:
        return FoundTables((), _no_table(view))
    tables: list[Table] = []
    findings: list[Finding] = []
    above = 0
    for header, following in zip(headers, [*headers[1:], None], strict=True):
        end = _end_of_table(view, header, following.top if following else None)
        title = _title(view, above, header.top)
        findings.extend(_wide_rows_above(view, above, header.top))
        found, noticed = _read_table(view, header, end, title)
        tables.extend(found)
        findings.extend(noticed)
        above = end
    findings.extend(_hidden(view, tables))
    return FoundTables(tuple(tables), tuple(sorted(findings, key=lambda f: f.place)))


def _no_table(view: _SheetView) -> tuple[Finding, ...]:
    texts = [cell_text(view.rows[p][i]) for p, filled in enumerate(view.filled) for i in filled]
    if not texts:
        return ()
    return (
        _finding(
            view,
            Severity.NOTICE,
            "sheet-without-table",
            0,
            "；".join(texts[:5]),
            _("一张有表头的表格"),
            _("如果这里本来有表格，请把列名写在表格第一行后重新报送；封面、说明页不用理会。"),
        ),
    )


def _finding(
    view: _SheetView, severity: Severity, code: str, row: int, found: str, expected: str, remedy: str
) -> Finding:
    return Finding(severity, code, Place(view.sheet.file, view.sheet.name, row), found, expected, remedy)


# ---- headers -------------------------------------------------------------------------------------------------------


def _pinned_headers(view: _SheetView, header_row: int) -> list[_Header]:
    position = header_row - view.sheet.first_row
    if not 0 <= position < len(view.rows) or not view.filled[position]:
        return []
    return [_header_at(view, position)]


def _find_headers(view: _SheetView) -> list[_Header]:
    headers: list[_Header] = []
    current: _Header | None = None
    position = 0
    while position < len(view.rows):
        if view.is_strong_header(position) and _starts_table(view, position, current):
            if current is None:
                headers.extend(_headers_above(view, position))
            current = _header_at(view, position)
            headers.append(current)
            position = current.bottom
        position += 1
    if not headers and not _is_cover(view):
        return list(_headers_above(view, min(len(view.rows), _LOOK_FOR_HEADER), required=True))
    return headers


def _is_cover(view: _SheetView) -> bool:
    """A sheet of labels and what was filled in beside them, as offices put in front of a table."""
    rows = [p for p, filled in enumerate(view.filled) if filled]
    if max((len(view.filled[p]) for p in rows), default=0) > 2 or len(rows) > _LOOK_FOR_HEADER:
        return False
    if any(word in view.sheet.name for word in _COVERS):
        return True
    labels = [view.rows[p][view.filled[p][0]] for p in rows if len(view.filled[p]) == 2]
    asked = [label for label in labels if header_key(cell_text(label)) in _COVER_LABELS]
    if any(view.is_known(label) for label in labels if label not in asked):
        return False  # 场景名称 and the like: a form
    return bool(labels) and 2 * len(asked) >= len(labels)


def _headers_above(view: _SheetView, end: int, *, required: bool = False) -> Iterator[_Header]:
    """A header the vocabulary does not know, among the rows before ``end`` that no known header claims."""
    wide = [p for p in range(end) if len(view.filled[p]) >= 2]
    if len(wide) < 2 and not required:
        return
    for position in range(end):
        if view.is_weak_header(position) and (required or _data_follows(view, position, end)):
            yield _header_at(view, position)
            return
    if required and wide and any(len(view.filled[p]) >= 2 for p in range(wide[0] + 1, len(view.rows))):
        yield _header_at(view, wide[0])


def _data_follows(view: _SheetView, position: int, end: int) -> bool:
    width = len(view.filled[position])
    return width >= 3 and any(2 * len(view.filled[p]) > width for p in range(position + 1, end))


def _starts_table(view: _SheetView, position: int, current: _Header | None) -> bool:
    if current is None:
        return True
    if _repeats(view, position, current):
        return False
    filled = view.filled[position]
    if position == 0 or len(view.filled[position - 1]) <= 1:
        return True
    known = {cell_text(view.rows[position][i]) for i in filled if view.is_known(view.rows[position][i])}
    return len(known) >= 3 and 5 * len(known) >= 4 * len(filled)


def _repeats(view: _SheetView, position: int, header: _Header) -> bool:
    texts = {header_key(cell_text(view.rows[position][i])) for i in view.filled[position]}
    parts = header.keys | {header_key(v) for _text, variants in header.headings for v in variants}
    return len(texts) >= 2 and sum(text in parts for text in texts) >= 0.8 * len(texts)


def _header_at(view: _SheetView, position: int) -> _Header:
    """The header around a row: one row, or two where the row above or below belongs to it."""
    if position > 0 and _is_upper(view, position - 1, position):
        return _join(view, position - 1, position)
    if position + 1 < len(view.rows) and _is_lower(view, position, position + 1):
        return _join(view, position, position + 1)
    row = view.rows[position]
    headings = tuple((_one_line(cell), (_one_line(cell),) if _one_line(cell) else ()) for cell in row)
    return _Header(position, position, headings)


def _one_line(cell: CellValue) -> str:
    return " ".join(cell_text(cell).split())


def _is_upper(view: _SheetView, upper: int, lower: int) -> bool:
    """Whether ``upper`` groups the headings of ``lower``."""
    filled = view.filled[upper]
    row = view.rows[upper]
    if len(filled) < 2 or not all(_may_head(row[i]) for i in filled):
        return False
    if any("：" in cell_text(row[i]) or ":" in cell_text(row[i]) or _DAY.search(cell_text(row[i])) for i in filled):
        return False
    if any(m for m in (view.merge_from(upper, i) for i in filled) if m and (m[3] > m[1] or m[2] == lower)):
        return True
    # without merge information: the rows complete one another
    below = set(view.filled[lower])
    return any(view.is_known(row[i]) for i in filled) and any(i not in below for i in filled)


def _is_lower(view: _SheetView, upper: int, lower: int) -> bool:
    """Whether ``lower`` splits headings of ``upper`` into parts."""
    filled = view.filled[lower]
    row = view.rows[lower]
    if not filled or not all(_may_head(row[i]) for i in filled):
        return False
    above = view.filled[upper]
    groups: set[int] = set()
    for i in above:
        merge = view.merge_from(upper, i)
        if merge is not None and merge[3] > merge[1] and merge[2] == upper:
            groups.update(range(merge[1], merge[3] + 1))
    if groups:
        return len(set(filled) & groups) >= 2 and all(i in groups or i not in above for i in filled)
    empty = set(range(min(above), max(above) + 2)) - set(above)
    starts = {i for i in above if i + 1 in empty}
    inside = [i for i in filled if i in empty or i in starts]
    return (
        len(inside) == len(filled)
        and len(set(filled) & starts) >= 1
        and len(set(filled) & empty) >= 1
        and any(view.is_known(row[i]) for i in filled)
    )


def _join(view: _SheetView, top: int, bottom: int) -> _Header:
    upper = _spread(view, top, bottom)
    headings: list[tuple[str, tuple[str, ...]]] = []
    for i in range(view.width):
        over, under = upper[i], _one_line(view.rows[bottom][i])
        if over and under and over != under:
            headings.append((f"{over} {under}", (f"{over}{under}", under, over)))
        else:
            text = under or over
            headings.append((text, (text,) if text else ()))
    return _Header(top, bottom, tuple(headings))


def _spread(view: _SheetView, top: int, bottom: int) -> list[str]:
    """The upper headings, each repeated over the columns it groups."""
    texts = [_one_line(cell) for cell in view.rows[top]]
    spread = list(texts)
    has_merges = any(view.merge_from(top, i) for i in view.filled[top])
    for i in view.filled[top]:
        merge = view.merge_from(top, i)
        if merge is not None:
            last = merge[3]
        elif has_merges:
            last = i
        else:
            last = i
            while last + 1 < view.width and not texts[last + 1] and _one_line(view.rows[bottom][last + 1]):
                last += 1
        for j in range(i + 1, min(last, view.width - 1) + 1):
            spread[j] = texts[i]
    return spread


# ---- forms ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pair:
    """A label of a form with its value; ``row`` and ``column`` (0-based) are those of the value."""

    row: int
    column: int
    label: str
    value: CellValue


def _form(view: _SheetView, headers: Sequence[_Header]) -> FoundTables | None:
    """A form with labels beside or above their values, one record on the sheet, as a table of one row.

    Labels and values alternate along each row (申请单位 | 市城管局 | 所属区 | 小店区). What stands above the first pair
    is the title; a label the vocabulary does not know becomes an extra column; other texts are named in findings.
    """
    if len(view.rows) > _LOOK_FOR_HEADER or _is_cover(view):
        return None
    if any(view.is_strong_header(h.top) and len(view.filled[h.top]) > 2 for h in headers):
        return None
    pairs: list[_Pair] = []
    title: list[str] = []
    left: list[int] = []
    pending = ""  # a label alone on its row; the value stands below it
    for position, filled in enumerate(view.filled):
        first = view.rows[position][filled[0]] if filled else None
        if len(filled) == 1 and view.is_known(first):
            pending = _one_line(first)
        elif len(filled) == 1 and pending:
            pairs.append(_Pair(position, filled[0], pending.rstrip("：:"), first))
            pending = ""
        elif found := _pairs(view, position, inside=bool(pairs)):
            pairs.extend(found)
        elif filled and pairs:
            left.append(position)
        elif filled:
            title.append(" ".join(_one_line(view.rows[position][i]) for i in filled))
    labels = {header_key(pair.label) for pair in pairs}
    known = sum(view.is_known(pair.label) for pair in pairs)
    if known < _FEWEST_PAIRS or 2 * known < len(pairs) or len(labels) < len(pairs):
        return None
    return FoundTables((_form_table(view, pairs, "\n".join(title)),), tuple(_left_over(view, p) for p in left))


def _form_table(view: _SheetView, pairs: Sequence[_Pair], title: str) -> Table:
    sheet = view.sheet
    first = view.number(pairs[0].row)
    return Table(
        file=sheet.file,
        sheet=sheet.name,
        title=title,
        header_row=first,
        columns=tuple(
            Column(sheet.first_column + pair.column, pair.label, (pair.label,), view.number(pair.row)) for pair in pairs
        ),
        rows=(TableRow(first, tuple(pair.value for pair in pairs)),),
    )


def _left_over(view: _SheetView, position: int) -> Finding:
    text = " ".join(_one_line(view.rows[position][i]) for i in view.filled[position])
    return _finding(
        view,
        Severity.NOTICE,
        "note-row",
        view.number(position),
        text,
        _("一项名称和它的内容"),
        _("作为注释处理；如为填写内容，请写在对应项目右侧。"),
    )


def _pairs(view: _SheetView, position: int, *, inside: bool) -> list[_Pair]:
    """The pairs of one row. Several values behind one label are joined.

    A row without any known label counts ``inside`` a form only, and only where labels and values can alternate.
    """
    filled, row = view.filled[position], view.rows[position]
    if len(filled) < 2:
        return []
    if not any(view.is_known(row[i]) for i in filled[:-1]):
        if not inside or len(filled) % 2 or not all(_may_head(row[i]) for i in filled[::2]):
            return []
        return [
            _Pair(position, at, _one_line(row[i]), row[at]) for i, at in zip(filled[::2], filled[1::2], strict=True)
        ]
    found: list[_Pair] = []
    label, stood = "", -1
    for i in filled:
        answers = bool(label) and i == filled[-1] and i == stood + 1  # 类别 | 企业: a value that is a heading elsewhere
        if (view.is_known(row[i]) and not answers) or not (label or found):
            label, stood = _one_line(row[i]), i  # a label without a value, such as a group heading, gives way
        elif label:
            found.append(_Pair(position, i, label.rstrip("：:"), row[i]))
            label = ""
        else:
            last = found[-1]
            found[-1] = replace(last, value=f"{cell_text(last.value)}；{cell_text(row[i])}")
    return found


# ---- extent --------------------------------------------------------------------------------------------------------


def _end_of_table(view: _SheetView, header: _Header, next_top: int | None) -> int:
    """First row (0-based) after the table. Titles directly above the next table belong to that one."""
    if next_top is None:
        return len(view.rows)
    end = next_top
    while end - 1 > header.bottom and len(view.filled[end - 1]) <= 1:
        if view.filled[end - 1] and _NOTE.match(cell_text(view.rows[end - 1][view.filled[end - 1][0]])):
            break
        end -= 1
    # single-cell rows that follow data without a gap are that table's own; only those after a gap are titles
    gap = next((p for p in range(end, next_top) if not view.filled[p]), None)
    return end if gap is None or gap == end else gap


def _title(view: _SheetView, start: int, end: int) -> str:
    lines = []
    for position in range(start, end):
        texts = [_one_line(view.rows[position][i]) for i in view.filled[position]]
        if texts:
            lines.append(" ".join(texts))
    return "\n".join(lines)


def _wide_rows_above(view: _SheetView, start: int, end: int) -> Iterator[Finding]:
    """Rows too wide for a title that no header claims: read as title, and said."""
    for position in range(start, end):
        if len(view.filled[position]) > 2:
            yield _finding(
                view,
                Severity.NOTICE,
                "row-above-header",
                view.number(position),
                " ".join(_one_line(view.rows[position][i]) for i in view.filled[position]),
                _("表头以上只有标题"),
                _("作为标题处理；如为正式数据，请移到表头下面。"),
            )


def _read_table(view: _SheetView, header: _Header, end: int, title: str) -> tuple[list[Table], list[Finding]]:
    tables: list[Table] = []
    findings: list[Finding] = []
    groups = _side_by_side(view, header, end)
    for number, positions in enumerate(groups):
        columns = tuple(
            Column(view.sheet.first_column + i, text, variants)
            for i in positions
            for text, variants in [header.headings[i]]
        )
        rows, noticed = _data_rows(view, header, end, positions, alone=len(groups) == 1, first=number == 0)
        findings.extend(noticed)
        tables.append(Table(view.sheet.file, view.sheet.name, title, view.number(header.bottom), columns, tuple(rows)))
    return tables, findings


def _side_by_side(view: _SheetView, header: _Header, end: int) -> list[list[int]]:
    """Columns of each table: more than one group where an empty column separates two recognised headers."""
    used = [bool(text) for text, _variants in header.headings]
    unnamed = [i for i, has in enumerate(used) if not has]
    if unnamed:
        for position in range(header.bottom + 1, end):
            filled = view.filled[position]
            if len(filled) == 1 and (view.is_band(position) or filled[0] == 0):
                continue  # a title or note does not make a column
            for i in unnamed:
                if not used[i] and i in filled:
                    used[i] = True
            if all(used[i] for i in unnamed):
                break
    groups: list[list[int]] = [[]]
    for i, has in enumerate(used):
        if has:
            groups[-1].append(i)
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    recognised = [
        sum(view.is_known(text) for i in group for text in [header.headings[i][0]] if text) >= 2 for group in groups
    ]
    if len(groups) > 1 and all(recognised) and _same_start(header, groups):
        return groups
    return [[i for group in groups for i in group]]


def _same_start(header: _Header, groups: list[list[int]]) -> bool:
    """Tables side by side each have their own first heading again (序号 or a name) among their columns."""
    keys = [{header_key(header.headings[i][0]) for i in group} for group in groups]
    first = header_key(header.headings[groups[0][0]][0])
    return all(first in k for k in keys[1:]) or all(
        header_key(header.headings[group[0]][0]) in _SERIAL for group in groups
    )


def _data_rows(
    view: _SheetView, header: _Header, end: int, positions: list[int], *, alone: bool, first: bool
) -> tuple[list[TableRow], list[Finding]]:
    wanted = set(positions)
    whole = alone and len(positions) == view.width and positions[0] == 0
    rows: list[TableRow] = []
    findings: list[Finding] = []
    section = ""
    after_note = False
    for position in range(header.bottom + 1, end):
        filled = view.filled[position]
        if not alone:
            filled = [i for i in filled if i in wanted]
        if not filled:
            continue
        verdict = _judge(view, header, position, filled, positions, after_note=after_note)
        if verdict is not None:
            code, expected, remedy = verdict
            after_note = code == "note-row"
            if code == "section-row":
                section = _one_line(view.rows[position][filled[0]])
            if first or not view.is_band(position):
                text = " ".join(_one_line(view.rows[position][i]) for i in filled)
                findings.append(_finding(view, Severity.NOTICE, code, view.number(position), text, expected, remedy))
            continue
        after_note = False
        row = view.rows[position]
        cells = row if whole else tuple(row[i] if i < len(row) else None for i in positions)
        rows.append(TableRow(view.number(position), cells, section))
    return _fill_merged(view, rows, positions), findings


def _judge(
    view: _SheetView, header: _Header, position: int, filled: list[int], positions: list[int], *, after_note: bool
) -> tuple[str, str, str] | None:
    """Why a row with content is not a data row, as (code, expected, remedy); ``None`` for a data row."""
    row = view.rows[position]
    first = row[filled[0]]
    if isinstance(first, str):
        text = first.strip()
        if "".join(text.split()).rstrip("：:") in _TOTALS and filled[0] in positions[:3]:
            return ("totals-row", _("数据行"), _("合计行不作为数据读入，无需处理。"))
        if len(text) <= 8 and header_key(text) in _EXAMPLES and filled[0] == positions[0]:
            return ("example-row", _("数据行"), _("示例行不作为数据读入；如为正式数据，请改写第一格。"))
        if _is_note(view, position, filled, text, after_note=after_note):
            return ("note-row", _("数据行"), _("注释行不作为数据读入，无需处理。"))
        if len(filled) == 1 and _is_section(view, header, position, filled[0], text, positions):
            return ("section-row", _("数据行"), _("作为分组标题处理；如为正式数据，请补全该行其他列。"))
        if view.is_known(first) and _repeats(view, position, header):
            return ("repeated-header", _("数据行"), _("重复的表头不作为数据读入，无需处理。"))
    if position == header.bottom + 1 and _is_numbering(row, filled):
        return ("numbering-row", _("数据行"), _("列号行不作为数据读入，无需处理。"))
    return None


def _is_note(view: _SheetView, position: int, filled: list[int], text: str, *, after_note: bool) -> bool:
    if len(filled) == 1:
        return bool(_NOTE.match(text)) or (after_note and (bool(_NUMBERED_NOTE.match(text)) or view.is_band(position)))
    texts = [view.rows[position][i] for i in filled]
    # 填表人：… | 审核人：… | 日期：…
    return bool(_NOTE.match(text)) and all(isinstance(t, str) and ("：" in t or ":" in t) for t in texts)


def _is_section(view: _SheetView, header: _Header, position: int, at: int, text: str, positions: list[int]) -> bool:
    if len(positions) < 3:
        return False
    if view.is_band(position):
        return True
    if at != positions[0]:
        return False
    return (header_key(header.headings[at][0]) in _SERIAL and not text.replace(".", "").isdigit()) or bool(
        _SECTION.match(text) or (_DAY.search(text) and len(text) <= 20)
    )


def _is_numbering(row: tuple[CellValue, ...], filled: list[int]) -> bool:
    if len(filled) < 3:
        return False
    texts = [header_key(cell_text(row[i])).strip("()") for i in filled]
    if texts == [str(n) for n in range(1, len(texts) + 1)]:
        return True
    return texts[0] in {"甲", "a"} and all(len(text) <= 2 for text in texts)


def _fill_merged(view: _SheetView, rows: list[TableRow], positions: list[int]) -> list[TableRow]:
    """Cells merged down a group hold their text once; every row of the group gets it."""
    ranges = [m for m in view.merged if m[2] > m[0]]
    if not ranges:
        return rows
    place = {position: index for index, position in enumerate(positions)}
    by_row = {row.number - view.sheet.first_row: index for index, row in enumerate(rows)}
    filled = list(rows)
    for top, left, bottom, _right in ranges:
        index = place.get(left)
        if index is None or top not in by_row:
            continue
        value = rows[by_row[top]].cells[index]
        for position in range(top + 1, min(bottom, len(view.rows) - 1) + 1):
            at = by_row.get(position)
            if at is None or filled[at].cells[index] is not None:
                continue
            cells = list(filled[at].cells)
            cells[index] = value
            filled[at] = replace(filled[at], cells=tuple(cells))
    return filled


def _hidden(view: _SheetView, tables: Sequence[Table]) -> list[Finding]:
    taken = sorted({row.number for table in tables for row in table.rows} & view.sheet.hidden_rows)
    if not taken:
        return []
    shown = "、".join(str(n) for n in taken[:20]) + ("…" if len(taken) > 20 else "")
    return [
        _finding(
            view,
            Severity.NOTICE,
            "hidden-rows",
            taken[0],
            _("隐藏行 {rows}").format(rows=shown),
            _("没有隐藏行"),
            _("隐藏行已照常读入；如不应报送，请删除后重新报送。"),
        )
    ]
