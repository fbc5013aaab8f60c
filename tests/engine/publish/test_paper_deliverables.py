import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from pdf_text import page_texts, squeezed
from sample_results import FIRMS, HOSTILE

from yingcheng.errors import MissingExtra
from yingcheng.publish import charts, extras, plan, white_paper
from yingcheng.publish.blocks import Block, Figure, Heading, Table, to_pdf
from yingcheng.publish.drafting import draft_of
from yingcheng.publish.matchmaking import schedule_of
from yingcheng.publish.plan_chapter import plan_chapter
from yingcheng.publish.records import Deliverable, Results
from yingcheng.publish.schedule.paper import timetable_pdf
from yingcheng.revision import Grid, Line

HEADS = (
    "一、资源", "二、定位", "三、重点赛道", "四、场景体系", "五、场景机会清单", "六、制度创新举措", "七、项目",
    "八、时间节点", "九、责任分工", "十、数据缺口", "十一、依据索引",
)  # fmt: skip


@pytest.fixture(scope="module")
def blocks(results: Results) -> list[Block]:
    return white_paper.blocks_of(results)


@pytest.fixture(scope="module")
def paper(results: Results, blocks: list[Block]) -> bytes:
    return to_pdf(white_paper.cover_of(results), blocks)


@pytest.fixture(scope="module")
def planned(results: Results, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Deliverable, ...]]:
    """The folder of a written plan and what was written."""
    out = tmp_path_factory.mktemp("plan")
    return out, plan.write(results, out)


def test_white_paper_has_every_chapter_in_order(paper: bytes, results: Results, blocks: list[Block]) -> None:
    pages = page_texts(paper)
    assert 15 <= len(pages) <= 40
    for word in ("产城融合白皮书", results.name, "太原市", "2021年第一批", "2021年05月21日"):
        assert "".join(word.split()) in "".join(pages[0].split())
    heads = ("概要", "①", "②", "③", "④", "⑤", "⑥", "案例", "附录一", "附录二", "附录三")
    titles = [block.text for block in blocks if isinstance(block, Heading) and block.level == 1]
    assert [title[: len(head)] for title, head in zip(titles, heads, strict=True)] == list(heads)
    body = "".join("".join(pages[2:]).split())
    place = 0
    for title in titles:  # each after the one before it
        place = body.index("".join(title.split()), place) + 1
    assert all(head in pages[1] for head in heads), "contents"


def test_white_paper_says_the_figures_and_where_they_come_from(paper: bytes) -> None:
    words = squeezed(paper)
    for expected in (
        "0.654", "0.601–0.707", "初级协调", "41/297", "第29–63位", "12项", "11项", "92%", "疑似重复",
        "02-场景机会/住建局（报送）.xlsx/Sheet1第4–15行", "惠企政策.xlsx/Sheet1第2–6行", "营业收入",
        "没有企业具备“乡村振兴”能力",
        "报送材料未提供", "投资建设创新", "规划设计创新", "拒绝：文件已加密，无法打开", "missing-name", "超期1项",
        "签约率=到达签约的项目数÷到达对接的项目数",
    ):  # fmt: skip
        assert "".join(expected.split()) in words, expected


def test_fictional_marks_and_hostile_text_survive(paper: bytes) -> None:
    words = squeezed(paper)
    assert words.count("虚构") > 20
    assert "".join(HOSTILE.split()) in words


def test_no_contact_reaches_the_paper(
    paper: bytes, results: Results, planned: tuple[Path, tuple[Deliverable, ...]]
) -> None:
    for pdf in (paper, (planned[0] / "1-顶层策划" / "顶层策划.pdf").read_bytes(), timetable_pdf(schedule_of(results))):
        words = squeezed(pdf)
        assert not any(secret in words for secret in ("0351-", "13800000000", "a@example.com", "张某", "李某", "王某"))


def test_every_figure_and_table_has_a_source(blocks: list[Block]) -> None:
    shown = [block for block in blocks if isinstance(block, Figure | Table)]
    assert len([block for block in shown if isinstance(block, Figure)]) >= 13
    assert all(block.source and block.caption for block in shown)
    assert all(len(row) == len(block.columns) for block in shown if isinstance(block, Table) for row in block.rows)


def test_white_paper_is_byte_identical(paper: bytes, results: Results) -> None:
    assert white_paper.white_paper(results) == paper


def test_empty_programme_still_makes_papers(empty_results: Results, tmp_path: Path) -> None:
    words = squeezed(white_paper.white_paper(empty_results))
    assert "未包含可用的城市指标" in words
    assert "未包含落地项目台账" in words
    assert "未注明" not in words
    assert len(page_texts(white_paper.white_paper(empty_results))) <= 6, "chapters without input share pages"
    assert len(page_texts(timetable_pdf(schedule_of(empty_results)))) == 1
    assert {made.path.suffix for made in plan.write(empty_results, tmp_path)} == {".pdf", ".docx"}


def test_plan_is_written_as_pdf_word_and_pictures(
    planned: tuple[Path, tuple[Deliverable, ...]], results: Results, tmp_path: Path
) -> None:
    out, made = planned
    assert [one.path.suffix for one in made] == [".pdf", ".docx"] + [".svg"] * 6
    assert all((out / one.path).stat().st_size > 1000 for one in made)
    assert all(one.step == 1 and one.picture == (one.path.suffix == ".svg") for one in made)
    words = squeezed((out / made[0].path).read_bytes())
    for head in HEADS:
        assert head in words
    assert "申报截止" in words
    assert "缺少规上工业分行业数据" in words
    assert plan.write(results, tmp_path) == made
    assert all((tmp_path / one.path).read_bytes() == (out / one.path).read_bytes() for one in made)


def test_page_paper_and_word_show_the_same_drawing(
    planned: tuple[Path, tuple[Deliverable, ...]], results: Results
) -> None:
    out, made = planned
    figures = {block.caption: block for block in plan.plan_blocks(results, drawn=True) if isinstance(block, Figure)}
    white = {block.caption: block for block in white_paper.blocks_of(results) if isinstance(block, Figure)}
    files = [one for one in made if one.picture]
    assert len(files) == 6
    for one in files:
        assert (out / one.path).read_text("utf-8") == figures[one.title].picture.svg
        assert white[one.title].picture is figures[one.title].picture, "drawn once"
    with ZipFile(out / plan.PLAN_DOCUMENT) as archive:
        pictures = {archive.read(name) for name in archive.namelist() if name.startswith("word/media/")}
    assert {figures[one.title].picture.png() for one in files} <= pictures


def test_every_row_of_the_plan_names_a_sheet_of_the_index(results: Results) -> None:
    blocks = [block for block in plan.plan_blocks(results, drawn=False) if isinstance(block, Table)]
    index = blocks[-1]
    assert index.caption == "依据索引"
    numbers = {row[0] for row in index.rows}
    evidence = [block for block in blocks if block.columns[-1].header == "依据"]
    assert {block.caption for block in evidence} >= {"场景机会清单", "落地项目", "时间节点"}
    cited = [row[-1] for block in evidence for row in block.rows]
    assert len(cited) > 30
    for cell in cited:
        found = re.findall(r"〔\d+〕", cell)
        assert found or cell == "—", cell
        assert set(found) <= numbers
    first = next(block for block in evidence if block.caption == "场景机会清单").rows[0]
    listed = results.opportunities.published[0]
    sheet = next(row for row in index.rows if first[-1].startswith(row[0]))
    assert (sheet[1], sheet[2]) == (listed.sources[0].file, listed.sources[0].sheet)
    assert first[-1].endswith(f"〕{listed.sources[0].row}")


def test_every_text_of_the_plan_has_its_own_key(results: Results) -> None:
    draft = draft_of(white_paper.cover_of(results), plan.plan_blocks(results, drawn=False), ())
    keys = [item.key for item in draft.generated]
    keys += [row.key for item in draft.generated if isinstance(item, Grid) for row in item.rows]
    assert len(keys) == len(set(keys))
    prose = [item for item in draft.generated if isinstance(item, Line) and item.style == "body"]
    assert not [item.key for item in prose if "#" in item.key], "no paragraph is known by its place alone"


def test_plan_without_the_extra_is_word_only(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    assert not charts.available()
    assert [one.path.suffix for one in plan.write(results, tmp_path)] == [".docx"]
    with pytest.raises(MissingExtra):
        white_paper.write(results, tmp_path)


def test_plan_says_why_there_is_no_diagnosis(empty_results: Results) -> None:
    assert "未包含可用的城市指标" in str(plan_chapter(empty_results, drawn=False))


def test_timetable_has_an_overview_and_a_page_for_everyone(results: Results) -> None:
    schedule = schedule_of(results)
    pdf = timetable_pdf(schedule)
    pages = ["".join(page.split()) for page in page_texts(pdf)]
    busy = {party for meeting in results.timetable.meetings for party in meeting.parties}
    personal = [page for page in pages if "如有变动请在场次开始前告知会务组" in page]
    assert len(personal) == len(busy), "one page each"
    assert all(page.count("如有变动请在场次开始前告知会务组") == 1 for page in personal)
    assert "1号桌" in pages[0]
    assert "茶歇" in pages[0]
    assert "企业当天下午不在场" in squeezed(pdf)
    assert any("按单位" in page and "会谈（时间" in page for page in pages)
    mine = next(page for page in personal if FIRMS[0][:12] in page[:60])
    assert "14:00–14:20" in mine
    assert "共有“智慧”“运营”" in mine
    assert "请准备" in mine
    assert pdf == timetable_pdf(schedule)
