"""Every header seen in a real list maps unaided: the right kind, the right field for each column."""

from __future__ import annotations

from datetime import date

import pytest
from intake_sheets import sheet

from yingcheng.findings import Severity
from yingcheng.intake.grid import CellValue
from yingcheng.intake.mapping import map_table
from yingcheng.intake.tables import find_tables
from yingcheng.intake.vocabulary import KINDS, header_base, header_key, header_unit, vocabulary

HEADERS: dict[str, tuple[str, dict[str, str]]] = {
    "chongqing low altitude list": (
        "opportunities",
        {
            "场景类型": "kind",
            "序号": "number",
            "场景机会名称": "name",
            "单位名称": "unit",
            "合作需求": "need",
            "联系方式": "contact",
        },
    ),
    "application list with lead department": (
        "opportunities",
        {
            "序号": "number",
            "应用领域": "domains",
            "应用场景名称": "name",
            "场景简介": "summary",
            "拟落地应用区域": "region",
            "牵头部门": "lead",
        },
    ),
    "list with technologies and candidates": (
        "opportunities",
        {
            "序号": "number",
            "应用领域": "domains",
            "场景名称": "name",
            "场景简介": "summary",
            "主要技术": "technology",
            "参考案例": "references",
            "潜在企业及产品": "candidates",
        },
    ),
    "guangzhou form with consent": (
        "opportunities",
        {
            "场景名称": "name",
            "场景类型(multi)": "kind",
            "需求描述": "need",
            "建设基础": "foundation",
            "姓名": "person",
            "职务/职称": "title",
            "申请单位": "unit",
            "所属区": "region",
            "电话(是否公开)": "phone",
            "邮箱(是否公开)": "email",
        },
    ),
    "demand list of departments": (
        "opportunities",
        {
            "需求方": "unit",
            "场景领域": "domains",
            "所属区域": "region",
            "行业主管部门": "lead",
            "需求名称": "name",
            "需求描述": "need",
            "建设基础": "foundation",
            "联系方式": "contact",
        },
    ),
    "challenge list of a platform": (
        "opportunities",
        {
            "榜题名称": "name",
            "榜题金额(元)": "investment",
            "状态": "status",
            "发榜单位": "unit",
            "联系方式": "contact",
            "榜题类型": "kind",
            "技术方向": "technology",
            "项目开始时间": "period_start",
            "项目截止时间": "period_end",
            "周期": "duration",
            "详细描述": "need",
            "验收标准": "acceptance",
            "揭榜方要求": "asks",
            "揭榜数量": "max_meetings",
            "标签": "domains",
            "所在城市": "region",
        },
    ),
    "list of owners": (
        "opportunities",
        {
            "序号": "number",
            "场景名称": "name",
            "场景领域": "domains",
            "所在地点": "region",
            "业主单位": "unit",
            "主管部门": "lead",
        },
    ),
    "investment plan": (
        "opportunities",
        {
            "序号": "number",
            "项目名称": "name",
            "大类(所属领域)": "domains",
            "领域(细分赛道)": "domains",
            "建设地点": "region",
            "起止年限": "period",
            "总投资(亿元)": "investment",
            "2026年计划投资(亿元)": "annual_investment",
            "项目业主": "unit",
            "建设性质": "kind",
        },
    ),
    "union worth storing": (
        "opportunities",
        {
            "批次": "batch",
            "编号": "number",
            "类型": "kind",
            "领域(multi)": "domains",
            "规模": "size",
            "名称": "name",
            "简介": "summary",
            "痛点": "pain",
            "需求内容/合作需求": "need",
            "主要技术": "technology",
            "开放资源(数据·空间·设施·资金)": "resources",
            "预期目标": "expected",
            "验收标准": "acceptance",
            "合作方式(联合建设/采购/揭榜/特许/投资)": "modes",
            "投资额": "investment",
            "资金来源": "funding",
            "时限": "period",
            "区域": "region",
            "需求单位": "unit",
            "牵头/主管部门": "lead",
            "联系人": "person",
            "职务": "title",
            "电话": "phone",
            "邮箱": "email",
            "参考案例": "references",
            "潜在企业": "candidates",
            "状态": "status",
            "推进情况": "progress",
            "跟进人": "follower",
            "附件": "attachment",
            "来源链接": "link",
        },
    ),
    "chengdu capability list": (
        "capabilities",
        {
            "序号": "serial",
            "公司名称": "name",
            "企业与产品简介": "business",
            "场景能力": "capability",
            "可应用落地场景": "scenario",
            "类别": "category",
            "企业资质": "qualifications",
        },
    ),
    "bare capability list": ("capabilities", {"场景能力名称": "capability", "场景能力说明": "description"}),
    "enterprise profile": (
        "enterprises",
        {
            "企业名称": "name",
            "核心定位": "position",
            "主营业务": "business",
            "核心产品": "products",
            "核心技术": "technologies",
            "资质与荣誉": "qualifications",
            "典型客户/案例": "cases",
        },
    ),
    "enterprise finances": (
        "enterprises",
        {
            "企业名称": "name",
            "注册资本(万元)": "capital",
            "员工人数": "staff",
            "近一年营收(万元)": "revenue",
            "经营异常": "abnormal",
        },
    ),
    "register of companies": (
        "enterprises",
        {
            "企业名称": "name",
            "统一社会信用代码": "credit_code",
            "注册日期": "registered",
            "企业类型": "kind",
            "法人代表": "legal_person",
            "注册资金": "capital",
            "经营范围": "scope",
            "所在省份": "province",
            "地区": "region",
            "注册地址": "address",
        },
    ),
    "policy clauses": (
        "measures",
        {
            "序号": "serial",
            "政策名称": "name",
            "级别(国家/省/市/区/街道)": "level",
            "类别": "category",
            "扶持方式": "support",
            "扶持金额": "amount",
            "申报截止日期": "deadline",
            "条款类型(资质/行业/规模/地域/信用)": "clause_kind",
            "条款内容": "clause_text",
            "来源链接": "link",
        },
    ),
    "decision table": (
        "measures",
        {
            "序号": "serial",
            "政策名称": "name",
            "文号": "number",
            "级别": "level",
            "类别": "category",
            "工具类型": "tool",
            "扶持方式": "support",
            "扶持金额": "amount",
            "申报截止日期": "deadline",
            "责任单位": "unit",
            "条款类型": "clause_kind",
            "条款内容": "clause_text",
            "事实": "clause_fact",
            "比较": "clause_operator",
            "值": "clause_value",
            "组": "clause_group",
            "材料": "materials",
            "来源链接": "link",
        },
    ),
    "landing table": (
        "projects",
        {
            "序号": "serial",
            "公司名称": "enterprise",
            "企业与产品简介": "enterprise_intro",
            "场景能力": "capability",
            "类别": "category",
            "场景项目介绍": "intro",
            "计划落地应用场景": "scenario",
            "建议对接部门": "department",
            "推进情况": "progress",
            "场景全周期落地跟进人": "follower",
        },
    ),
    "monthly form": (
        "projects",
        {
            "月份": "month",
            "状态": "status",
            "进展": "progress",
            "结果": "result",
            "问题": "problem",
            "需协调事项": "coordination",
            "下一步": "next_step",
        },
    ),
    "ledger with stage dates": (
        "projects",
        {
            "项目名称": "name",
            "企业名称": "enterprise",
            "总投资": "investment",
            "到位资金": "paid_in",
            "约定开工日期": "start_due",
            "线索日期": "date_lead",
            "对接日期": "date_contact",
            "签约日期": "date_signed",
            "注册日期": "date_registered",
            "开工日期": "date_started",
            "投产日期": "date_operating",
            "达效日期": "date_effective",
        },
    ),
    "cases with four dimensions": (
        "cases",
        {
            "案例名称": "name",
            "类别": "kind",
            "城市": "city",
            "企业": "enterprise",
            "赛道": "tracks",
            "简介": "summary",
            "投资建设创新": "investment",
            "招商运营创新": "operation",
            "商业模式创新": "business_model",
            "规划设计创新": "planning",
            "成效": "result",
            "可复制条件": "preconditions",
            "年份": "year",
            "来源": "link",
        },
    ),
    "indicators long": (
        "indicators",
        {"城市": "city", "指标": "indicator", "年份": "year", "数值": "value", "单位": "unit"},
    ),
    "participants": (
        "participants",
        {"单位名称": "name", "类别": "kind", "人数": "people", "缺席时段": "absences", "备注": "note"},
    ),
    "agenda": (
        "agenda",
        {"时间": "time", "环节": "kind", "主题": "title", "台上嘉宾/城市/企业": "on_stage", "地点": "place"},
    ),
}


def mapped(*header: str, data: tuple[CellValue, ...] | None = None, file: str = "报送.xlsx"):
    row = data if data is not None else tuple("内容" for _heading in header)
    found = find_tables(sheet(header, row, row, file=file))
    assert len(found.tables) == 1
    return map_table(found.tables[0])


@pytest.mark.parametrize("name", HEADERS)
def test_header_maps_unaided(name: str) -> None:
    kind, columns = HEADERS[name]
    result = mapped(*columns)
    assert result.kind is not None
    assert result.kind.name == kind
    assert {c.header: c.field.name if c.field else "" for c in result.columns} == columns
    assert [f for f in result.findings if f.severity is not Severity.NOTICE] == []
    assert all(c.score >= 0.9 for c in result.columns)


@pytest.mark.parametrize("name", HEADERS)
def test_every_heading_has_a_named_source(name: str) -> None:
    kind, columns = HEADERS[name]
    sources = {key: source for field in vocabulary().kinds[kind].fields for key, source, _strength in field.synonyms}
    for heading in columns:
        source = sources.get(header_key(heading)) or sources[header_base(heading)]
        assert vocabulary().sources[source]


def test_wide_indicators_are_told_by_their_figures() -> None:
    header = ("城市", "年份", "GDP(亿元)", "常住人口(万人)", "城镇化率(%)")
    assert mapped(*header, data=("太原市", 2020, 4153.25, 530.4, 89.06)).kind.name == "indicators"
    # the control: the same headings over texts are no indicators
    assert mapped(*header, data=("太原市", 2020, "较高", "较多", "高")).kind is None


def test_kinds_are_the_contracted_ones() -> None:
    assert tuple(vocabulary().kinds) == KINDS


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("注册资本(万元)", "万元"),
        ("总投资（亿元）", "亿元"),
        ("投资额（单位：万元）", "万元"),
        ("GDP(亿元)", "亿元"),
        ("合同额/万元", "万元"),
        ("城镇化率(%)", "%"),
        ("总投资万美元", "万美元"),
        ("电话(是否公开)", ""),
        ("百万工程", ""),
        ("投资额", ""),
    ],
)
def test_units_in_headings(heading: str, unit: str) -> None:
    assert header_unit(heading) == unit


@pytest.mark.parametrize("heading", ["＊场景名称（必填）", "场景 名称", "1.场景名称", "场景\n名称：", "（一）场景名称"])
def test_headings_are_compared_without_their_dress(heading: str) -> None:
    assert header_key(heading) == "场景名称"


def test_unit_in_heading_reaches_the_amount() -> None:
    result = mapped("项目名称", "项目业主", "建设性质", "总投资(亿元)")
    assert next(c.unit for c in result.columns if c.field and c.field.name == "investment") == "亿元"


def test_dates_in_cells_do_not_make_a_header() -> None:
    found = find_tables(sheet(("场景名称", "需求描述"), ("智慧停车", date(2026, 1, 1))))
    assert found.tables[0].header_row == 1
