from datetime import date
from decimal import Decimal

from yingcheng.findings import SourceRow
from yingcheng.measures import assess, check_rules
from yingcheng.measures.records import Clause, Fact, Facts, FactValue, Measure, Verdict
from yingcheng.standards.dates import Period

TODAY = date(2026, 6, 30)
COLUMNS = (("clause_text", 2), ("clause_fact", 3), ("clause_operator", 4), ("clause_value", 5), ("deadline", 6))


def clause(number: int, text: str = "", fact: str = "", operator: str = "", value: str = "", group: str = "") -> Clause:
    source = SourceRow("政策.xlsx", "Sheet1", number + 1, COLUMNS)
    return Clause(str(number), "", text, fact, operator, value, group, source=source)


def measure(*clauses: Clause, **fields: object) -> Measure:
    return Measure("M1", "高企奖励", clauses=clauses, **fields)  # type: ignore[arg-type]


def firm(**facts: FactValue) -> Facts:
    return {name: Fact(value, f"名录.xlsx / Sheet1 / {name}") for name, value in facts.items()}


RULE = measure(
    clause(1, "注册地在太原市"),
    clause(2, "高企或专精特新", "资质", "具有", "高新技术企业", "资质"),
    clause(3, "", "员工人数", "≥", "300人", "资质"),
    clause(4, "无经营异常"),
)


def test_three_verdicts_with_their_traces() -> None:
    reach = assess(
        [RULE],
        {
            "yes": firm(注册地="山西省太原市", 资质=("国家级专精特新“小巨人”企业", "高新技术企业"), 经营异常=False),
            "no": firm(注册地="山西省太原市", 资质=("高新技术企业",), 经营异常=True),
            "open": firm(注册地="山西省太原市", 资质=("瞪羚企业",), 经营异常=False),
        },
        as_of=TODAY,
    )
    yes, no, unclear = reach.applications
    assert [a.enterprise_id for a in reach.applications] == ["yes", "no", "open"]
    assert (yes.verdict, yes.missing) == (Verdict.YES, ())
    assert "注册地为山西省太原市" in yes.traces[0].reason
    assert "名录.xlsx" in yes.traces[0].reason
    # The number of staff is missing, but nothing hangs on it any more.
    assert (yes.traces[2].verdict, yes.traces[2].missing) == (Verdict.UNKNOWN, ())
    assert "不影响结果" in yes.traces[2].reason
    assert (no.verdict, no.missing) == (Verdict.NO, ())
    assert no.traces[3].verdict is Verdict.NO
    assert "不满足“无经营异常”" in no.traces[3].reason
    assert (unclear.verdict, unclear.missing) == (Verdict.UNKNOWN, ("员工人数",))
    assert unclear.traces[1].verdict is Verdict.NO
    assert unclear.traces[2].missing == ("员工人数",)
    assert "请补充材料" in unclear.traces[2].reason


def test_nothing_known_asks_for_everything_that_matters() -> None:
    (application,) = assess([RULE], {"e": {}}, as_of=TODAY).applications
    assert (application.verdict, application.missing) == (Verdict.UNKNOWN, ("注册地", "资质", "员工人数", "经营异常"))


def test_human_judgement_is_asked_for_by_its_text_and_can_be_recorded() -> None:
    rule = measure(clause(1, "信用良好"), clause(2, "无经营异常"))
    facts = firm(经营异常=False)
    (application,) = assess([rule], {"e": facts}, as_of=TODAY).applications
    assert application.missing == ("人工认定：信用良好",)
    assert "以主管部门认定为准" in application.traces[0].reason
    judged = {**facts, "人工认定：信用良好": Fact(True, "科技局")}
    assert assess([rule], {"e": judged}, as_of=TODAY).verdict(0, 0) is Verdict.YES


def test_measure_without_clauses_promises_nothing() -> None:
    (application,) = assess([measure()], {"e": firm(经营异常=False)}, as_of=TODAY).applications
    assert application.verdict is Verdict.UNKNOWN
    assert len(application.traces) == 1


def test_age_counts_to_the_day_of_assessment() -> None:
    rule = measure(clause(1, "成立满3年"))
    facts = {"e": firm(注册日期=date(2023, 7, 1))}
    assert assess([rule], facts, as_of=date(2026, 6, 30)).verdict(0, 0) is Verdict.NO
    assert assess([rule], facts, as_of=date(2026, 7, 1)).verdict(0, 0) is Verdict.YES


def test_pairs_come_measure_by_measure() -> None:
    second = Measure("M2", "稳岗补贴", clauses=(clause(5, "员工50人以上"),))
    facts = {f"E{i}": firm(经营异常=False) for i in range(3)}
    reach = assess([RULE, second], facts, as_of=TODAY)
    assert [(a.measure_id, a.enterprise_id) for a in reach.applications] == [
        (m, e) for m in ("M1", "M2") for e in ("E0", "E1", "E2")
    ]
    assert [reach.count(0, verdict) for verdict in Verdict] == [0, 0, 3]
    assert list(reach.applications) == list(assess([RULE, second], facts, as_of=TODAY).applications)


def test_good_rules_have_no_findings() -> None:
    assert check_rules([RULE], as_of=TODAY) == ()


def test_bad_cell_is_told_at_the_cell() -> None:
    rule = measure(clause(1, "", "员工人屏", "≥", "50人"), clause(2, "", "员工人数", "≥", "50万元"))
    unknown, mismatch = check_rules([rule])
    assert (unknown.code, unknown.place.cell) == ("unknown-fact", "C2")
    assert "员工人数" in unknown.remedy
    assert (mismatch.code, mismatch.place.cell) == ("unit-mismatch", "E3")


def test_contradiction_names_the_clauses_that_clash_and_no_others() -> None:
    rule = measure(
        clause(1, "注册地在太原市"),
        clause(2, "", "员工人数", "≥", "100人"),
        clause(3, "", "员工人数", "<", "50人"),
        clause(4, "无经营异常"),
    )
    (finding,) = check_rules([rule])
    assert finding.code == "contradiction"
    assert "100人" in finding.found
    assert "50人" in finding.found
    assert "太原" not in finding.found
    (application,) = assess([rule], {"e": firm(员工人数=Decimal(70))}, as_of=TODAY).applications
    assert application.verdict is Verdict.NO
    assert assess([rule], {"e": {}}, as_of=TODAY).verdict(0, 0) is Verdict.NO


def test_alternatives_in_one_group_do_not_contradict() -> None:
    rule = measure(clause(1, "", "员工人数", "≥", "100人", "规模"), clause(2, "", "员工人数", "<", "50人", "规模"))
    assert check_rules([rule]) == ()


def test_clause_that_is_always_true_and_missing_clauses_are_told() -> None:
    always = measure(clause(1, "", "注册资本", "≥", "0元"))
    assert [f.code for f in check_rules([always, measure()])] == ["always-true", "no-clauses"]


def test_passed_deadline_is_told_only_where_the_day_is_given() -> None:
    source = SourceRow("政策.xlsx", "Sheet1", 2, COLUMNS)
    rule = measure(*RULE.clauses, deadline=Period(None, date(2026, 6, 29), "day", "2026-06-29"), sources=(source,))
    (finding,) = check_rules([rule], as_of=TODAY)
    assert (finding.code, finding.place.cell) == ("deadline-passed", "F2")
    assert check_rules([rule]) == ()
    assert check_rules([rule], as_of=date(2026, 6, 29)) == ()
