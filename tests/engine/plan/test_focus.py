"""Focus tracks: Pareto-first, at most five, how firmly a track stays in, a person's word, cases a city cannot use."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.errors import SettingsError
from yingcheng.findings import SourceRow
from yingcheng.plan import Override, Rules, SupportItem, TrackSupport, load_stage_rule, load_tracks, make_plan
from yingcheng.plan.focus import MOST_FOCUS, choose_focus, pareto_front
from yingcheng.plan.industries import kind_of, shipped_base_rule
from yingcheng.plan.preconditions import judge_preconditions
from yingcheng.plan.records import Plan, TrackView
from yingcheng.plan.reference import plan_data
from yingcheng.plan.stage import shipped_stage_rule, stage_sentence
from yingcheng.plan.tracks import track_table
from yingcheng.standards.tracks import TRACKS

FIGURES = {
    "城镇化率": (89.06, "%"), "常住人口城镇化率": (89.06, "%"), "常住人口": (5304061.0, "人"), "GDP": (4028.5, "亿元"),
    "人口": (5304061.0, "人"),
}  # fmt: skip
rows_of_three = st.lists(st.tuples(*[st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0])] * 3), min_size=1, max_size=13)


def views_of(plan: Plan) -> dict[str, TrackView]:
    return {view.track: view for view in plan.tracks}


def test_the_best_of_each_column_are_taken_in_turn() -> None:
    rows = [(3, 1, 1), (2, 2, 1), (1, 3, 1), (1, 1, 3), (0, 0, 0)]
    assert choose_focus(rows, range(5)) == [(0, 0), (2, 1), (3, 2), (1, 0)]
    assert choose_focus(rows, range(5), first=2)[0] == (3, 2)
    assert choose_focus(rows, range(5), limit=2) == [(0, 0), (2, 1)]
    assert choose_focus(rows, [4]) == []  # nothing speaks for it in any column


@given(rows_of_three)
def test_no_chosen_track_is_beaten_and_there_are_five_at_most(rows: list[tuple[float, ...]]) -> None:
    chosen = [track for track, _column in choose_focus(rows, range(len(rows)))]
    assert len(chosen) == len(set(chosen)) <= MOST_FOCUS
    assert set(chosen) <= set(pareto_front(rows))
    front = [i for i in pareto_front(rows) if max(rows[i]) > 0]
    assert len(chosen) == min(MOST_FOCUS, len(front))


@given(rows_of_three)
def test_the_front_is_what_the_definition_says(rows: list[tuple[float, ...]]) -> None:
    def beaten(row: tuple[float, ...]) -> bool:
        return any(o != row and all(x >= y for x, y in zip(o, row, strict=True)) for o in rows)

    assert pareto_front(rows) == [i for i, row in enumerate(rows) if not beaten(row)]


def test_how_firmly_a_track_stays_in_is_a_share_of_the_draws() -> None:
    plan = make_plan("太原")
    shares = {view.track: view.share for view in plan.tracks}
    assert all(share is not None and 0 <= share <= 1 for share in shares.values())
    assert sum(share for share in shares.values() if share) <= MOST_FOCUS + 1e-9
    # What nothing measures and nobody offers is never in.
    assert shares["绿色生态"] == 0.0
    for view in plan.tracks:
        if view.share == 1.0:
            assert view.focus
    assert plan == make_plan("太原")
    assert make_plan("").tracks[0].share is None


def test_a_person_takes_in_and_leaves_out_with_a_printed_reason() -> None:
    plain = make_plan("赣州")
    focus = [view.track for view in plain.tracks if view.focus]
    overrides = (
        Override("绿色生态", True, "省生态文明试验区任务"),
        Override(focus[0], False, "已有专项，不重复立项"),
    )
    views = views_of(make_plan("赣州", rules=Rules(overrides=overrides)))
    assert views["绿色生态"].focus
    assert views["绿色生态"].override == overrides[0]
    assert "人工列入，理由：省生态文明试验区任务" in views["绿色生态"].reason
    assert "测算：" in views["绿色生态"].reason
    assert not views[focus[0]].focus
    assert "不列入，理由：已有专项" in views[focus[0]].reason
    assert sum(view.focus for view in views.values()) <= MOST_FOCUS
    # The computation itself is not touched by it.
    assert [view.share for view in views.values()] == [view.share for view in plain.tracks]


def test_five_overrides_leave_no_room_for_the_computation() -> None:
    overrides = tuple(Override(track, True, "政府工作报告") for track in TRACKS[-5:])
    plan = make_plan("赣州", rules=Rules(overrides=overrides))
    assert [view.track for view in plan.tracks if view.focus] == list(TRACKS[-5:])


def test_every_cell_of_need_can_be_opened() -> None:
    view = views_of(make_plan("太原"))["产业园区"]
    assert view.need_value == pytest.approx(
        sum(cell.weight * cell.gap for cell in view.need_evidence if cell.gap is not None)
    )
    cell = view.need_evidence[0]
    assert (cell.indicator, cell.owner) == ("第二产业劳动生产率", "工业和信息化部门")
    assert cell.value is not None
    assert cell.peers is not None
    assert cell.value < cell.peers
    assert cell.source
    assert sum(cell.weight for cell in view.need_evidence) == pytest.approx(1.0)


def test_base_is_quotient_by_shift() -> None:
    rule = shipped_base_rule()
    assert [kind_of(q, s, rule) for q, s in ((1.2, 0.1), (1.2, -0.1), (0.8, 0.1), (0.8, -0.1))] == [
        "优势", "转型", "机会", "弱",
    ]  # fmt: skip
    assert kind_of(1.2, None, rule) == ""
    view = views_of(make_plan("太原"))["城市运营"]
    assert (view.base_kind, view.base_value, view.base_shift) == (
        "转型", pytest.approx(1.34, abs=0.01), pytest.approx(-0.07, abs=0.01),
    )  # fmt: skip
    assert [industry.section for industry in view.industries] == ["L", "N"]


def test_where_boundaries_changed_no_shift_is_claimed() -> None:
    plan = make_plan("西安")
    assert plan.diagnosis is not None
    assert all(industry.shift is None and industry.kind == "" for industry in plan.diagnosis.industries)
    assert all("不判变动" in view.base for view in plan.tracks)


def test_shift_share_of_every_city_sums_to_its_change() -> None:
    plan = make_plan("郑州")
    assert plan.diagnosis is not None
    for industry in plan.diagnosis.industries:
        assert industry.start is not None
        assert industry.national is not None
        assert industry.mix is not None
        assert industry.regional is not None
        parts = industry.national + industry.mix + industry.regional
        assert parts == pytest.approx(industry.end - industry.start, abs=1e-6)


def test_a_case_whose_conditions_the_city_fails_does_not_count() -> None:
    row = SourceRow("案例库.xlsx", "表", 3)
    cases = (
        SupportItem("甲", row, "常住人口1000万以上"),
        SupportItem("乙", row, "城镇化率60%以上"),
        SupportItem("丙", row, "位于交通枢纽"),
    )
    view = views_of(make_plan("太原", support={"产业园区": TrackSupport(cases=cases)}))["产业园区"]
    assert [case.name for case in view.support.cases] == ["乙", "丙"]
    assert view.feasible_count == 2
    assert [(case.name, case.source) for case in view.support.excluded] == [("甲", row)]
    assert "不符合" in view.support.excluded[0].remark
    assert "符合" in view.support.cases[0].remark
    assert "待核对：位于交通枢纽" in view.support.cases[1].remark
    assert "另 1 项不计" in view.feasible


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("城镇化率60%以上", True),
        ("城镇化率不低于 90%", False),
        ("常住人口超过500万", True),
        ("常住人口500万人以下", False),
        ("人口低于 600万人", True),
        ("GDP达到5000亿元", False),
        ("GDP 4000 亿元及以上", True),
        ("城镇化率60%以上；常住人口1000万以上", False),
        ("城镇化率60%以上；有可盘活的低效空间", None),
        ("位于交通枢纽", None),
        ("城镇化率高", None),
        ("GDP达到5000人", None),  # another unit: not compared
        ("", None),
    ],
)
def test_only_comparisons_of_known_figures_are_judged(text: str, met: bool | None) -> None:
    reading = judge_preconditions(text, FIGURES)
    assert reading.met is met
    assert reading.remark


def test_the_stage_rule_is_a_file_anybody_may_edit(tmp_path: Path) -> None:
    path = tmp_path / "规则.toml"
    path.write_text(
        'name = "七成规则"\nindicator = "常住人口城镇化率"\nthreshold = 95\n'
        'before = "前"\nafter = "后"\nsource = "本市"\n',
        encoding="utf-8",
    )
    plan = make_plan("太原", rules=Rules(stage=load_stage_rule(path)))
    assert plan.diagnosis is not None
    assert "未达到 95% 门槛，按“前”" in plan.diagnosis.stage_rule
    assert "七成规则；来源：本市" in plan.diagnosis.stage_rule
    assert plan.diagnosis.urbanisation == pytest.approx(0.8906)


def test_the_stage_rule_says_its_source_and_knows_nothing_without_a_figure() -> None:
    rule = shipped_stage_rule()
    assert rule.threshold == 60
    assert "市长论坛" in stage_sentence(rule, 60.0)
    assert "达到 60%" in stage_sentence(rule, 60.0)
    assert "不判断发展阶段" in stage_sentence(rule, float("nan"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [("name = 1 2", "TOML"), ('name = "x"', "缺少 threshold"), ("threshold = true", "应为数字"), ("x = 1", "“x”")],
)
def test_a_wrong_stage_rule_is_refused(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "规则.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_stage_rule(path)
    assert fault in str(caught.value)
    with pytest.raises(SettingsError, match="找不到"):
        load_stage_rule(tmp_path / "无.toml")


def test_the_table_of_needs_has_a_reason_and_an_owner_in_every_cell() -> None:
    assert all(cell.reason and cell.owner for track in track_table().tracks for cell in track.cells)
    assert len(track_table().tracks) == 13


def _tracks_file(path: Path, change: tuple[str, str]) -> Path:
    text = (files("yingcheng.plan") / "data" / "tracks.toml").read_text("utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), encoding="utf-8")
    return path


def test_an_edited_table_of_needs_counts(tmp_path: Path) -> None:
    path = _tracks_file(tmp_path / "t.toml", ("quotient = 1.0\nshift", "quotient = 1.5\nshift"))
    assert views_of(make_plan("太原"))["城市运营"].base_kind == "转型"
    assert views_of(make_plan("太原", rules=Rules(tracks=load_tracks(path))))["城市运营"].base_kind == "弱"
    assert load_tracks(path) == replace(track_table(), base=replace(shipped_base_rule(), quotient=1.5))
    assert plan_data("tracks.toml")["base"]["quotient"] == 1.0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ((', owner = "城市管理部门"', ""), "“城市运营”的一格缺少 owner"),
        (('when = "high"', 'when = "hoch"'), "when 应为"),
        (('name = "城市更新"', 'name = "更新"'), "十三个赛道"),
        (('sections = ["N", "L"]', 'sections = ["Z"]'), "A—S"),
        (("[[0.25, ", '[["x", '), "[labels]"),
        (('["优势", "转型", "机会", "弱"]', '["优势"]'), "[base]"),
        (("weight = 2.0", "weight = -2.0"), "正数"),
    ],
)
def test_a_wrong_table_of_needs_is_refused_with_its_fault(change: tuple[str, str], fault: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_tracks(_tracks_file(tmp_path / "t.toml", change))
    assert fault in str(caught.value)
