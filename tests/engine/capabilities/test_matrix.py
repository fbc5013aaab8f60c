"""④ levels by best evidence, gaps, facts for the measures."""

from datetime import date
from decimal import Decimal

from yingcheng.capabilities import UNSTATED_ROLE, Capability, Enterprise, Evidence, build_matrix, enterprise_facts
from yingcheng.findings import SourceRow
from yingcheng.opportunities import Opportunity
from yingcheng.standards.money import parse_money

ROW = SourceRow("企业.xlsx", "Sheet1", 3, (("capital", 4), ("qualifications", 7)))

PARKING = Enterprise(
    id="E1",
    name="太原示例停车科技有限公司（虚构）",
    capital=parse_money("3000万元"),
    qualifications=("高新技术企业",),
    capabilities=(
        Capability(
            name="城市智慧停车运营",
            tracks=("智慧城市",),
            roles=("运营",),
            evidence=(Evidence("自述", "全流程服务", "D"), Evidence("合同", "验收报告", "A", date(2020, 1, 1))),
        ),
        Capability(name="停车平台软件", tracks=("智慧城市",), roles=("技术产品",)),
    ),
    sources=(ROW,),
)


def test_level_follows_the_best_evidence_and_every_cell_keeps_all_of_it() -> None:
    matrix = build_matrix([PARKING], [])
    cells = {(cell.track, cell.role): cell for cell in matrix.cells}
    run = cells["智慧城市", "运营"]
    assert (run.level, run.grade) == (3, "A")
    assert [evidence.kind for evidence in run.evidence] == ["合同", "自述"]
    assert (cells["智慧城市", "技术产品"].level, cells["智慧城市", "技术产品"].grade) == (1, "D")


def test_a_firm_with_only_a_scope_gets_a_claim_and_no_more() -> None:
    firm = Enterprise(id="E2", name="示例旅游有限公司（虚构）", scope="旅游景区开发与运营；民宿服务；文化旅游演艺。")
    cells = build_matrix([firm], []).cells
    assert "文化旅游" in {cell.track for cell in cells}
    assert {(cell.level, cell.grade) for cell in cells} == {(1, "D")}
    assert {cell.role for cell in cells} == {UNSTATED_ROLE}
    assert {evidence.kind for cell in cells for evidence in cell.evidence} == {"登记经营范围"}


def test_one_common_word_of_a_scope_is_no_capability() -> None:
    scope = "加油站经营；成品油零售；润滑油销售；充电桩；广告发布；技术研究。"
    registered = Enterprise(id="E3", name="示例加油站（虚构）", scope=scope)
    assert not build_matrix([registered], []).cells
    said = Enterprise(id="E3", name="示例加油站（虚构）", business=scope)
    assert build_matrix([said], []).cells  # what the firm itself says is read as before


def test_gaps_name_tracks_and_opportunities_nobody_can_serve() -> None:
    served = Opportunity(id="O1", name="停车", tracks=("智慧城市",))
    unserved = Opportunity(id="O2", name="乡村", tracks=("乡村振兴",))
    unqualified = Opportunity(id="O3", name="勘察", tracks=("智慧城市",), qualifications=("工程勘察甲级",))
    matrix = build_matrix([PARKING], [served, unserved, unqualified])
    why = dict(matrix.unserved)
    assert set(why) == {"O2", "O3"}
    assert "乡村振兴" in why["O2"]
    assert "工程勘察甲级" in why["O3"]
    assert "乡村振兴" in matrix.uncovered_tracks
    assert "智慧城市" not in matrix.uncovered_tracks


def test_facts_are_those_of_the_sheet_with_their_cell_and_nothing_else() -> None:
    facts = enterprise_facts(PARKING)
    assert facts["注册资本"].value == Decimal(30_000_000)
    assert facts["注册资本"].source == "企业.xlsx / Sheet1 / D3"
    assert facts["资质"].value == ("高新技术企业",)
    for unknown in ("员工人数", "营业收入", "注册日期", "经营异常", "行业", "注册地"):
        assert unknown not in facts


def test_a_range_or_foreign_amount_is_no_fact() -> None:
    for text in ("3000-5000万元", "500万美元"):
        firm = Enterprise(id="E3", name="示例", capital=parse_money(text))
        assert "注册资本" not in enterprise_facts(firm)
