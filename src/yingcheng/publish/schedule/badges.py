"""Badges with a QR code: organisation, kind, a line for the name, and the way to the personal agenda.

With ``link_base`` the code opens the agenda's page, which stays right when the timetable is repaired. Without it there
is no address that a telephone could open, so the code holds the agenda itself as text, readable offline.
"""

from __future__ import annotations

from urllib.parse import quote

from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.publish.extras import load
from yingcheng.publish.paper import render
from yingcheng.publish.schedule.agendas import Agenda, clock, make_agendas

__all__ = ["MOST_BADGES", "badges_pdf", "link", "qr_text"]

MOST_BADGES = 30
"""Of one organisation: a slip in the list of participants does not print thousands."""
_MOST_BYTES = 660
"""What a code of version 20 holds at level M (ISO/IEC 18004, table 7: 666): at 34 mm its dots are still 0.35 mm."""
_MORE = "……其余见桌位屏"


def link(agenda: Agenda, link_base: str) -> str:
    """Address of the agenda's page: ASCII, whatever the address of the folder is written in."""
    return f"{quote(link_base.rstrip('/'), safe=':/?&=%#@+,;~')}/{agenda.token}.html"


def qr_text(agenda: Agenda, schedule: Schedule) -> str:
    """What a badge's code says: the address, or without one the agenda in short lines."""
    if schedule.link_base:
        return link(agenda, schedule.link_base)
    days = {a.invitation.start.date() for a in agenda.appointments}
    lines = [agenda.participant.name]
    for place, appointment in enumerate(agenda.appointments):
        invitation = appointment.invitation
        day = f"{invitation.start:%m-%d} " if len(days) > 1 or not place else ""
        line = f"{day}{clock(invitation.start, invitation.end)} {invitation.table} {'、'.join(appointment.others)}"
        if len("\n".join((*lines, line, _MORE)).encode()) > _MOST_BYTES:
            return "\n".join((*lines, _MORE))
        lines.append(line)
    return "\n".join(lines)


def _code(text: str) -> str:
    """A QR code as SVG; bytes of UTF-8, because telephones disagree on every other way of writing Chinese."""
    made = load("segno").make_qr(text, error="m", mode="byte", encoding="utf-8", boost_error=False)
    svg: str = made.svg_inline(svgclass=None, lineclass=None, omitsize=True, border=4)
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def badges_pdf(schedule: Schedule, *, before: Schedule | None = None) -> bytes | None:
    """Badges of everyone who takes part, as many as the organisation sends people, eight on a page of A4.

    Args:
        schedule: as it is now.
        before: what the badges in use were printed from; only those whose code says something else are made.

    Returns:
        The PDF; ``None`` where ``before`` is given and no badge changes.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    texts = _texts(schedule)
    known = {} if before is None else _texts(before)
    agendas = [
        agenda
        for agenda in make_agendas(schedule)
        if agenda.participant.id in texts
        and (before is None or texts[agenda.participant.id] != known.get(agenda.participant.id))
    ]
    if before is not None and not agendas:
        return None
    figures = {a.token: _code(texts[a.participant.id]) for a in agendas if texts[a.participant.id]}
    badges = [
        {
            "name": agenda.participant.name,
            "kind": agenda.participant.kind,
            "code": agenda.token if agenda.token in figures else "",
        }
        for agenda in agendas
        for _person in range(min(agenda.participant.people, MOST_BADGES))
    ]
    says = "扫码看本单位日程" if schedule.link_base else "扫码看本单位日程（不联网）"
    data = {"programme": schedule.programme, "title": "胸牌", "says": says, "badges": badges}
    return render("badges.typ", data, figures, as_of=schedule.as_of)


def _texts(schedule: Schedule) -> dict[str, str]:
    """Participant id → what its code says; empty for those who were never invited to a meeting."""
    here = {participant.id for participant in schedule.timetable.participants}
    return {
        agenda.participant.id: qr_text(agenda, schedule) if agenda.invited else ""
        for agenda in make_agendas(schedule)
        if agenda.participant.id in here
    }
