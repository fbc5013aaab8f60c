"""Everything people see of a timetable, written from a schedule alone: by a run, and again after every repair."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from yingcheng.matchmaking.records import Participant
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.matchmaking.timetable.stored import TIMETABLE_FILE, write_schedule
from yingcheng.publish.schedule.agenda_page import agenda_page
from yingcheng.publish.schedule.agendas import Agenda, make_agendas
from yingcheng.publish.schedule.badges import badges_pdf
from yingcheng.publish.schedule.calendars import calendar
from yingcheng.publish.schedule.paper import quality_pdf, timetable_pdf
from yingcheng.publish.schedule.wall_board import wall_board
from yingcheng.publish.schedule.workbook import write_schedule_book

__all__ = ["AGENDAS", "BADGES", "BOARD", "BOOK", "PAPER", "QUALITY", "WEB", "write_papers", "write_screens"]

BOOK, PAPER, QUALITY, BADGES, BOARD = "对接日程.xlsx", "对接日程.pdf", "日程质量报告.pdf", "胸牌.pdf", "桌位屏.html"
AGENDAS = "个人日程"
WEB = "上网"
"""The folder to put where ``link_base`` says: names of files are ASCII and say nobody's name."""


def _file_name(participant: Participant) -> str:
    """A file name, without its ending, that Windows, WPS and phones accept."""
    safe = re.sub(r'[\\/:*?"<>|\s]+', "_", participant.name).strip("._")
    return safe[:60] or participant.id


def _named(agendas: tuple[Agenda, ...]) -> Iterator[tuple[str, Agenda]]:
    """Each agenda with a name of its own, also where names differ only in what a file name cannot hold."""
    seen: dict[str, int] = {}
    for agenda in sorted(agendas, key=lambda one: one.participant.id):
        name = _file_name(agenda.participant)
        seen[name] = seen.get(name, 0) + 1
        yield (f"{name}_{seen[name]}" if seen[name] > 1 else name), agenda


def _put(path: Path, content: bytes) -> list[Path]:
    """Write a file where it says something else than before; the files that were written."""
    if path.is_file() and path.read_bytes() == content:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return [path]


def _through(path: Path, write: Callable[[Path], None]) -> list[Path]:
    """As :func:`_put`, for what is written to a path; whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        write(partial)
        if path.is_file() and path.read_bytes() == partial.read_bytes():
            return []
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return [path]


def _personal(schedule: Schedule, agenda: Agenda, folder: Path, name: str) -> list[Path]:
    html = agenda_page(agenda, schedule, calendar_file=f"{name}.ics")
    written = _put(folder / f"{name}.html", html.encode())
    return written + _put(folder / f"{name}.ics", calendar(agenda))


def write_screens(schedule: Schedule, folder: Path) -> list[Path]:
    """Write workbook, data file, wall board, and a page and a calendar for everyone who was ever invited.

    Returns:
        The files whose content is new.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = _through(folder / TIMETABLE_FILE, lambda path: write_schedule(path, schedule))  # the rest follows from it
    written += _through(folder / BOOK, lambda path: write_schedule_book(path, schedule))
    agendas = tuple(agenda for agenda in make_agendas(schedule) if agenda.invited)
    board = wall_board(schedule).encode()
    written += _put(folder / BOARD, board)
    for name, agenda in _named(agendas):
        written += _personal(schedule, agenda, folder / AGENDAS, name)
    if schedule.link_base:
        written += _put(folder / WEB / "board.html", board)
        for agenda in agendas:
            written += _personal(schedule, agenda, folder / WEB, agenda.token)
    return written


def write_papers(schedule: Schedule, folder: Path, *, before: Schedule | None = None) -> list[Path]:
    """Write the PDFs.

    Args:
        schedule: as it is now.
        folder: where to.
        before: what it was until now; then only the badges that say something else are made, to be printed again.

    Returns:
        The files whose content is new.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    written = _put(folder / PAPER, timetable_pdf(schedule)) + _put(folder / QUALITY, quality_pdf(schedule))
    badges = badges_pdf(schedule, before=before)
    if badges is not None:
        again = Path(BADGES).stem + f"（第{schedule.timetable.revision}次调整补印）.pdf"
        written += _put(folder / (BADGES if before is None else again), badges)
    return written
