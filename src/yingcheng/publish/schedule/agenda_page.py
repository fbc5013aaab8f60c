"""The personal agenda as a page for a telephone: what a badge's QR code opens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from itertools import groupby
from urllib.parse import quote

from yingcheng.matchmaking.records import AgendaBlock
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.publish.schedule.agendas import Agenda, Appointment, clock, day_words
from yingcheng.publish.schedule.pages import page, style_sheet

__all__ = ["agenda_page"]


def _listed(head: str, texts: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<dt>{head}</dt><dd><ul>{items}</ul></dd>" if items else ""


def _time(start: datetime, end: datetime) -> str:
    return f'<time datetime="{start:%Y-%m-%dT%H:%M}+08:00">{clock(start, end)}</time>'


def _meeting(appointment: Appointment) -> str:
    invitation = appointment.invitation
    about = f"<dt>事项</dt><dd>{escape(appointment.about)}</dd>" if appointment.about else ""
    more = about + _listed("为何匹配", appointment.why) + _listed("请准备", appointment.bring)
    moved = '<span class="moved">有变动</span>' if invitation.sequence else ""
    return (
        f'<li class="meeting"><p class="when">{_time(invitation.start, invitation.end)}'
        f'<span class="table">{escape(appointment.place)}</span></p>'
        f"<h3>{escape('、'.join(appointment.others))}{moved}</h3>" + (f"<dl>{more}</dl>" if more else "") + "</li>"
    )


def _part(block: AgendaBlock) -> str:
    where = f'<span class="table">{escape(block.place)}</span>' if block.place else ""
    stage = "" if block.everyone else "（台上）"
    return (
        f'<li class="part"><p class="when">{_time(block.start, block.end)}{where}</p>'
        f"<h3>{escape(block.title)}{stage}</h3></li>"
    )


def agenda_page(agenda: Agenda, schedule: Schedule, *, calendar_file: str) -> str:
    """The page.

    Args:
        agenda: whose.
        schedule: what it belongs to.
        calendar_file: name of the .ics file beside the page.
    """
    entries = [(a.invitation.start, 1, _meeting(a)) for a in agenda.appointments]
    entries += [(block.start, 0, _part(block)) for block in agenda.parts]
    days = "".join(
        f"<section><h2>{day_words(day)}</h2><ol>{''.join(text for _start, _kind, text in those)}</ol></section>"
        for day, those in groupby(sorted(entries), key=lambda entry: entry[0].date())
    )
    gone = "".join(
        f"<li>{day_words(a.invitation.start.date())} {clock(a.invitation.start, a.invitation.end)}　"
        f"{escape('、'.join(a.others))}</li>"
        for a in agenda.cancelled
    )
    cancelled = f'<section class="gone"><h2>已取消</h2><ul>{gone}</ul></section>' if gone else ""
    assumed = "" if schedule.day_given else '<p class="note">日期为示意，以会务组通知为准。</p>'
    changed = [a.invitation.stamp for a in (*agenda.appointments, *agenda.cancelled) if a.invitation.sequence]
    # Said of this agenda alone: a change that does not concern it leaves its page as it is.
    said = f"最近变动 {max(changed):%m月%d日 %H:%M}" if changed else f"截至 {day_words(schedule.as_of)}"
    count = f"{len(agenda.appointments)} 场会谈" if agenda.appointments else "没有会谈"
    body = (
        f"<header><p>{escape(schedule.programme)}</p><h1>{escape(agenda.participant.name)}</h1>"
        f'<p>{count}　{said}</p><p><a href="{quote(calendar_file)}">加入手机日历</a></p></header>\n'
        f"<main>{assumed}{days}{cancelled}</main>\n"
        "<footer>如有变动请在场次开始前告知会务组；会谈结果请当场登记。</footer>"
    )
    return page(f"{agenda.participant.name} 对接日程", style_sheet("agenda.css"), body)
