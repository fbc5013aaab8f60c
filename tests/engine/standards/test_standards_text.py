"""Cleaning of cells, splitting of multi-valued cells, the lexicon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.standards.lexicon import Lexicon
from yingcheng.standards.numerals import arabic_numerals, chinese_number
from yingcheng.standards.text import clean, one_line, split_values


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("ＡＢＣ１２３％", "ABC123%"),
        ("（北京），；：！？", "（北京），；：！？"),  # Chinese punctuation stays
        ("太\u200b原\ufeff市\u00ad", "太原市"),
        ("  两\u3000\u3000行  \r\n\r\n  文字\x07 ", "两 行\n文字"),
        ("甲\x0b乙", "甲\n乙"),
        ("甲_x000D_\n乙", "甲\n乙"),
        ("⼭西\uf900", "山西豈"),  # radicals and compatibility ideographs of extracted PDF text
        ("\ud800坏\uf0b7", "坏"),
    ],
)
def test_clean(dirty: str, expected: str) -> None:
    assert clean(dirty) == expected


@given(st.text(max_size=80))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once == once.strip()
    assert not any(ord(char) < 32 and char != "\n" for char in once)
    once.encode("utf-8")  # no lone surrogates are left


def test_lines_join_without_a_blank_between_chinese_characters() -> None:
    assert one_line("太原市\n小店区") == "太原市小店区"
    assert one_line("Apollo\n自动驾驶 car\nroad") == "Apollo 自动驾驶 car road"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("②人工智能、智能终端", ("人工智能", "智能终端")),
        ("①低空经济②文旅（含景区、民宿）", ("低空经济", "文旅（含景区、民宿）")),
        ("甲；乙;丙,丁，戊/己\n庚", ("甲", "乙", "丙", "丁", "戊", "己", "庚")),
        ("1.智慧城市\n2、城市更新\n（三）乡村振兴", ("智慧城市", "城市更新", "乡村振兴")),
        ("大数据、云计算等", ("大数据", "云计算")),
        ("资格平等", ("资格平等",)),
        ("1,200", ("1,200",)),
        ("2025/6", ("2025/6",)),
        ("5G、3.0版", ("5G", "3.0版")),
        ("甲、甲、乙", ("甲", "乙")),
        ("没有右括号（甲、乙", ("没有右括号（甲", "乙")),
        ("", ()),
        ("、；/", ()),
    ],
)
def test_split_values(text: str, values: tuple[str, ...]) -> None:
    assert split_values(text) == values


@given(st.text(max_size=60))
def test_values_are_clean_distinct_and_hold_no_separator_outside_brackets(text: str) -> None:
    values = split_values(text)
    assert len(set(values)) == len(values)
    assert all(value and value == value.strip() for value in values)


@given(
    st.lists(st.sampled_from(["智慧城市", "城市更新", "低空经济", "康养"]), min_size=1, unique=True),
    st.sampled_from("、；;,，/\n"),
)
def test_what_was_joined_is_split_again(values: list[str], separator: str) -> None:
    assert split_values(separator.join(values)) == tuple(values)


def test_the_lexicon_prefers_long_words_and_whole_latin_words() -> None:
    lexicon = Lexicon(["停车", "智慧停车", "AI", "5G"])
    assert [hit.word for hit in lexicon.find("智慧停车与停车")] == ["智慧停车", "停车"]
    assert [hit.word for hit in lexicon.find("ai和AIR，5G网、15GB")] == ["AI", "5G"]
    with pytest.raises(ValueError, match="two characters"):
        Lexicon(["车"])


@given(st.text(max_size=60))
def test_hits_stand_where_they_say(text: str) -> None:
    for hit in Lexicon(["智慧", "城市", "ai", "ss", "ın"]).find(text):
        assert text[hit.start : hit.end].lower() == hit.word or len(text.lower()) != len(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三千二百", 3200),
        ("二〇二五", 2025),
        ("十五", 15),
        ("伍佰", 500),
        ("一千零五", 1005),
        ("两", 2),
        ("百", None),
        ("甲", None),
        ("", None),
    ],
)
def test_chinese_numbers(text: str, value: int | None) -> None:
    assert chinese_number(text) == value


def test_only_numerals_before_a_unit_are_rewritten() -> None:
    assert arabic_numerals("一期投资三千二百万元，第三年五百万") == "一期投资3200万元，第三年500万"
