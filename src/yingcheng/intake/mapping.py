"""Tells what kind of table it is and which column is which field.

Each heading is compared with the vocabulary (exact, then without brackets and units, then by ending, then by
resemblance), the content of a column may speak for a field (credit codes, telephone numbers, e-mail addresses), and
columns are assigned to fields all at once so that the total is best. The kind is the one whose fields explain the
header best; names of file, sheet and title tip the scales. What is not certain is said, and a ``mapping.toml`` beside
the files may settle it::

    [[table]]
    file = "城管局*.xlsx"        # name pattern, default "*"
    sheet = "Sheet2"             # name pattern, default "*"
    kind = "opportunities"       # name or Chinese label of the kind; optional
    header_row = 3               # row of the header as the spreadsheet shows it; optional
    [table.columns]              # heading = field name or Chinese label; "" keeps the column as an extra field
    "项目简称" = "name"

The first matching ``[[table]]`` counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process
from scipy.optimize import linear_sum_assignment

from yingcheng.errors import SettingsError
from yingcheng.findings import ColumnReport, Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.tables import Column, Table, cell_text
from yingcheng.intake.vocabulary import Field, Kind, header_base, header_key, header_unit, vocabulary

__all__ = ["MappedColumn", "MappedTable", "Pin", "load_pins", "map_table"]

_ACCEPTED = 0.72  # below this a column is kept as an extra field
_CERTAIN = 0.9  # below this an accepted column is reported with "did you mean"
_WORTH_ASKING = 0.55  # below this not even a question
_FROM_CONTENT = 0.8
_MOST_COLUMNS = 500  # columns of a table that are matched; those behind are kept as extra
_SAMPLE = 50  # cells looked at per column
_MOST_PER_FIELD = 6  # columns that may feed one field
# endings that say nothing about what a column holds
_EMPTY_WORDS = frozenset(
    {"单位", "名称", "类型", "类别", "时间", "日期", "情况", "内容", "数据", "数值"}
    | {"指标", "项目", "案例", "企业", "城市", "地区", "说明", "来源", "状态"}
)
_UNIT_IN_TITLE = re.compile(r"单位\s*[:：]\s*([\w%％/]+)")
_CONTENT = {
    "credit_code": re.compile(r"^[0-9A-HJ-NP-RTUW-Y]{18}$"),
    "phone": re.compile(r"^(?:\+?86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8}(?:-\d{1,5})?|\d{7,8})$"),
    "email": re.compile(r"^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$"),
}


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column with the field it feeds; ``field`` is ``None`` for one kept as extra."""

    index: int  # position in the cells of a row
    column: int  # 1-based in the sheet
    header: str
    field: Field | None
    score: float  # 0 … 1
    row: int = 0  # row of the value in a form, see Column
    unit: str = ""  # unit named by the heading, else by the title (单位：万元)
    guess: str = ""  # label of the nearest field, where the match is not certain

    @property
    def report(self) -> ColumnReport:
        """The same for the reports."""
        name, label = (self.field.name, self.field.label) if self.field else ("", "")
        return ColumnReport(self.column, self.header, name, round(self.score, 3), label)


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A table with its kind (``None`` where it could not be told), its columns and what was doubtful."""

    table: Table
    kind: Kind | None
    score: float  # 0 … 1
    columns: tuple[MappedColumn, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Pin:
    """One ``[[table]]`` of ``mapping.toml``."""

    file: str = "*"
    sheet: str = "*"
    kind: str = ""
    header_row: int | None = None
    columns: tuple[tuple[str, str], ...] = ()  # (normalised heading, field name)

    def matches(self, file: str, sheet: str) -> bool:
        """Whether the pin speaks of this sheet; the file may be given with or without its folder."""
        return (fnmatchcase(file, self.file) or fnmatchcase(file.rsplit("/", 1)[-1], self.file)) and fnmatchcase(
            sheet, self.sheet
        )


# ---- headings and fields -------------------------------------------------------------------------------------------


def _resemblance(key: str, base: str, synonym: str) -> float:
    """How much a heading looks like a known one, 0 … 0.97, once it is not the same."""
    known = header_base(synonym)
    if base in (synonym, known):
        return 0.97
    best = 0.0
    if len(base) >= 3 and len(known) >= 3:
        best = fuzz.ratio(base, known) / 100 if min(len(base), len(known)) >= 4 else 0.0
    share = len(known) / max(len(base), 1)
    if known not in _EMPTY_WORDS and len(known) < len(base):
        if base.endswith(known) and len(known) >= 2:
            best = max(best, (0.7 if len(known) >= 3 else 0.6) + 0.25 * share)
        elif base.startswith(known) and len(known) >= 3:
            best = max(best, 0.62 + 0.25 * share)
    if key != base and len(key) >= 4:
        best = max(best, fuzz.ratio(key, synonym) / 100)
    return min(best, 0.96)


@lru_cache(maxsize=20_000)
def _heading_scores(variants: tuple[str, ...], kind_name: str) -> tuple[tuple[float, float], ...]:
    """(score, strength) of a heading for every field of a kind."""
    kind = vocabulary().kinds[kind_name]
    factors = (1.0, 0.96, 0.6)
    best = [(0.0, 1.0)] * len(kind.fields)
    for variant, factor in zip(variants, factors, strict=False):
        key, base = header_key(variant), header_base(variant)
        for i, field in enumerate(kind.fields):
            for rank, (synonym, _source, strength) in enumerate(field.synonyms):
                score = 1.0 - 0.0005 * min(rank, 40) if key == synonym else _resemblance(key, base, synonym)
                if score * factor > best[i][0]:
                    best[i] = (score * factor, strength)
    if max((score for score, _strength in best), default=0.0) >= 0.96:  # a known heading is not guessed at again
        return tuple((score, strength) if score >= 0.9 else (0.0, 1.0) for score, strength in best)
    return tuple(best)


def _content_types(table: Table) -> list[str]:
    """What the content of each column says it is; empty where it says nothing."""
    types = []
    for index in range(len(table.columns)):
        texts = [text for row in table.rows[:_SAMPLE] if (text := cell_text(row.cells[index]))]
        found = ""
        if len(texts) >= 2:
            for name, pattern in _CONTENT.items():
                if sum(bool(pattern.match(text)) for text in texts) >= 0.8 * len(texts):
                    found = name
                    break
        types.append(found)
    return types


def _numeric_columns(table: Table) -> list[bool]:
    answers = []
    for index in range(len(table.columns)):
        cells = [row.cells[index] for row in table.rows[:_SAMPLE]]
        given = [c for c in cells if c is not None and cell_text(c) not in {"", "-", "—", "——", "/", "N/A", "…"}]
        answers.append(bool(given) and all(_is_number(c) for c in given))
    return answers


def _is_number(cell: object) -> bool:
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float):
        return True
    return isinstance(cell, str) and bool(re.fullmatch(r"-?[\d,，]+(?:\.\d+)?\s*[%％]?", cell.strip()))


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well one kind explains a header."""

    kind: Kind
    fields: tuple[Field | None, ...]  # per column
    scores: tuple[float, ...]
    guesses: tuple[str, ...]
    total: float
    complete: bool  # its identity is there


def _fit(table: Table, kind: Kind, contents: Sequence[str], numeric: Sequence[bool], pinned: Mapping[int, str]) -> _Fit:
    count = len(table.columns)
    scores = [_column_scores(column, kind, content) for column, content in zip(table.columns, contents, strict=True)]
    chosen = _assign(table.columns, kind, scores, pinned)
    fields = tuple(kind.fields[i] if i is not None else None for i in chosen)
    given = tuple(1.0 if j in pinned else scores[j][i][0] if i is not None else 0.0 for j, i in enumerate(chosen))
    total = sum(
        scores[j][i][0] * scores[j][i][1] if j not in pinned else 1.0 for j, i in enumerate(chosen) if i is not None
    )
    guesses = []
    for j in range(count):
        i = max(range(len(kind.fields)), key=lambda i: scores[j][i][0])
        guesses.append(kind.fields[i].label if scores[j][i][0] >= _WORTH_ASKING else "")
    names = {field.name for field in fields if field}
    complete = any(names.issuperset(needed) for needed in kind.identity)
    if kind.name == "indicators":
        free = [j for j in range(count) if fields[j] is None and table.columns[j].header]
        wide = bool(free) and all(numeric[j] for j in free) and bool(names & {"city", "indicator"})
        total += 0.8 * len(free) if wide else 0.0
        complete = complete and (wide or {"indicator", "value"} <= names)
    return _Fit(kind, fields, given, tuple(guesses), total, complete)


def _column_scores(column: Column, kind: Kind, content: str) -> list[tuple[float, float]]:
    scores = list(_heading_scores(column.variants, kind.name))
    if content and max((s for s, _w in scores), default=0.0) < _CERTAIN:
        for i, field in enumerate(kind.fields):
            if field.type == content and scores[i][0] < _FROM_CONTENT:
                scores[i] = (_FROM_CONTENT, 1.0)
    return scores


def _assign(
    columns: Sequence[Column], kind: Kind, scores: Sequence[Sequence[tuple[float, float]]], pinned: Mapping[int, str]
) -> list[int | None]:
    """One field per column and one column per field (more where the field allows it), best total.

    Exact headings come first whatever the total; columns are solved in the order of their headings, so the order in
    which they stand on the sheet does not matter.
    """
    chosen: list[int | None] = [None] * len(columns)
    position = {field.name: i for i, field in enumerate(kind.fields)}
    taken: set[int] = set()
    for j, name in pinned.items():
        if name in position:
            chosen[j] = position[name]
            if not kind.fields[position[name]].many:
                taken.add(position[name])
    order = sorted((j for j in range(len(columns)) if j not in pinned), key=lambda j: (columns[j].header, j))
    slots = [
        i
        for i, field in enumerate(kind.fields)
        if i not in taken
        for _copy in range(min(_MOST_PER_FIELD, len(columns)) if field.many else 1)
    ]
    if not order or not slots:
        return chosen
    value = np.zeros((len(order), len(slots)))
    for row, j in enumerate(order):
        for column, i in enumerate(slots):
            score = scores[j][i][0]
            if score >= _ACCEPTED:
                value[row, column] = score**4 + (10 * score if score >= _CERTAIN else 0.0)
    for solved, slot in zip(*linear_sum_assignment(value, maximize=True), strict=True):
        if value[solved, slot] > 0:
            chosen[order[solved]] = slots[slot]
    return chosen


# ---- the kind ------------------------------------------------------------------------------------------------------


def _hint(kind: Kind, table: Table) -> float:
    """How strongly the names around the table speak for a kind."""
    file = table.file.rsplit("/", 1)[-1]
    in_title = any(word in table.title or word in table.sheet for word in kind.hints)
    return 1.0 * in_title + 0.8 * any(word in file for word in kind.hints)


def _accepts(fit: _Fit, table: Table) -> bool:
    headed = [column for column in table.columns if column.header]
    mapped = sum(field is not None for field in fit.fields)
    exact = sum(score >= 0.96 for score in fit.scores)
    if not fit.complete:
        return False
    if fit.kind.name == "indicators":
        return len(headed) >= 2
    if len(headed) == 1:
        return exact == 1 and fit.kind.name in {"enterprises", "participants"}
    return (mapped >= 2 and mapped >= 0.3 * len(headed)) or exact >= 3


def map_table(table: Table, pin: Pin | None = None) -> MappedTable:
    """The kind of a table and the field of each of its columns.

    Args:
        table: as found on the sheet.
        pin: what ``mapping.toml`` settles.

    Returns:
        The mapping with findings about everything doubtful. Where no kind fits, ``kind`` is ``None`` and one ERROR
        finding names the nearest kind and what it lacks.
    """
    if len(table.columns) > _MOST_COLUMNS:
        return _map_wide(table, pin)
    kinds = vocabulary().kinds
    contents, numeric = _content_types(table), _numeric_columns(table)
    wanted = dict(pin.columns) if pin else {}
    pinned = {j: wanted[key] for j, column in enumerate(table.columns) if (key := header_key(column.header)) in wanted}
    fits = [
        _fit(table, kind, contents, numeric, pinned)
        for kind in kinds.values()
        if pin is None or not pin.kind or kind.name == pin.kind
    ]
    ranked = sorted(fits, key=lambda fit: -(fit.total + (_hint(fit.kind, table) if fit.total else 0.0)))
    settled = bool(pin and pin.kind)
    accepted = [fit for fit in ranked if (settled or _accepts(fit, table))]
    headed = max(1, sum(bool(column.header) for column in table.columns))
    if not accepted:
        return _unknown(table, ranked[0], headed)
    best = accepted[0]
    said = _UNIT_IN_TITLE.search(table.title)
    unit = header_unit(f"（{said.group(1)}）") if said else ""
    columns = tuple(
        MappedColumn(
            index=j,
            column=column.column,
            header=column.header,
            field=best.fields[j],
            score=best.scores[j],
            row=column.row,
            unit=header_unit(column.header) or unit,
            guess=best.guesses[j],
        )
        for j, column in enumerate(table.columns)
    )
    findings = [*_kind_doubts(table, accepted, settled=settled), *_column_doubts(table, best.kind, columns, pinned)]
    return MappedTable(table, best.kind, min(1.0, best.total / headed), columns, tuple(findings))


def _map_wide(table: Table, pin: Pin | None) -> MappedTable:
    """Matches the first columns of a table that has far more of them than any field, and keeps the others as extra."""
    mapped = map_table(replace(table, columns=table.columns[:_MOST_COLUMNS]), pin)
    behind = table.columns[_MOST_COLUMNS:]
    columns = tuple(MappedColumn(_MOST_COLUMNS + i, c.column, c.header, None, 0.0) for i, c in enumerate(behind))
    finding = Finding(
        Severity.NOTICE,
        "column-extra",
        Place(table.file, table.sheet, table.header_row, behind[0].column),
        _("另有 {count} 列").format(count=len(behind)),
        _("一张表不超过 {count} 列").format(count=_MOST_COLUMNS),
        _("该列内容作为附加信息保留，不参与匹配。"),
    )
    return replace(mapped, table=table, columns=(*mapped.columns, *columns), findings=(*mapped.findings, finding))


def _unknown(table: Table, nearest: _Fit, headed: int) -> MappedTable:
    columns = tuple(MappedColumn(j, c.column, c.header, None, 0.0) for j, c in enumerate(table.columns))
    lacking = " 或 ".join(
        "、".join(field.label for name in names if (field := nearest.kind.field(name)))
        for names in nearest.kind.identity
    )
    finding = Finding(
        Severity.ERROR,
        "kind-unknown",
        Place(table.file, table.sheet, table.header_row),
        "、".join(c.header for c in table.columns if c.header),
        _("认得出的表头；最接近的是“{kind}”，缺少：{lacking}").format(kind=nearest.kind.label, lacking=lacking),
        _("请改用模板中的列名，或在 mapping.toml 中写明此表的 kind 与 columns。本表 {rows} 行均未采用。").format(
            rows=len(table.rows)
        ),
    )
    return MappedTable(table, None, min(1.0, nearest.total / headed), columns, (finding,))


def _kind_doubts(table: Table, accepted: Sequence[_Fit], *, settled: bool) -> list[Finding]:
    if settled or len(accepted) < 2:
        return []
    first, second = (fit.total + _hint(fit.kind, table) for fit in accepted[:2])
    if second < 0.95 * first:
        return []
    return [
        Finding(
            Severity.WARNING,
            "kind-uncertain",
            Place(table.file, table.sheet, table.header_row),
            "、".join(c.header for c in table.columns if c.header),
            _("按“{taken}”读入；您是否指：“{other}”？").format(
                taken=accepted[0].kind.label, other=accepted[1].kind.label
            ),
            _("如不对，请在工作表名称中写明，或在 mapping.toml 中写明 kind。"),
        )
    ]


def _column_doubts(
    table: Table, kind: Kind, columns: Sequence[MappedColumn], pinned: Mapping[int, str]
) -> list[Finding]:
    findings = []
    for column in columns:
        if column.index in pinned or not column.header:
            continue
        place = Place(table.file, table.sheet, column.row or table.header_row, column.column)
        if column.field is not None and column.score < _CERTAIN:
            findings.append(
                Finding(
                    Severity.WARNING,
                    "column-uncertain",
                    place,
                    column.header,
                    _("您是否指：“{label}”？已按此读入。").format(label=column.field.label),
                    _("如不对，请改用模板中的列名，或在 mapping.toml 中写明。"),
                )
            )
        elif column.field is None and kind.name != "indicators":
            expected = (
                _("“{kind}”表的列。您是否指：“{guess}”？").format(kind=kind.label, guess=column.guess)
                if column.guess
                else _("“{kind}”表的列").format(kind=kind.label)
            )
            findings.append(
                Finding(
                    Severity.NOTICE,
                    "column-extra",
                    place,
                    column.header,
                    expected,
                    _("该列内容作为附加信息保留，不参与匹配。"),
                )
            )
    return findings


# ---- mapping.toml --------------------------------------------------------------------------------------------------


def load_pins(path: Path) -> tuple[Pin, ...]:
    """Reads ``mapping.toml``; the schema is in the module's docstring.

    Raises:
        SettingsError: listing every fault found, with "did you mean" for names.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            _("mapping.toml 无法读取"), where=path.name, remedy=_("请检查 TOML 格式。"), faults=(str(error),)
        ) from error
    faults = [_unknown_name(key, ["table"], _("顶层")) for key in raw if key != "table"]
    tables = raw.get("table", [])
    if not isinstance(tables, list):
        faults.append(_("table 应写作 [[table]]"))
        tables = []
    pins = [pin for number, entry in enumerate(tables, start=1) if (pin := _read_pin(entry, number, faults))]
    if faults:
        raise SettingsError(
            _("mapping.toml 有 {count} 处错误").format(count=len(faults)),
            where=path.name,
            remedy=_("请逐条改正。"),
            faults=tuple(faults),
        )
    return tuple(pins)


def _read_pin(entry: object, number: int, faults: list[str]) -> Pin | None:
    where = _("第 {number} 个 [[table]]").format(number=number)
    if not isinstance(entry, dict):
        faults.append(_("{where} 应是一张表").format(where=where))
        return None
    keys = ["file", "sheet", "kind", "header_row", "columns"]
    faults.extend(_unknown_name(key, keys, where) for key in entry if key not in keys)
    for key in ("file", "sheet", "kind"):
        if not isinstance(entry.get(key, ""), str):
            faults.append(_("{where}：{key} 应是文字").format(where=where, key=key))
            return None
    header_row = entry.get("header_row")
    if header_row is not None and (not isinstance(header_row, int) or isinstance(header_row, bool) or header_row < 1):
        faults.append(_("{where}：header_row 应是不小于 1 的整数").format(where=where))
        header_row = None
    kind = _read_kind(str(entry.get("kind", "")), where, faults)
    columns = entry.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(name, str) for name in columns.values()):
        faults.append(_('{where}：columns 应是 "表头" = "字段" 的对照').format(where=where))
        columns = {}
    named = [(head, _read_field(name, kind, where, faults)) for head, name in columns.items()]
    faults.extend(_named_twice(named, kind, where))
    return Pin(
        file=str(entry.get("file", "*")),
        sheet=str(entry.get("sheet", "*")),
        kind=kind,
        header_row=header_row,
        columns=tuple((header_key(head), name) for head, name in named),
    )


def _named_twice(named: Sequence[tuple[str, str]], kind: str, where: str) -> list[str]:
    """Faults for fields that take one column and are given several, all but one of which would be lost."""
    kinds = vocabulary().kinds
    candidates = [kinds[kind]] if kind else list(kinds.values())
    faults = []
    for name in dict.fromkeys(name for _head, name in named if name):
        heads = [head for head, given in named if given == name]
        known = [field for candidate in candidates if (field := candidate.field(name))]
        if len(heads) > 1 and not any(field.many for field in known):
            faults.append(
                _("{where}：“{heads}”都对应“{field}”，这个字段只能对应一列").format(
                    where=where, heads="”“".join(heads), field=name
                )
            )
    return faults


def _read_kind(text: str, where: str, faults: list[str]) -> str:
    kinds = vocabulary().kinds
    for kind in kinds.values():
        if text in (kind.name, kind.label):
            return kind.name
    if text:
        faults.append(_unknown_name(text, [*kinds, *(kind.label for kind in kinds.values())], where))
    return ""


def _read_field(text: str, kind: str, where: str, faults: list[str]) -> str:
    if not text:
        return ""
    kinds = vocabulary().kinds
    candidates = [kinds[kind]] if kind else list(kinds.values())
    for candidate in candidates:
        field = candidate.field(text)
        if field is not None:
            return field.name
    names = [name for candidate in candidates for field in candidate.fields for name in (field.name, field.label)]
    faults.append(_unknown_name(text, names, where))
    return ""


def _unknown_name(text: str, known: Sequence[str], where: str) -> str:
    near = process.extractOne(text, sorted(set(known)), scorer=fuzz.ratio, score_cutoff=40)
    if near is None:
        return _("{where}：不认识“{text}”。可用：{known}").format(
            where=where, text=text, known="、".join(dict.fromkeys(known))
        )
    return _("{where}：不认识“{text}”。您是否指：“{near}”？").format(where=where, text=text, near=near[0])
