"""On the day: ``yingcheng timetable`` changes the 对接日程.json of a run and all that is published of it; also back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path

from rapidfuzz import process

from yingcheng.errors import MissingExtra, UnusableInput
from yingcheng.i18n import _
from yingcheng.matchmaking.records import Participant, Request, Timetable
from yingcheng.matchmaking.timetable import verify
from yingcheng.matchmaking.timetable.repair import Disruption, Repair, repair
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.matchmaking.timetable.stored import TIMETABLE_FILE, read_schedule
from yingcheng.output import record_written
from yingcheng.publish.records import STEP_FOLDERS
from yingcheng.publish.schedule import write_papers, write_screens
from yingcheng.standards.names import company_key

__all__ = ["Happened", "Published", "check_file", "find_file", "mend", "publish", "undo"]

_TIME = re.compile(r"^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2})[:：](\d{2})$")
_VIP_PRIORITY = 10


class Happened:
    """What the organiser says on the command line, in words: names, and times of day."""

    def __init__(
        self,
        *,
        cancelled: Sequence[str] = (),
        late: Sequence[str] = (),
        lost: Sequence[str] = (),
        overrun: Sequence[str] = (),
        vip: Sequence[str] = (),
        confirmed: Sequence[str] = (),
    ) -> None:
        self.cancelled, self.late, self.lost = cancelled, late, lost
        self.overrun, self.vip, self.confirmed = overrun, vip, confirmed

    def read(self, timetable: Timetable) -> tuple[Disruption, tuple[str, ...]]:
        """The disruption, and the uids that are confirmed.

        Raises:
            UnusableInput: a name is not in the timetable, or a text is not of the form asked for.
        """
        start, end = _span(timetable)
        absences = [(_party(timetable, name), start, end) for name in self.cancelled]
        for text in self.late:
            name, when = _parts(text, "=", _("甲公司=10:20"))
            absences.append((_party(timetable, name), start, _moment(timetable, when)))
        lost = []
        for text in self.lost:
            name, _sign, when = text.partition("=")
            since = _moment(timetable, when) if when else start
            lost.append((_one_of(name.strip(), timetable.session.tables, _("洽谈桌")), since, end))
        added, newcomers = self._vips(timetable)
        disruption = Disruption(
            tuple(absences),
            tuple(lost),
            tuple((_meeting(timetable, text), 1) for text in self.overrun),
            added=added,
            newcomers=newcomers,
        )
        return disruption, tuple(_meeting(timetable, text) for text in self.confirmed)

    def _vips(self, timetable: Timetable) -> tuple[tuple[Request, ...], tuple[Participant, ...]]:
        """Meetings of someone who may be new with someone who is there."""
        added, newcomers = [], {}
        for text in self.vip:
            guest, host = _parts(text, "×", _("市领导×甲公司"))
            known = _party(timetable, host)
            same = [p.id for p in timetable.participants if company_key(p.name) == company_key(guest)]
            party = same[0] if same else f"guest-{sha256(guest.encode()).hexdigest()[:12]}"
            if not same:
                newcomers[party] = Participant(party, guest, "嘉宾")
            uid = f"{sha256(f'{party} {known}'.encode()).hexdigest()[:24]}@yingcheng"
            added.append(Request(uid, guest, known, (party, known), score=1.0, priority=_VIP_PRIORITY))
        return tuple(added), tuple(newcomers.values())


@dataclass(frozen=True, slots=True)
class Published:
    """The files that say something else now, and why there are no PDFs (empty where there are)."""

    written: tuple[Path, ...]
    missing: str = ""


def find_file(path: Path) -> Path:
    """The timetable's file: itself, or that of an output folder."""
    return path / STEP_FOLDERS[5] / TIMETABLE_FILE if path.is_dir() else path


def mend(path: Path, happened: Happened, *, now: str) -> tuple[Repair, Published]:
    """Work what happened into the file and write anew what is published of it; :func:`undo` takes it back.

    Raises:
        UnusableInput: as of :class:`Happened`, or the file's timetable is not sound.
        UnreadableFile: the file is no timetable.
    """
    schedule = read_schedule(path)
    disruption, confirmed = happened.read(schedule.timetable)
    at = _moment(schedule.timetable, now)
    repaired = repair(schedule.timetable, disruption, now=at, confirmed=confirmed)
    faults = verify(repaired.timetable)
    if faults:
        raise RuntimeError("; ".join(faults))  # a bug of ours: nothing was written
    return repaired, _publish(path, schedule.changed(repaired.timetable, at=at), before=schedule)


def undo(path: Path) -> tuple[Timetable, Published]:
    """Take back the last change of the file, and write anew what is published of it.

    Raises:
        UnusableInput: there is nothing to take back.
        UnreadableFile: the file is no timetable.
    """
    schedule = read_schedule(path)
    if not schedule.earlier:
        raise UnusableInput(_("没有可以撤销的调整。"), where=str(path))
    back = schedule.undone()
    return back.timetable, _publish(path, back, before=schedule)


def check_file(path: Path) -> tuple[Timetable, tuple[str, ...]]:
    """The timetable of a file, and what is wrong with it."""
    timetable = read_schedule(path).timetable
    return timetable, verify(timetable)


def publish(path: Path) -> Published:
    """Write everything that is published of the file anew, all badges included.

    Raises:
        UnreadableFile: the file is no timetable.
    """
    return _publish(path, read_schedule(path), before=None)


def _publish(path: Path, schedule: Schedule, *, before: Schedule | None) -> Published:
    folder, missing = path.parent, ""
    try:
        written = write_screens(schedule, folder)
        try:
            written += write_papers(schedule, folder, before=before)
        except MissingExtra as fault:
            missing = str(fault)
    except OSError as fault:
        # The data file is written first: what happened is not lost.
        raise UnusableInput(
            _("有日程文件未能重写：{fault}").format(fault=fault),
            where=str(folder),
            remedy=_("请关闭正在打开它的程序，再运行 yingcheng timetable publish。"),
        ) from fault
    record_written(folder.parent, [one for one in written if one.name != TIMETABLE_FILE])
    return Published(tuple(written), missing)


def _span(timetable: Timetable) -> tuple[datetime, datetime]:
    slots = timetable.session.slots
    if not slots:
        raise UnusableInput(_("日程里没有时段。"))
    return slots[0].start, slots[-1].end


def _moment(timetable: Timetable, text: str) -> datetime:
    """A time of day, of the first day of the session unless a date is said."""
    found = _TIME.match(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        day = date.fromisoformat(found[1]) if found[1] else _span(timetable)[0].date()
        return datetime.combine(day, time(int(found[2]), int(found[3])))
    except ValueError:
        raise UnusableInput(
            _("看不懂时间“{text}”。").format(text=text), remedy=_("请写成 10:20 或 2026-05-22 10:20。")
        ) from None


def _parts(text: str, sign: str, example: str) -> tuple[str, str]:
    one, found, other = text.partition(sign)
    if not found or not one.strip() or not other.strip():
        raise UnusableInput(
            _("看不懂“{text}”。").format(text=text), remedy=_("请写成：{example}").format(example=example)
        )
    return one.strip(), other.strip()


def _one_of(name: str, known: Iterable[str], kind: str) -> str:
    names = list(known)
    if name in names:
        return name
    near = process.extractOne(name, names, score_cutoff=50)
    hint = _("您是否指：{name}").format(name=near[0]) if near else ""
    raise UnusableInput(_("日程里没有这个{kind}：{name}").format(kind=kind, name=name), remedy=hint)


def _party(timetable: Timetable, name: str) -> str:
    by_name = {participant.name: participant.id for participant in timetable.participants}
    key = company_key(name)
    same = [p.id for p in timetable.participants if p.id == name or (key and company_key(p.name) == key)]
    return same[0] if same else by_name[_one_of(name, by_name, _("参会方"))]


def _meeting(timetable: Timetable, text: str) -> str:
    """A meeting by its uid or its two parties."""
    uids = {meeting.uid for meeting in timetable.meetings}
    if text in uids:
        return text
    one, other = (_party(timetable, name) for name in _parts(text, "×", _("市文旅局×甲公司")))
    for meeting in timetable.meetings:
        if {one, other} <= set(meeting.parties):
            return meeting.uid
    raise UnusableInput(_("日程里没有这场会面：{text}").format(text=text))
