"""A tree goes to a workbook, to YAML and to JSON and comes back; an officer's own table is read, dirt and all."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yingcheng.errors import UnreadableFile
from yingcheng.intake import read_files
from yingcheng.intake.rule_files import read_rules
from yingcheng.measures import check_rules
from yingcheng.measures.outline import Group, Rule, rows_of, tree_of
from yingcheng.measures.records import Clause, Measure
from yingcheng.publish.decision_table import write_decision_table, write_template
from yingcheng.publish.rule_files import rules_as_json, rules_as_yaml

TODAY = date(2026, 6, 30)
CLAUSES = st.sampled_from(
    [
        Clause("第三条", "地域", "在本市注册", "注册地", "属于", "太原市"),
        Clause("", "", "", "注册资本", "≥", "500万元；2026-01-01起：800万元"),
        Clause(
            "", "规模", "研发强度达标", "研发投入÷营业收入", "≥", "营业收入<5000万元：5%；营业收入<2亿元：4%；其余：3%"
        ),
        Clause("", "", "", "0.6×专利数+0.4×软件著作权数", "≥", "10件"),
        Clause("", "", "", "营业收入+出口额", "≥", "1亿元"),
        Clause("", "", "增长", "营业收入近3年年均增长率", "≥", "10%"),
        Clause("", "", "", "营业收入同比增长率", ">", "0%"),
        Clause("", "", "有称号", "资质", "具有", "高新技术企业、瞪羚企业"),
        Clause("", "信用", "", "经营异常", "否", ""),
        Clause("", "", "符合前置政策", "政策", "符合", "甲政策"),
        Clause("第九条", "其他", "项目有示范作用", "", "人工认定", ""),
        Clause("", "", "成立满三年"),
        Clause("", "", "", "企业名称", "不等于", "否"),
    ]
)
RULES: st.SearchStrategy[Rule] = st.recursive(
    CLAUSES,
    lambda parts: st.builds(
        lambda join, members, text: Group(
            join, tuple(members), min(2, len(members)) if join == "at least" else 0, Clause("", "", text)
        ),
        st.sampled_from(["all", "any", "none", "at least"]),
        st.lists(parts, min_size=1, max_size=3),
        st.sampled_from(["", "具备下列条件"]),
    ),
    max_leaves=8,
)
TREES = st.lists(RULES, min_size=1, max_size=4).map(lambda members: Group("all", tuple(members)))


def plain(rule: Rule) -> Rule:
    """Without the place it was read from, and without what only a row has."""
    if isinstance(rule, Clause):
        return replace(rule, source=None)
    heading = rule.heading or Clause("", "", "")
    return replace(
        rule, members=tuple(map(plain, rule.members)), heading=Clause(heading.number, heading.kind, heading.text)
    )


def trees_of(path: Path) -> list[Rule]:
    intake = read_files([path], root=path.parent)
    assert intake.rows_in == intake.rows_taken
    return [plain(tree_of(measure.clauses).tree) for measure in intake.measures]


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_rows_and_tree_are_the_same_thing(tree: Group) -> None:
    outline = tree_of(rows_of(tree))
    assert outline.faults == ()
    assert plain(outline.tree) == plain(tree)


@given(st.lists(TREES, min_size=1, max_size=4))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_workbook_and_back(tmp_path: Path, trees: list[Group]) -> None:
    measures = [Measure(f"M{n}", f"第{n}号政策（虚构）", clauses=rows_of(tree)) for n, tree in enumerate(trees)]
    path = tmp_path / "条款表.xlsx"
    write_decision_table(path, measures, as_of=TODAY)
    assert trees_of(path) == [plain(tree) for tree in trees]


@given(st.lists(TREES, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_yaml_and_json_and_back(trees: list[Group]) -> None:
    measures = [Measure(f"M{n}", f"第{n}号政策（虚构）", clauses=rows_of(tree)) for n, tree in enumerate(trees)]
    for text in (rules_as_yaml(measures), rules_as_json(measures)):
        found = read_rules(text, "规则")
        assert found.findings == []
        assert [plain(tree_of(measure.clauses).tree) for measure in found.measures] == [plain(tree) for tree in trees]


def test_every_field_of_a_measure_comes_back() -> None:
    text = """
measures:
  - {name: 甲政策, number: 并政发〔2026〕1号, level: 市, tool: 供给, standard: 研发投入×10%，最高200万元,
     exclusive: 研发类, budget: 2000万元, deadline: 2026-12-31, validity: 2026-2028年, days: 20, unit: 市科技局,
     basis: 省办法, materials: 执照、审计报告, channel: 兑现平台, tracks: [智能生产]}
"""
    found = read_rules(text, "规则.yaml")
    (measure,) = found.measures
    assert (measure.number, measure.days, measure.exclusive, measure.channel) == (
        "并政发〔2026〕1号",
        20,
        "研发类",
        "兑现平台",
    )
    assert (measure.materials, measure.tracks) == (("执照", "审计报告"), ("智能生产",))
    assert measure.budget is not None
    assert measure.validity is not None
    assert read_rules(rules_as_json([measure]), "a").measures[0] == replace(
        measure, sources=read_rules(rules_as_json([measure]), "a").measures[0].sources
    )


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("measures:\n- name: 甲\n  conditions:\n  - fact: 注册资本\n    oop: '>='\n    value: 5万元", "unknown-key", 5),
        ("measures:\n- number: 1", "name-missing", 2),
        ("measures:\n- name: 甲\n  conditions:\n  - any: []", "empty-group", 4),
        (
            "measures:\n- name: 甲\n  conditions:\n  - growth: 营业收入\n    years: 3\n    op: '>='\n    value: 5%",
            "unexpected-shape",
            4,
        ),
        ("measures:\n- name: 甲\n  conditions:\n  - fact: 注册资本\n    value: {下月: 5万元}", "unreadable-value", 5),
    ],
)
def test_a_fault_names_its_line(text: str, code: str, line: int) -> None:
    finding = read_rules(text, "规则.yaml").findings[0]
    assert finding.code == code
    assert abs(finding.place.row - line) <= 1


def test_what_is_no_rule_file_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableFile, match="第2行"):
        read_rules("measures:\n- name: [甲", "坏.yaml")
    with pytest.raises(UnreadableFile, match="measures"):
        read_rules("[1, 2]", "坏.json")
    bomb = "measures:\n- &a {name: 甲, conditions: [&b [x, x, x, x, x, x, x, x, x]]}\n"
    read_rules(bomb, "a")


def test_an_officers_own_table_with_dirt(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows = [
        ["惠企政策条款表", None, None, None, None, None, None],
        ["序号", "政策名称", "条件编号", "条款内容", "事实", "比较", "值（含单位）"],
        [1, "研发补助（虚构）", 1.0, "注册资本　５００万元以上", "注册资金", "≥", "５００ 万元"],
        [None, None, 2, "满足下列之一", None, "任一满足：", None],
        [None, None, 2.1, "国高企业", "资质", "具有", "国高企业"],
        [None, None, 2.2, "员工多", "员工人屏", "≥", "50人"],
        [None, None, "2.2", "人数", "员工人数", "≥", "50万元"],
        [None, None, "3", "空组", None, "至少满足2项", None],
        ["注：以上为虚构", None, None, None, None, None, None],
    ]
    for row in rows:
        sheet.append(row)
    path = tmp_path / "报送.xlsx"
    book.save(path)
    intake = read_files([path], root=tmp_path)
    (measure,) = intake.measures
    tree = tree_of(measure.clauses).tree
    assert [type(member).__name__ for member in tree.members] == ["Clause", "Group", "Clause"]
    found = {finding.code: finding for finding in check_rules(intake.measures, as_of=TODAY)}
    assert found["unknown-fact"].place.cell == "E6"
    assert "员工人数" in found["unknown-fact"].remedy
    assert found["unit-mismatch"].place.cell == "G7"
    assert found["outline-repeated"].place.cell == "C7"
    assert found["empty-group"].place.cell == "F8"


def test_the_template_is_read_without_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    write_template(path, as_of=TODAY)
    intake = read_files([path], root=tmp_path)
    assert [len(measure.clauses) for measure in intake.measures] == [7]
    assert intake.opportunities == ()
    assert check_rules(intake.measures, as_of=TODAY) == ()
