"""A schedule as a file that can be read back: 对接日程.json, with its earlier revisions for undo."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.matchmaking.records import Participant, Timetable
from yingcheng.matchmaking.timetable.schedule import Schedule

__all__ = ["TIMETABLE_FILE", "read_schedule", "write_schedule"]

TIMETABLE_FILE = "对接日程.json"
_FORMAT = 2


def write_schedule(path: Path, schedule: Schedule) -> None:
    """Write a schedule with everything needed to follow up on it.

    What the sheets said beyond what is scheduled (unmapped columns, places in files) is not in the file.
    """
    bare = replace(
        schedule,
        timetable=_bare(schedule.timetable),
        earlier=tuple(_bare(one) for one in schedule.earlier),
        former=_bare_people(schedule.former),
    )
    record = {"format": _FORMAT, "schedule": _plain(bare)}
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def read_schedule(path: Path) -> Schedule:
    """The schedule of a file.

    Raises:
        UnreadableFile: there is no such file, or it is no schedule.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != _FORMAT:
            raise ValueError(record["format"])
        schedule: Schedule = _record(Schedule, record["schedule"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UnreadableFile(
            _("不是可读取的对接日程文件（{fault}）。").format(fault=fault),
            where=str(path),
            remedy=_("请指定运行结果里的 {name}。").format(name=TIMETABLE_FILE),
        ) from fault
    return schedule


def _bare(timetable: Timetable) -> Timetable:
    agenda = tuple(replace(block, extra=(), sources=()) for block in timetable.session.agenda)
    return replace(
        timetable,
        session=replace(timetable.session, agenda=agenda),
        participants=_bare_people(timetable.participants),
    )


def _bare_people(people: tuple[Participant, ...]) -> tuple[Participant, ...]:
    return tuple(replace(one, extra=(), sources=()) for one in people)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _record(kind: Any, value: Any) -> Any:
    """A value of JSON as what its type says."""
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise TypeError(value)
        hints = get_type_hints(kind)
        return kind(**{name: _record(hints[name], part) for name, part in value.items()})  # type: ignore[operator]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        return tuple(_record(one, part) for one, part in zip(kinds, value, strict=True))
    if origin in (Union, types.UnionType):
        return None if value is None else _record(next(one for one in inner if one is not type(None)), value)
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if not isinstance(value, int if kind is float else kind) and not isinstance(value, kind):
        raise TypeError(value)
    return value
