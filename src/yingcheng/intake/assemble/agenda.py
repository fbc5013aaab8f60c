"""Rows of an agenda → :class:`AgendaBlock`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yingcheng.i18n import _
from yingcheng.intake.rows import Row, RowSet
from yingcheng.intake.times import find_day, find_year, read_times
from yingcheng.matchmaking.records import AgendaBlock

__all__ = ["assemble_agenda"]

# parts of a programme at which everyone is in the hall; dialogues and one-to-one meetings are not
_FOR_EVERYONE = (
    "主旨",
    "致辞",
    "开幕",
    "闭幕",
    "发布",
    "签约",
    "揭牌",
    "启动",
    "茶歇",
    "午餐",
    "晚餐",
    "午休",
    "签到",
    "合影",
    "推介",
    "成立",
)
_LENGTH_WITHOUT_END = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Timed:
    row: Row
    day: date
    start: time
    end: time | None


def assemble_agenda(tables: Sequence[RowSet], *, session: date | None = None) -> tuple[AgendaBlock, ...]:
    """One block per row, by start. A row without a readable day and time is refused.

    Where no row, title or file name gives the day or the year, those of ``session`` hold.
    """
    blocks = [block for table in tables for block in _table_blocks(table, session)]
    return tuple(sorted(blocks, key=lambda block: (block.start, block.end, block.title)))


def _table_blocks(table: RowSet, session: date | None) -> list[AgendaBlock]:
    mapped = table.mapped
    around = (mapped.table.title, mapped.table.sheet, mapped.table.file)
    named = next((year for text in around if (year := find_year(text)) is not None), None)
    year = named or (session.year if session else None)
    default = next((day for text in around if (day := find_day(text, year=year)) is not None), session)
    timed = [found for row in table.rows if (found := _timed(table, row, default, year)) is not None]
    blocks = []
    for index, item in enumerate(timed):
        end = item.end
        if end is None:
            following = timed[index + 1] if index + 1 < len(timed) else None
            if following is not None and following.day == item.day and following.start > item.start:
                end = following.start
            else:
                end = _plus(item.start)
                table.notice(
                    item.row,
                    "agenda-end-missing",
                    item.row.text("time") or item.row.text("start"),
                    _("起止时间，如 9:00-9:30"),
                    _("按 {end} 结束读入，请核对。").format(end=f"{end:%H:%M}"),
                    name="time",
                )
        blocks.append(_block(item, end))
    return blocks


def _plus(start: time) -> time:
    end = datetime.combine(date.min, start) + _LENGTH_WITHOUT_END
    return end.time() if end.date() == date.min else time(23, 59)


def _timed(table: RowSet, row: Row, default: date | None, year: int | None) -> _Timed | None:
    text = row.text("time") or f"{row.text('start')}-{row.text('end')}".strip("-")
    day = row.day("date") or find_day(text, year=year) or find_day(row.section, year=year) or default
    times = read_times(text)
    backwards = len(times) >= 2 and times[1] <= times[0]
    if day is None or not times or backwards:
        table.refuse(
            row,
            "agenda-time-unreadable" if day is not None else "agenda-day-missing",
            text or row.text("title"),
            _("日期和起止时间，如 2026年5月21日 与 9:00-9:30"),
            _("请在表格标题或“日期”列写明年月日，在“时间”列写明起止时间。"),
            name="time",
        )
        return None
    return _Timed(row, day, times[0], times[1] if len(times) >= 2 else None)


def _block(item: _Timed, end: time) -> AgendaBlock:
    row = item.row
    kind, title = row.text("kind"), row.text("title")
    everyone = row.flag("everyone")
    if everyone is None:
        everyone = any(word in (kind or title) for word in _FOR_EVERYONE) and "对话" not in kind
    return AgendaBlock(
        title=title or kind,
        kind=kind or title,
        start=datetime.combine(item.day, item.start),
        end=datetime.combine(item.day, end),
        on_stage=row.texts("on_stage"),
        everyone=everyone,
        place=row.text("place"),
        extra=row.extra,
        sources=(row.source,),
    )
