"""Days and times of day in agendas and absences: ``5月21日上午``, ``9:00-9:30``, ``下午2点至4点``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from yingcheng.standards.dates import parse_date
from yingcheng.standards.text import one_line

__all__ = ["find_day", "find_year", "read_spans", "read_times"]

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_DAY = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2})\s*[年./-]\s*)?(?<![\d:：])(?P<month>1[0-2]|0?[1-9])\s*"
    r"(?:[月./]|-(?(year)|(?!\s*\d{1,2}\s*[日号])))\s*"  # 10-12日 are days of one month
    r"(?P<day>3[01]|[12]\d|0?[1-9])\s*[日号]?(?!\d|[:：点时])"
)
_DAY_OF_MONTH = re.compile(r"(?<![\d月./])(?P<day>3[01]|[12]\d|0?[1-9])\s*(?:[日号]|(?=[-–—~～至到]\d{1,2}[日号]))")
_UNTIL_DAY = re.compile(r"\s*(?:-{1,2}|[–—－~～至到]+)\s*(?=\d)")
_CLOCK = re.compile(
    r"(?P<half>上午|下午|中午|晚上|晚|早上|傍晚)?\s*(?<!\d)(?P<hour>[01]?\d|2[0-4])\s*"
    r"(?:[:：](?P<minute>[0-5]\d)(?::[0-5]\d)?|[点时](?P<part>半|[0-5]?\d分?)?|(?=[-–—~～至到]\s*\d{1,2}\s*[点时]))"
)
# hours of the day; 24 is the midnight behind it
_HALVES = (
    (("全天", "整天", "全日", "当天", "一整天", "一天"), (0, 24)),
    (("上午", "早上", "早晨"), (0, 12)),
    (("中午",), (12, 14)),
    (("下午",), (12, 24)),
    (("晚上", "晚间", "傍晚", "当晚"), (18, 24)),
)
_MIDNIGHT = 24 * 60
_LONGEST_RUN = timedelta(days=31)
_AFTERNOON = frozenset({"下午", "晚上", "晚", "傍晚"})
_SEPARATOR = re.compile(
    r"[；;、和及\n]|(?<=日)[，,]|(?<=[午晚\d])[，,](?=\D*\d)|[，,](?=\s*(?:上午|中午|下午|晚上|全天))"
)
_PRESENT = re.compile(
    r"(?<![不未])(?:可以?|能够?|正常|准时)(?:参加|参会|出席|到会|到场)"
)  # said of a time one does come


def find_year(text: str) -> int | None:
    """The first year of four digits a text names."""
    match = _YEAR.search(text)
    return int(match.group()) if match else None


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
        elif hour == 24 and not minute and found:  # 22:00-24:00: the last minute of the same day
            found.append(time(23, 59))
    return tuple(found)


def read_spans(text: str, *, days: Sequence[date], year: int | None = None) -> tuple[tuple[datetime, datetime], ...]:
    """Spans such as ``5月21日上午；22日14:00-15:00``. A span without a day holds on every one of ``days``.

    A day without a year takes the year of ``days``, else ``year``, else that of a day named before it. 上午 ends and
    下午 begins at noon; 全天 lasts from midnight to midnight. What cannot be read gives nothing.
    """
    spans: list[tuple[datetime, datetime]] = []
    current: tuple[date, ...] = tuple(days)
    known_year = days[0].year if days else year
    for piece in _SEPARATOR.split(text):
        named, rest = _named_days(piece, days, current, known_year)
        if named:
            current, known_year = named, named[-1].year
        ends = _ends(rest, whole_day=bool(named))
        if ends is not None and not _PRESENT.search(rest):
            spans.extend((_at(day, ends[0]), _at(day, ends[1])) for day in current)
    return tuple(dict.fromkeys(spans))


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time.min) + timedelta(minutes=minutes)


def _named_days(
    piece: str, days: Sequence[date], current: Sequence[date], year: int | None
) -> tuple[tuple[date, ...], str]:
    """The day or run of days a piece names, and the piece without them."""
    match = _DAY.search(piece)
    first = find_day(match.group(), year=year) if match else None
    if match is None:
        match = _DAY_OF_MONTH.search(piece)
        around = (*days, *current)
        first = _same_month(around, int(match["day"])) if match else None
    if match is None or first is None:
        return (), piece
    rest = piece[match.end() :]
    if joined := _UNTIL_DAY.match(rest):
        behind = _DAY.match(rest, joined.end()) or _DAY_OF_MONTH.match(rest, joined.end())
        last = _last_day(behind, first) if behind else None
        if behind is not None and last is not None and timedelta(0) < last - first <= _LONGEST_RUN:
            run = tuple(first + timedelta(days=i) for i in range((last - first).days + 1))
            return run, piece[: match.start()] + " " + rest[behind.end() :]
    return (first,), piece[: match.start()] + " " + rest


def _same_month(around: Sequence[date], day: int) -> date | None:
    """The day of that number among those known, else in the month of one of them."""
    known = next((one for one in around if one.day == day), None)
    if known is not None or not around:
        return known
    try:
        return around[-1].replace(day=day)
    except ValueError:
        return None


def _last_day(match: re.Match[str], first: date) -> date | None:
    if match.re is _DAY:
        return find_day(match.group(), year=first.year)
    return _same_month((first,), int(match["day"]))


def _ends(piece: str, *, whole_day: bool) -> tuple[int, int] | None:
    """Begin and end in minutes from midnight."""
    times = [when.hour * 60 + when.minute for when in read_times(piece)]
    if len(times) >= 2 and times[0] < times[1]:
        return times[0], times[1]
    if times:
        if "前" in piece:
            return 0, times[0]
        if "后" in piece or "起" in piece:
            return times[0], _MIDNIGHT
        return times[0], min(times[0] + 60, _MIDNIGHT)
    halves = [hours for words, hours in _HALVES if any(word in piece for word in words)]
    if halves:
        return min(start for start, _end in halves) * 60, max(end for _start, end in halves) * 60
    return (0, _MIDNIGHT) if whole_day else None
