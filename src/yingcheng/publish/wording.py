"""How values are written for people in every deliverable: amounts, periods, places of origin."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from yingcheng.findings import SourceRow
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money, format_money
from yingcheng.standards.text import one_line

__all__ = ["hundred_million_yuan", "hundredths", "origin", "written"]

_SENTENCE = 40
"""A longer original is a sentence about money; it says more than the figure that was guessed from it."""

_MOST_DECIMALS = 4
"""With more decimals than this the next smaller unit reads better: 12000.5万元 and not 1.20005亿元."""

_MOST_DIGITS = 20
"""Longer numbers are nobody's investment; they stay as they were written."""

_NOT_GIVEN = "未填"
_QUARTERS = "一二三四"


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _figure(value: Decimal) -> tuple[str, str]:
    """Digits and scale of an amount in the largest scale that needs few decimals; exact."""
    scales = ((8, "亿"), (4, "万"))
    power, word = next(
        (
            (power, word)
            for power, word in scales
            if abs(value) >= 10**power and _decimals(value.scaleb(-power)) <= _MOST_DECIMALS
        ),
        (0, ""),
    )
    digits = f"{value.scaleb(-power):f}"
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits), word


def _unit(currency: str) -> str:
    return format_money(Money(Decimal(1), Decimal(1), currency, "")).removeprefix("1")


def _amount(money: Money) -> str:
    """An amount whose ends, as far as they are known, are not negative: 3000–5000万元, 不超过500万美元."""
    unit, about = _unit(money.currency), "约" if money.approximate else ""
    low, high = (None if end is None else _figure(end) for end in (money.low, money.high))
    if low is None and high is not None:
        return f"不超过{about}{''.join(high)}{unit}"
    if high is None and low is not None:
        return f"不低于{about}{''.join(low)}{unit}"
    if low is None or high is None:
        return ""
    if low == high:
        return f"{about}{''.join(high)}{unit}"
    if low[1] == high[1]:
        return f"{about}{low[0]}–{''.join(high)}{unit}"
    return f"{about}{''.join(low)}{unit}–{''.join(high)}{unit}"


def _money(money: Money) -> str:
    text = one_line(money.text)
    known = [end for end in (money.low, money.high) if end is not None]
    if not known:
        return "" if money.note == _NOT_GIVEN else text or money.note
    if any(end < 0 or len(end.as_tuple().digits) > _MOST_DIGITS for end in known):
        return text or format_money(money)
    if money.certain or not any(known):  # nothing is nothing in every unit
        return _amount(money)
    if len(text) > _SENTENCE:
        return text
    reading = _amount(money)
    return f"{reading}（原文：{text}）" if text and text != reading else reading


def _day(day: date) -> str:
    return day.isoformat()


def _ends_month(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _within_year(start: date, end: date) -> str:
    """A month, a quarter or half of one year, given that the span is made of whole months."""
    months = end.month - start.month + 1
    if months == 1:
        return f"{start.year}年{start.month}月"
    if months == 3 and start.month % 3 == 1:
        return f"{start.year}年{_QUARTERS[start.month // 3]}季度"
    if months == 6 and start.month in {1, 7}:
        return f"{start.year}年{'上' if start.month == 1 else '下'}半年"
    return f"{start.year}年{start.month}–{end.month}月"


def _span(start: date, end: date, precision: str) -> str:
    if start == end:
        return _day(start)
    whole_months = precision != "day" and start.day == 1 and _ends_month(end)
    if not whole_months:
        return f"{_day(start)} 至 {_day(end)}"
    if (start.month, end.month) == (1, 12):
        return f"{start.year}年" if start.year == end.year else f"{start.year}–{end.year}年"
    if start.year == end.year:
        return _within_year(start, end)
    return f"{start.year}年{start.month}月至{end.year}年{end.month}月"


def _period(period: Period) -> str:
    start, end = period.start, period.end
    if not period.certain or (start is None and end is None):
        return one_line(period.text)
    if start is not None and end is not None:
        return _span(start, end, period.precision)
    if end is not None:
        if period.precision == "day" or not _ends_month(end):
            return f"{_day(end)}前"
        return f"{end.year}年底前" if end.month == 12 and period.precision == "year" else f"{end:%Y年}{end.month}月底前"
    if start is None:
        return ""
    if period.precision == "day" or start.day != 1:
        return f"{_day(start)}起"
    return f"{start.year}年起" if start.month == 1 and period.precision == "year" else f"{start:%Y年}{start.month}月起"


def written(value: Money | Period | None) -> str:
    """An amount or a period in one spelling for all deliverables; empty where none was given.

    Amounts come in 亿元, 万元 or 元 and exact (48亿元, 3000–5000万元, 不超过500万美元, 约3亿元); reading a certain one
    again gives the same ends and currency. Text without a number (面议) stays, N/A and the like are empty. Where the
    reading is not certain the original stands in brackets behind it, or alone if it is a whole sentence.

    Periods come as 2021-09-01 至 2023-12-31, whole months and years short (2021年6月, 2021–2023年, 2025年底前);
    where the reading is not certain, as the sender wrote them.
    """
    if value is None:
        return ""
    return _money(value) if isinstance(value, Money) else _period(value)


def hundred_million_yuan(amount: Money | None) -> Decimal | None:
    """Middle of an amount in 亿元, ``None`` for other currencies and unknown amounts."""
    if amount is None or amount.currency != "CNY" or amount.middle is None:
        return None
    return amount.middle / Decimal(100_000_000)


def origin(sources: Sequence[SourceRow]) -> str:
    """Where a record came from: file, sheet and row of each of its source rows."""
    return "\n".join(str(source.place()) for source in sources)


def hundredths(parts: Sequence[float]) -> list[int]:
    """Parts in whole hundredths whose sum is the rounded sum (Hamilton's largest remainders)."""
    exact = [part * 100 for part in parts]
    whole = [math.floor(value) for value in exact]
    missing = round(math.fsum(exact)) - sum(whole)
    for place in sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))[:missing]:
        whole[place] += 1
    return whole
