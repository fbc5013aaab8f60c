"""One realistic set of results for every writer: long names, dirty text, markup characters, missing facts.

Everything in it is made up (虚构) except the names of cities; telephone numbers are reserved ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from yingcheng.capabilities.records import Capability, Cell, Enterprise, Evidence, Matrix
from yingcheng.cases.records import Case, SimilarCase
from yingcheng.findings import FileReport, Finding, Place, Severity, SourceRow, TableReport
from yingcheng.matchmaking.records import (
    AgendaBlock,
    Assignment,
    Candidate,
    Candidates,
    Gate,
    Meeting,
    Pair,
    Participant,
    Reason,
    Session,
    Slot,
    Timetable,
    Unplaced,
)
from yingcheng.measures.records import Application, Clause, ClauseTrace, Measure, Reach, Verdict
from yingcheng.opportunities.records import (
    Contact,
    DuplicateGroup,
    Opportunity,
    OpportunityList,
    Review,
    TrackSuggestion,
)
from yingcheng.plan.records import CityPoint, Diagnosis, Gap, Level, Obstacle, Peer, Plan, TrackView
from yingcheng.projects.records import (
    Assessment,
    AssessmentLine,
    FunnelStep,
    Overdue,
    Portfolio,
    Project,
    StageEvent,
)
from yingcheng.publish.records import Results
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money
from yingcheng.standards.regions import Region
from yingcheng.standards.tracks import TRACKS

AS_OF = date(2021, 5, 21)
HOSTILE = '#panic(1) *粗* $x$ `code` <script>alert(1)</script> & "引号" \\ @ref [x] {{y}} // 注'
STAGES = ("线索", "初判", "对接", "意向", "签约", "注册", "开工", "投产", "达效")

LIST_FILE, FIRM_FILE, MEASURE_FILE = "02-场景机会/住建局（报送）.xlsx", "企业名单.xlsx", "惠企政策.xlsx"
CASE_FILE, PROJECT_FILE, INDICATOR_FILE = "案例库.docx", "项目台账.csv", "指标.xls"

SCENARIOS = (
    ("老旧小区改造与社区运营一体化", ("城市更新", "城市运营"), "太原市住房和城乡建设局", "市住建局"),
    ("汾河沿岸文旅消费集聚区", ("文化旅游", "商业消费"), "太原市文化和旅游局", "市文旅局"),
    ("城市停车“一张网”智慧管理", ("智慧城市",), "太原市城市管理局（虚构）", "市城管局"),
    ("钢铁园区能源梯级利用", ("绿色生态", "产业园区"), "太原某某钢铁（集团）有限公司（虚构）", "市工信局"),
    ("县域农产品加工园", ("乡村振兴",), "清徐县人民政府", "清徐县"),
    ("智能矿山装备中试基地", ("智能生产",), "某煤机研究院（虚构）", "市工信局"),
    ("城市体征监测平台" + HOSTILE, ("城市治理",), "太原市大数据应用局", "市大数据局"),
    ("数据中心绿色电力直供", ("新基建",), "山西转型综合改革示范区管理委员会", "综改区"),
    ("社区居家养老与智慧照护", ("智慧生活",), "太原市民政局", "市民政局"),
    (
        "轨道站点综合开发（TOD）与产业导入、公共服务配套、商业运营一体化的超长名称示范项目",
        ("产城融合",), "太原市轨道交通发展有限公司", "市交通局",
    ),
    ("社区居家养老智慧照护", ("智慧生活",), "万柏林区民政局", "万柏林区"),
    ("未写明赛道的机会", (), "", ""),
)  # fmt: skip
FIRMS = (
    "太原某某城市更新运营服务股份有限公司（虚构）", "山西某文旅集团有限公司（虚构）",
    "北京某智慧停车科技有限公司（虚构）",
    "深圳市某某综合能源与智慧园区投资建设运营管理（集团）有限责任公司（虚构）", "某养老服务（太原）有限公司（虚构）",
    "某云数据技术有限公司（虚构）", "某矿山智能装备有限公司（虚构）", "某设计研究院" + HOSTILE,
)  # fmt: skip


def row(file: str, number: int, **columns: int) -> SourceRow:
    return SourceRow(file, "Sheet1", number, tuple(columns.items()))


def yuan(hundred_million: str, text: str) -> Money:
    amount = Decimal(hundred_million) * 100_000_000
    return Money(amount, amount, "CNY", text)


def opportunities() -> tuple[Opportunity, ...]:
    made = []
    for index, (name, tracks, unit, lead) in enumerate(SCENARIOS, start=1):
        consent = frozenset({"phone"}) if index % 3 == 0 else frozenset()
        made.append(
            Opportunity(
                id=f"OP-{index:03}",
                name=name,
                number=str(index),
                batch="第一批",
                domains=tracks,
                tracks=tracks,
                summary=f"{name}：面向全市开放（虚构）。" + "建设内容包括数据接入、运营服务与商业闭环。" * (index % 4),
                need="寻求有运营能力的合作方，共同投资、建设和运营；\n须提供三年以上同类项目业绩。",
                technology="物联网、数字孪生" if index % 2 else "",
                foundation="已有场地 1.2 万平方米",
                expected="年服务 10 万人次",
                modes=("联合建设", "特许经营") if index % 2 else ("采购",),
                investment=yuan("3.5", "约3.5亿元") if index % 4 else None,
                period=Period(date(2021, 1, 1), date(2023, 12, 31), "year", "2021-2023年"),
                region=Region("140100", "太原市", "prefecture", "山西省太原市"),
                unit=unit,
                lead=lead,
                contact=Contact("张某", "科长", ("0351-0000000",), ("a@example.com",), "张某 0351-0000000", consent),
                sources=(row(LIST_FILE, index + 3, name=2, unit=5),),
            )
        )
    return tuple(made)


def opportunity_list() -> OpportunityList:
    made = opportunities()
    reviews = []
    for index, opportunity in enumerate(made):
        missing = ("主要技术",) if not opportunity.technology else ()
        blockers = () if opportunity.unit else ("缺少需求单位，不能发布", "未标注赛道")
        suggested = () if opportunity.tracks else (TrackSuggestion("产城融合", "出现“产业”“园区”"),)
        completeness = 0.95 - 0.05 * (index % 4) if opportunity.unit else 0.41
        reviews.append(Review(opportunity.id, completeness, missing, not blockers, blockers, suggested))
    group = DuplicateGroup(("OP-009", "OP-011"), "OP-009", 0.91, ("需求单位", "牵头部门"))
    return OpportunityList(made, tuple(reviews), (group,))


def matrix() -> Matrix:
    roles = ("运营", "投资", "技术产品", "建设", "运营", "技术产品", "技术产品", "咨询规划")
    focus = (
        ("城市更新", "城市运营"), ("文化旅游", "商业消费"), ("智慧城市", "城市治理"),
        ("产业园区", "绿色生态", "产城融合"),
        ("智慧生活",), ("新基建", "智慧城市"), ("智能生产",), ("城市更新", "产城融合"),
    )  # fmt: skip
    firms, cells = [], []
    for index, name in enumerate(FIRMS):
        contract = Evidence("合同", "某市同类项目验收合同（虚构）", "A", date(2020, 9, 1), row(FIRM_FILE, index + 2))
        claim = Evidence("自述", "具备全流程服务能力", "D", None, row(FIRM_FILE, index + 2))
        capability = Capability(
            f"{focus[index][0]}解决方案", "一体化服务", focus[index], (roles[index],), "", (contract,)
        )
        firms.append(
            Enterprise(
                id=f"E{index + 1:02}",
                name=name,
                registered=date(2012, 3, 4),
                staff=120 + index,
                position="综合服务商",
                business="城市更新与运营服务。" * 3,
                qualifications=("高新技术企业",) if index % 2 else (),
                tracks=focus[index],
                roles=(roles[index],),
                capabilities=(capability,),
                contact=Contact("李某", "经理", ("13800000000",), (), "李某 13800000000"),
                sources=(row(FIRM_FILE, index + 2, name=2),),
            )
        )
        for place, track in enumerate(focus[index]):
            level = 3 - (index + place) % 3
            backing = (contract, claim) if level == 3 else (claim,)
            cells.append(Cell(f"E{index + 1:02}", track, roles[index], level, backing[0].grade, backing))
    return Matrix(tuple(firms), tuple(cells), ("乡村振兴",), (("OP-005", "没有企业具备“乡村振兴”能力"),))


def measures() -> Reach:
    made, applications = [], []
    for index in range(5):
        clause = Clause("1", "规模", "员工人数不少于 100 人", "员工人数", ">=", "100", "", row(MEASURE_FILE, index + 2))
        made.append(
            Measure(
                id=f"M{index + 1}",
                name=f"关于支持场景创新的若干措施第{'一二三四五'[index]}条（首台套、首购首用与运营奖补，虚构）",
                number=f"并政办发〔2021〕{index + 1}号（虚构）",
                level="市",
                category="奖补",
                tool=("供给", "环境", "需求")[index % 3],
                support="按实际投入的 20% 给予补助",
                amount=yuan("0.02", "最高200万元"),
                deadline=Period(None, date(2021, 12, 31), "day", "2021年12月31日前"),
                unit="太原市科学技术局",
                tracks=("智慧城市",),
                clauses=(clause,),
                sources=(row(MEASURE_FILE, index + 2),),
            )
        )
        for place in range(len(FIRMS)):
            verdict = (Verdict.YES, Verdict.UNKNOWN, Verdict.NO)[(index + place) % 3]
            missing = ("营业收入",) if verdict is Verdict.UNKNOWN else ()
            trace = ClauseTrace(clause, verdict, f"员工人数 {120 + place}，条款：{clause.text}", missing)
            applications.append(Application(f"M{index + 1}", f"E{place + 1:02}", verdict, (trace,), missing))
    return Reach(tuple(made), tuple(applications))


def plan() -> Plan:
    cloud = [
        (f"城市{index}", 0.12 + 0.6 * (index * 37 % 101) / 101, 0.7 + 0.3 * (index * 53 % 97) / 97)
        for index in range(280)
    ]
    cities = ("石家庄市", "长春市", "合肥市", "南昌市", "贵阳市")
    peers = tuple(
        Peer(f"1{index}0100", city, (0.5 + 0.03 * index, 0.42, 0.38 + 0.02 * index), 0.62 - 0.01 * index, 30 + index)
        for index, city in enumerate(cities)
    )
    for index, city in enumerate((*cities, "太原市", "郑州市", "长沙市")):
        cloud[index * 9] = (city, 0.44 + 0.006 * index, 0.955 + 0.004 * (index % 3))
    levels = (Level("人", 0.512, 0.431, 0.602), Level("城", 0.447, 0.372, 0.515), Level("产", 0.361, 0.255, 0.468))
    names = (
        ("人均地区生产总值", "产"), ("第三产业从业人员比重", "产"), ("建成区绿化覆盖率", "城"),
        ("每千人执业医师数", "人"),
        ("大学专科及以上受教育程度人口比重", "人"), ("人均住房建筑面积", "城"),
    )  # fmt: skip
    shares = (0.29, 0.22, 0.17, 0.14, 0.11, 0.07)
    found = tuple(Obstacle(name, kind, share) for (name, kind), share in zip(names, shares, strict=True))
    gaps = tuple(
        Gap(
            name,
            10.0 + index,
            12.5 - index * 1.4,
            ("万元", "%", "%", "人", "%", "平方米")[index],
            index < 3,
            "2020年人口普查",
        )
        for index, (name, _kind) in enumerate(names)
    )
    host = Diagnosis(
        code="140100",
        city="太原市",
        reference="2020 年第七次全国人口普查，地级及以上城市",
        size=297,
        levels=levels,
        coupling=0.971,
        development=0.440,
        degree=0.654,
        degree_low=0.601,
        degree_high=0.707,
        grade="初级协调",
        rank=41,
        rank_low=29,
        rank_high=63,
        lagging="产",
        lagging_share=0.87,
        obstacles=found,
        gaps=gaps,
        peers=peers,
        urbanisation=0.8906,
        stage_rule="常住人口城镇化率 89.06 % 超过 60 %，适用“人—城—产”（课题组规则，可编辑）",
        cities=tuple(
            CityPoint(f"{index:06}", "", city, t, c, (t * c) ** 0.5, "初级协调", index + 1, index + 1, index + 9)
            for index, (city, t, c) in enumerate(cloud)
        ),
    )
    other = replace(host, code="410100", city="郑州市", coupling=0.963, development=0.487, rank=22)
    tracks = tuple(
        TrackView(
            track=track,
            need="无可测指标" if index % 4 == 3 else f"加权差距 {0.9 - index * 0.05:.2f}，涉及 {index % 3 + 1} 项指标",
            need_value=None if index % 4 == 3 else 0.9 - index * 0.05,
            base=("优势", "转型", "机会", "弱")[index % 4] + f"（区位商 {1.4 - index * 0.06:.2f}）",
            base_value=1.4 - index * 0.06,
            feasible=f"案例 {index % 3}、企业 {index % 5}、举措 1",
            feasible_count=index % 3 + index % 5 + 1,
            focus=index in (0, 1, 7),
            reason="需求与可行性均不被其他赛道超过" if index in (0, 1, 7) else "",
        )
        for index, track in enumerate(TRACKS)
    )
    return Plan("太原市", host, (other,), tracks, ("缺少规上工业分行业数据，未计算区位商变动。",))


def session() -> Session:
    start = datetime(2021, 5, 21, 14, 0)  # noqa: DTZ001  # local time of the venue, as on the printed agenda
    slots = tuple(
        Slot(index, start + timedelta(minutes=20 * place), start + timedelta(minutes=20 * place + 20))
        for index, place in enumerate((0, 1, 2, 3, 5, 6, 7, 8))
    )
    tea = AgendaBlock(
        "茶歇", "茶歇", start + timedelta(minutes=80), start + timedelta(minutes=100), everyone=True, place="前厅"
    )
    talk = AgendaBlock(
        "对话：产城融合激发城市发展新动能", "对话", start - timedelta(hours=1), start, (FIRMS[0],), False, "主会场"
    )
    return Session(slots, ("1号桌", "2号桌", "3号桌", "4号桌"), (talk, tea))


def matching() -> tuple[Candidates, Assignment, Timetable]:
    edges = []
    listed = opportunities()
    for index, opportunity in enumerate(listed[:10]):
        if opportunity.id == "OP-005":
            continue
        for place in range(3):
            firm = (index + place * 3) % len(FIRMS)
            score = round(0.82 - 0.13 * place - 0.02 * index, 3)
            words = Reason(
                "文字", round(score * 0.6, 3), ("智慧", "运营"), "need", "business", "需求与主营业务共有“智慧”“运营”"
            )
            track = Reason("赛道", round(score * 0.4, 3), opportunity.tracks, "tracks", "tracks", "赛道一致")
            gate = Gate("资质", Verdict.UNKNOWN, "须提供三年以上同类项目业绩", "三年业绩证明")
            edges.append(Candidate(opportunity.id, f"E{firm + 1:02}", score, 0.7, (words, track), (gate,)))
    pairs = tuple(Pair(edge.opportunity_id, edge.enterprise_id, edge.score) for edge in edges[::2])
    total = sum(pair.score for pair in pairs)
    units = {opportunity.id: opportunity.unit for opportunity in listed}
    participants = tuple(
        [Participant(f"E{index + 1:02}", name, "企业", 2) for index, name in enumerate(FIRMS)]
        + [
            Participant(f"U:{unit}", unit, "政府部门", 3)
            for unit in sorted({pair_unit for pair_unit in units.values() if pair_unit})
        ]
    )
    meetings, unplaced, busy = [], [], set()
    for pair in pairs:
        parties = (pair.enterprise_id, f"U:{units[pair.opportunity_id]}")
        place = next(
            (
                (s, t)
                for s in range(8)
                for t in range(4)
                if (s, t) not in busy and not any((s, p) in busy for p in parties)
            ),
            None,
        )
        if place is None:
            unplaced.append(Unplaced(pair.opportunity_id, pair.enterprise_id, "没有双方都有空的时段"))
            continue
        busy.update([place, *((place[0], party) for party in parties)])
        uid = f"{pair.opportunity_id}-{pair.enterprise_id}@yingcheng"
        meetings.append(Meeting(uid, pair.opportunity_id, pair.enterprise_id, parties, *place))
    unplaced.append(Unplaced("OP-004", "E01", "企业当天下午不在场"))
    timetable = Timetable(session(), participants, tuple(meetings), tuple(unplaced), 3, 1, False)
    return (
        Candidates(tuple(edges), (), ("OP-005", "OP-011", "OP-012")),
        Assignment(pairs, total, total + 0.05),
        timetable,
    )


def portfolio() -> Portfolio:
    projects = []
    for index in range(9):
        reached = STAGES[: 1 + (index * 5) % 9]
        events = tuple(
            StageEvent(stage, date(2020, 1, 5) + timedelta(days=40 * place), row(PROJECT_FILE, index + 2))
            for place, stage in enumerate(reached)
        )
        projects.append(
            Project(
                id=f"P{index + 1:02}",
                name=f"{SCENARIOS[index][0][:16]}落地项目（虚构）",
                enterprise=FIRMS[index % len(FIRMS)],
                tracks=SCENARIOS[index][1],
                department="市投资促进局",
                investment=yuan("2.4", "2.4亿元"),
                stage=reached[-1],
                events=events,
                progress="已完成选址，正在办理手续。" * 3,
                problem="用地指标尚未落实" if index % 3 == 0 else "",
                coordination="请市规自局协调" if index % 3 == 0 else "",
                next_step="六月底前签约",
                follower="王某",
                sources=(row(PROJECT_FILE, index + 2),),
            )
        )
    made = tuple(projects)
    funnel = []
    for place, stage in enumerate(STAGES):
        ids = tuple(project.id for project in made if any(event.stage == stage for event in project.events))
        funnel.append(FunnelStep(stage, len(ids), ids, 40.0 if place and ids else None, len(ids) if place else 0))
    line = AssessmentLine("新引进项目数", "完成数 ÷ 目标 × 30", 9.0, 27.0, 30.0, "考核办法.toml", ("P01", "P02"))
    empty = AssessmentLine(
        "资金到位率", "到位资金 ÷ 合同资金 × 20", None, None, 20.0, "考核办法.toml", (), "没有到位资金数据"
    )
    return Portfolio(
        made,
        tuple(funnel),
        (Overdue("P03", "开工", date(2021, 3, 31), 51),),
        (("签约率", 0.55), ("开工率", 0.4), ("资金到位率", None)),
        Assessment("招商引资考核（虚构）", date(2021, 1, 1), (line, empty), 27.0),
        AS_OF,
    )


def cases() -> tuple[Case, ...]:
    full = Case(
        id="C1",
        name="某社区有机更新“微利可持续”模式（虚构）",
        kind="创新案例",
        city="北京市",
        enterprise=FIRMS[0],
        tracks=("城市更新",),
        summary="以街区为单位统筹改造与长期运营。" * 8,
        investment="社会资本先期投入，政府以奖代补。" * 6,
        operation="引入便民商业，运营方自负盈亏。" * 5,
        business_model="以物业费、停车费、租金回收投资。" * 6,
        planning="“一张图”统筹存量空间。" * 5,
        result="改造 43 万平方米，投诉下降 60%。",
        preconditions="有可授权运营的存量空间",
        year="2019",
        sources=(row(CASE_FILE, 2),),
    )
    sparse = Case(
        id="C2", name="某文旅小镇" + HOSTILE, city="安阳市", tracks=("文化旅游",), summary="沉浸式演艺（虚构）。"
    )
    return full, replace(sparse, sources=(row(CASE_FILE, 3),)), replace(full, id="C3", name="某园区能源站（虚构）")


def files() -> tuple[FileReport, ...]:
    made = []
    for index, (name, kind, rows) in enumerate(
        (
            (LIST_FILE, "opportunities", 12), (FIRM_FILE, "enterprises", 8), (MEASURE_FILE, "measures", 5),
            (CASE_FILE, "cases", 3), (PROJECT_FILE, "projects", 9), (INDICATOR_FILE, "indicators", 40),
        )
    ):  # fmt: skip
        table = TableReport(name, "Sheet1", kind, 0.9, 2, (), rows + 1, rows, 1)
        made.append(FileReport(name, f"{index:064x}"[::-1], 20_480 + index, name.rsplit(".", 1)[-1], "", (table,)))
    return (*made, FileReport("坏文件.xlsx", "f" * 64, 99, "", "文件已加密，无法打开"))


def findings() -> tuple[Finding, ...]:
    made = [
        Finding(
            Severity.ERROR,
            "missing-name",
            Place(LIST_FILE, "Sheet1", 17, 2),
            "",
            "每行须有机会名称",
            "请补填后重新报送",
        ),
        Finding(
            Severity.WARNING, "contact-mixed", Place(LIST_FILE, "Sheet1", 5, 9), HOSTILE, "姓名与电话分列", "请分列填写"
        ),
    ]
    made += [
        Finding(
            Severity.NOTICE,
            "money-approximate",
            Place(LIST_FILE, "Sheet1", 5 + index, 8),
            "约3.5亿元",
            "确切金额",
            "可不处理",
        )
        for index in range(12)
    ]
    return tuple(made)


def make_results() -> Results:
    candidates, assignment, timetable = matching()
    return Results(
        name="产城中国城市行·太原站（虚构示例）",
        city="太原市",
        as_of=AS_OF,
        batch="2021年第一批",
        files=files(),
        findings=findings(),
        plan=plan(),
        opportunities=opportunity_list(),
        reach=measures(),
        matrix=matrix(),
        candidates=candidates,
        assignment=assignment,
        timetable=timetable,
        portfolio=portfolio(),
        cases=cases(),
        similar=(SimilarCase("OP-001", "C1", 0.62, ("更新", "运营")), SimilarCase("OP-002", "C2", 0.4, ("文旅",))),
    )


def make_empty_results() -> Results:
    """A programme whose folder held nothing usable for any step."""
    full = make_results()
    return replace(
        full,
        name="空",
        city="",
        batch="",
        files=(),
        findings=(),
        plan=Plan("", None, (), (), ("没有城市指标。",)),
        opportunities=OpportunityList((), ()),
        reach=Reach((), ()),
        matrix=Matrix((), (), (), ()),
        candidates=Candidates((), (), ()),
        assignment=Assignment((), 0.0, 0.0),
        timetable=Timetable(Session((), ()), (), ()),
        portfolio=Portfolio((), (), (), (), None, AS_OF),
        cases=(),
        similar=(),
    )
