"""Amounts and periods as people read them: one spelling, exact, and readable back."""

import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.publish.wording import hundredths, written
from yingcheng.standards.dates import Period, parse_period
from yingcheng.standards.money import Money, parse_money

AMOUNTS = st.decimals(min_value=0, max_value=10**13, places=2, allow_nan=False, allow_infinity=False)


@st.composite
def moneys(draw: st.DrawFn) -> Money:
    ends = sorted((draw(AMOUNTS), draw(AMOUNTS)))
    shape = draw(st.sampled_from(("exact", "range", "up to", "from")))
    low, high = {
        "exact": (ends[0], ends[0]), "range": (ends[0], ends[1]), "up to": (None, ends[1]), "from": (ends[0], None),
    }[shape]  # fmt: skip
    currency = draw(st.sampled_from(("CNY", "USD", "HKD", "EUR", "JPY", "CHF")))
    return Money(low, high, currency, "原文", approximate=draw(st.booleans()))


@given(moneys())
def test_reading_a_certain_amount_again_gives_the_same_amount(money: Money) -> None:
    again = parse_money(written(money))
    assert (again.low, again.high, again.currency) == (money.low, money.high, money.currency), written(money)
    assert again.certain


@pytest.mark.parametrize(
    ("cell", "header", "expected"),
    [
        ("48", "总投资(亿元)", "48亿元"),
        ("950", "万元", "950万元"),
        ("1500000", "元", "150万元"),
        ("6,800万元", "", "6800万元"),
        ("12000万元", "", "1.2亿元"),
        ("3000-5000", "万元", "3000–5000万元"),
        ("9000万元-1.2亿元", "", "9000万元–1.2亿元"),
        ("不超过500万", "元", "不超过500万元"),
        ("约3.5亿元", "", "约3.5亿元"),
        ("500(万美元)", "", "500万美元"),
        ("面议", "万元", "面议"),
        ("N/A", "万元", ""),
        ("950", "", "950元（原文：950）"),
        ("0", "", "0元"),
    ],
)
def test_amounts_carry_their_unit(cell: str, header: str, expected: str) -> None:
    assert written(parse_money(cell, unit_hint=header)) == expected


def test_a_sentence_about_money_stays_a_sentence() -> None:
    sentence = (
        "对首次认定的企业给予一次性奖励50万元，对规模以上企业每年再给予不超过20万元的研发补助，"
        "连续三年，由市区两级各半承担"
    )
    assert written(parse_money(sentence)) == sentence


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("44561", "2021-12-31"),
        (44561, "2021-12-31"),
        ("2021-09-01至2023-12-31", "2021-09-01 至 2023-12-31"),
        ("2021年", "2021年"),
        ("2021-2023", "2021–2023年"),
        ("2021年6月", "2021年6月"),
        ("2021.7-2023.12", "2021年7月至2023年12月"),
        ("2021年三季度", "2021年三季度"),
        ("2021年上半年", "2021年上半年"),
        ("2025年底前", "2025年底前"),
        ("2021年12月31日前", "2021-12-31前"),
        ("长期", "长期"),
        ("2022年汛期前", "2022年汛期前"),
    ],
)
def test_periods_are_short_and_uncertain_ones_stay(cell: str | int, expected: str) -> None:
    assert written(parse_period(cell)) == expected


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(0, 4000))
def test_a_span_of_days_is_read_again_as_the_same_span(start: date, days: int) -> None:
    end = date.fromordinal(start.toordinal() + days)
    period = Period(start, end, "day", "")
    again = parse_period(written(period))
    assert again is not None
    assert (again.start, again.end) == (start, end)


def test_nothing_given_is_empty() -> None:
    assert written(None) == ""
    assert written(Money(None, None, "CNY", "")) == ""
    assert written(Money(Decimal(0), Decimal(0), "CNY", "0元")) == "0元"


@given(st.lists(st.floats(0, 1), max_size=12))
def test_hundredths_add_up_to_the_rounded_sum(parts: list[float]) -> None:
    whole = hundredths(parts)
    assert sum(whole) == round(math.fsum(part * 100 for part in parts))
    assert all(abs(value - part * 100) < 1.000001 for value, part in zip(whole, parts, strict=True))
