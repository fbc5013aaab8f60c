"""The step writers over one realistic set of results: contents, masking, repeatability, open data."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from docx import Document
from icalendar import Calendar

from yingcheng.opportunities import Contact
from yingcheng.projects.records import Project, StageEvent
from yingcheng.publish import capabilities, findings, matchmaking, measures, opportunities, projects
from yingcheng.publish.ocds import release_package
from yingcheng.publish.records import Results
from yingcheng.standards.dates import Period
from yingcheng.standards.money import parse_money

WRITERS: dict[str, Callable[..., object]] = {
    module.__name__.rsplit(".", 1)[1]: module.write
    for module in (opportunities, measures, capabilities, matchmaking, projects, findings)
}


def with_contacts(results: Results) -> Results:
    """The first opportunity consents to nothing, the second to its phone."""
    listed = results.opportunities
    secret = Contact(person="联系人甲", phones=("13800000001",), emails=("secret@example.com",), text="13800000001")
    open_phone = Contact(person="联系人乙", phones=("13800000002",), publishable=frozenset({"phone"}))
    changed = (
        replace(listed.opportunities[0], contact=secret),
        replace(listed.opportunities[1], contact=open_phone),
        *listed.opportunities[2:],
    )
    reviews = tuple(replace(review, publishable=True, blockers=()) for review in listed.reviews)
    return replace(results, opportunities=replace(listed, opportunities=changed, reviews=reviews))


def all_text(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return "\n".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    )


@pytest.mark.parametrize("name", list(WRITERS))
def test_the_same_results_give_the_same_bytes(name: str, results: Results, tmp_path: Path) -> None:
    for out in (tmp_path / "a", tmp_path / "b"):
        WRITERS[name](results, out)
    first = {p.relative_to(tmp_path / "a"): p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()}
    second = {p.relative_to(tmp_path / "b"): p.read_bytes() for p in (tmp_path / "b").rglob("*") if p.is_file()}
    assert first
    assert first == second


@pytest.mark.parametrize("name", list(WRITERS))
def test_every_deliverable_exists_where_it_says(name: str, results: Results, tmp_path: Path) -> None:
    deliverables = WRITERS[name](results, tmp_path)
    assert deliverables
    for deliverable in deliverables:  # type: ignore[attr-defined]
        assert (tmp_path / deliverable.path).exists(), deliverable.title


def test_contacts_without_consent_are_in_no_form_of_the_published_list(results: Results, tmp_path: Path) -> None:
    opportunities.write(with_contacts(results), tmp_path)
    folder = tmp_path / "2-场景机会清单"
    texts = {
        "xlsx": all_text(folder / "场景机会清单.xlsx"),
        "csv": (folder / "场景机会清单.csv").read_text("utf-8-sig"),
        "json": (folder / "场景机会清单.ocds.json").read_text("utf-8"),
        "docx": "\n".join(
            cell.text
            for table in Document(str(folder / "场景机会清单.docx")).tables
            for row in table.rows
            for cell in row.cells
        ),
    }
    for form, text in texts.items():
        assert "13800000001" not in text, form
        assert "secret@example.com" not in text, form
        assert "联系人甲" not in text, form
        assert "联系人乙" not in text, form
        assert "**" not in text, form
    for form in ("xlsx", "csv", "docx"):
        assert "联系人 13800000002" in texts[form], form
        assert f"请与{with_contacts(results).opportunities.opportunities[0].unit}联系" in texts[form], form


def test_csv_opens_in_office_programs_and_runs_no_formula(results: Results, tmp_path: Path) -> None:
    listed = results.opportunities
    hostile = replace(listed.opportunities[0], name='=HYPERLINK("http://example.com")')
    reviews = tuple(replace(review, publishable=True, blockers=()) for review in listed.reviews)
    changed = replace(listed, opportunities=(hostile, *listed.opportunities[1:]), reviews=reviews)
    opportunities.write(replace(results, opportunities=changed), tmp_path)
    path = tmp_path / "2-场景机会清单/场景机会清单.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert len(rows) == 1 + len(listed.opportunities)
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)
    assert not any(cell[:1] in "=+@" for row in rows[1:] for cell in row if cell)


def test_a_signed_project_becomes_award_contract_and_milestones(results: Results) -> None:
    opportunity = results.opportunities.published[0]
    project = Project(
        id="P1", name="示例落地项目（虚构）", enterprise="示例企业（虚构）", opportunity=opportunity.name,
        events=(StageEvent("签约", date(2021, 3, 1)), StageEvent("开工", date(2021, 4, 1)), StageEvent("投产", None)),
    )  # fmt: skip
    package = release_package(replace(results, portfolio=replace(results.portfolio, projects=(project,))))
    release = next(r for r in package["releases"] if r["ocid"].endswith(opportunity.id))
    assert release["awards"][0]["date"].startswith("2021-03-01")
    assert release["contracts"][0]["awardID"] == release["awards"][0]["id"]
    assert [m["title"] for m in release["contracts"][0]["implementation"]["milestones"]] == ["开工"]
    assert {"name": "示例企业（虚构）", "roles": ["supplier"]}.items() <= release["parties"][-1].items()
    assert {"award", "contract", "implementation"} <= set(release["tag"])


def released(results: Results, **changes: object) -> dict[str, Any]:
    """The release of one opportunity that wants to buy, is running and says nothing of being made up."""
    plain = {
        "name": "停车管理", "unit": "示例单位", "lead": "", "batch": "", "extra": (), "modes": ("政府采购",),
        "period": Period(date(2021, 1, 1), date(2023, 12, 31), "year", "2021-2023"), "need": "统一停车管理",
    }  # fmt: skip
    first = replace(results.opportunities.published[0], **{**plain, **changes})
    others = tuple(o for o in results.opportunities.opportunities if o.id != first.id)
    by_id = {review.opportunity_id: review for review in results.opportunities.reviews}
    reviews = tuple(by_id[o.id] for o in (first, *others))
    listed = replace(results.opportunities, opportunities=(first, *others), reviews=reviews)
    bare = replace(results, batch="第一批", opportunities=listed, portfolio=replace(results.portfolio, projects=()))
    return next(r for r in release_package(bare)["releases"] if r["ocid"].endswith(first.id))


def test_only_a_running_purchase_that_is_not_made_up_is_an_active_tender(results: Results) -> None:
    active = released(results)
    assert (active["tag"], active["tender"]["status"]) == (["planning", "tender"], "active")
    later = Period(date(2022, 1, 1), None, "day", "")
    over = Period(date(2020, 1, 1), date(2020, 12, 31), "year", "2020年")
    for changes in (
        {"modes": ("联合运营",)}, {"period": None}, {"period": later}, {"period": over},
        {"unit": "示例单位（虚构）"}, {"extra": (("备注", "内容虚构"),)},
    ):  # fmt: skip
        release = released(results, **changes)
        assert (release["tag"], release["tender"]["status"]) == (["planning"], "planned"), changes
    assert released(results, batch="虚构")["tender"]["description"] == "统一停车管理（来源标注：虚构）"


def test_open_data_gives_exact_amounts_as_values_and_ranges_in_words(results: Results) -> None:
    exact = released(results, investment=parse_money("950万元"), funding="")
    assert exact["tender"]["value"] == {"amount": 9_500_000.0, "currency": "CNY"}
    assert exact["planning"]["budget"] == {"amount": exact["tender"]["value"]}
    span = released(results, investment=parse_money("3000-5000万元"), funding="自筹")
    assert "value" not in span["tender"]
    assert span["planning"]["budget"] == {"description": "自筹；投资额：3000–5000万元"}


def test_open_data_holds_only_what_may_be_published(results: Results) -> None:
    package = release_package(results)
    published = {opportunity.id for opportunity in results.opportunities.published}
    assert len(published) < len(results.opportunities.opportunities)
    assert {release["ocid"].split("-", 2)[2] for release in package["releases"]} == published
    assert "contactPoint" not in json.dumps(package)


def test_each_participant_gets_a_calendar_with_stable_uids_in_shanghai_time(results: Results, tmp_path: Path) -> None:
    matchmaking.write(results, tmp_path)
    files = sorted((tmp_path / "5-政企精准对接/个人日程").glob("*.ics"))
    busy = {party for meeting in results.timetable.meetings for party in meeting.parties}
    assert len(files) == len(busy)
    uids: dict[str, int] = {}
    for file in files:
        parsed = Calendar.from_ical(file.read_bytes())
        assert [str(zone["tzid"]) for zone in parsed.walk("VTIMEZONE")] == ["Asia/Shanghai"]
        for event in parsed.walk("VEVENT"):
            uids[str(event["uid"])] = uids.get(str(event["uid"]), 0) + 1
            assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    # Both parties hold the same event.
    assert set(uids.values()) == {2}
    assert len(uids) == len(results.timetable.meetings)


def test_reach_workbook_shows_every_pair_and_every_clause(results: Results, tmp_path: Path) -> None:
    measures.write(results, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "3-制度创新举措/惠企政策适用.xlsx")
    sheets = "政策一览 企业适用 条款判定 待补材料 仅差一项 资金测算 政策关系 免申即享 工具结构 提醒"
    assert book.sheetnames == sheets.split()
    applications = list(results.reach.applications)
    assert book["企业适用"].max_row == 3 + len(applications)
    assert book["条款判定"].max_row == 3 + sum(len(application.traces) for application in applications)


def test_matrix_marks_and_ledger_columns(results: Results, tmp_path: Path) -> None:
    capabilities.write(results, tmp_path)
    projects.write(results, tmp_path)
    matrix = openpyxl.load_workbook(tmp_path / "4-企业能力矩阵/企业能力矩阵.xlsx")["能力矩阵"]
    marks = {
        str(cell.value) for row in matrix.iter_rows(min_row=5, min_col=2, max_col=14) for cell in row if cell.value
    }
    assert marks <= {f"{level}{grade}" for level in "123" for grade in "ABCD"}
    assert marks
    ledger = openpyxl.load_workbook(tmp_path / "6-落地项目/落地项目台账.xlsx")["台账"]
    headers = [cell.value for cell in ledger[2]]
    official_headers = (
        "公司名称 企业与产品简介 场景能力 类别 场景项目介绍 计划落地应用场景 建议对接部门 推进情况 场景全周期落地跟进人"
    )
    for official in official_headers.split():
        assert official in headers
    assert ledger.max_row == 2 + len(results.portfolio.projects)


def test_every_release_is_valid_against_the_official_schema(results: Results) -> None:
    folder = Path(os.environ.get("YINGCHENG_REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "data"))
    schema_file = folder / "ocds-release-schema-1.1.5.json"
    if not schema_file.is_file():
        pytest.skip("no OCDS 1.1.5 release schema here; set YINGCHENG_REFERENCE_DATA to a folder that holds it")
    schema = json.loads(schema_file.read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    releases = release_package(with_contacts(results))["releases"]
    assert releases
    faults = [f"{r['ocid']}: {error.json_path} {error.message}" for r in releases for error in validator.iter_errors(r)]
    assert faults == []
    # Control: the schema does refuse a release without its tag.
    broken = {key: value for key, value in releases[0].items() if key != "tag"}
    assert list(validator.iter_errors(broken))


def test_without_material_every_step_says_so_instead_of_zeros(empty_results: Results, tmp_path: Path) -> None:
    summaries = [WRITERS[name](empty_results, tmp_path)[0].summary for name in WRITERS if name != "findings"]  # type: ignore[index]
    assert summaries == [
        "本批未收到场景机会", "本批未收到政策条款", "本批未收到企业材料", "本批未同时收到场景机会与企业",
        "本批未收到项目台账",
    ]  # fmt: skip
    for path in tmp_path.rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            notes = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row if cell.value)
            assert "本批" in notes or "未" in notes or "没有" in notes, (
                path.name,
                sheet.title,
            )


def test_planned_investment_counts_signed_projects_that_go_on(results: Results, tmp_path: Path) -> None:
    money = parse_money("2亿元")
    ledger = tuple(
        Project(id=stage, name=stage, stage=stage, investment=money)
        for stage in ("意向", "签约", "投产", "搁置", "终止")
    )
    portfolio = replace(results.portfolio, projects=ledger, overdue=(), assessment=None, funnel=())
    (workbook, *_) = projects.write(replace(results, portfolio=portfolio), tmp_path)
    assert workbook.summary == "5 个项目，2 个签约项目计划投资合计 4.00 亿元（不含搁置、终止），超期 0 个"


def test_an_assumed_day_and_unknown_units_are_said_on_the_timetable(results: Results, tmp_path: Path) -> None:
    def notes(changed: Results, out: Path) -> str:
        matchmaking.write(changed, out)
        book = openpyxl.load_workbook(out / "5-政企精准对接/对接日程.xlsx")
        return " ".join(str(cell.value) for cell in book["按桌位与时段"]["A"][1:4])

    assert "示意" not in notes(results, tmp_path / "given")
    assert "日期为示意" in notes(replace(results, session_given=False), tmp_path / "assumed")
