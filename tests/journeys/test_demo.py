"""The journey of an officer: a folder in, the six deliverables out. Golden figures, not golden bytes."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pypdfium2
import pytest

from yingcheng.findings import Severity
from yingcheng.matchmaking import assignment, timetable
from yingcheng.measures.records import Verdict
from yingcheng.programme import RunReport
from yingcheng.publish import extras
from yingcheng.standards.tracks import TRACKS

STEP_FILES = {
    1: ("顶层策划.docx", "顶层策划.pdf"),
    2: ("场景机会清单.xlsx", "场景机会清单.docx", "场景机会清单.csv", "场景机会清单.ocds.json"),
    3: ("惠企政策适用.xlsx",),
    4: ("企业能力矩阵.xlsx", "能力热力图.svg"),
    5: ("匹配建议.xlsx", "对接日程.xlsx", "对接日程.pdf"),
    6: ("落地项目台账.xlsx", "项目漏斗.svg"),
}


def test_what_was_read(example_run: RunReport) -> None:
    results = example_run.results
    assert len(results.files) - len(example_run.files_refused) == 15
    assert len(results.opportunities.opportunities) == 66
    assert len({o.sources[0].file for o in results.opportunities.opportunities}) == 5
    assert len(results.matrix.enterprises) == 40
    assert len(results.reach.measures) == 12
    assert len(results.cases) == 22
    assert len(results.portfolio.projects) == 30
    assert len(results.timetable.session.agenda) >= 5
    assert Counter(f.severity for f in results.findings)[Severity.ERROR] == 1


def test_every_step_has_its_files(example_run: RunReport) -> None:
    folders = {int(path.name[0]): path for path in example_run.out.iterdir() if path.is_dir()}
    assert set(folders) == {0, 1, 2, 3, 4, 5, 6}
    for step, names in STEP_FILES.items():
        for name in names:
            assert (folders[step] / name).stat().st_size > 500, name
    assert (example_run.out / "白皮书.pdf").is_file()
    assert example_run.skipped == ()


def test_list(example_run: RunReport) -> None:
    listed = example_run.results.opportunities
    assert len(listed.duplicates) == 5
    assert 55 <= len(listed.published) <= 62
    assert {track for opportunity in listed.opportunities for track in opportunity.tracks} == set(TRACKS)
    sent_in = {o.id: o.sources[0].file for o in listed.opportunities}
    for group in listed.duplicates:  # each was sent by two departments
        assert len({sent_in[member] for member in group.opportunity_ids}) == 2


def test_plan(example_run: RunReport) -> None:
    plan = example_run.results.plan
    assert plan.diagnosis is not None
    assert plan.diagnosis.code == "140100"
    assert plan.diagnosis.size == 335
    assert plan.diagnosis.rank_low <= plan.diagnosis.rank <= plan.diagnosis.rank_high
    assert 1 <= sum(view.focus for view in plan.tracks) <= 5
    assert [view.track for view in plan.tracks] == list(TRACKS)
    assert sum(obstacle.share for obstacle in plan.diagnosis.obstacles) == pytest.approx(1)


def test_measures(example_run: RunReport) -> None:
    reach = example_run.results.reach
    applications = list(reach.applications)
    assert len(applications) == 12 * 40
    counts = Counter(application.verdict for application in applications)
    assert set(counts) == set(Verdict)
    for application in applications:
        assert bool(application.missing) == (application.verdict is Verdict.UNKNOWN)


def test_matches_are_proven_and_sensible(example_run: RunReport) -> None:
    results = example_run.results
    chosen = results.assignment
    assert chosen.gap < 1e-6
    assert len(chosen.pairs) >= 60
    solution, faults = assignment.verify_proof(chosen.proof)
    assert faults == ()
    assert (solution.total, int(solution.chosen.sum())) == (chosen.total, len(chosen.pairs))
    # Control: the verifier does refuse a choice with one meeting less.
    table, _solution = assignment.read_proof(chosen.proof)
    fewer = solution.chosen.copy()
    fewer[fewer.argmax()] = False
    assert assignment.check(table.problem, replace(solution, chosen=fewer)) != ()
    left = {(pair.opportunity_id, pair.enterprise_id) for pair in chosen.not_chosen}
    met = {(pair.opportunity_id, pair.enterprise_id) for pair in chosen.pairs}
    assert left | met == {(edge.opportunity_id, edge.enterprise_id) for edge in results.candidates.edges}
    assert all(pair.why for pair in chosen.not_chosen)
    assert chosen.levels
    assert chosen.levels[0].floor == pytest.approx(chosen.levels[0].bound, abs=1e-6)
    for edge in results.candidates.edges:
        assert sum(reason.contribution for reason in edge.reasons) == pytest.approx(edge.score)
    names, firms = results.opportunity_names(), results.enterprise_names()
    best: dict[str, str] = {}
    for edge in results.candidates.edges:
        best.setdefault(names[edge.opportunity_id], firms[edge.enterprise_id])
    first = {name: firm for name, firm in best.items() if "停车" in name}
    assert first
    assert any("停车" in firm or firm == "阳光海天" for firm in first.values()), first
    # Copies of a scenario are matched once, through the entry that stands for them.
    assert not set(results.opportunities.copies) & {edge.opportunity_id for edge in results.candidates.edges}


def test_timetable_holds_every_hard_rule(example_run: RunReport) -> None:
    schedule = example_run.results.timetable
    assert timetable.verify(schedule) == ()
    assert len(schedule.meetings) == len(example_run.results.assignment.pairs)
    assert schedule.unplaced == ()
    assert schedule.bound <= schedule.breaks <= 5


def test_projects(example_run: RunReport) -> None:
    portfolio = example_run.results.portfolio
    counts = [step.count for step in portfolio.funnel]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 30
    assert len(portfolio.overdue) == 5
    assert portfolio.assessment is not None
    assert portfolio.assessment.total == pytest.approx(62.6, abs=0.05)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.targets: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in {"href", "src"} and value:
                self.targets.append(value)
            assert not name.startswith("on"), name

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_index_links_every_deliverable_and_needs_nothing_from_outside(example_run: RunReport) -> None:
    page = _Page()
    page.feed((example_run.out / "index.html").read_text("utf-8"))
    assert page.tags["script"] == 0
    assert page.tags["img"] >= 6
    local = [unquote(target) for target in page.targets if not target.startswith(("#", "data:"))]
    assert not [target for target in local if re.match(r"(?:[a-z]+:)?//", target)]
    for target in local:
        assert (example_run.out / target).exists(), target
    for deliverable in example_run.deliverables:
        assert any(Path(target) == deliverable.path for target in local), deliverable.title
    assert "66" in "".join(page.text)


@pytest.mark.skipif(not extras.has_paper(), reason="the paper extra is not installed")
def test_white_paper_has_its_chapters_and_pages(example_run: RunReport) -> None:
    document = pypdfium2.PdfDocument(example_run.out / "白皮书.pdf")
    pages = [page.get_textpage().get_text_range() for page in document]
    assert 25 <= len(pages) <= 90
    text = "".join(pages).replace("\r\n", "").replace("\n", "")
    for words in (
        "顶层策划",
        "场景机会清单",
        "制度创新",
        "能力矩阵",
        "精准对接",
        "营城项目",
        "案例",
        "数据来源",
        "方法",
    ):
        assert words in text, words
    assert f"{len(pages)}" in pages[-1]


def test_workbooks_hold_what_the_summary_says(example_run: RunReport) -> None:
    book = openpyxl.load_workbook(example_run.out / "2-场景机会清单/场景机会清单.xlsx", read_only=True)
    published = len(example_run.results.opportunities.published)
    assert book["发布清单"].max_row == 3 + published
    assert book["核验情况"].max_row == 2 + 66


def test_command_line_says_it_all_and_exits_1_for_the_refused_file(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "材料"
    for name in ("场景机会", "企业能力"):
        shutil.copytree(example / name, folder / name)
    command = [sys.executable, "-m", "yingcheng.cli", "run", str(folder), "--out", str(tmp_path / "结果")]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 1, finished.stderr
    assert "上传中断" in finished.stdout
    assert re.search(r"共 \d+ = 采用 \d+ \+ 退回 \d+", finished.stdout)
    assert "index.html" in finished.stdout


def test_unusable_input_exits_2_with_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "yingcheng.cli", "run", str(tmp_path / "没有"), "--out", str(tmp_path / "结果")]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "没有这个文件夹" in finished.stderr
    assert "Traceback" not in finished.stderr
