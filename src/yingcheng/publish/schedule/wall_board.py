"""The wall board: who meets at which table, slot by slot, in large type, as one page without a script.

As a list it is read on any screen. Each screenful has its own address (``#t3``), which shows it alone; each half-day
has one too (``#d1``), under which its screens take turns by CSS. The page reads itself anew after every round, so that
a repaired timetable appears by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby

from yingcheng.matchmaking.records import Meeting
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.publish.schedule.agendas import clock, day_words, place_of, span_of, talks_of
from yingcheng.publish.schedule.pages import page, style_sheet

__all__ = ["wall_board"]

_CARDS = 12  # on one screen
_TURN = 12  # seconds a screen stands
_AGAIN = 60  # seconds, at least, before the page is read anew
_NOON = 12


@dataclass(frozen=True, slots=True)
class _Screen:
    """What is seen at once: some tables in one slot, or a part of the programme that is for everybody."""

    start: datetime
    end: datetime
    title: str  # of the part; empty for meetings
    cards: tuple[str, ...] = ()
    share: str = ""  # “1/3” where one slot needs several screens

    @property
    def half(self) -> str:
        """The half-day it belongs to, as said to people."""
        return f"{day_words(self.start.date())} {'下午' if self.start.hour >= _NOON else '上午'}"


def _card(meeting: Meeting, start: datetime, schedule: Schedule, names: Mapping[str, str], about: str) -> str:
    session = schedule.timetable.session
    whole = span_of(meeting, session)
    place = place_of(session.tables[meeting.table], whole.start.date(), session)
    span = ""
    if meeting.slots > 1:
        going_on = "进行中 " if whole.start < start else ""
        span = f'<p class="span">{going_on}{clock(whole.start, whole.end)}</p>'
    parties = "".join(f"<li>{escape(names.get(party, party))}</li>" for party in meeting.parties)
    topic = f'<p class="about">{escape(about)}</p>' if about else ""
    return f'<li class="card"><h3>{escape(place)}</h3>{span}<ul>{parties}</ul>{topic}</li>'


def _screens(schedule: Schedule) -> list[_Screen]:
    timetable, talks = schedule.timetable, talks_of(schedule)
    names = {participant.id: participant.name for participant in timetable.participants}
    titles = {pair: talk.title for pair, talk in talks.items()}
    held: dict[int, list[Meeting]] = {}
    for meeting in sorted(timetable.meetings, key=lambda one: one.table):
        for number in range(meeting.slot, meeting.slot + meeting.slots):
            held.setdefault(number, []).append(meeting)
    screens = []
    for slot in timetable.session.slots:
        cards = [
            _card(one, slot.start, schedule, names, titles.get((one.opportunity_id, one.enterprise_id), ""))
            for one in held.get(slot.index, ())
        ]
        parts = -(-len(cards) // _CARDS)
        for number in range(parts):
            mine = tuple(cards[number * _CARDS : (number + 1) * _CARDS])
            share = f"{number + 1}/{parts}" if parts > 1 else ""
            screens.append(_Screen(slot.start, slot.end, "", mine, share))
    days = {slot.start.date() for slot in timetable.session.slots}
    for block in timetable.session.agenda:
        if block.everyone and block.start.date() in days:
            words = "　".join(text for text in (block.title, block.place) if text)
            screens.append(_Screen(block.start, block.end, words))
    return sorted(screens, key=lambda screen: (screen.start, bool(screen.cards)))


def _turns(rounds: Sequence[int]) -> str:
    """Rules by which the screens of a half-day take turns; one set for each number of screens."""
    rules = [
        f"@keyframes turn{count} {{ 0% {{ visibility: visible }} {100 / count:.4f}% {{ visibility: "
        f"{'hidden' if count > 1 else 'visible'} }} }}\n"
        f".n{count}:target .screen {{ animation: turn{count} {count * _TURN}s step-end infinite }}"
        for count in sorted(set(rounds))
    ]
    rules += [
        f".half:target .screen:nth-of-type({place + 1}) {{ animation-delay: {place * _TURN}s }}"
        for place in range(1, max(rounds, default=0))
    ]
    return "@media (prefers-reduced-motion: no-preference) {\n" + "\n".join(rules) + "\n}\n"


def _section(screen: _Screen, number: int, last: int) -> str:
    """One screen; its links lead to the one before and the one after."""
    head = f"<h2>{clock(screen.start, screen.end)}"
    head += f"<small>{screen.half}{f'　{screen.share}' if screen.share else ''}</small></h2>"
    way = [f'<a href="#t{number - 1}">← 上一屏</a>'] if number else []
    way += ['<a href="#top">返回</a>']
    way += [f'<a href="#t{number + 1}">下一屏 →</a>'] if number < last else []
    inside = f'<ul class="cards c{len(screen.cards)}">{"".join(screen.cards)}</ul>'
    if screen.title:
        inside = f'<p class="everyone">{escape(screen.title)}</p>'
    return f'<section class="screen" id="t{number}">{head}{inside}<nav>{"".join(way)}</nav></section>'


def wall_board(schedule: Schedule) -> str:
    """The page; the same schedule gives the same text."""
    screens = list(enumerate(_screens(schedule)))
    halves = [(half, list(those)) for half, those in groupby(screens, key=lambda entry: entry[1].half)]
    links, groups = [], []
    for place, (half, those) in enumerate(halves):
        times = "".join(
            f'<a href="#t{number}">{screen.start:%H:%M}{f" {screen.share}" if screen.share else ""}</a>'
            for number, screen in those
        )
        links.append(f'<p><b>{half}</b><a class="loop" href="#d{place}">大屏轮播</a>{times}</p>')
        inside = "".join(_section(screen, number, len(screens) - 1) for number, screen in those)
        groups.append(f'<div class="half n{len(those)}" id="d{place}">{inside}</div>')
    revision = schedule.timetable.revision
    said = f"第 {revision} 次调整后" if revision else f"截至 {day_words(schedule.as_of)}"
    assumed = "" if schedule.day_given else "　日期为示意"
    body = (
        f'<header id="top"><p>{escape(schedule.programme)}</p><h1>对接会桌位</h1><p>{said}{assumed}</p>'
        f'<nav class="times">{"".join(links)}</nav></header>\n<main>{"".join(groups)}</main>'
    )
    rounds = [len(those) for _half, those in halves]
    style = style_sheet("board.css") + _turns(rounds)
    return page("对接会桌位", style, body, refresh=max(_AGAIN, max(rounds, default=0) * _TURN))
