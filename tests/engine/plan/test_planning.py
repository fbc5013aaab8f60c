"""The plan of a host city: figures used, honest ranks, peers, focus tracks, and what it says where it knows nothing."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.findings import SourceRow
from yingcheng.plan import TrackSupport, make_plan
from yingcheng.plan.figures import find_city
from yingcheng.plan.focus import pareto_front
from yingcheng.plan.panel import make_ensemble, make_panel
from yingcheng.plan.peers import nearest
from yingcheng.plan.records import Diagnosis, IndicatorValue, Plan, SupportItem
from yingcheng.plan.reference import shipped_pack
from yingcheng.plan.tracks import track_table
from yingcheng.standards.tracks import TRACKS

TAIYUAN = "140100"


@cache
def plain_plan(city: str) -> Plan:
    return make_plan(city)


def diagnosis_of(plan: Plan) -> Diagnosis:
    assert plan.diagnosis is not None
    return plan.diagnosis


def figure(indicator: str, value: float, unit: str, *, year: str = "2020", city: str = "太原市") -> IndicatorValue:
    return IndicatorValue(city, "", indicator, year, value, unit, SourceRow("指标.xlsx", "表一", 4, (("value", 3),)))


def on_offer(*counts: int) -> TrackSupport:
    return TrackSupport(*(tuple(SupportItem(f"第{number}项") for number in range(count)) for count in counts))


@pytest.fixture(scope="module")
def taiyuan() -> Plan:
    return make_plan("太原", others=("郑州", "长沙", "安阳", "南昌"), seed=7)


def test_the_reference_carries_the_official_census_figures() -> None:
    reference = shipped_pack()
    shares = reference.quantities[:, reference.columns.index("urban_share")]
    assert shares[reference.codes.index(TAIYUAN)] == pytest.approx(89.06, abs=0.01)
    assert shares[reference.codes.index("430100")] == pytest.approx(82.60, abs=0.01)
    # Two rows lack an industry and take no part: the census counts 155 of 337 above 60 %, 三沙 among them.
    assert len(reference.codes) == 335
    assert 153 <= (shares >= 60).sum() <= 155
    assert len(set(reference.codes)) == len(reference.codes)


def test_core_indicators_are_known_everywhere_and_every_subsystem_has_some() -> None:
    reference = shipped_pack()
    assert not np.isnan(reference.values[:, reference.core]).any()
    assert all(len(group) >= 4 for group in reference.groups)


@pytest.mark.parametrize("text", ["太原", "太原市", "山西太原", "山西省太原市", "140100", " 太原 市"], ids=range(6))
def test_a_city_is_found_under_its_usual_names(text: str) -> None:
    assert find_city(text, shipped_pack()) == TAIYUAN


@pytest.mark.parametrize(
    ("text", "code"),
    [("北京", "110100"), ("110000", "110100"), ("延边", "222400"), ("吉林市", "220200"), ("黔东南", "522600")],
)
def test_municipalities_and_autonomous_prefectures_are_found(text: str, code: str) -> None:
    assert find_city(text, shipped_pack()) == code


@pytest.mark.parametrize("text", ["", "吉林", "海南", "山西省", "小店区", "999999", "亚特兰蒂斯"])
def test_what_is_no_prefecture_is_not_guessed(text: str) -> None:
    assert find_city(text, shipped_pack()) is None


def test_degree_and_rank_come_with_intervals_that_hold_them(taiyuan: Plan) -> None:
    for found in (diagnosis_of(taiyuan), *taiyuan.others):
        assert found.degree_low < found.degree < found.degree_high
        assert 1 <= found.rank_low < found.rank < found.rank_high <= found.size
        for level in found.levels:
            assert 0 <= level.low < level.value < level.high <= 1
        assert 1 / 3 < found.lagging_share <= 1
        assert sum(obstacle.share for obstacle in found.obstacles) == pytest.approx(1.0)


def test_degree_is_the_root_of_coupling_times_development(taiyuan: Plan) -> None:
    found = diagnosis_of(taiyuan)
    assert found.degree**2 == pytest.approx(found.coupling * found.development)
    assert {point.city: (point.development, point.coupling) for point in found.cities}["太原市"] == (
        found.development,
        found.coupling,
    )
    assert len(found.cities) == found.size


def test_the_capital_leads_the_smaller_city_and_the_stage_rule_follows_urbanisation(taiyuan: Plan) -> None:
    by_city = {found.city: found for found in (diagnosis_of(taiyuan), *taiyuan.others)}
    assert by_city["太原市"].rank_high < by_city["安阳市"].rank_low
    assert "人—城—产" in by_city["太原市"].stage_rule
    assert "产—城—人" in by_city["安阳市"].stage_rule
    assert by_city["安阳市"].urbanisation == pytest.approx(0.5304)


def test_peers_are_of_a_kind_and_never_the_city_itself(taiyuan: Plan) -> None:
    peers = {peer.city for peer in diagnosis_of(taiyuan).peers}
    assert "太原市" not in peers
    assert {"西安市", "南昌市"} <= peers
    anyang = next(found for found in taiyuan.others if found.city == "安阳市")
    assert {"新乡市", "濮阳市"} <= {peer.city for peer in anyang.peers}


def test_a_city_without_gdp_still_finds_peers_of_its_kind() -> None:
    reference = shipped_pack()
    panel = make_panel(reference)
    row = reference.codes.index("360700")  # 赣州: no GDP in the table
    assert np.isnan(reference.quantities[row, reference.columns.index("gdp")])
    population = reference.quantities[:, reference.columns.index("population")]
    assert all(0.3 < population[i] / population[row] < 3 for i, _distance in nearest(panel, row))


def test_gaps_say_which_side_of_the_peers_the_city_stands_on(taiyuan: Plan) -> None:
    gaps = {gap.indicator: gap for gap in diagnosis_of(taiyuan).gaps}
    assert gaps["第二产业劳动生产率"].behind
    assert gaps["第二产业劳动生产率"].value < gaps["第二产业劳动生产率"].peers
    assert not gaps["每千人卫生和社会工作从业人员"].behind
    older = gaps["65岁及以上人口占比"]
    assert older.behind == (older.value > older.peers * 1.005)


def test_gaps_begin_with_the_largest_lag(taiyuan: Plan) -> None:
    gaps = diagnosis_of(taiyuan).gaps
    assert [gap.behind for gap in gaps] == sorted((gap.behind for gap in gaps), reverse=True)
    assert gaps[0].indicator == "每千人生活服务从业人员"


def test_same_seed_same_plan_other_seed_other_draws() -> None:
    first, again, other = make_plan("安阳", seed=1), make_plan("安阳", seed=1), make_plan("安阳", seed=2)
    assert first == again
    assert diagnosis_of(first).degree == diagnosis_of(other).degree
    assert diagnosis_of(first).degree_low != diagnosis_of(other).degree_low


def test_random_weightings_never_leave_the_range_of_the_indicators() -> None:
    reference = shipped_pack()
    panel = make_panel(reference)
    levels = make_ensemble(panel, seed=3, draws=50).levels
    core = panel.standardised[:, reference.core]
    for k, group in enumerate(reference.groups):
        own = core[:, list(group)]
        assert (levels[k] <= own.max(axis=1, keepdims=True) + 1e-12).all()
        assert (levels[k] >= own.min(axis=1, keepdims=True) - 1e-12).all()


def test_a_figure_of_the_folder_replaces_the_reference_and_names_its_cell() -> None:
    plan = make_plan("太原", values=[figure("城镇化率", 55.0, "%", year="2024")])
    found = diagnosis_of(plan)
    assert found.urbanisation == pytest.approx(0.55)
    assert "产—城—人" in found.stage_rule
    note = next(note for note in plan.notes if "替代参考表" in note)
    assert "指标.xlsx / 表一 / C4" in note
    assert "89.06%" in note
    gap = next(gap for gap in found.gaps if gap.indicator == "常住人口城镇化率")
    assert gap.source.startswith("指标.xlsx / 表一 / C4")
    assert any("时间因素" in note for note in plan.notes)


def test_a_new_figure_of_one_city_moves_no_other_city() -> None:
    plain = plain_plan("郑州")
    changed = make_plan("郑州", others=("太原",), values=[figure("平均受教育年限", 6.0, "年")])
    assert changed.others[0].degree < diagnosis_of(plain_plan("太原")).degree
    assert diagnosis_of(changed).degree == diagnosis_of(plain).degree
    assert diagnosis_of(changed).levels == diagnosis_of(plain).levels


def test_figures_that_repeat_the_reference_are_counted_not_listed() -> None:
    plan = make_plan("太原", values=[figure("常住人口（万人）", 530.41, "万人"), figure("城镇化率", 0.8906, "")])
    assert "指标表与参考表一致：太原市 2 项。" in plan.notes
    assert not any("替代" in note for note in plan.notes)
    assert diagnosis_of(plan).degree == diagnosis_of(plain_plan("太原")).degree


def test_the_latest_year_wins() -> None:
    values = [figure("城镇化率", 89.9, "%", year="2023年"), figure("城镇化率", 89.5, "%", year="2022年")]
    assert diagnosis_of(make_plan("太原", values=values)).urbanisation == pytest.approx(0.899)


def test_a_new_total_over_an_old_part_is_not_taken_for_a_share() -> None:
    plan = make_plan("太原", values=[figure("地区生产总值", 5573.7, "亿元", year="2023")])
    gaps = {gap.indicator: gap for gap in diagnosis_of(plan).gaps}
    assert gaps["人均地区生产总值"].value == pytest.approx(5573.7 / 530.4061, rel=1e-6)
    assert gaps["第三产业增加值占比"].value == pytest.approx(2467.4 / 4028.5 * 100)
    assert any("仍用参考表：第三产业增加值占比" in note for note in plan.notes)
    both = [figure("GDP", 5573.7, "亿元", year="2023"), figure("三产增加值", 3225.0, "亿元", year="2023")]
    together = {gap.indicator: gap for gap in diagnosis_of(make_plan("太原", values=both)).gaps}
    assert together["第三产业增加值占比"].value == pytest.approx(3225.0 / 5573.7 * 100)


@pytest.mark.parametrize(
    ("value", "unit", "why"),
    [(70.0, "张", "相差悬殊"), (8.0, "吨", "对不上"), (float("inf"), "张", "不是数"), (-8.0, "张", "不大于零")],
)
def test_a_doubtful_figure_is_left_and_named(value: float, unit: str, why: str) -> None:
    plan = make_plan("太原", values=[figure("每千人床位数", value, unit)])
    assert any("未采用" in note and why in note for note in plan.notes)
    gap = next(gap for gap in diagnosis_of(plan).gaps if gap.indicator == "每千人床位数")
    assert gap.value == pytest.approx(8.8)


def test_more_than_everybody_cannot_live_in_town() -> None:
    plan = make_plan("太原", values=[figure("城镇化率", 104.0, "%")])
    assert any("超过 100%" in note for note in plan.notes)
    assert diagnosis_of(plan).urbanisation == pytest.approx(0.8906)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.builds(
            figure,
            st.sampled_from(
                ["地区生产总值", "常住人口", "城镇化率", "面积", "十年人口变动", "制造业就业比重", "第二产业"]
            ),
            st.floats(),
            st.sampled_from(["", "%", "亿元", "万人", "人", "平方公里", "斤"]),
            year=st.sampled_from(["", "2020", "2023年"]),
            city=st.just("赣州市"),
        ),
        max_size=6,
    )
)
def test_any_sheet_leaves_a_plan_within_its_bounds(values: list[IndicatorValue]) -> None:
    found = diagnosis_of(make_plan("赣州", values=values))
    assert 0 <= found.degree_low <= found.degree_high <= 1
    assert 1 <= found.rank <= found.size
    assert all(np.isfinite([gap.value, gap.peers]).all() for gap in found.gaps)


def test_a_figure_fills_what_the_table_lacks() -> None:
    assert "人均地区生产总值" not in {gap.indicator for gap in diagnosis_of(plain_plan("赣州")).gaps}
    plan = make_plan("赣州", values=[figure("地区生产总值", 3474.3, "亿元", year="2019", city="赣州市")])
    assert "人均地区生产总值" in {gap.indicator for gap in diagnosis_of(plan).gaps}
    assert any("参考表原无此数" in note for note in plan.notes)


def test_unknown_indicators_and_other_cities_are_named() -> None:
    values = [figure("森林覆盖率", 23.0, "%"), figure("城镇化率", 60.0, "%", city="火星市")]
    notes = "\n".join(make_plan("太原", values=values).notes)
    assert "森林覆盖率" in notes
    assert "火星市" in notes


@pytest.mark.parametrize("city", ["", "亚特兰蒂斯"])
def test_without_a_known_city_nothing_is_inferred(city: str) -> None:
    plan = make_plan(city, support={"智慧城市": on_offer(1, 2, 3, 4)})
    assert plan.diagnosis is None
    assert plan.notes
    assert [view.track for view in plan.tracks] == list(TRACKS)
    assert not any(view.focus for view in plan.tracks)
    assert {view.need for view in plan.tracks} == {"无可测指标"}
    assert plan.tracks[7].feasible_count == 6


def test_a_guest_without_figures_is_named_and_the_host_is_not_repeated() -> None:
    plan = make_plan("太原", others=("太原市", "郑州", "郑州市", "某县"))
    assert [found.city for found in plan.others] == ["郑州市"]
    assert any("某县" in note for note in plan.notes)


def test_the_three_columns_stand_apart_and_at_most_five_tracks_are_in_focus(taiyuan: Plan) -> None:
    assert [view.track for view in taiyuan.tracks] == list(TRACKS)
    assert 1 <= sum(view.focus for view in taiyuan.tracks) <= 5
    assert all(view.reason for view in taiyuan.tracks)
    unmeasured = {view.track for view in taiyuan.tracks if view.need_value is None}
    assert unmeasured == {"智慧城市", "新基建", "绿色生态"}
    assert all(view.need.startswith("无可测指标") for view in taiyuan.tracks if view.track in unmeasured)


def test_no_focus_track_is_beaten_in_all_three_columns(taiyuan: Plan) -> None:
    def columns(track: str) -> tuple[float, float, float]:
        view = next(view for view in taiyuan.tracks if view.track == track)
        need = -1.0 if view.need_value is None else view.need_value
        base = -1.0 if view.base_value is None else view.base_value
        return need, base, float(view.feasible_count)

    for view in taiyuan.tracks:
        if view.focus:
            mine = columns(view.track)
            others = [columns(name) for name in TRACKS if name != view.track]
            assert not any(all(a >= b for a, b in zip(o, mine, strict=True)) and o != mine for o in others)


def test_support_alone_can_bring_a_track_into_focus_but_says_so() -> None:
    offered = {"绿色生态": on_offer(9, 30, 4, 12)}
    views = {view.track: view for view in make_plan("太原", support=offered).tracks}
    assert not {view.track: view for view in plain_plan("太原").tracks}["绿色生态"].focus
    assert views["绿色生态"].focus
    assert "须人工补充依据" in views["绿色生态"].reason
    assert views["绿色生态"].feasible_count == 43


def test_an_unmeasured_need_without_anything_on_offer_is_no_focus() -> None:
    bare = {view.track: view for view in plain_plan("长沙").tracks}["智慧城市"]
    assert bare.base.startswith("优势")
    assert not bare.focus
    assert "不列入重点" in bare.reason
    offered = make_plan("长沙", support={"智慧城市": on_offer(1, 0, 0, 0)})
    assert {view.track: view for view in offered.tracks}["智慧城市"].focus


def test_a_farming_prefecture_needs_its_countryside_more_than_a_metropolis() -> None:
    def need(city: str) -> float:
        value = next(view for view in plain_plan(city).tracks if view.track == "乡村振兴").need_value
        assert value is not None
        return value

    assert need("昭通") > need("深圳") == 0.0


def test_the_front_keeps_what_nothing_beats() -> None:
    assert pareto_front([(1, 1, 1), (2, 1, 1), (0, 3, 0), (2, 1, 1), (0, 0, 0)]) == [1, 2, 3]


def test_every_cell_of_the_track_table_has_a_reason_and_a_known_indicator() -> None:
    names = {definition.indicator.name for definition in shipped_pack().definitions}
    assert [track.name for track in track_table().tracks] == list(TRACKS)
    for track in track_table().tracks:
        assert track.cells or track.unmeasured
        assert set(track.sections) <= set("ABCDEFGHIJKLMNOPQRS")
        for cell in track.cells:
            assert cell.indicator in names
            assert cell.reason
            assert cell.when in {"behind", "high", "low"}
            assert cell.weight > 0
