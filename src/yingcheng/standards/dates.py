"""Dates and periods as people write them."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from yingcheng.standards.numerals import chinese_number
from yingcheng.standards.text import one_line

__all__ = ["Period", "find_month", "month_order", "parse_date", "parse_period"]


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a span. ``None`` at an end means open (长期, 2025年底前 has no start).

    ``precision`` is ``day``, ``month``, ``quarter``, ``half``, ``year`` or ``open``; a single day has ``start == end``.
    ``certain`` is false where the text was only partly understood; ``text`` is always the original.
    """

    start: date | None
    end: date | None
    precision: str
    text: str
    certain: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Point:
    """One date expression: the span it covers and how much of the text it used."""

    start: date
    end: date
    precision: str
    edge: bool = False  # names an end of its span (年底, 月末): a deadline without doubt
    certain: bool = True
    note: str = ""


_FIRST_SERIAL, _LAST_SERIAL = 18_264, 73_415  # 1950-01-01 … 2100-12-31 in the spreadsheet calendar
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheet serials after February 1900
_ABSENT = frozenset(
    {"", "无", "暂无", "n/a", "na", "nan", "null", "none", "-", "--", "—", "——", "/", "\\", "nat", "空"}
)
_OPEN = re.compile(
    r"^(?:长期|长期有效|长期合作|长期开放|常年|全年|常态化|持续|持续推进|无固定期限|不限|永久|随时|常年有效|长期实施|无期限|滚动实施)$"
)
_VAGUE = re.compile(r"近期|尽快|待定|另行通知|视情况|未定|待确定|面议|中期|远期|适时|即时|协商|短期|暂未")
_YEAR_MONTH = re.compile(r"(?:19|20)\d{2}\.(?:0[1-9]|1[0-2]|[1-9])")
_NO_YEAR = re.compile(r"\d{1,2}\s*月|(?:今|明|本|当)年|季度|半年")
_DURATION = re.compile(
    r"^(?:周期|工期|合作期|期限|建设期|服务期|实施周期|为)?[:：]?\s*(?:约|不超过|共)?\s*(?!(?:19|20)\d\d)(?P<number>\d+(?:\.\d+)?|[一二三四五六七八九十两]+|半)(?:\s*[-~至到]\s*\d+)?"
    r"\s*个?(?P<unit>年|月|季度|周|日历天|工作日|天|日)(?:左右|以内|内)?$"
)
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_PLAN_NUMBER = {"十二五": 12, "十三五": 13, "十四五": 14, "十五五": 15, "十六五": 16}
_YEAR = r"(?P<year>(?:19|20|21)\d{2}|[一二][零〇九一二三四五六七八]{3}|(?<!\d)\d{2}(?=年))"
_MONTH = r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})"
_CLOCK = (
    r"(?:\s*[T ]?\s*\d{1,2}[:：]\d{1,2}(?:[:：]\d{1,2}(?:\.\d+)?)?(?:Z|[+\-]\d{2}:?\d{2})?)?"
    r"(?:\s*\d{1,2}时(?:\d{1,2}分)?)?"
)
_DAY = r"(?P<day>\d{1,2}(?!\d)|[一二三四五六七八九十]{1,3}(?=[日号]))"
_EXPRESSIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (rf"{_YEAR}\s*年\s*{_MONTH}\s*月\s*{_DAY}\s*[日号]?{_CLOCK}", "day"),
        (rf"{_YEAR}\s*(?P<sign>[-./])\s*{_MONTH}\s*(?P=sign)\s*(?P<day>\d{{1,2}})(?!\d)\s*[日号]?{_CLOCK}", "day"),
        (r"(?<!\d)(?P<year>(?:19|20|21)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)", "day"),
        (rf"{_YEAR}\s*年?\s*第?(?P<quarter>[一二三四1-4])\s*季度?(?P<edge>末|底)?", "quarter"),
        (rf"{_YEAR}\s*年?\s*[-.]?\s*[Qq](?P<quarter>[1-4])(?!\d)", "quarter"),
        (rf"{_YEAR}\s*年?\s*(?P<half>上|下)半年(?P<edge>末|底)?", "half"),
        (rf"{_YEAR}\s*(?:年|[-./])\s*{_MONTH}(?!\d)\s*月?份?\s*(?P<part>[上中下]旬|月?[底末初])?", "month"),
        (r"(?<!\d)(?P<year>(?:19|20|21)\d{2})(?P<month>0[1-9]|1[0-2])(?!\d)", "month"),
        (rf"{_YEAR}\s*年?(?:度)?\s*(?P<part>年底|年末|底|末|年初|初|年中|中(?!旬|期)|岁末|全年)?", "year"),
        (r"[“\"'「]?(?P<plan>十[二三四五六]五)[”\"'」]?(?:规划)?(?:时期|期间|期)?(?P<edge>末|末期|收官)?", "plan"),
    )
)  # fmt: skip
_SECOND_HALF: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?P<month>\d{1,2})\s*(?:月|[-./])\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?", "day"),
        (r"(?P<month>\d{1,2})\s*月(?:份)?\s*(?P<part>上旬|中旬|下旬|底|末|初)?", "month"),
        (r"第?(?P<quarter>[一二三四1-4])\s*季度?(?P<edge>末|底)?", "quarter"),
        (r"(?P<half>下)半年(?P<edge>末|底)?", "half"),
        (r"(?P<day>\d{1,2})\s*[日号]", "same-month"),
        (r"(?P<part>年底|年末)", "year"),
    )
)
_RANGE = re.compile(r"\s*(?:-{1,2}|–|—{1,2}|~|～|至|到|起至|起到|起-|开始至|→|,|，)\s*")
_OPEN_END = re.compile(r"至?(?:今|现在|长期|永久)")
_FROM_NOW = re.compile(
    r"^(?:自)?(?:即日起?|发布之日起?|公布之日起?|现在起?|目前|至今)\s*(?:,|，)?\s*(?:-|–|—|~|～|至|到|截至|截止至?)?\s*"
)
_BEFORE = re.compile(r"^\s*(?:之前|以前|前|止|截止|底前|内|以内|为止|完成|到期)+")
_AFTER = re.compile(r"^\s*(?:以后|之后|起|开始|后|启动|至今|以来|至长期)+")
_UNTIL_WORD = re.compile(
    r"^(?:截止时间|截止日期|截止到|截止至|截止于|截止|截至|有效期至|不晚于|最迟|到期日|至|到|于)\s*[:：]?\s*"
)
_SINCE_WORD = re.compile(r"^(?:自|从|开始时间[:：]?|不早于)\s*")
_FILLER = re.compile(
    r"[\s。.,，;；:：()（）\[\]“”\"']+|完成|建成|投用|投产|运营|申报|截止|有效|实施|预计|计划|拟|力争|约|左右|前后|开工|竣工|启动|期间|时间|日期|期限|"
    r"建设|年度|项目|落地|交付|验收|星期.|周[一二三四五六日]|北京|以下|上午|下午|公示|为|在|于|底|已"
)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else chinese_number(text) or 0


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _year(text: str) -> int:
    value = _number(text)
    return value + 2000 if value < 100 else value


def _day_point(year: int, fields: dict[str, str]) -> _Point:
    day = date(year, _number(fields["month"]), _number(fields["day"]))
    return _Point(day, day, "day", edge=True)


def _month_point(year: int, fields: dict[str, str]) -> _Point:
    month, part = _number(fields["month"]), fields.get("part", "")
    first, last = date(year, month, 1), _month_end(year, month)
    spans = {
        "上旬": (first, first.replace(day=10)),
        "中旬": (first.replace(day=11), first.replace(day=20)),
        "下旬": (first.replace(day=21), last),
        "初": (first, first.replace(day=10)),
    }
    start, end = spans.get(part.removeprefix("月"), (first, last))
    return _Point(start, end, "month", edge=bool(part))


def _quarter_point(year: int, fields: dict[str, str]) -> _Point:
    quarter = _QUARTERS[fields["quarter"]]
    return _Point(
        date(year, 3 * quarter - 2, 1), _month_end(year, 3 * quarter), "quarter", edge=bool(fields.get("edge"))
    )


def _half_point(year: int, fields: dict[str, str]) -> _Point:
    first = 1 if fields["half"] == "上" else 7
    return _Point(date(year, first, 1), _month_end(year, first + 5), "half", edge=bool(fields.get("edge")))


def _year_point(year: int, fields: dict[str, str]) -> _Point:
    part = fields.get("part", "").removeprefix("年")
    if part == "初":
        return _Point(date(year, 1, 1), date(year, 3, 31), "year", edge=True, certain=False, note="“年初”按第一季度计")
    if part == "中":
        return _Point(date(year, 1, 1), date(year, 6, 30), "year", edge=True, certain=False, note="“年中”按6月底计")
    return _Point(date(year, 1, 1), date(year, 12, 31), "year", edge=part in {"底", "末", "岁末"})


_BUILDERS: dict[str, Callable[[int, dict[str, str]], _Point]] = {
    "day": _day_point,
    "month": _month_point,
    "quarter": _quarter_point,
    "half": _half_point,
    "year": _year_point,
}


def _build(kind: str, fields: dict[str, str], since: _Point | None = None) -> _Point | None:
    try:
        if kind == "plan":
            first = 1951 + 5 * _PLAN_NUMBER[fields["plan"]]  # 七五 began in 1986, every plan since runs five years
            return _Point(date(first, 1, 1), date(first + 4, 12, 31), "year", edge=bool(fields.get("edge")))
        if kind == "same-month" and since is not None:
            day = since.start.replace(day=int(fields["day"]))
            return _Point(day, day, "day", edge=True)
        year = _year(fields["year"]) if since is None else since.start.year
        return _BUILDERS[kind](year, fields)
    except (ValueError, KeyError):
        return None  # 2025年13月, 2月30日: not a date


def _match(
    expressions: tuple[tuple[re.Pattern[str], str], ...], text: str, since: _Point | None = None
) -> tuple[_Point, int] | None:
    for pattern, kind in expressions:
        match = pattern.match(text)
        if match is None:
            continue
        point = _build(kind, {key: value for key, value in match.groupdict().items() if value}, since)
        if point is not None:
            return point, match.end()
    return None


def _find(text: str) -> tuple[_Point, int, int] | None:
    """The first date expression of a text, its begin and its end."""
    for start in range(len(text)):
        if (text[start].isdigit() or text[start] in "一二十“\"'「") and not (start and text[start - 1].isdigit()):
            found = _match(_EXPRESSIONS, text[start:])
            if found is not None:
                return found[0], start, start + found[1]
    return None


def _read_text(text: str, original: str) -> Period | None:
    normal = one_line(text)
    lowered = normal.lower()
    if lowered in _ABSENT:
        return None
    if re.fullmatch(r"\d{1,8}(?:\.\d+)?", normal) and not _YEAR_MONTH.fullmatch(normal):
        return _read_number(float(normal), original)
    if _OPEN.match(normal):
        return Period(None, None, "open", original)
    if match := _DURATION.match(normal):
        return Period(None, None, "open", original, certain=False, note=f"只有时长：{match.group().strip()}")
    if len(normal) > 200:
        return Period(None, None, "open", original, certain=False, note="文字过长，不是日期")
    from_now = _FROM_NOW.match(normal)
    body = normal[from_now.end() :] if from_now else normal
    found = _find(body)
    if found is None:
        note = "时间不明确" if _VAGUE.search(normal) else "没有年份" if _NO_YEAR.search(normal) else "没有读出日期"
        certain = bool(from_now and not body)
        return Period(None, None, "open", original, certain=certain, note="自发布之日起" if certain else note)
    period = _around(body, found, original)
    if from_now and period.end is not None:
        return replace(period, start=None, note=period.note or "自发布之日起")
    return period


def _around(text: str, found: tuple[_Point, int, int], original: str) -> Period:
    """Read what stands before and behind the first date: a range, a deadline, a beginning."""
    first, begin, end = found
    before, after = text[:begin].strip(), text[end:]
    notes = [first.note] if first.note else []
    certain = first.certain
    start: date | None = first.start
    finish: date | None = first.end
    precision = first.precision
    joined = _RANGE.match(after)
    second = None
    if joined:
        rest = after[joined.end() :]
        second = _match(_EXPRESSIONS, rest) or _match(_SECOND_HALF, rest, first)
        if second is None and (open_end := _OPEN_END.match(rest)):
            finish, after = None, rest[open_end.end() :]
    if second is not None and joined:
        last, used = second
        after = after[joined.end() + used :]
        finish, precision = last.end, last.precision
        certain = certain and last.certain
        notes += [last.note] if last.note else []
        after = _BEFORE.sub("", after)
    elif (deadline := _BEFORE.match(after)) or _UNTIL_WORD.match(before):
        start = None
        word = deadline.group() if deadline else ""
        after = after[deadline.end() :] if deadline else after
        if not first.edge and word.strip()[:1] in {"前", "之", "以"} and not word.startswith("以内"):
            certain = False
            notes.append(f"“{text[begin:end].strip()}{word.strip()}”按期末计")
    elif beginning := _AFTER.match(after):
        finish, after = None, after[beginning.end() :]
    elif _SINCE_WORD.fullmatch(before) and not after.strip():
        finish = None
    elif first.edge and precision in {"year", "half", "quarter", "month"}:
        start = None if first.end == finish and _is_end_word(text[begin:end]) else start
    before = _UNTIL_WORD.sub("", _SINCE_WORD.sub("", before))
    if _FILLER.sub("", before + after):
        certain = False
        notes.append("只读懂了一部分")
    if start is not None and finish is not None and start > finish:
        return Period(finish, start, precision, original, certain=False, note="起止颠倒，已对调")
    return Period(start, finish, precision, original, certain, "；".join(notes))


def _is_end_word(text: str) -> bool:
    return text.rstrip().endswith(("底", "末"))


def _read_number(value: float, original: str) -> Period:
    if not math.isfinite(value):
        return Period(None, None, "open", original, certain=False, note="不是日期")
    whole = int(value)
    for pattern_digits in (8, 6):
        text = str(whole)
        if value == whole and len(text) == pattern_digits:
            found = _match(_EXPRESSIONS, text)
            if found is not None and found[1] == len(text):
                return Period(found[0].start, found[0].end, found[0].precision, original)
    if value == whole and 1900 <= whole <= 2100:
        return Period(date(whole, 1, 1), date(whole, 12, 31), "year", original)
    if _FIRST_SERIAL <= whole <= _LAST_SERIAL:
        day = _EPOCH + timedelta(days=whole)
        return Period(day, day, "day", original, note="表格日期序列号")
    if _YEAR_MONTH.fullmatch(written := str(value)):
        # 2025.1 in a number cell may have been typed as 2025.10
        month = _read_text(f"{written}月", original)
        if month is not None:
            doubt = "可能是10月" if written.endswith(".1") else ""
            return replace(month, certain=not doubt, note=doubt)
    return Period(None, None, "open", original, certain=False, note="数字不是日期")


@lru_cache(maxsize=1 << 14)
def _cached_text(text: str) -> Period | None:
    return _read_text(text, text)


def parse_period(value: str | int | float | date | datetime) -> Period | None:
    """Read a date, a deadline or a span; ``None`` for a blank cell, never raises.

    Understood are days, months, quarters, halves, years and five-year plans, ranges of them, deadlines (…前, 截至…),
    beginnings (…起), 长期, 即日起至…, ``yyyymmdd`` and spreadsheet serials. ``2026年3月前`` counts to the end of
    March and says that this is not certain.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return Period(value, value, "day", value.isoformat())
    if isinstance(value, bool):
        return Period(None, None, "open", str(value), certain=False, note="不是日期")
    if isinstance(value, int | float):
        if isinstance(value, float) and math.isnan(value):
            return None
        return (
            _read_number(value, str(value))
            if abs(value) < 1e9
            else Period(None, None, "open", str(value), certain=False, note="数字不是日期")
        )
    return _cached_text(value)


def parse_date(value: str | int | float | date | datetime) -> date | None:
    """The day a cell names, spreadsheet serials included; ``None`` where it is blank, no single day or not certain."""
    period = parse_period(value)
    if period is None or period.precision != "day" or period.start is None or period.start != period.end:
        return None
    return period.start if period.certain else None


# 1-10月 reports on the last of its months; a run of eight digits is a day, of which the month counts
_NAMED_MONTH = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})\s*(?:年|[-./_])\s*(?:\d{1,2}\s*月?\s*[-—–~～至到]\s*)?(?P<month>1[0-2]|0?[1-9])(?!\d)(?!\s*年)"
    r"|(?<!\d)(?P<year_run>(?:19|20)\d{2})(?P<month_run>0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)"
)
_MONTH_ALONE = re.compile(r"(?<!\d)(?P<month>1[0-2]|0?[1-9])\s*月(?!\s*\d)")
_KEPT_MONTH = re.compile(r"^(?:(\d{4})\D{1,2})?(\d{1,2})\D{0,2}$")


def find_month(text: str) -> str:
    """The month a title or file name speaks of, ``2025-10``; ``10`` where it gives no year, empty where none.

    Understood are ``2025年10月``, ``2025-10``, ``202510``, ``20251031`` and ``10月``.
    """
    line = one_line(text)
    if match := _NAMED_MONTH.search(line):
        return f"{match['year'] or match['year_run']}-{int(match['month'] or match['month_run']):02d}"
    alone = _MONTH_ALONE.search(line)
    return f"{int(alone['month']):02d}" if alone else ""


def month_order(month: str) -> tuple[int, int]:
    """Year and month to sort by; year 0 where only the number of the month is known, (0, 0) for a blank."""
    if match := _KEPT_MONTH.match(month.strip()):
        return int(match[1] or 0), int(match[2])
    period = parse_period(month) if month else None
    first = (period.start or period.end) if period else None
    return (first.year, first.month) if first else (0, 0)
