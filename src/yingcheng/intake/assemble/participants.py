"""Rows of a list of attendants → :class:`Participant`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from yingcheng.i18n import _
from yingcheng.intake.identifiers import digest
from yingcheng.intake.rows import Row, RowSet
from yingcheng.intake.times import find_day, find_year, read_spans
from yingcheng.matchmaking.records import Participant
from yingcheng.standards.names import company_key

__all__ = ["assemble_participants"]

_NO_ABSENCE = frozenset({"无", "没有", "全程参加", "全程参会", "全程出席", "全程", "-", "/", "—", "否"})


def assemble_participants(
    tables: Sequence[RowSet], *, days: Sequence[date], session: date | None = None
) -> tuple[Participant, ...]:
    """One participant per organisation, in the order of first mention.

    Args:
        tables: the rows.
        days: the days of the agenda; an absence without a day holds on each of them.
        session: the day of the session; where it is known, an absence without a day holds on it alone.
    """
    found: dict[str, Participant] = {}
    for table in tables:
        around = (table.mapped.table.title, table.mapped.table.sheet, table.mapped.table.file)
        year = next((named for text in around if (named := find_year(text)) is not None), None)
        above = next((day for text in around[:2] if (day := find_day(text, year=year)) is not None), None)
        known_days = (session,) if session else tuple(days) or ((above,) if above else ())
        for row in table.rows:
            participant = _participant(table, row, known_days, year)
            if participant is None:
                continue
            known = found.get(participant.id)
            found[participant.id] = participant if known is None else _join(known, participant)
    return tuple(found.values())


def _participant(table: RowSet, row: Row, days: Sequence[date], year: int | None) -> Participant | None:
    firm = row.firm("name")
    if firm is None:
        table.refuse(
            row,
            "name-missing",
            row.text("kind"),
            _("单位名称"),
            _("请补充参会单位名称后重新报送。"),
            name="name",
        )
        return None
    absent = row.text("absences")
    spans = read_spans(absent, days=days, year=year) if absent and absent not in _NO_ABSENCE else ()
    if absent and absent not in _NO_ABSENCE and not spans:
        table.warn(
            row,
            "absence-unreadable",
            absent,
            _("日期和时段，如 {example}").format(example=_example(days, year)),
            _("请按示例写明日期和起止时间，上午、下午、全天也可；未读懂的缺席时段不参与排期。"),
            name="absences",
        )
    people, parallel = row.whole("people"), row.whole("parallel")
    return Participant(
        id=digest("U-", company_key(firm.name)),
        name=firm.name,
        kind=row.text("kind"),
        people=people if people is not None and people > 0 else 1,
        absences=spans,
        extra=row.extra,
        sources=(row.source,),
        parallel=parallel if parallel is not None and parallel > 0 else 1,
    )


def _example(days: Sequence[date], year: int | None) -> str:
    """A way of writing that is read in this very list: with the year where nothing else gives it."""
    if days:
        return f"{days[0].month}月{days[0].day}日14:00-15:00"
    return "5月21日14:00-15:00" if year else "2026年5月21日14:00-15:00"


def _join(known: Participant, new: Participant) -> Participant:
    """The same organisation on two rows: its people add up, its absences join."""
    return replace(
        known,
        kind=known.kind or new.kind,
        people=known.people + new.people,
        absences=tuple(sorted({*known.absences, *new.absences})),
        extra=tuple(dict.fromkeys((*known.extra, *new.extra))),
        sources=known.sources + new.sources,
        parallel=max(known.parallel, new.parallel),
    )
