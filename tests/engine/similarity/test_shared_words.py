"""The words two texts share, and which say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.similarity import Segment, TextIndex, common_words, is_faint, is_generic
from yingcheng.similarity.grams import gram_of
from yingcheng.similarity.words import MOST_WORDS, readable_word

TEXT = st.text(alphabet="城市更新停车智慧文旅平台服务的ab15，\n", max_size=40)


def shared(need: str, offer: str, *others: str) -> tuple[str, ...]:
    index = TextIndex([(Segment("正文", "例", text, 1.0),) for text in (offer, need, *others)])
    query = index.query((Segment("正文", "例", need, 1.0),))
    return common_words(need, offer, index.matches(query, [0])[0].grams, index.frequency_of)


@given(TEXT, TEXT)
def test_every_word_stands_in_both_texts_and_none_within_another(need: str, offer: str) -> None:
    words = shared(need, offer)
    assert len(words) <= MOST_WORDS
    for word in words:
        assert len(word) > 1
        assert word in need
        assert word in offer
        assert not any(word in other for other in words if other != word)
    assert words == shared(need, offer)


def test_the_heaviest_run_comes_first_and_a_word_cut_in_half_is_taken_off() -> None:
    texts = ("提供停车诱导与错时共享服务", "停车诱导系统", "服务企业")
    assert shared("建设停车诱导、错时共享平台", *texts)[0] == "错时共享"
    assert shared("社会服务平台", "便民服务平价商店", "服务", "服务企业", "平台")[0] == "服务"


def test_texts_without_a_run_in_common_share_no_word() -> None:
    assert shared("智慧停车", "文旅小镇") == ()
    assert shared("", "文旅小镇") == ()
    assert shared("停", "停车") == ()


def test_a_word_is_cut_where_the_pair_across_its_border_is_more_frequent() -> None:
    often = {"服务": 9, "务平": 1, "平台": 9}
    assert readable_word("务平台", ("服务平台",), lambda pair: often.get(pair, 0)) == "平台"
    assert readable_word("平台", ("服务平台",), lambda pair: often.get(pair, 0)) == "平台"
    assert readable_word("务平", ("服务平台",), lambda pair: often.get(pair, 0)) == ""


@pytest.mark.parametrize(
    ("word", "faint", "generic"),
    [
        ("服务平台", True, True),
        ("技术研究", True, True),
        ("智慧城市", True, True),
        ("城市更新", True, False),
        ("停车诱导", False, False),
        ("停车平台", False, False),
        ("平台的服务", False, False),
        ("台", False, False),
    ],
)
def test_what_is_made_of_common_words_says_nothing_by_itself(word: str, faint: bool, generic: bool) -> None:
    assert (is_faint(word), is_generic(word)) == (faint, generic)


def test_grams_are_told_apart_by_length() -> None:
    assert gram_of("停") == ord("停")
    assert len({gram_of(gram) for gram in ("停", "车", "停车", "车停")}) == 4
