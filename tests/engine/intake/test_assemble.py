"""Rows become records: each kind of table, and each kind of dirt its cells carry."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from intake_sheets import codes, read, sheet

from yingcheng.findings import Severity


def moment(*parts: int) -> datetime:
    """A local time: workbooks know no time zones."""
    return datetime(*parts)  # noqa: DTZ001


# ---- opportunities -------------------------------------------------------------------------------------------------

LIST = ("序号", "场景名称", "需求描述", "需求单位", "投资额(万元)", "时限", "区域", "电话(是否公开)", "场景领域")


def opportunity(**cells: object):
    row = {"序号": 1.0, "场景名称": "智慧停车", "需求描述": "盘活存量车位", "需求单位": "市城管局"} | cells
    intake = read(sheet(tuple(row), tuple(row.values())))  # type: ignore[arg-type]
    assert len(intake.opportunities) == 1
    return intake.opportunities[0], intake


def test_serial_read_as_float_is_a_whole_number() -> None:
    assert opportunity()[0].number == "1"
    assert opportunity(序号="1.0")[0].number == "1"


@pytest.mark.parametrize(
    ("heading", "cell", "low", "high"),
    [
        ("投资额(万元)", 126, "1260000", "1260000"),
        ("投资额", "126(万元)", "1260000", "1260000"),
        ("投资额", "约3.5亿元", "350000000", "350000000"),
        ("投资额", "3000-5000万元", "30000000", "50000000"),
        ("总投资(亿元)", 1.2, "120000000", "120000000"),
    ],
)
def test_amounts(heading: str, cell: object, low: str, high: str) -> None:
    money = opportunity(**{heading: cell})[0].investment
    assert money is not None
    assert (money.low, money.high) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize("cell", ["面议", "N/A"])
def test_amounts_without_a_number_are_no_fault(cell: str) -> None:
    record, intake = opportunity(投资额=cell)
    assert record.investment is None or record.investment.middle is None
    assert [f for f in intake.findings if f.severity is not Severity.NOTICE] == []


def test_unreadable_amount_is_named_by_cell() -> None:
    record, intake = opportunity(投资额="看情况再说吧")
    assert record.investment is None or record.investment.middle is None
    (finding,) = [f for f in intake.findings if f.code.startswith("amount")]
    assert (finding.place.cell, finding.found, finding.severity) == ("E2", "看情况再说吧", Severity.WARNING)


@pytest.mark.parametrize(
    ("cell", "start", "end"),
    [
        ("2025年底前", None, date(2025, 12, 31)),
        ("2024-2026", date(2024, 1, 1), date(2026, 12, 31)),
        (moment(2026, 6, 30), date(2026, 6, 30), date(2026, 6, 30)),
        (45292, date(2024, 1, 1), date(2024, 1, 1)),
    ],
)
def test_periods(cell: object, start: date | None, end: date | None) -> None:
    period = opportunity(时限=cell)[0].period
    assert period is not None
    assert (period.start, period.end) == (start, end)


def test_start_and_end_columns_make_one_period() -> None:
    period = opportunity(项目开始时间="2026-03-01", 项目截止时间="2027-02-28")[0].period
    assert period is not None
    assert (period.start, period.end) == (date(2026, 3, 1), date(2027, 2, 28))


@pytest.mark.parametrize(
    ("cell", "phones", "public"),
    [
        ("13800000000（公开）", ("13800000000",), {"phone"}),
        ("13800000000（不公开）", ("13800000000",), set()),
        ("13800000000", ("13800000000",), set()),
        ("是", (), {"phone"}),
        ("否", (), set()),
    ],
)
def test_consent_in_the_telephone_column(cell: str, phones: tuple[str, ...], public: set[str]) -> None:
    contact = opportunity(**{"电话(是否公开)": cell})[0].contact
    assert contact.phones == phones
    assert contact.publishable == public


def test_consent_by_field() -> None:
    contact = opportunity(
        **{"姓名": "张三", "电话(是否公开)": "13800000000（否）", "邮箱(是否公开)": "a@example.com（公开）"}
    )[0].contact
    assert contact.person == "张三"
    assert contact.publishable == {"email"}


@pytest.mark.parametrize(
    ("cell", "person", "phones", "public"),
    [
        ("联系人壬 138-0000-0037", "联系人壬", ("13800000037",), set()),
        ("张三13800000037", "张三", ("13800000037",), set()),
        ("张三，0351-0000000（公开）", "张三", ("0351-0000000",), {"person", "phone"}),
        ("张三（公开）", "张三", (), {"person"}),
        ("王芳（项目二部）", "王芳（项目二部）", (), set()),
    ],
)
def test_person_cell_is_split(cell: str, person: str, phones: tuple[str, ...], public: set[str]) -> None:
    contact = opportunity(联系人=cell)[0].contact
    assert (contact.person, contact.phones, contact.publishable) == (person, phones, public)


@pytest.mark.parametrize("kind", ["城市更新", "文化旅游、城市更新", "②人工智能、智能终端"])
def test_tracks_stated_as_the_kind_of_the_scene(kind: str) -> None:
    record = opportunity(场景类型=kind)[0]
    assert record.kind == kind
    assert record.tracks == {"文化旅游、城市更新": ("文化旅游", "城市更新")}.get(kind, record.tracks)
    assert record.tracks
    assert record.domains


def test_other_kinds_of_scene_state_no_track() -> None:
    record = opportunity(场景类型="新建")[0]
    assert (record.kind, record.tracks, record.domains) == ("新建", (), ())


def test_own_track_column_goes_before_the_kind_of_the_scene() -> None:
    assert opportunity(场景类型="城市更新", 赛道="智慧生活")[0].tracks == ("智慧生活",)


def test_empty_column_that_publishing_needs_is_a_warning() -> None:
    def severity(*header: str, **given: str) -> dict[str, Severity]:
        row = tuple(given.get(name) for name in header)
        return {f.found: f.severity for f in read(sheet(header, row)).findings if f.code == "column-empty"}

    assert severity("场景名称", "需求单位", "投资额", 场景名称="智慧停车") == {
        "需求单位": Severity.WARNING,
        "投资额": Severity.NOTICE,
    }
    told = severity("场景名称", "痛点", "需求描述", 场景名称="智慧停车", 痛点="停车难")
    assert told == {"需求描述": Severity.NOTICE}  # the pain says what it is about


def test_consent_in_a_column_of_its_own() -> None:
    yes = opportunity(联系方式="张三 13800000000", 是否公开="是")[0].contact
    no = opportunity(联系方式="张三 13800000000", 是否公开="否")[0].contact
    assert yes.publishable == {"person", "phone", "email"}
    assert no.publishable == frozenset()


def test_telephone_cell_holding_a_name_is_split_and_said() -> None:
    record, intake = opportunity(联系电话="张三 13800000000、0351-0000000")
    assert record.contact.person == "张三"
    assert len(record.contact.phones) == 2
    assert "phone-mixed" in codes(intake)


def test_telephone_cell_holding_a_sentence() -> None:
    record, intake = opportunity(联系电话="请先与办公室联系")
    assert record.contact.phones == ()
    assert record.contact.text == "请先与办公室联系"
    assert "phone-unreadable" in codes(intake)


def test_many_values_in_a_cell() -> None:
    assert opportunity(场景领域="②人工智能、智能终端；数字经济")[0].domains == ("人工智能", "智能终端", "数字经济")


def test_region_unknown_is_asked_and_kept() -> None:
    record, intake = opportunity(区域="火星基地")
    assert (record.region, record.region_text) == (None, "火星基地")
    assert "region-unknown" in codes(intake)


def test_region_is_found() -> None:
    region = opportunity(区域="太原市小店区")[0].region
    assert region is not None
    assert region.name == "小店区"


def test_track_column_names_a_track() -> None:
    assert opportunity(赛道="城市更新")[0].tracks == ("城市更新",)
    record, intake = opportunity(赛道="说不清")
    assert record.tracks == ()
    assert "track-unknown" in codes(intake)


def test_line_breaks_and_full_width_in_names() -> None:
    assert opportunity(场景名称="智慧\n停车ＡＢＣ")[0].name == "智慧停车ABC"


def test_row_without_a_name_is_refused_with_the_cell() -> None:
    intake = read(sheet(LIST, (1.0, None, "盘活车位", "市城管局"), (2.0, "无人配送", "末端配送", "市商务局")))
    assert [o.name for o in intake.opportunities] == ["无人配送"]
    assert (intake.rows_in, intake.rows_taken, intake.rows_refused) == (2, 1, 1)
    (finding,) = [f for f in intake.findings if f.severity is Severity.ERROR]
    assert (finding.code, finding.place.cell) == ("name-missing", "B2")


def test_list_without_a_name_column_takes_the_need() -> None:
    intake = read(sheet(("序号", "合作需求", "需求单位"), (1.0, "需要智慧停车方案。预算充足。", "市城管局")))
    assert [o.name for o in intake.opportunities] == ["需要智慧停车方案"]
    assert "name-missing" in codes(intake)


def test_identifiers_are_stable_and_distinct() -> None:
    rows = [(1.0, "智慧停车", "盘活车位", "市城管局"), (2.0, "智慧停车", "盘活车位", "市城管局")]
    first = [o.id for o in read(sheet(LIST, *rows)).opportunities]
    assert first[1] == f"{first[0]}-2"
    assert [o.id for o in read(sheet(("标题",), LIST, *rows, file="另存.xlsx")).opportunities] == first
    other = read(sheet(LIST, (1.0, "智慧停车", "盘活车位", "市商务局"))).opportunities[0].id
    assert other not in first


def test_sources_point_to_the_cell() -> None:
    record, _intake = opportunity()
    assert str(record.sources[0].place("need")) == "报送.xlsx / Sheet1 / C2"


def test_same_as_above_marks() -> None:
    intake = read(
        sheet(
            ("场景类型", "场景名称", "需求描述", "需求单位"),
            ("揭榜挂帅", "智慧停车", "甲", "市城管局"),
            (None, "无人配送", "乙", "同上"),
            (None, "夜间经济", "丙", None),
        )
    )
    assert [o.kind for o in intake.opportunities] == ["揭榜挂帅"] * 3
    assert [o.unit for o in intake.opportunities] == ["市城管局", "市城管局", ""]
    assert "same-as-above" in codes(intake)


# ---- capabilities and enterprises ----------------------------------------------------------------------------------

CAPABILITY = ("序号", "公司名称", "企业与产品简介", "场景能力", "可应用落地场景", "类别", "企业资质")


def test_blank_company_means_the_one_above() -> None:
    intake = read(
        sheet(
            CAPABILITY,
            (1.0, "甲科技有限公司（国高企业）", "做智慧停车", "车位识别", "停车场", "智慧城市", "高新技术企业"),
            (None, None, None, "支付结算", "停车场", "智慧城市", None),
            (2.0, "乙文旅集团", "做文旅", "夜游", "景区", "文化旅游", None),
        )
    )
    first, second = intake.enterprises
    assert first.name == "甲科技有限公司"
    assert [c.name for c in first.capabilities] == ["车位识别", "支付结算"]
    assert first.capabilities[0].scenario == "停车场"
    assert first.tracks == ("智慧城市",)
    assert "高新技术企业" in first.qualifications
    assert len(first.sources) == 2
    assert [c.name for c in second.capabilities] == ["夜游"]
    assert (intake.rows_in, intake.rows_taken) == (3, 3)


def test_evidence_grades() -> None:
    intake = read(
        sheet(
            ("企业名称", "场景能力", "能力说明", "典型案例", "企业资质", "合同/验收", "核心产品"),
            ("甲科技有限公司", "车位识别", "识别率高", "龙城停车场", "高新技术企业", "2025年验收合格", "识别相机"),
        )
    )
    evidence = intake.enterprises[0].capabilities[0].evidence
    assert {(e.kind, e.grade) for e in evidence} == {
        ("案例", "B"),
        ("证书", "B"),
        ("合同", "A"),
        ("产品", "C"),
        ("自述", "D"),
    }


def test_capability_sheet_of_one_firm_named_in_the_title() -> None:
    header = ("场景能力名称", "场景能力说明")
    named = read(sheet(("甲科技有限公司场景能力清单",), header, ("车位识别", "识别率高")))
    assert [e.name for e in named.enterprises] == ["甲科技有限公司"]
    unnamed = read(sheet(header, ("车位识别", "识别率高")))
    assert unnamed.enterprises == ()
    assert unnamed.rows_refused == 1
    assert "company-missing" in codes(unnamed)


def test_enterprise_figures() -> None:
    (firm,) = read(
        sheet(
            ("企业名称", "注册资本(万元)", "员工人数", "近一年营收(万元)", "经营异常", "注册日期", "所在省份", "地区"),
            ("甲科技有限公司", 1000, "约120人", "2,500", "无", 38000, "山西", "太原"),
        )
    ).enterprises
    assert firm.capital is not None
    assert firm.capital.low == 10_000_000
    assert firm.staff == 120
    assert firm.revenue is not None
    assert firm.revenue.low == 25_000_000
    assert firm.abnormal is False
    assert firm.registered == date(2004, 1, 14)
    assert firm.region is not None
    assert firm.region.code == "140100"


def test_credit_code_that_fails_its_check_warns_only() -> None:
    intake = read(sheet(("企业名称", "统一社会信用代码"), ("甲科技有限公司", "91140726757264884A")))
    (firm,) = intake.enterprises
    assert firm.credit_code == ""
    assert firm.id.startswith("E-")
    assert any("91140726757264884A" in text for _head, text in firm.extra)
    assert [f.severity for f in intake.findings if f.code == "credit-code-check"] == [Severity.WARNING]


# ---- measures ------------------------------------------------------------------------------------------------------

DECISION = ("序号", "政策名称", "级别", "扶持金额", "申报截止日期", "条款类型", "条款内容", "事实", "比较", "值", "组")


def test_one_policy_over_several_rows() -> None:
    intake = read(
        sheet(
            DECISION,
            (
                1.0,
                "研发补助",
                "市",
                "最高100万元",
                "2026-06-30",
                "资质",
                "高新技术企业",
                "资质",
                "包含",
                "高新技术企业",
                "1",
            ),
            (None, None, None, None, None, "地域", "注册在本市", "注册地", "属于", "太原市", "2"),
            (2.0, "房租补贴", "区", "面议", "长期", "规模", "员工不少于10人", "员工人数", ">=", 10, "1"),
        )
    )
    first, second = intake.measures
    assert (first.name, first.level, len(first.clauses), len(first.sources)) == ("研发补助", "市", 2, 2)
    assert [(c.fact, c.operator, c.value, c.group) for c in first.clauses] == [
        ("资质", "包含", "高新技术企业", "1"),
        ("注册地", "属于", "太原市", "2"),
    ]
    assert second.clauses[0].value == "10"
    assert (intake.rows_in, intake.rows_taken) == (3, 3)


def test_measure_that_contradicts_itself_is_said() -> None:
    intake = read(
        sheet(
            DECISION,
            (1.0, "研发补助", "市", None, None, "资质", "甲"),
            (2.0, "研发补助", "省", None, None, "资质", "乙"),
        )
    )
    assert [m.level for m in intake.measures] == ["市"]
    assert "measure-differs" in codes(intake)


# ---- indicators ----------------------------------------------------------------------------------------------------


def test_indicators_wide() -> None:
    intake = read(
        sheet(
            ("城市", "年份", "GDP(亿元)", "常住人口(万人)"),
            ("太原市", 2020, 4153.25, "530.4"),
            ("大同", 2020, "—", 310),
        )
    )
    assert [(v.city, v.region_code, v.indicator, v.year, v.value, v.unit) for v in intake.indicators] == [
        ("太原市", "140100", "GDP", "2020", 4153.25, "亿元"),
        ("太原市", "140100", "常住人口", "2020", 530.4, "万人"),
        ("大同市", "140200", "常住人口", "2020", 310.0, "万人"),
    ]
    assert [v.source.place("value").cell for v in intake.indicators if v.source] == ["C2", "D2", "D3"]


def test_indicators_long() -> None:
    intake = read(sheet(("城市", "指标", "年份", "数值", "单位"), ("太原市", "GDP", 2020.0, 4153.25, "亿元")))
    (value,) = intake.indicators
    assert (value.indicator, value.year, value.value, value.unit) == ("GDP", "2020", 4153.25, "亿元")


def test_indicators_with_cities_as_columns() -> None:
    intake = read(
        sheet(("指标", "单位", "太原市", "大同市"), ("GDP", "亿元", 4153.25, 1369.9)),
    )
    assert [(v.city, v.value) for v in intake.indicators] == [("太原市", 4153.25), ("大同市", 1369.9)]


def test_indicators_with_years_as_columns() -> None:
    intake = read(sheet(("城市", "指标", "单位", "2019年", "2020年"), ("太原市", "GDP", "亿元", 4028.5, 4153.25)))
    assert [(v.year, v.value) for v in intake.indicators] == [("2019", 4028.5), ("2020", 4153.25)]


def test_city_without_any_figure_is_refused() -> None:
    intake = read(sheet(("城市", "年份", "GDP(亿元)"), ("太原市", 2020, 4153.25), ("大同市", 2020, None)))
    assert (intake.rows_taken, intake.rows_refused) == (1, 1)
    assert "figure-missing" in codes(intake)


# ---- cases ---------------------------------------------------------------------------------------------------------


def test_cases() -> None:
    (case,) = read(
        sheet(
            ("案例名称", "类别", "城市", "企业", "赛道", "简介", "投资建设创新", "商业模式创新", "年份", "来源"),
            (
                "梅溪湖国际新城",
                "创新案例",
                "长沙",
                "中国金茂",
                "城市运营",
                "新城开发",
                "联合投资",
                "运营分成",
                2021.0,
                "报道",
            ),
        )
    ).cases
    assert (case.city, case.tracks, case.investment, case.year) == ("长沙", ("城市运营",), "联合投资", "2021")


# ---- projects ------------------------------------------------------------------------------------------------------


def test_ledger_with_stage_dates() -> None:
    intake = read(
        sheet(
            ("项目名称", "企业名称", "总投资(亿元)", "线索日期", "签约日期", "开工日期", "状态", "新引进"),
            ("停车改造", "甲科技有限公司", 1.5, "2025-01-10", "2025年6月", None, "已签约", "是"),
        )
    )
    (project,) = intake.projects
    assert [(e.stage, e.date) for e in project.events] == [("线索", date(2025, 1, 10)), ("签约", date(2025, 6, 1))]
    assert project.stage == "签约"
    assert project.is_new is True
    assert project.investment is not None
    assert project.investment.low == 150_000_000
    assert "date-imprecise" in codes(intake)


def test_landing_rows_are_named_by_firm_and_scenario() -> None:
    header = ("序号", "公司名称", "场景能力", "场景项目介绍", "计划落地应用场景", "建议对接部门", "推进情况")
    intake = read(
        sheet(
            header,
            (1.0, "甲科技有限公司", "识别", "停车", "老旧小区停车", "市城管局", "已对接"),
            (None, None, "结算", "支付", "商圈停车", "市商务局", "洽谈中"),
        )
    )
    assert [p.enterprise for p in intake.projects] == ["甲科技有限公司"] * 2
    assert [p.name for p in intake.projects] == ["甲科技有限公司—老旧小区停车", "甲科技有限公司—商圈停车"]


def test_months_of_one_project_become_one() -> None:
    header = ("月份", "状态", "进展", "结果", "问题", "需协调事项", "下一步")
    form = sheet(
        ("项目名称：停车改造",),
        header,
        ("2026-02", "对接", "见面两次", None, "缺图纸", None, "补图纸"),
        ("2026-03", "签约", "已签合同", None, None, "供电", "进场"),
        name="停车改造",
    )
    ledger = sheet(("项目名称", "企业名称", "总投资(亿元)"), ("停车改造", "甲科技有限公司", 1.5), name="台账")
    (project,) = read(ledger, form).projects
    assert (project.month, project.progress, project.next_step) == ("2026-03", "已签合同", "进场")
    assert project.stage == "签约"
    assert project.enterprise == "甲科技有限公司"
    assert len(project.sources) == 3
    assert any("见面两次" in text for _month, text in project.extra)


def test_stopped_project() -> None:
    (project,) = read(
        sheet(("项目名称", "企业名称", "阶段", "终止原因"), ("停车改造", "甲科技有限公司", "终止", "资金断裂"))
    ).projects
    assert (project.stage, project.stopped_reason) == ("终止", "资金断裂")


# ---- the session ---------------------------------------------------------------------------------------------------

AGENDA = ("时间", "环节", "主题", "台上嘉宾/城市/企业", "地点")


def test_agenda_takes_its_day_from_the_title() -> None:
    intake = read(
        sheet(
            ("2021年5月21日论坛议程",),
            AGENDA,
            ("9:00-9:30", "致辞", "开幕", "太原市", "主会场"),
            ("10:00—11:00", "对话", "智慧城市", "郑州、长沙、科大讯飞", "主会场"),
            ("下午2:00-4:00", "一对一对接", "政企洽谈", None, "洽谈区"),
        )
    )
    opening, dialogue, meetings = intake.agenda
    assert (opening.start, opening.end) == (moment(2021, 5, 21, 9), moment(2021, 5, 21, 9, 30))
    assert opening.everyone
    assert not dialogue.everyone
    assert dialogue.on_stage == ("郑州", "长沙", "科大讯飞")
    assert meetings.start.hour == 14
    assert not meetings.everyone


def test_agenda_over_two_days_by_group_headings() -> None:
    intake = read(
        sheet(
            ("2021产城中国市长论坛议程",),
            AGENDA,
            ("5月21日（星期五）",),
            ("9:00-9:30", "致辞", "开幕"),
            ("5月22日（星期六）",),
            ("9:00-9:30", "发布", "白皮书"),
        )
    )
    assert [b.start.date() for b in intake.agenda] == [date(2021, 5, 21), date(2021, 5, 22)]


def test_agenda_without_a_day_is_refused() -> None:
    intake = read(sheet(AGENDA, ("9:00-9:30", "致辞", "开幕")))
    assert intake.agenda == ()
    assert "agenda-day-missing" in codes(intake)


def test_agenda_without_an_end_lasts_until_the_next() -> None:
    intake = read(sheet(("2021年5月21日",), AGENDA, ("9:00", "致辞", "开幕"), ("9:20", "主旨", "演讲"), name="议程"))
    assert [f"{b.end:%H:%M}" for b in intake.agenda] == ["09:20", "09:50"]
    assert codes(intake).count("agenda-end-missing") == 1


def test_absences_take_day_and_year_from_the_agenda() -> None:
    agenda = sheet(("2021年5月21日",), AGENDA, ("9:00-9:30", "致辞", "开幕"), name="议程")
    people = sheet(
        ("单位名称", "类别", "人数", "缺席时段"),
        ("甲科技有限公司", "企业", 2.0, "5月21日上午"),
        ("市城管局", "政府部门", 3, "14:00-15:00"),
        ("乙文旅集团", "企业", None, "无"),
        ("丙置业", "企业", 1, "看情况"),
        name="参会",
    )
    intake = read(people, agenda)
    first, second, third, fourth = intake.participants
    assert first.absences == ((moment(2021, 5, 21, 0), moment(2021, 5, 21, 12)),)
    assert second.absences == ((moment(2021, 5, 21, 14), moment(2021, 5, 21, 15)),)
    assert (first.people, third.people, third.absences, fourth.absences) == (2, 1, (), ())
    assert codes(intake).count("absence-unreadable") == 1


def test_unmapped_columns_of_guests_and_agenda_are_kept() -> None:
    agenda = sheet(
        ("2021年5月21日",), (*AGENDA, "背景音乐"), ("9:00-9:30", "致辞", "开幕", "", "", "国歌"), name="议程"
    )
    people = sheet(
        ("单位名称", "类别", "人数", "缺席时段", "用餐禁忌"),
        ("甲科技有限公司", "企业", 2, "", "清真"),
        name="参会",
    )
    intake = read(people, agenda)
    assert ("用餐禁忌", "清真") in intake.participants[0].extra
    assert ("背景音乐", "国歌") in intake.agenda[0].extra
