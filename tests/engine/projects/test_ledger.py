from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.findings import SourceRow
from yingcheng.projects import follow_up
from yingcheng.projects.funnel import funnel, in_yi, overdue_projects, rates
from yingcheng.projects.ledger import keep_ledger, reached, stage_date
from yingcheng.projects.records import Project, StageEvent
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money
from yingcheng.standards.stages import STAGES

DAY = date(2026, 6, 30)


def yi(amount: str) -> Money:
    yuan = Decimal(amount) * 10**8
    return Money(yuan, yuan, "CNY", f"{amount}亿元")


def row(number: int) -> SourceRow:
    return SourceRow("台账.xlsx", "Sheet1", number, (("stage", 5), ("date_started", 7)))


def project(number: str = "P1", *events: tuple[str, date | None], **fields: object) -> Project:
    given = {"name": f"项目{number}", "enterprise": f"示例{number}有限公司", **fields}
    return Project(number, events=tuple(StageEvent(stage, day) for stage, day in events), **given)  # type: ignore[arg-type]


def codes(projects: list[Project]) -> list[str]:
    return [finding.code for finding in keep_ledger(projects, as_of=DAY).findings]


def test_months_of_one_project_become_one_entry() -> None:
    march = project(month="2026-03", stage="对接", problem="用地未定", follower="张某", sources=(row(3),))
    may = project(month="2026年5月", stage="签约", progress="已签约", sources=(row(9),), paid_in=yi("1"))
    april = project(month="2026-04", stage="意向", problem="资金", progress="洽谈", sources=(row(6),))
    (merged,) = keep_ledger([march, may, april], as_of=DAY).projects
    assert merged.stage == "签约"
    assert merged.progress == "已签约"
    assert merged.problem == ""  # the newest month reports none: an old problem must not linger
    assert merged.follower == "张某"  # not reported monthly: the last one given stays
    assert [entry.month for entry in merged.history] == ["2026-03", "2026-04", "2026年5月"]
    assert [entry.problem for entry in merged.history] == ["用地未定", "资金", ""]
    assert [source.row for source in merged.sources] == [3, 6, 9]
    assert [event.stage for event in merged.events] == ["对接", "意向", "签约"]


def test_order_of_rows_does_not_matter_where_months_are_given() -> None:
    rows = [
        project(month="2026-01", stage="对接", sources=(row(2),)),
        project(month="2026-02", stage="意向", sources=(row(3),)),
        project(month="2026-03", stage="签约", sources=(row(4),)),
    ]
    assert keep_ledger(rows, as_of=DAY).projects == keep_ledger(rows[::-1], as_of=DAY).projects


def test_same_project_under_other_ids_is_found_by_name_and_firm() -> None:
    rows = [
        project("A1", name="储能 项目", enterprise="示例能源有限公司"),
        project("B7", name="储能项目", enterprise="示例能源有限责任公司"),
    ]
    assert len(keep_ledger(rows, as_of=DAY).projects) == 1


def test_one_id_for_two_projects_is_not_merged_and_gets_told() -> None:
    rows = [
        project("1", name="储能项目", sources=(row(2),)),
        project("1", name="文旅小镇", enterprise="另一公司", sources=(row(3),)),
    ]
    ledger = keep_ledger(rows, as_of=DAY)
    assert [entry.id for entry in ledger.projects] == ["1", "1-2"]
    finding = next(f for f in ledger.findings if f.code == "project-id-twice")
    assert "储能项目" in finding.expected
    assert finding.place.row == 3


def test_newer_date_of_a_stage_replaces_the_older_and_is_told() -> None:
    rows = [
        project("P1", ("签约", date(2026, 1, 5)), month="2026-01"),
        project("P1", ("签约", date(2026, 1, 15)), month="2026-02"),
        project("P1", ("签约", None), month="2026-03"),
    ]
    ledger = keep_ledger(rows, as_of=DAY)
    assert stage_date(ledger.projects[0], "签约") == date(2026, 1, 15)
    assert [f.code for f in ledger.findings] == ["stage-date-changed"]


def test_undated_stage_is_taken_back_by_a_newer_lower_one_but_a_dated_one_stays() -> None:
    undated = [project(month="2026-01", stage="签约"), project(month="2026-02", stage="意向")]
    ledger = keep_ledger(undated, as_of=DAY)
    assert ledger.projects[0].stage == "意向"
    assert "stage-taken-back" in [f.code for f in ledger.findings]
    dated = [project("P1", ("签约", date(2026, 1, 5)), month="2026-01"), project(month="2026-02", stage="意向")]
    assert keep_ledger(dated, as_of=DAY).projects[0].stage == "签约"


def test_future_date_is_a_plan_not_an_event() -> None:
    ledger = keep_ledger(
        [project("P1", ("签约", date(2026, 5, 1)), ("开工", date(2026, 9, 1)), stage="开工")], as_of=DAY
    )
    assert ledger.projects[0].stage == "签约"
    assert [f.code for f in ledger.findings] == ["stage-in-future"]


def test_stages_out_of_order_are_told_with_their_cell() -> None:
    events = (StageEvent("签约", date(2026, 3, 1), row(4)), StageEvent("开工", date(2026, 2, 1), row(4)))
    ledger = keep_ledger([Project("P1", "项目", events=events, stage="开工", sources=(row(4),))], as_of=DAY)
    (finding,) = ledger.findings
    assert (finding.code, finding.place.cell) == ("stage-order", "G4")
    assert "2026-03-01" in finding.expected
    in_order = project("P1", ("签约", date(2026, 2, 1)), ("开工", date(2026, 2, 1)), stage="开工")
    assert codes([in_order]) == []


def test_stage_without_date_is_told() -> None:
    assert codes([project(stage="签约")]) == ["stage-undated"]


@pytest.mark.parametrize(
    ("stage", "events", "expected"),
    [
        ("终止", (("签约", date(2026, 1, 1)),), "终止"),
        ("", (("签约", date(2026, 1, 1)), ("搁置", date(2026, 2, 1))), "搁置"),
        ("", (("搁置", date(2026, 1, 1)), ("签约", date(2026, 2, 1))), "签约"),
        ("开工", (("搁置", date(2026, 1, 1)),), "开工"),
        ("", (), ""),
    ],
)
def test_current_stage(stage: str, events: tuple[tuple[str, date], ...], expected: str) -> None:
    assert keep_ledger([project("P1", *events, stage=stage)], as_of=DAY).projects[0].stage == expected


def test_reaching_a_stage_counts_for_all_earlier_ones() -> None:
    portfolio = follow_up([project("A", stage="签约"), project("B", stage="对接"), project("C")], as_of=DAY)
    counts = {step.stage: step.count for step in portfolio.funnel}
    assert [counts[stage] for stage in STAGES] == [2, 2, 2, 1, 1, 0, 0, 0, 0]
    assert portfolio.funnel[4].project_ids == ("A",)


def test_median_days_rest_on_pairs_of_dates_only() -> None:
    projects = [
        project("A", ("意向", date(2026, 1, 1)), ("签约", date(2026, 1, 11)), stage="签约"),
        project("B", ("意向", date(2026, 1, 1)), ("签约", date(2026, 1, 31)), stage="签约"),
        project("C", ("签约", date(2026, 1, 31)), stage="签约"),
        project(
            "D", ("意向", date(2026, 3, 1)), ("签约", date(2026, 1, 31)), stage="签约"
        ),  # out of order: not counted
    ]
    step = funnel(projects)[4]
    assert (step.count, step.median_days, step.dated) == (4, 20.0, 2)
    assert funnel(projects)[5].median_days is None


def test_stopped_projects_are_shown_with_reason_and_how_far_they_came() -> None:
    rows = [
        project("A", ("签约", date(2026, 1, 1)), stage="终止", stopped_reason="资金链断裂"),
        project("B", stage="签约"),
    ]
    portfolio = follow_up(rows, as_of=DAY)
    (stopped,) = portfolio.stopped
    assert (stopped.project_id, stopped.stage, stopped.reached, stopped.reason) == ("A", "终止", "签约", "资金链断裂")
    assert portfolio.funnel[4].count == 2


def test_overdue() -> None:
    due = date(2026, 6, 1)
    span = Period(date(2024, 1, 1), date(2025, 12, 31), "year", "2024-2025")
    projects = [
        project("late", stage="签约", start_due=due),
        project("started", ("开工", due), stage="开工", start_due=due),
        project("today", stage="签约", start_due=DAY),
        project("ended", stage="终止", start_due=due),
        project("shelved", stage="搁置", start_due=due),
        project("building", stage="开工", period=span),
        project("running", stage="投产", period=span),
    ]
    found = overdue_projects(projects, as_of=DAY)
    assert [(item.project_id, item.stage, item.days) for item in found] == [
        ("building", "投产", 181),
        ("late", "开工", 29),
        ("shelved", "开工", 29),
    ]
    assert dict(rates(projects, found))["超时限未开工项目数"] == 2.0


def test_rates() -> None:
    projects = [
        project(
            "A",
            ("对接", date(2026, 1, 1)),
            ("签约", date(2026, 1, 21)),
            stage="开工",
            investment=yi("10"),
            paid_in=yi("2"),
        ),
        project("B", stage="签约", investment=yi("6")),  # nobody reported what came in: left out of 资金到位率
        project("C", stage="投产", investment=yi("10"), paid_in=yi("8")),
        project("D", stage="对接", investment=yi("99"), paid_in=yi("99")),  # not signed
        project("E", stage="线索"),
    ]
    found = dict(rates(projects, ()))
    assert found["签约率"] == 3 / 4
    assert found["履约率"] == found["开工率"] == 2 / 3
    assert found["投产率"] == 1 / 3
    assert found["资金到位率"] == 0.5
    assert found["转化周期"] == 20.0


def test_rates_of_nothing_are_unknown_not_zero() -> None:
    found = dict(follow_up([], as_of=DAY).rates)
    assert found.pop("超时限未开工项目数") == 0.0
    assert set(found.values()) == {None}


def test_foreign_money_is_not_added_to_yuan() -> None:
    assert in_yi(Money(Decimal(10), Decimal(10), "USD", "10美元")) is None
    assert in_yi(Money(Decimal(10**8), Decimal(3 * 10**8), "CNY", "1-3亿元")) == 2


EVENTS = st.lists(
    st.tuples(st.sampled_from([*STAGES, "搁置", "终止"]), st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1))),
    max_size=5,
)
ROWS = st.lists(
    st.builds(
        lambda number, month, stage, events: project(f"P{number}", *events, month=month, stage=stage),
        st.integers(1, 3),
        st.sampled_from(["", "2026-01", "2026年2月", "2026-03"]),
        st.sampled_from(["", *STAGES, "搁置"]),
        EVENTS,
    ),
    max_size=8,
)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_funnel_never_widens_and_every_row_ends_in_one_project(rows: list[Project]) -> None:
    portfolio = follow_up(rows, as_of=DAY)
    assert all(before.count >= after.count for before, after in pairwise(portfolio.funnel))
    assert [entry.id for entry in portfolio.projects] == list(dict.fromkeys(item.id for item in rows))
    assert sum(len(entry.history) for entry in portfolio.projects) == sum(bool(item.month) for item in rows)
    for entry in portfolio.projects:
        assert all(event.date is None or event.date <= DAY for event in entry.events)
        if entry.stage in STAGES:
            assert reached(entry) == STAGES.index(entry.stage)
    assert follow_up(portfolio.projects, as_of=DAY).funnel == portfolio.funnel
