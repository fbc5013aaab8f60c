"""Wishes by name: who is meant, and what is said where nobody is."""

from __future__ import annotations

import pytest

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import SettingsError, UnreadableFile
from yingcheng.matchmaking.assignment import Goal, Quota, Terms, choose_pairs, proof_of, verify_proof
from yingcheng.matchmaking.naming import make_terms, with_names
from yingcheng.matchmaking.records import Candidate
from yingcheng.matchmaking.wishes import QUOTA_ATTRIBUTES, QuotaWish, Wishes
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.regions import find_region

OPPORTUNITIES = (
    Opportunity("o1", "智慧停车（虚构）", number="7", tracks=("城市治理",), unit="城管局"),
    Opportunity("o2", "社区养老（虚构）", tracks=("健康养老",)),
)
ENTERPRISES = (
    Enterprise(
        "e1", "甲示例科技有限公司", aliases=("甲公司",), region=find_region("太原市小店区").region, max_meetings=2
    ),
    Enterprise("e2", "乙示例股份有限公司", extra=(("企业规模", "小型"),), group="乙集团"),
    Enterprise("e3", "丙示例有限公司", extra=(("企业规模", "微型"),), group="乙集团"),
)


def terms_of(wishes: Wishes, enterprise_minimum: int = 0) -> Terms:
    return make_terms(
        wishes, OPPORTUNITIES, ENTERPRISES, per_opportunity=2, per_enterprise=3,
        enterprise_minimum=enterprise_minimum, where="programme.toml",
    )  # fmt: skip


def test_parties_are_found_by_number_name_alias_and_short_name() -> None:
    wishes = Wishes(
        must=(("7", "甲公司"),),
        must_not=(("智慧停车（虚构）", "e2"),),
        met=(("社区养老（虚构）", "乙示例"),),
        minimums=(("社区养老（虚构）", 2),),
        weights=(("丙示例有限公司", 1.5),),
    )
    terms = terms_of(wishes, enterprise_minimum=1)
    assert list(terms.must) == [("o1", "e1")]
    assert list(terms.must_not) == [("o1", "e2")]
    assert list(terms.met) == [("o2", "e2")]
    assert terms.minimums == {"e1": 1, "e2": 1, "e3": 1, "o2": 2}
    assert terms.weights == {"e3": 1.5}
    assert terms.limits == {"e1": 2}


@pytest.mark.parametrize(
    ("attribute", "value", "inside"),
    [
        ("规模", "小型", {"e2"}), ("集团", "乙集团", {"e2", "e3"}), ("区域", "小店区", {"e1"}),
        ("区域", "太原市", {"e1"}),
        ("赛道", "健康养老", {"o2"}), ("单位", "城管局", {"o1"}), ("企业", "甲示例科技有限公司", {"e1"}),
    ],
)  # fmt: skip
def test_quotas_are_about_those_who_say_so(attribute: str, value: str, inside: set[str]) -> None:
    terms = terms_of(Wishes(quotas=(QuotaWish("名额", attribute, (value,), most=2),)))
    assert terms.quotas[0] == Quota("名额", frozenset(inside), most=2)


def test_all_names_of_nobody_are_told_at_once_with_what_may_be_meant() -> None:
    wishes = Wishes(
        must=(("智慧停东（虚构）", "甲公司"),),
        minimums=(("丁公司", 1),),
        quotas=(QuotaWish("小微", "规模", ("小微型",), most=1),),
    )
    with pytest.raises(SettingsError) as caught:
        terms_of(wishes)
    faults = "\n".join(caught.value.faults)
    assert "没有名为“智慧停东（虚构）”的场景机会。您是否指：智慧停车（虚构）" in faults
    assert "没有名为“丁公司”的场景机会或企业" in faults
    assert "没有一方的规模是小微型" in faults
    assert "微型" in faults.split("您是否指")[-1]


def test_every_attribute_that_may_be_named_is_read() -> None:
    for attribute in QUOTA_ATTRIBUTES:
        with pytest.raises(SettingsError, match="没有一方"):
            terms_of(Wishes(quotas=(QuotaWish("名额", attribute, ("没有这样的",), most=1),)))


def test_sentences_about_ids_are_read_with_names() -> None:
    assert with_names("e1 最多 2 场；e10 最多 1 场", {"e1": "甲", "e10": "壬"}) == "“甲” 最多 2 场；“壬” 最多 1 场"
    assert with_names("没有谁", {"e1": "甲"}) == "没有谁"


def test_a_proof_goes_through_a_file_and_does_not_survive_tampering() -> None:
    candidates = [
        Candidate(f"o{o}", f"e{e}", round(0.9 - 0.1 * o - 0.07 * e, 3), 1.0, ()) for o in range(4) for e in range(4)
    ]
    quota = Quota("甲类", frozenset({"e0", "e1"}), most_share=0.5)
    made = choose_pairs(candidates, Terms(2, 2, minimums={"e3": 1, "o2": 2}, quotas=[quota]), Goal("offers", 0.1))
    text = proof_of(made)
    solution, faults = verify_proof(text)
    assert faults == ()
    assert solution.total == made.solution.total
    higher = text.replace(f'"total":{made.solution.total}', f'"total":{made.solution.total + 0.5}')
    assert higher != text
    assert verify_proof(higher)[1] != ()
    edge = int(made.solution.chosen.nonzero()[0][0])
    problem = made.table.problem
    row = f"[{float(problem.heads[edge])},{float(problem.tails[edge])},{problem.scores[edge]},"
    other = text.replace(row, row.replace(f"{problem.scores[edge]}", "0.01"))
    assert other != text
    assert verify_proof(other)[1] != ()
    for nothing in ("", "{}", "[1]", '{"version": 9}', text[: len(text) // 2]):
        with pytest.raises(UnreadableFile):
            verify_proof(nothing)
