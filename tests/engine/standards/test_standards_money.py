"""Amounts: every form of real lists, and the properties that hold for all text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.standards.money import Money, format_money, parse_money

FORMS = [
    # text, unit hint, low, high, currency, approximate, certain
    ("126(万元)", "", 1_260_000, 1_260_000, "CNY", False, True),
    ("200(万)", "", 2_000_000, 2_000_000, "CNY", False, True),
    ("3,000(万元人民币)", "", 30_000_000, 30_000_000, "CNY", False, True),
    ("500万人民币元", "", 5_000_000, 5_000_000, "CNY", False, True),
    ("9,999.9999(万)", "", "99999999", "99999999", "CNY", False, True),
    ("约3.5亿元", "", 350_000_000, 350_000_000, "CNY", True, True),
    ("3000-5000万元", "", 30_000_000, 50_000_000, "CNY", False, True),
    ("3000万元至5000万元", "", 30_000_000, 50_000_000, "CNY", False, True),
    ("5000万-1亿元", "", 50_000_000, 100_000_000, "CNY", False, True),
    ("1～1.5亿", "", 100_000_000, 150_000_000, "CNY", False, True),
    ("500(万美元)", "", 5_000_000, 5_000_000, "USD", False, True),
    ("HK$300万", "", 3_000_000, 3_000_000, "HKD", False, True),
    ("USD 5 million", "", 5_000_000, 5_000_000, "USD", False, True),
    ("EUR200万", "", 2_000_000, 2_000_000, "EUR", False, True),
    ("1.2亿欧元", "", 120_000_000, 120_000_000, "EUR", False, True),
    ("不超过500万元", "", None, 5_000_000, "CNY", False, True),
    ("500万元以内", "", None, 5_000_000, "CNY", False, True),
    ("≥100万元", "", 1_000_000, None, "CNY", False, True),
    ("100万元以上", "", 1_000_000, None, "CNY", False, True),
    ("100万元以上500万元以下", "", 1_000_000, 5_000_000, "CNY", False, True),
    ("1,200万", "", 12_000_000, 12_000_000, "CNY", False, True),
    ("１，２００万元", "", 12_000_000, 12_000_000, "CNY", False, True),
    ("300余万元", "", 3_000_000, 3_000_000, "CNY", True, True),
    ("人民币伍佰万元整", "", 5_000_000, 5_000_000, "CNY", False, True),
    ("一亿五千万元", "", 150_000_000, 150_000_000, "CNY", False, True),
    ("三点五亿元", "", 350_000_000, 350_000_000, "CNY", False, True),
    ("1亿2000万元", "", 120_000_000, 120_000_000, "CNY", False, True),
    ("12.5", "万元", 125_000, 125_000, "CNY", False, True),
    ("12.5", "总投资（亿元）", 1_250_000_000, 1_250_000_000, "CNY", False, True),
    ("12.5", "注册资本(万美元)", 125_000, 125_000, "USD", False, True),
    ("500万元", "亿元", 5_000_000, 5_000_000, "CNY", False, True),  # the cell's own unit wins
    ("5000-8000", "万元", 50_000_000, 80_000_000, "CNY", False, True),
    ("-120.5", "万元", -1_205_000, -1_205_000, "CNY", False, True),
    ("1.26E+06", "元", 1_260_000, 1_260_000, "CNY", False, True),
    ("20万元/年", "", 200_000, 200_000, "CNY", False, False),
    ("12.5", "", "12.5", "12.5", "CNY", False, False),
    ("总投资5亿元，其中一期2亿元", "", 500_000_000, 500_000_000, "CNY", False, False),
    ("按投资额的30%给予补贴，最高500万元", "", None, 5_000_000, "CNY", False, False),
    ("建筑面积3万平方米，投资2亿元", "", 200_000_000, 200_000_000, "CNY", False, False),
    ("数百万元", "", 1_000_000, 10_000_000, "CNY", True, False),
    ("N/A", "", None, None, "CNY", False, True),
    ("面议", "", None, None, "CNY", False, True),
    ("", "", None, None, "CNY", False, True),
    ("120亩", "", None, None, "CNY", False, False),
    ("2025年6月", "", None, None, "CNY", False, False),
    ("根据项目情况确定", "", None, None, "CNY", False, False),
]


@pytest.mark.parametrize(("text", "hint", "low", "high", "currency", "approximate", "certain"), FORMS)
def test_reads_the_forms_of_real_lists(
    text: str, hint: str, low: object, high: object, currency: str, approximate: bool, certain: bool
) -> None:
    money = parse_money(text, unit_hint=hint)
    assert money.low == (None if low is None else Decimal(str(low)))
    assert money.high == (None if high is None else Decimal(str(high)))
    assert (money.currency, money.approximate, money.certain, money.text) == (currency, approximate, certain, text)
    assert money.certain or money.note


@pytest.mark.parametrize("text", ["面议", "N/A", "待定"])
def test_a_missing_amount_says_which_kind_of_missing(text: str) -> None:
    assert parse_money(text).note in {"面议", "待定", "未填"}


def test_amounts_are_plain_decimals_without_exponent() -> None:
    assert str(parse_money("126(万元)").low) == "1260000"
    assert str(parse_money("99.99万元").low) == "999900"
    assert str(parse_money("1.5元").low) == "1.5"


@given(st.text(max_size=60), st.sampled_from(["", "万元", "总投资(亿元)", "万美元"]))
def test_never_raises_and_keeps_the_text(text: str, hint: str) -> None:
    money = parse_money(text, unit_hint=hint)
    assert money.text == text
    assert money.low is None or money.high is None or money.low <= money.high
    assert money.certain or money.note


@given(st.text(alphabet="0123456789.,-~至万亿元美$约不超过()（）百千 一二伍佰点余/年%e+", max_size=24))
def test_never_raises_on_what_looks_like_money(text: str) -> None:
    assert parse_money(text).text == text


_AMOUNTS = st.decimals(min_value=0, max_value=Decimal("1e13"), places=2, allow_nan=False, allow_infinity=False)
_CURRENCIES = st.sampled_from(["CNY", "USD", "HKD", "EUR", "GBP", "JPY", "TWD"])


@given(_AMOUNTS, _AMOUNTS, _CURRENCIES, st.booleans(), st.sampled_from(["exact", "range", "at most", "at least"]))
def test_an_amount_written_out_reads_back_the_same(
    one: Decimal, other: Decimal, currency: str, approximate: bool, shape: str
) -> None:
    low, high = sorted((one, other))
    ends = {"exact": (low, low), "range": (low, high), "at most": (None, high), "at least": (low, None)}[shape]
    written = format_money(Money(*ends, currency, "", approximate=approximate))
    read = parse_money(written)
    assert (read.low, read.high, read.currency, read.approximate) == (*ends, currency, approximate)
    assert read.certain, written


@given(st.integers(1, 9_999_999), st.sampled_from([("万元", 4), ("亿元", 8), ("元", 0), ("(万元)", 4), ("（万）", 4)]))
def test_thousands_separators_change_nothing(number: int, unit: tuple[str, int]) -> None:
    word, power = unit
    assert parse_money(f"{number:,}{word}").low == parse_money(f"{number}{word}").low == number * 10**power


def test_the_middle_of_a_range_and_of_a_bound() -> None:
    assert parse_money("3000-5000万元").middle == Decimal(40_000_000)
    assert parse_money("不超过500万元").middle == Decimal(5_000_000)
    assert parse_money("面议").middle is None


@pytest.mark.parametrize("piece", ["(1)", "9,999", "0351-", "1万元", "一百"])
def test_a_cell_full_of_numbers_is_read_in_bounded_time(piece: str) -> None:
    text = piece * 6_000
    money = parse_money(text)
    assert not money.certain
    assert money.text == text
