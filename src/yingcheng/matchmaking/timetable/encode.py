"""From records to numbers: who can come when, which tables will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil

from yingcheng.matchmaking.records import Participant, Request, Session
from yingcheng.matchmaking.timetable.problem import Party, Problem, Task
from yingcheng.matchmaking.timetable.session import blocked_slots

__all__ = ["NOON", "encode", "fitting_tables", "starts_of"]

NOON = 12  # the hour that parts morning from afternoon


def encode(session: Session, participants: Sequence[Participant], requests: Sequence[Request]) -> Problem:
    """The problem whose tasks are the requests, whose parties are the participants, in their order.

    Where ways between areas count, the host of a meeting stays in one area: the one with the most tables left.
    """
    place = {participant.id: number for number, participant in enumerate(participants)}
    number_of = {request.uid: number for number, request in enumerate(requests)}
    every = (1 << len(session.slots)) - 1
    areas = sorted({session.desk(table).area for table in range(len(session.tables))}) or [""]
    walk = tuple(tuple(session.walk(one, other) for other in areas) for one in areas)
    minutes = min((int((slot.end - slot.start).total_seconds()) // 60 for slot in session.slots), default=1)
    rest_slots = ceil(session.rest / minutes)
    fitting = [fitting_tables(session, request) for request in requests]
    chosen = _areas(session, requests, fitting, areas) if any(any(row) for row in walk) else [None] * len(requests)
    tasks = []
    for request, tables, area in zip(requests, fitting, chosen, strict=True):
        there = [table for table in tables if area is None or session.desk(table).area == areas[area]]
        tasks.append(
            Task(
                tuple(place[party] for party in request.parties),
                starts_of(session, request),
                request.slots,
                max(1, request.priority),
                sum(1 << table for table in there),
                area or 0,
            )
        )
    origin = session.slots[0].start if session.slots else None
    clock = tuple(
        (int((slot.start - origin).total_seconds()) // 60, int((slot.end - origin).total_seconds()) // 60)
        for slot in session.slots
        if origin is not None
    )
    dates = sorted({slot.start.date() for slot in session.slots})
    return Problem(
        tuple(tasks),
        tuple(
            Party(every & ~blocked_slots(one, session), max(1, one.parallel), session.rest, rest_slots)
            for one in participants
        ),
        tuple(dates.index(slot.start.date()) for slot in session.slots),
        clock,
        tuple(_open(session, table) for table in range(len(session.tables))),
        tuple((number_of[uid], number_of[one.uid]) for one in requests for uid in one.after if uid in number_of),
        walk,
    )


def starts_of(session: Session, request: Request) -> int:
    """Bits of the slots in which a meeting may begin: its wish, and no gap within it."""
    mask = 0
    for slot in session.slots[: max(0, len(session.slots) - request.slots + 1)]:
        span = session.slots[slot.index : slot.index + request.slots]
        whole = all(before.end == after.start for before, after in pairwise(span))
        wished = {"上午": slot.start.hour < NOON, "下午": slot.start.hour >= NOON}.get(request.session, True)
        if whole and wished and request.fixed in (None, slot.index):
            mask |= 1 << slot.index
    return mask


def fitting_tables(session: Session, request: Request) -> list[int]:
    """Numbers of the tables that will do."""
    return [
        table
        for table, name in enumerate(session.tables)
        if (not request.tables or name in request.tables)
        and set(request.equipment) <= set(session.desk(table).equipment)
    ]


def _open(session: Session, table: int) -> int:
    hours = session.desk(table).hours
    return sum(
        1 << slot.index
        for slot in session.slots
        if not hours or any(start <= slot.start and slot.end <= end for start, end in hours)
    )


def _areas(
    session: Session, requests: Sequence[Request], fitting: Sequence[Sequence[int]], areas: Sequence[str]
) -> list[int | None]:
    """The area of each meeting: that of its host, where one of its tables is there."""
    left: Counter[int] = Counter()
    of_table = [areas.index(session.desk(table).area) for table in range(len(session.tables))]
    for area in of_table:
        left[area] += len(session.slots)
    home: dict[str, int] = {}
    found: list[int | None] = []
    for request, tables in zip(requests, fitting, strict=True):
        open_to: Mapping[int, int] = Counter(of_table[table] for table in tables)
        if not open_to:
            found.append(None)
            continue
        host = request.parties[0]
        best = max(open_to, key=lambda area: (left[area], -area))
        area = home[host] if home.get(host) in open_to else best
        home.setdefault(host, area)
        left[area] -= request.slots
        found.append(area)
    return found
