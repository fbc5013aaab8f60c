"""README: what an officer changes in the plan is kept, run after run, and is undone by deleting one file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook
from pypdfium2 import PdfDocument

from yingcheng.programme import RunReport, run_programme
from yingcheng.settings import load_settings

PLAN = "1-顶层策划/顶层策划.docx"
ASKED = "城市体检工作专班已完成现场踏勘（虚构）。"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small programme folder; everything in it is made up (虚构)."""
    folder = tmp_path / "材料"
    folder.mkdir()
    (folder / "programme.toml").write_text('name = "某站（虚构）"\ncity = "太原市"\nas_of = 2026-05-20\n', "utf-8")
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["序号", "场景名称", "场景领域", "场景简介", "需求单位", "合作方式"])
    for number, name in enumerate(("智慧公园（虚构）", "旧厂改造（虚构）", "水岸新城（虚构）"), start=1):
        sheet.append([number, name, "城市更新", "建设并运营一处示范项目，改善公共空间。", "某局（虚构）", "联合建设"])
    book.save(folder / "场景机会清单.xlsx")
    return folder


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Callable[[], RunReport]:
    def once() -> RunReport:
        settings = load_settings(folder / "programme.toml", today=date(2026, 5, 20))
        return run_programme(folder, tmp_path / "结果", settings)

    return once


def texts(path: Path) -> list[str]:
    document: Any = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def edit(source: Path, target: Path, *, by: str = "张三") -> None:
    """Rewrite a sentence, add one, delete one, change a cell."""
    document: Any = Document(str(source))
    paragraphs = {paragraph.text: paragraph for paragraph in document.paragraphs}
    summary = next(p for text, p in paragraphs.items() if text.startswith("本批共收到"))
    summary.runs[0].text = "本批机会共三项，均已踏勘（虚构）。"
    for rest in summary.runs[1:]:
        rest._r.getparent().remove(rest._r)
    summary.insert_paragraph_before(ASKED)
    gone = next(p for text, p in paragraphs.items() if text.startswith("场景体系按十三个赛道展开"))
    gone._p.getparent().remove(gone._p)
    cell = next(
        cell for table in document.tables for row in table.rows for cell in row.cells if cell.text == "某局（虚构）"
    )
    cell.paragraphs[0].runs[0].text = "某街道（虚构）"
    document.core_properties.last_modified_by = by
    document.core_properties.modified = datetime(2026, 5, 22, tzinfo=UTC)
    document.save(str(target))


def assert_kept(out: Path) -> None:
    shown = texts(out / PLAN)
    assert ASKED in shown
    assert "本批机会共三项，均已踏勘（虚构）。" in shown
    assert "某街道（虚构）" in shown
    assert not any(text.startswith("场景体系按十三个赛道展开") for text in shown)
    pages = PdfDocument(out / "1-顶层策划" / "顶层策划.pdf")
    words = "".join("".join(page.get_textpage().get_text_range().split()) for page in pages)
    assert ASKED in words
    assert "人工修改对照" in words
    assert "张三2026-05-22" in words


def test_edits_in_the_results_are_kept_and_undone_by_deleting_the_edited_file(run: Callable[[], RunReport]) -> None:
    first = run()
    untouched = (first.out / PLAN).read_bytes()
    edit(first.out / PLAN, first.out / PLAN)
    second = run()
    (kept,) = second.kept
    assert kept.startswith("1-顶层策划/顶层策划（人工修改-")
    assert_kept(second.out)
    assert "并入人工修改 4 处" in " ".join(one.summary for one in second.deliverables)
    merged = (second.out / PLAN).read_bytes()
    third = run()
    assert third.kept == ()
    assert (third.out / PLAN).read_bytes() == merged, "nothing new: the same bytes"
    (third.out / kept).unlink()
    assert (run().out / PLAN).read_bytes() == untouched


def test_edits_put_into_the_folder_are_kept_and_are_no_material(folder: Path, run: Callable[[], RunReport]) -> None:
    first = run()
    untouched = (first.out / PLAN).read_bytes()
    edit(first.out / PLAN, folder / "顶层策划（张三改）.docx")
    second = run()
    assert_kept(second.out)
    assert len(second.results.opportunities.opportunities) == 3, "the tables of the plan are results, not material"
    (told,) = [finding for finding in second.results.findings if finding.code == "draft-taken-in"]
    assert told.place.file == "顶层策划（张三改）.docx"
    assert "张三 2026-05-22" in told.found
    shutil.rmtree(second.out)
    assert_kept(run().out)
    (folder / "顶层策划（张三改）.docx").unlink()
    assert (run().out / PLAN).read_bytes() == untouched


def test_new_facts_come_in_around_and_beside_the_edits(folder: Path, run: Callable[[], RunReport]) -> None:
    first = run()
    edit(first.out / PLAN, folder / "修改稿.docx")
    book = load_workbook(folder / "场景机会清单.xlsx")
    sheet: Any = book.active
    sheet.append([4, "新桥（虚构）", "城市更新", "建设并运营一座桥，连接两岸街区。", "某委（虚构）", "联合建设"])
    book.save(folder / "场景机会清单.xlsx")
    second = run()
    assert_kept(second.out)
    assert "新桥（虚构）" in texts(second.out / PLAN)
    document: Any = Document(str(second.out / PLAN))
    offered = "\n".join(comment.text for comment in document.comments)
    assert "本批共收到 4 项场景机会" in offered
    assert "其中 1 处的事实已变" in " ".join(one.summary for one in second.deliverables)


def test_a_plan_without_marks_is_said_not_guessed(folder: Path, run: Callable[[], RunReport]) -> None:
    first = run()
    source: Any = Document(str(first.out / PLAN))
    copied: Any = Document()
    for paragraph in source.paragraphs:
        copied.add_paragraph(paragraph.text)
    copied.save(str(folder / "顶层策划（定稿）.docx"))
    second = run()
    (refused,) = second.files_refused
    assert refused.file == "顶层策划（定稿）.docx"
    assert "没有营城的标记" in refused.refused
    (finding,) = [finding for finding in second.results.findings if finding.code == "draft-without-marks"]
    assert "请在结果里的 顶层策划.docx 上修改" in finding.remedy


def test_a_foreign_document_in_the_place_of_the_plan_is_kept_and_said(run: Callable[[], RunReport]) -> None:
    first = run()
    untouched = (first.out / PLAN).read_bytes()
    foreign: Any = Document()
    foreign.add_paragraph("另起炉灶的一稿")
    foreign.save(str(first.out / PLAN))
    second = run()
    assert (second.out / PLAN).read_bytes() == untouched
    assert texts(second.out / second.kept[0]) == ["另起炉灶的一稿"]
    assert [f.code for f in second.results.findings if f.code.startswith("draft")] == ["draft-without-marks"]


def test_a_broken_document_stops_nothing(run: Callable[[], RunReport]) -> None:
    first = run()
    (first.out / PLAN).write_bytes(b"PK\x03\x04 broken")
    second = run()
    assert "broken-zip" in {finding.code for finding in second.results.findings}
    assert len(second.kept) == 1
