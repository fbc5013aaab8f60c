"""Days and times of day in agendas and absences: ``5月21日上午``, ``9:00-9:30``, ``下午2点至4点``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from yingcheng.standards.dates import parse_date
from yingcheng.standards.text import one_line

__all__ = ["find_day", "read_spans", "read_times"]

_DAY = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2})\s*[年./-]\s*)?(?P<month>1[0-2]|0?[1-9])\s*[月./-]\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*日?(?!\d|[:：])"
)
_DAY_OF_MONTH = re.compile(r"(?<!\d)(3[01]|[12]\d|0?[1-9])\s*[日号]")
_CLOCK = re.compile(
    r"(?P<half>上午|下午|中午|晚上|晚|早上|傍晚)?\s*(?<!\d)(?P<hour>[01]?\d|2[0-4])\s*(?:[:：](?P<minute>[0-5]\d)(?::[0-5]\d)?|[点时](?P<part>半|[0-5]?\d分?)?)"
)
_HALVES = {
    "上午": ("00:00", "12:00"),
    "下午": ("12:00", "18:00"),
    "晚上": ("18:00", "23:59"),
    "全天": ("00:00", "23:59"),
}
_AFTERNOON = frozenset({"下午", "晚上", "晚", "傍晚"})
_SEPARATOR = re.compile(r"[；;、\n]|(?<=日)[，,]|(?<=[午晚\d])[，,](?=\D*\d)")


def find_day(text: str, *, year: int | None = None) -> date | None:
    """The first day a text names; without a year in it, in ``year``."""
    match = _DAY.search(text)
    if match is None:
        return parse_date(text) if re.fullmatch(r"\d{8}|\d{5}", text.strip()) else None
    when = int(match["year"]) if match["year"] else year
    if when is None:
        return None
    try:
        return date(when, int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def read_times(text: str) -> tuple[time, ...]:
    """Every time of day in a text, in order; 下午 counts for what follows it. A bare 0.375 is a spreadsheet's 9:00."""
    flat = one_line(text)
    if re.fullmatch(r"0\.\d+", flat):
        minutes = round(float(flat) * 24 * 60)
        return (time(minutes // 60 % 24, minutes % 60),)
    found = []
    half = ""
    for match in _CLOCK.finditer(flat):
        half = match["half"] or half
        hour = int(match["hour"])
        part = match["part"] or ""
        minute = int(match["minute"]) if match["minute"] else 30 if part == "半" else int(part.rstrip("分") or 0)
        if half in _AFTERNOON and hour < 12:
            hour += 12
        if hour < 24:
            found.append(time(hour, minute))
    return tuple(found)


def read_spans(text: str, *, days: Sequence[date]) -> tuple[tuple[datetime, datetime], ...]:
    """Spans such as ``5月21日上午；22日14:00-15:00``. A span without a day holds on every one of ``days``.

    A day without a year takes the year of ``days``. What cannot be read gives nothing.
    """
    spans: list[tuple[datetime, datetime]] = []
    current: tuple[date, ...] = tuple(days)
    for piece in _SEPARATOR.split(text):
        named = _named_day(piece, days)
        if named is not None:
            current = (named,)
        ends = _ends(piece, whole_day=named is not None)
        if ends is None:
            continue
        spans.extend((datetime.combine(day, ends[0]), datetime.combine(day, ends[1])) for day in current)
    return tuple(spans)


def _named_day(piece: str, days: Sequence[date]) -> date | None:
    day = find_day(piece, year=days[0].year if days else None)
    if day is not None:
        return day
    match = _DAY_OF_MONTH.search(piece)
    if match and days:
        return next((d for d in days if d.day == int(match.group(1))), None)
    return None


def _ends(piece: str, *, whole_day: bool) -> tuple[time, time] | None:
    times = read_times(_DAY.sub(" ", piece))
    if len(times) >= 2 and times[0] < times[1]:
        return times[0], times[1]
    if times:
        if "前" in piece:
            return time(0, 0), times[0]
        if "后" in piece or "起" in piece:
            return times[0], time(23, 59)
        end = datetime.combine(date.min, times[0]) + timedelta(hours=1)
        return (times[0], end.time()) if end.date() == date.min else (times[0], time(23, 59))
    for word, (start, end_text) in _HALVES.items():
        if word in piece:
            return time.fromisoformat(start), time.fromisoformat(end_text)
    return (time(0, 0), time(23, 59)) if whole_day else None
