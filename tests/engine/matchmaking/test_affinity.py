"""Candidates: exact reasons, three-valued gates, nothing for nonsense."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.capabilities.records import Capability, Enterprise, Evidence
from yingcheng.matchmaking.affinity import Market, find_candidates, shipped_model
from yingcheng.matchmaking.affinity.segments import without_boilerplate
from yingcheng.matchmaking.records import Candidate, Candidates
from yingcheng.measures.records import Verdict
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity.grams import (
    count_grams,
    generic_grams,
    gram_of,
    normal_text,
    pair_grams,
)
from yingcheng.similarity.words import is_faint, is_generic, readable_word
from yingcheng.standards.dates import Period, parse_period
from yingcheng.standards.money import parse_money
from yingcheng.standards.regions import find_region

DAY = date(2026, 5, 20)
BOILERPLATE = "（依法须经批准的项目，经相关部门批准后方可开展经营活动）"

DRONES = Opportunity(
    id="o1",
    name="低空物流配送航线运营",
    need="在山区乡镇之间开通无人机物流配送航线，需要运营单位和起降场建设",
    tracks=("智慧城市",),
)
WASTE = Opportunity(id="o2", name="餐厨垃圾资源化处理", need="建设餐厨垃圾收运和厌氧发酵处理设施")

FLYER = Enterprise(
    id="e1",
    name="晋云低空科技有限公司",
    tracks=("智慧城市",),
    capabilities=(
        Capability(
            "低空物流",
            "无人机物流配送航线规划与运营",
            evidence=(Evidence("合同", "某县无人机配送航线运营服务合同", "A", date(2025, 6, 1)),),
        ),
    ),
)
CLEANER = Enterprise(id="e2", name="汾河环境股份有限公司", business="餐厨垃圾收运、厌氧发酵处理设施的投资与运营")
TAILOR = Enterprise(id="e3", name="平遥制衣厂", scope="服装加工、销售。" + BOILERPLATE)
BAKER = Enterprise(id="e4", name="祁县糕点坊", scope="糕点制作、零售。" + BOILERPLATE)
ALL = (FLYER, CLEANER, TAILOR, BAKER)


def find(*opportunities: Opportunity, firms: tuple[Enterprise, ...] = ALL, **settings_: float) -> Candidates:
    return find_candidates(opportunities, firms, as_of=DAY, **settings_)  # type: ignore[arg-type]


def only(found: Candidates) -> Candidate:
    (edge,) = found.edges
    return edge


def test_each_opportunity_finds_the_firm_that_can_serve_it_and_nobody_else() -> None:
    found = find(DRONES, WASTE)
    assert [(edge.opportunity_id, edge.enterprise_id) for edge in found.edges] == [("o1", "e1"), ("o2", "e2")]
    assert found.nobody == ()


def test_an_opportunity_nobody_can_serve_is_named() -> None:
    found = find(Opportunity(id="o9", name="髋关节外科手术机器人", need="微创骨科手术导航"))
    assert found.edges == ()
    assert found.nobody == ("o9",)


def test_reasons_name_words_and_places_in_chinese() -> None:
    edge = only(find(DRONES))
    best = edge.reasons[0]
    assert "低空物流" in "".join(best.words) or "物流配送" in "".join(best.words)
    assert "见于企业能力“低空物流”" in " ".join(reason.text for reason in edge.reasons)
    assert any(reason.kind == "赛道" and "智慧城市" in reason.text for reason in edge.reasons)


def test_no_part_of_a_rich_pair_is_left_out_of_its_reasons() -> None:
    more = f"{DRONES.need}；并配套建设停机坪、维修车间、培训教室与备件仓库"
    asked = replace(DRONES, need=more, candidates=("晋云低空科技有限公司",))
    firm = replace(
        FLYER,
        roles=("运营", "建设"),
        business="停机坪施工",
        products="维修车间设备",
        technologies="培训教材",
        scope="仓库租赁；低空飞行；物流",
        position="航线规划",
        cases="某县乡镇配送",
    )
    market = Market((asked,), (firm, *ALL[1:]), as_of=DAY)
    (one,) = market.scored(0, [0])
    edge = market.candidate(0, one)
    assert edge is not None
    assert {"文字", "赛道", "角色", "点名", "零散字词"} <= {reason.kind for reason in edge.reasons}
    assert sum(reason.contribution for reason in edge.reasons) == pytest.approx(edge.score, abs=1e-12)
    assert sum(part.value for part in one.parts) == pytest.approx(one.total, abs=1e-12)
    shares = {reason.kind: reason.contribution / edge.score for reason in edge.reasons if reason.kind == "点名"}
    assert shares["点名"] == pytest.approx(1.2 / one.total)


def test_what_a_firm_cannot_make_up_for_is_not_told_as_lacking() -> None:
    found = find(WASTE, firms=(replace(CLEANER, abnormal=True), TAILOR, BAKER))
    assert found.refused
    assert found.openings == ()


def test_contributions_add_up_to_the_score() -> None:
    for edge in find(DRONES, WASTE, minimum=0.0).edges:
        assert sum(reason.contribution for reason in edge.reasons) == pytest.approx(edge.score, abs=1e-12)
        assert 0 <= edge.score <= 1
        assert all(reason.contribution >= 0 for reason in edge.reasons)


def test_removing_the_named_evidence_lowers_the_score() -> None:
    with_contract = only(find(DRONES))
    assert any("企业合同“某县" in reason.text for reason in with_contract.reasons)
    bare = replace(FLYER, capabilities=(replace(FLYER.capabilities[0], evidence=()),))
    without = only(find(DRONES, firms=(bare, *ALL[1:])))
    assert without.score < with_contract.score
    assert without.confidence < with_contract.confidence


def test_a_contract_counts_more_than_a_product_text_and_its_year_is_told() -> None:
    def with_evidence(grade: str) -> Candidate:
        shown = Evidence("合同", "某县无人机配送航线运营服务合同", grade, date(2025, 6, 1))
        return only(
            find(DRONES, firms=(replace(FLYER, capabilities=(replace(FLYER.capabilities[0], evidence=(shown,)),)),))
        )

    assert with_evidence("A").score > with_evidence("B").score > with_evidence("C").score
    assert "运营服务合同”（2025年）" in " ".join(reason.text for reason in with_evidence("A").reasons)


def test_boilerplate_changes_nothing() -> None:
    plain = replace(CLEANER, scope="餐厨垃圾处理设施的建设。")
    padded = replace(
        plain,
        scope="许可项目：餐厨垃圾处理设施的建设。"
        + BOILERPLATE
        + "（国家限定公司经营或禁止进出口的商品和技术除外）法律、法规禁止的不得经营",
    )
    asking = Opportunity(id="o3", name="餐厨垃圾处理设施建设", need="须经相关部门批准后方可开展经营活动")
    scores = [only(find(asking, firms=(firm, TAILOR, BAKER))).score for firm in (plain, padded)]
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    "sentence",
    [
        "（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
        "(依法须经批准的项目,经相关部门批准后方可开展经营活动)",
        "但国家限定公司经营或禁止进出口的商品和技术除外.",
        "（法律、法规禁止的不得经营，应经审批的未获审批前不得经营，获准审批的以审批有效期限为准）",
        "(国家法律、法规禁止的不得经营,须经审批未获批准前不得经营)",
        "许可项目：",
        "一般项目:",
        "(仅限分支机构经营)",
    ],
)
def test_standard_sentences_of_business_scopes_leave_no_gram(sentence: str) -> None:
    assert not count_grams([without_boilerplate(normal_text(sentence))]).grams.size


def test_boilerplate_next_to_a_trade_leaves_the_trade() -> None:
    kept = without_boilerplate(
        normal_text("生物有机肥的研发、生产（依法须经批准的项目，经相关部门批准后方可开展经营活动）")
    )
    assert "生物有机肥的研发、生产" in kept
    assert "批准" not in kept


def test_the_order_of_the_input_changes_nothing() -> None:
    forward = find_candidates((DRONES, WASTE), ALL, as_of=DAY, minimum=0.0)
    backward = find_candidates((WASTE, DRONES), ALL[::-1], as_of=DAY, minimum=0.0)
    assert forward == backward


def test_no_input_gives_no_candidates() -> None:
    assert find_candidates((), (), as_of=DAY) == Candidates((), (), (), (), shipped_model().version)
    assert find(DRONES, firms=()).nobody == ("o1",)
    assert find(Opportunity(id="o5", name="")).nobody == ("o5",)


def test_a_firm_named_by_the_sender_is_a_candidate_and_says_so() -> None:
    asked = Opportunity(id="o4", name="老旧小区改造", candidates=("平遥制衣厂",))
    edge = only(find(asked))
    assert edge.enterprise_id == "e3"
    assert edge.reasons[0].kind == "点名"
    assert not find(replace(asked, candidates=())).edges


def test_where_a_firm_is_registered_moves_no_score() -> None:
    here = replace(CLEANER, region=find_region("山西省太原市").region)
    there = replace(CLEANER, region=find_region("广东省深圳市").region)
    asked = replace(WASTE, region=find_region("山西省太原市").region, region_text="山西省太原市")
    scores = [only(find(asked, firms=(firm, TAILOR, BAKER))).score for firm in (CLEANER, here, there)]
    assert scores[0] == scores[1] == scores[2]


def gate(asks: str, firm: Enterprise, name: str, *, qualifications: tuple[str, ...] = ()) -> Verdict:
    asked = replace(WASTE, asks=asks, qualifications=qualifications)
    found = find(asked, firms=(firm, TAILOR, BAKER))
    (candidate,) = (*found.edges, *found.refused)
    (verdict,) = [g.verdict for g in candidate.gates if g.name == name]
    assert bool(found.refused) == (verdict is Verdict.NO)
    return verdict


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("山西省太原市小店区", Verdict.YES),
        ("广东省深圳市", Verdict.NO),
        ("山西省", Verdict.UNKNOWN),
        ("", Verdict.UNKNOWN),
    ],
)
def test_the_published_region_rule_decides_in_three_values(region: str, expected: Verdict) -> None:
    firm = replace(CLEANER, region=find_region(region).region if region else None)
    assert gate("揭榜方注册地须在山西省太原市。", firm, "注册地") is expected


@pytest.mark.parametrize("asks", ["注册地不限。", "中选后承诺在太原市注册公司。", "太原市企业优先。", ""])
def test_what_is_no_rule_on_registration_makes_no_gate(asks: str) -> None:
    firm = replace(CLEANER, region=find_region("广东省深圳市").region)
    found = find(replace(WASTE, asks=asks), firms=(firm, TAILOR, BAKER))
    assert "注册地" not in {g.name for g in only(found).gates}


@pytest.mark.parametrize(
    ("capital", "expected"),
    [("5000万元", Verdict.YES), ("500万元", Verdict.NO), ("", Verdict.UNKNOWN), ("300万美元", Verdict.UNKNOWN)],
)
def test_capital_is_compared_only_where_it_is_known_in_the_same_currency(capital: str, expected: Verdict) -> None:
    firm = replace(CLEANER, capital=parse_money(capital) if capital else None)
    assert gate("企业注册资本不低于1000万元", firm, "注册资本") is expected


@pytest.mark.parametrize(("staff", "expected"), [(80, Verdict.YES), (12, Verdict.NO), (None, Verdict.UNKNOWN)])
def test_staff(staff: int | None, expected: Verdict) -> None:
    assert gate("员工人数不少于50人", replace(CLEANER, staff=staff), "员工人数") is expected


def test_age_counts_full_years() -> None:
    assert gate("成立满3年", replace(CLEANER, registered=date(2023, 5, 20)), "成立年限") is Verdict.YES
    assert gate("成立满3年", replace(CLEANER, registered=date(2023, 5, 21)), "成立年限") is Verdict.NO


def test_qualification_missing_from_a_given_list_refuses_but_no_list_only_asks() -> None:
    wanted = ("高新技术企业",)
    have = replace(CLEANER, qualifications=("高新技术企业",))
    other = replace(CLEANER, qualifications=("ISO9001质量管理体系认证",))
    assert gate("", have, "资质", qualifications=wanted) is Verdict.YES
    assert gate("", other, "资质", qualifications=wanted) is Verdict.NO
    assert gate("", CLEANER, "资质", qualifications=wanted) is Verdict.UNKNOWN


def at(text: str) -> Period:
    period = parse_period(text)
    assert period is not None
    return period


def time_gate(period: Period | None) -> Verdict | None:
    found = find(replace(WASTE, period=period), firms=(CLEANER, TAILOR, BAKER))
    (candidate,) = (*found.edges, *found.refused)
    return next((g.verdict for g in candidate.gates if g.name == "时限"), None)


def test_time_decides_in_three_values_and_no_stated_time_is_no_condition() -> None:
    assert time_gate(at("2026年底前")) is Verdict.YES
    assert time_gate(at("2024-2025")) is Verdict.NO
    assert time_gate(replace(at("2024-2025"), certain=False)) is Verdict.UNKNOWN
    assert time_gate(at("长期")) is None
    assert time_gate(None) is None


@pytest.mark.parametrize(
    ("asks", "told", "expected"),
    [
        ("日处理能力不低于100吨", "日处理200吨", Verdict.YES),
        ("处理能力不低于100吨/日", "50 吨/日", Verdict.NO),
        ("年处理能力达到1,000吨", "900吨/年", Verdict.NO),
        ("年处理能力不低于3000吨", "日处理10吨", Verdict.UNKNOWN),
        ("处理能力不低于100吨", "200 立方米", Verdict.UNKNOWN),
        ("处理能力不低于100吨", "一期50吨，二期300吨", Verdict.UNKNOWN),
        ("处理能力不低于1.2.3吨", "5吨", Verdict.UNKNOWN),
        ("处理能力不低于100吨", "", Verdict.UNKNOWN),
    ],
)
def test_capacity_is_compared_in_the_same_unit_and_period_only(asks: str, told: str, expected: Verdict) -> None:
    assert gate(asks, replace(CLEANER, extra=(("产能", told),) if told else ()), "产能") is expected


SMALL = replace(CLEANER, capital=parse_money("500万元"), staff=12, registered=date(2025, 1, 1))


@pytest.mark.parametrize(
    "asks",
    [
        "注册资本不超过1000万元",
        "注册资本不得超过1000万元",
        "员工人数不超过50人的企业",
        "鼓励注册资本达到1000万元的企业报名",
        "成立满3年的可加分",
        "员工人数不低于50人者优先",
        "不要求注册资本达到1000万元",
    ],
)
def test_what_is_no_lower_limit_or_only_wished_for_makes_no_gate(asks: str) -> None:
    names = {g.name for g in only(find(replace(WASTE, asks=asks), firms=(SMALL, TAILOR, BAKER))).gates}
    assert names == {"信用"}


@pytest.mark.parametrize(
    ("asks", "name"),
    [
        ("注册资本1000万元以上", "注册资本"),
        ("注册资本1000万元及以上", "注册资本"),
        ("员工50人以上", "员工人数"),
        ("成立3年以上", "成立年限"),
        ("成立三年以上", "成立年限"),
        ("注册资本金不低于一千万元", "注册资本"),
    ],
)
def test_so_much_and_more_is_a_lower_limit(asks: str, name: str) -> None:
    assert gate(asks, SMALL, name) is Verdict.NO
    large = replace(CLEANER, capital=parse_money("5000万元"), staff=80, registered=date(2000, 1, 1))
    assert gate(asks, large, name) is Verdict.YES
    assert gate(asks, CLEANER, name) is Verdict.UNKNOWN


def test_a_firm_that_must_be_registered_there_is_asked_where_it_is() -> None:
    far = replace(CLEANER, region=find_region("广东省深圳市").region)
    assert gate("企业须在山西省太原市注册", far, "注册地") is Verdict.NO
    found = find(replace(WASTE, asks="中选后须在山西省太原市注册公司，企业作出承诺"), firms=(far, TAILOR, BAKER))
    assert "注册地" not in {g.name for g in only(found).gates}


def test_a_firm_without_room_for_a_meeting_is_refused() -> None:
    assert gate("", replace(CLEANER, max_meetings=0), "对接名额") is Verdict.NO
    found = find(WASTE, firms=(replace(CLEANER, max_meetings=1), TAILOR, BAKER))
    assert "对接名额" not in {g.name for g in only(found).gates}


def test_nobody_answers_an_own_opportunity_or_one_of_the_own_group() -> None:
    asked = replace(WASTE, unit="汾河环境股份有限公司")
    found = find(asked, firms=(CLEANER, TAILOR, BAKER))
    assert not found.edges
    assert "需求单位" in found.refused[0].gates[-2].clause
    sister = replace(CLEANER, name="汾河环保工程有限公司", group="汾河环境股份有限公司")
    assert not find(asked, firms=(sister, TAILOR, BAKER)).edges
    stranger = replace(CLEANER, name="洛河环保工程有限公司", group="洛河集团")
    assert find(asked, firms=(stranger, TAILOR, BAKER)).edges


FACTS = {
    "capital": parse_money("5000万元"),
    "staff": 80,
    "registered": date(2000, 1, 1),
    "region": find_region("山西省太原市").region,
    "qualifications": ("高新技术企业",),
    "abnormal": False,
    "extra": (("产能", "500吨"),),
}
ASKS = "注册资本不低于1000万元；员工人数不少于50人；成立满3年；揭榜方注册地须在山西省太原市；处理能力不低于100吨"


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(sorted(FACTS))))
def test_a_missing_fact_never_turns_a_gate_into_no(missing: set[str]) -> None:
    known = {name: value for name, value in FACTS.items() if name not in missing}
    asked = replace(WASTE, asks=ASKS, qualifications=("高新技术企业",))
    found = find(asked, firms=(replace(CLEANER, **known), TAILOR, BAKER))  # type: ignore[arg-type]
    edge = only(found)
    assert len(edge.gates) == len(FACTS)
    assert sum(g.verdict is Verdict.UNKNOWN for g in edge.gates) == len(missing)
    assert all(g.ask for g in edge.gates if g.verdict is Verdict.UNKNOWN)


def test_an_enterprise_sees_what_fits_and_what_it_lacks_for_the_rest() -> None:
    asking = replace(WASTE, id="o7", name="餐厨垃圾资源化处理二期", qualifications=("高新技术企业",))
    firm = replace(CLEANER, qualifications=("ISO9001质量管理体系认证",))
    found = find(WASTE, asking, DRONES, firms=(firm, FLYER, TAILOR, BAKER))
    mine = [opening for opening in found.openings if opening.enterprise_id == firm.id]
    assert {opening.candidate.opportunity_id for opening in mine} == {"o2", "o7"}
    lacking = {opening.candidate.opportunity_id: opening.lacking for opening in mine}
    assert lacking["o2"] == ()
    assert "高新技术企业" in lacking["o7"][0]
    scores = [opening.candidate.score for opening in mine]
    assert scores == sorted(scores, reverse=True)
    by_pair = {(e.opportunity_id, e.enterprise_id): e for e in (*found.edges, *found.refused)}
    assert all(by_pair[o.candidate.opportunity_id, o.enterprise_id] == o.candidate for o in found.openings)


TEXTS = st.text(alphabet="餐厨垃圾处理低空物流无人机配送，。5G", min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(TEXTS, min_size=1, max_size=5), st.randoms())
def test_any_market_scores_in_range_adds_up_and_forgets_its_order(
    needs: list[str], scopes: list[str], draw: random.Random
) -> None:
    asked = [Opportunity(id=f"o{n}", name=text, need=text[::-1]) for n, text in enumerate(needs)]
    firms = [Enterprise(id=f"e{n}", name=f"厂{n}", business=text) for n, text in enumerate(scopes)]
    found = find_candidates(asked, firms, as_of=DAY, minimum=0.001)
    for edge in found.edges:
        assert 0 < edge.score < 1
        assert 0 <= edge.confidence <= 1
        assert sum(reason.contribution for reason in edge.reasons) == pytest.approx(edge.score, abs=1e-12)
    draw.shuffle(asked)
    draw.shuffle(firms)
    assert find_candidates(asked, firms, as_of=DAY, minimum=0.001) == found


def test_a_firm_on_the_abnormal_list_is_refused() -> None:
    assert gate("", replace(CLEANER, abnormal=True), "信用") is Verdict.NO
    assert gate("", replace(CLEANER, abnormal=False), "信用") is Verdict.YES
    assert gate("", CLEANER, "信用") is Verdict.UNKNOWN


def test_a_missing_fact_lowers_confidence_and_says_what_to_ask() -> None:
    known = only(find(WASTE, firms=(replace(CLEANER, abnormal=False), TAILOR, BAKER)))
    unknown = only(find(WASTE, firms=(CLEANER, TAILOR, BAKER)))
    assert unknown.score == known.score
    assert unknown.confidence < known.confidence
    assert all(g.ask for g in unknown.gates if g.verdict is Verdict.UNKNOWN)


def test_refused_firms_do_not_take_the_places_of_others() -> None:
    firms = tuple(replace(CLEANER, id=f"x{n:03}", abnormal=n < 100) for n in range(103))
    found = find_candidates((WASTE,), (*firms, TAILOR, BAKER), as_of=DAY, limit=3, minimum=0.05)
    assert [edge.enterprise_id for edge in found.edges] == ["x100", "x101", "x102"]
    assert found.refused
    assert {edge.enterprise_id for edge in found.refused} <= {f"x{n:03}" for n in range(100)}


def test_multipliers_bring_up_what_stands_far_down_by_words() -> None:
    many = tuple(
        replace(CLEANER, id=f"x{n:03}", name=f"厂{n}", business="", products="餐厨垃圾厌氧发酵处理设施")
        for n in range(230)
    )
    one = replace(CLEANER, id="y", name="乙", business="", scope="餐厨垃圾处理、餐饮")
    taste = replace(shipped_model(), multipliers={"企业·核心产品": 0.2, "企业·经营范围": 5.0})
    plain = find_candidates((WASTE,), (*many, one), as_of=DAY, limit=3, minimum=0.05)
    taught = find_candidates((WASTE,), (*many, one), as_of=DAY, limit=3, minimum=0.05, model=taste)
    assert "y" not in {edge.enterprise_id for edge in plain.edges}
    assert taught.edges[0].enterprise_id == "y"


def test_what_speaks_against_is_said() -> None:
    against = only(find(replace(WASTE, tracks=("绿色生态",)), firms=(replace(CLEANER, tracks=("商业消费",)), TAILOR)))
    text = " ".join(against.against)
    assert "绿色生态" in text
    assert "没有案例、证书或合同佐证" in text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="低空物流，. \n5gAB12的（)éß𠀀", max_size=25), max_size=6))
def test_counting_many_texts_is_counting_each(texts: list[str]) -> None:
    texts = [normal_text(text) for text in texts]
    counted = count_grams(texts)
    for place, text in enumerate(texts):
        alone = count_grams([text])
        here = counted.texts == place
        assert np.array_equal(counted.grams[here], alone.grams)
        assert np.array_equal(counted.counts[here], alone.counts)
        assert counted.lengths[place] == alone.counts.sum()
        pairs = {gram for _place, gram in pair_grams(text)}
        assert pairs == {gram for gram in alone.grams.tolist() if gram >= 1 << 21}


def test_generic_words_are_pairs_and_weigh_less_than_one() -> None:
    grams, weight = generic_grams()
    assert gram_of("技术") in grams
    assert gram_of("低空") not in grams
    assert 0 < weight < 1


def test_at_an_event_on_one_theme_the_theme_still_counts() -> None:
    firms = tuple(
        Enterprise(id=f"t{n}", name=f"低空{n}", business=f"低空物流无人机{chr(0x4E00 + n)}") for n in range(20)
    )
    found = find(DRONES, firms=firms)
    assert len(found.edges) == 10


PAIRS = {"服务": 9, "务平": 1, "平台": 9, "产业": 8, "业园": 2, "固废": 3, "废处": 1, "处理": 9}
PAIRS |= {"收入": 5, "入平": 1, "平衡": 1}


@pytest.mark.parametrize(
    ("run", "text", "word"),
    [
        ("务平台", "公共服务平台建设", "平台"),
        ("业园", "循环产业园项目", ""),
        ("固废处", "固废处理", "固废"),
        ("收入平", "物业收入平衡", "收入"),
        ("服务平台", "公共服务平台建设", "服务平台"),
        ("平台", "平台", "平台"),
    ],
)
def test_runs_are_cut_back_to_whole_words(run: str, text: str, word: str) -> None:
    assert readable_word(run, (text,), lambda pair: PAIRS.get(pair, 0)) == word


def test_common_words_are_told_from_those_that_say_something() -> None:
    assert is_generic("服务平台")
    assert is_faint("技术研究")
    assert not is_generic("智慧旅游")
    assert is_faint("智慧旅游")
    assert not is_faint("耐火材料")


@pytest.mark.parametrize(
    ("need", "scope"),
    [
        (("兽用疫苗产业化", "投资2亿元人民币"), "注册资金一亿元人民币以上项目的招标代理"),
        (("金银花基因组选育", "金花银叶的组合与育种"), "购物广场银饰花卉组织金属零售"),
    ],
)
def test_scattered_or_common_words_make_no_candidate(need: tuple[str, str], scope: str) -> None:
    firm = Enterprise(id="x", name="示例有限公司（虚构）", scope=scope)
    assert find(Opportunity(id="o", name=need[0], need=need[1]), firms=(firm,), minimum=0.0).edges == ()


def test_a_firm_s_own_name_answers_nothing_and_a_case_told_twice_counts_once() -> None:
    asked = Opportunity(id="o", name="园区招商", need="开展园区招商")
    plain = Enterprise(id="x", name="招商局集团有限公司", business="港口运营", cases="招商局集团参与的蛇口港口")
    assert find(asked, firms=(plain,), minimum=0.0).edges == ()
    shown = Evidence("案例", "某县无人机配送航线", "B")
    once = replace(FLYER, capabilities=(replace(FLYER.capabilities[0], evidence=(shown,)),))
    twice = replace(once, cases="某县无人机配送航线；")
    assert only(find(DRONES, firms=(twice,))).reasons == only(find(DRONES, firms=(once,))).reasons


def test_evidence_is_named_by_its_beginning() -> None:
    long = Evidence("案例", "“无人机”物流配送航线在某县山区二十个乡镇之间开通运营", "B")
    firm = replace(FLYER, capabilities=(replace(FLYER.capabilities[0], evidence=(long,)),))
    texts = " ".join(reason.text for reason in only(find(DRONES, firms=(firm,))).reasons)
    assert "见于企业案例“‘无人机’物流配送航线在某县山区二十个乡…”" in texts
    assert "「" not in texts
