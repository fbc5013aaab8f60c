"""Dates and periods in every form of real lists."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.standards.dates import find_month, month_order, parse_date, parse_period

FORMS = [
    ("2025年底前", None, "2025-12-31", "year", True),
    ("2025年底", None, "2025-12-31", "year", True),
    ("2024-2026", "2024-01-01", "2026-12-31", "year", True),
    ("2024—2026年", "2024-01-01", "2026-12-31", "year", True),
    ("2025-2026年", "2025-01-01", "2026-12-31", "year", True),
    ("2025年内", None, "2025-12-31", "year", True),
    ("2025.12", "2025-12-01", "2025-12-31", "month", True),
    (2025.12, "2025-12-01", "2025-12-31", "month", True),
    (2025.1, "2025-01-01", "2025-01-31", "month", False),
    ("2023.05-至今", "2023-05-01", None, "month", True),
    ("长期", None, None, "open", True),
    ("长期有效", None, None, "open", True),
    (45838, "2025-06-30", "2025-06-30", "day", True),
    ("45838", "2025-06-30", "2025-06-30", "day", True),
    (45838.75, "2025-06-30", "2025-06-30", "day", True),
    ("2025年6月", "2025-06-01", "2025-06-30", "month", True),
    ("２０２５年６月", "2025-06-01", "2025-06-30", "month", True),
    ("二〇二五年六月", "2025-06-01", "2025-06-30", "month", True),
    ("2025.6.30", "2025-06-30", "2025-06-30", "day", True),
    ("2025-06-30 00:00:00", "2025-06-30", "2025-06-30", "day", True),
    ("2025年6月30日17:00", "2025-06-30", "2025-06-30", "day", True),
    ("20250630", "2025-06-30", "2025-06-30", "day", True),
    (20250630, "2025-06-30", "2025-06-30", "day", True),
    (2025, "2025-01-01", "2025-12-31", "year", True),
    ("2025/6-2026/12", "2025-06-01", "2026-12-31", "month", True),
    ("2025年6-12月", "2025-06-01", "2025-12-31", "month", True),
    ("2025年6月1日-30日", "2025-06-01", "2025-06-30", "day", True),
    ("自2024年1月至2025年12月", "2024-01-01", "2025-12-31", "month", True),
    ("2025年上半年", "2025-01-01", "2025-06-30", "half", True),
    ("2025年第三季度", "2025-07-01", "2025-09-30", "quarter", True),
    ("2025Q3", "2025-07-01", "2025-09-30", "quarter", True),
    ("2025年三季度末", None, "2025-09-30", "quarter", True),
    ("2025年9月下旬", "2025-09-21", "2025-09-30", "month", True),
    ("十四五期间", "2021-01-01", "2025-12-31", "year", True),
    ("“十五五”", "2026-01-01", "2030-12-31", "year", True),
    ("即日起至2026年3月", None, "2026-03-31", "month", True),
    ("2025年6月30日前", None, "2025-06-30", "day", True),
    ("截至2025年12月31日", None, "2025-12-31", "day", True),
    ("2025年起", "2025-01-01", None, "year", True),
    ("2024年至今", "2024-01-01", None, "year", True),
    ("预计2025年底建成", None, "2025-12-31", "year", True),
    ("2026年3月前", None, "2026-03-31", "month", False),
    ("2025年2月30日", "2025-02-01", "2025-02-28", "month", False),
    ("近期", None, None, "open", False),
    ("12个月", None, None, "open", False),
    ("6月底前", None, None, "open", False),
    ("视资金到位情况", None, None, "open", False),
    (12.5, None, None, "open", False),
    (True, None, None, "open", False),
]


@pytest.mark.parametrize(("value", "start", "end", "precision", "certain"), FORMS)
def test_reads_the_forms_of_real_lists(
    value: str | float, start: str | None, end: str | None, precision: str, certain: bool
) -> None:
    period = parse_period(value)
    assert period is not None
    assert period.start == (date.fromisoformat(start) if start else None)
    assert period.end == (date.fromisoformat(end) if end else None)
    assert (period.precision, period.certain, period.text) == (precision, certain, str(value))
    assert period.certain or period.note


@pytest.mark.parametrize("blank", ["", " ", "N/A", "/", "—", "无", float("nan")])
def test_a_blank_is_no_period(blank: str | float) -> None:
    assert parse_period(blank) is None
    assert parse_date(blank) is None


@pytest.mark.parametrize("value", ["2025年6月", "2025", "长期", "2025-06-01至2025-06-30", "2025年6月30日前", "12个月"])
def test_a_span_or_deadline_is_no_single_day(value: str) -> None:
    assert parse_date(value) is None


DAYS = st.dates(date(1950, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_every_spelling_of_a_day_reads_as_that_day(day: date) -> None:
    spellings = [
        day,
        datetime(day.year, day.month, day.day, 8, 30),  # noqa: DTZ001 - a spreadsheet cell has no time zone
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month:02}/{day.day:02}",
        f"{day:%Y%m%d}",
        (day - date(1899, 12, 30)).days,
    ]
    assert [parse_date(spelling) for spelling in spellings] == [day] * len(spellings)


@given(DAYS, st.integers(0, 2000), st.sampled_from(["-", "至", "—", "~", " 至 "]))
def test_a_range_of_days_reads_as_its_ends(first: date, days: int, joiner: str) -> None:
    last = min(first + timedelta(days=days), date(2099, 12, 31))
    period = parse_period(f"{first.year}年{first.month}月{first.day}日{joiner}{last.year}年{last.month}月{last.day}日")
    assert period is not None
    assert (period.start, period.end, period.certain) == (first, last, True)


@given(st.text(max_size=40))
def test_never_raises_and_keeps_the_text(text: str) -> None:
    period = parse_period(text)
    assert period is None or period.text == text


@given(st.text(alphabet="0123456789年月日.-/至前底十四五期间上下半季度第一二三 ", max_size=20))
def test_ends_are_in_order_on_what_looks_like_a_date(text: str) -> None:
    period = parse_period(text)
    if period is not None and period.start and period.end:
        assert period.start <= period.end


@given(st.one_of(st.integers(), st.floats(), st.booleans()))
def test_never_raises_on_numbers(value: float) -> None:
    parse_period(value)
    parse_date(value)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("项目台账2025年10月", "2025-10"),
        ("项目台账_2025年9月", "2025-09"),
        ("台账202510", "2025-10"),
        ("台账20251031", "2025-10"),
        ("台账 2025-10", "2025-10"),
        ("2025年1-10月进展", "2025-10"),
        ("10月", "10"),
        ("2025-2027年三年行动", ""),
        ("5月21日会议", ""),
        ("Sheet1", ""),
    ],
)
def test_month_named_by_a_title(text: str, month: str) -> None:
    assert find_month(text) == month


def test_months_sort_by_number() -> None:
    given = ["2025年10月", "2025-09", "10", "9月", "", "2024-12"]
    assert sorted(given, key=month_order) == ["", "9月", "10", "2024-12", "2025-09", "2025年10月"]
