"""Consent is only what plainly says yes; numbers in running text are found and taken out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.standards.contacts import has_reachable, read_consent, read_contact, without_reachable

YES = [
    *("（公开）", "（可公开）", "公开", "可公开", "同意公开", "可以公开", "（同意对外公开）"),
    *("同意公开：☑是 □否", "√同意公开 □不公开"),
]
NO = [
    *("不公开", "（不公开）", "暂不公开", "不可公开", "不对外公开", "保密", "不愿意公开", "未征得同意公开"),
    *("不予公开", "请勿对外公开", "非公开", "谢绝公开", "公开(否)", "公开须经本人同意", "可公开？待定", "☒公开"),
    *("同意公开：□是 ☑否", "同意公开：□是 □否", "是否同意公开："),
]


@pytest.mark.parametrize("words", YES)
def test_a_plain_yes_is_consent_and_the_number_is_still_read(words: str) -> None:
    consent, rest = read_consent(f"联系人甲 13800000000 {words}")
    assert consent is True
    assert read_contact(rest).phones == ("13800000000",)


@pytest.mark.parametrize("words", NO)
def test_whatever_is_no_plain_yes_is_no_consent_and_the_number_is_still_read(words: str) -> None:
    consent, rest = read_consent(f"13800000000 {words}")
    assert consent is False
    assert read_contact(rest).phones == ("13800000000",)


def test_a_cell_that_does_not_speak_of_it_says_nothing() -> None:
    assert read_consent("联系人甲 0351-0000000") == (None, "联系人甲 0351-0000000")


REACHABLE = [
    *("13800000000", "138 0000 0000", "138-0000-0000", "+8613800000000", "0351-0000000", "（0351）0000000"),
    *("03510000000", "contact@example.com", "电话：0000000", "联系方式 4110000", "微信：example_01", "400-000-0000"),
]


@pytest.mark.parametrize("number", REACHABLE)
def test_numbers_and_addresses_in_running_text_are_taken_out(number: str) -> None:
    text = f"有意者请联系城管局{number}，资料备索。"
    assert has_reachable(text)
    assert number not in without_reachable(text)
    assert "资料备索" in without_reachable(text)


HARMLESS = [
    *("总建筑面积 1380000000012 平方米", "统一社会信用代码 91140100MA0000000X", "投资 12500000 元", "2021-05-20"),
    *("3500-5000万元", "编号 A13800000000", "每日 4110000 人次", "1.13800000000", "GB/T 4754-2017"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_figures_stay(text: str) -> None:
    assert not has_reachable(text)
    assert without_reachable(text) == text


@given(st.text(alphabet="0123456789-—@.联系电话微信QQ公开是否□☑（）() 甲a", max_size=60))
def test_finding_and_taking_out_agree_and_nothing_raises(text: str) -> None:
    read_consent(text)
    assert has_reachable(text) == (without_reachable(text) != text)
