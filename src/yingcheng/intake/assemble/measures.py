"""Rows of a policy decision table → :class:`Measure`: one policy over several rows, one clause per row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from yingcheng.findings import SourceRow
from yingcheng.i18n import _
from yingcheng.intake.assemble.opportunities import extra_of, tracks_of
from yingcheng.intake.identifiers import digest
from yingcheng.intake.rows import Row, RowSet
from yingcheng.measures.records import Clause, Measure

__all__ = ["assemble_measures"]

_SCALARS = (
    "number", "level", "category", "tool", "support", "standard", "amount", "exclusive", "budget", "deadline",
    "validity", "days", "unit", "basis", "channel", "link",
)  # fmt: skip
_LABELS = {"amount": "扶持金额", "deadline": "申报截止日期", "level": "级别", "support": "扶持方式", "unit": "责任单位"}


def assemble_measures(tables: Sequence[RowSet]) -> tuple[Measure, ...]:
    """One measure per policy name, in the order of first mention, with the clauses of all its rows."""
    found: dict[str, Measure] = {}
    for table in tables:
        for row in table.rows:
            measure = _measure(table, row)
            if measure is None:
                continue
            known = found.get(measure.id)
            found[measure.id] = measure if known is None else _join(table, row, known, measure)
    return tuple(found.values())


def _measure(table: RowSet, row: Row) -> Measure | None:
    name = row.text("name")
    if not name:
        table.refuse(
            row,
            "name-missing",
            row.text("clause_text"),
            _("政策名称"),
            _("第一行须写明政策名称；其后各行空白视为同上。"),
            name="name",
        )
        return None
    return Measure(
        id=digest("M-", name),
        name=name,
        number=row.text("number"),
        level=row.text("level"),
        category=row.text("category"),
        tool=row.text("tool"),
        support=row.text("support"),
        standard=row.text("standard"),
        amount=row.money("amount"),
        exclusive=row.text("exclusive"),
        budget=row.money("budget"),
        deadline=row.period("deadline"),
        validity=row.period("validity"),
        days=_working_days(table, row),
        unit=row.text("unit"),
        basis=row.text("basis"),
        materials=row.texts("materials"),
        channel=row.text("channel"),
        tracks=tracks_of(row),
        link=row.text("link"),
        clauses=_clauses(row, row.source),
        extra=(*extra_of(row), *_unread_days(row)),
        sources=(row.source,),
    )


def _clauses(row: Row, source: SourceRow) -> tuple[Clause, ...]:
    text = row.text("clause_text")
    fact, operator, value = row.text("clause_fact"), row.text("clause_operator"), row.text("clause_value")
    if not text and not fact and not operator:
        return ()
    return (
        Clause(
            number=row.text("clause_number") or ("" if row.text("clause_outline") else row.text("serial")),
            kind=row.text("clause_kind"),
            text=text,
            fact=fact,
            operator=operator,
            value=value,
            group=row.text("clause_group"),
            outline=row.text("clause_outline"),
            source=source,
        ),
    )


_DAYS = re.compile(r"^(?:受理(?:之日)?(?:后|起)?)?(\d{1,4})\s*个?(?:工作日|日|天)?(?:内|以内)?$")


def _unread_days(row: Row) -> tuple[tuple[str, str], ...]:
    text = row.text("days")
    return (("办理时限（原文）", text),) if text and _DAYS.match(text) is None else ()


def _working_days(table: RowSet, row: Row) -> int | None:
    text = row.text("days")
    found = _DAYS.match(text)
    if text and found is None:
        table.notice(
            row, "unreadable-value", text, _("工作日数，如 20个工作日"), _("按原文保留，不参与计算。"), name="days"
        )
    return int(found.group(1)) if found else None


def _join(table: RowSet, row: Row, known: Measure, new: Measure) -> Measure:
    """Adds the clauses of one more row; of differing attributes the first one given counts."""
    changes: dict[str, object] = {}
    for name in _SCALARS:
        before, now = getattr(known, name), getattr(new, name)
        if before in ("", None):
            changes[name] = now
        elif now not in ("", None) and _written(now) != _written(before):
            table.notice(
                row,
                "measure-differs",
                _written(now),
                _("与上文一致的“{label}”：{before}").format(
                    label=_LABELS.get(name, _label(table, name)), before=_written(before)
                ),
                _("同一政策以第一次填写的为准，请核对。"),
                name=name,
            )
    return replace(
        known,
        **changes,  # type: ignore[arg-type]
        materials=tuple(dict.fromkeys((*known.materials, *new.materials))),
        tracks=tuple(dict.fromkeys((*known.tracks, *new.tracks))),
        clauses=known.clauses + new.clauses,
        extra=tuple(dict.fromkeys((*known.extra, *new.extra))),
        sources=known.sources + new.sources,
    )


def _written(value: object) -> str:
    return str(getattr(value, "text", value))


def _label(table: RowSet, name: str) -> str:
    field = table.mapped.kind.field(name) if table.mapped.kind else None
    return field.label if field else name
