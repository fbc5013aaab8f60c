"""Tables in Word documents and in text PDFs."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from yingcheng.errors import UnreadableFile
from yingcheng.intake.grid import OpenedFile
from yingcheng.intake.readers import open_file

DATA = Path(__file__).parents[2] / "data" / "intake"


def read(document: Document, tmp_path: Path) -> OpenedFile:
    path = tmp_path / "清单.docx"
    document.save(str(path))
    return open_file(path, name="清单.docx")


def test_two_tables_named_after_the_paragraph_above(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("关于报送场景机会的函")
    document.add_paragraph("一、场景机会清单")
    document.add_paragraph("")
    for number in (1, 2):
        table = document.add_table(2, 2)
        for cell, text in zip(table._cells, ["序号", "名称", str(number), f"场景{number}"], strict=True):
            cell.text = text
        document.add_paragraph("一、场景机会清单" if number == 1 else "联系人：张三")
    document.add_paragraph("这一段很长，" * 20)
    document.add_table(1, 1).cell(0, 0).text = "甲"
    opened = read(document, tmp_path)
    assert opened.format == "docx"
    assert [sheet.name for sheet in opened.sheets] == ["一、场景机会清单", "一、场景机会清单（2）", "表3"]
    assert opened.sheets[1].rows == (("序号", "名称"), ("2", "场景2"))


def test_merged_cells_keep_their_place(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(5, 3)
    for row in range(5):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    for corners, text in [(((0, 0), (0, 2)), "标题"), (((1, 0), (3, 0)), "水务局"), (((2, 1), (3, 2)), "合并块")]:
        (top, left), (bottom, right) = corners
        table.cell(top, left).merge(table.cell(bottom, right)).text = text
    (sheet,) = read(document, tmp_path).sheets
    assert sheet.merged == ((1, 1, 1, 3), (2, 1, 4, 1), (3, 2, 4, 3))
    assert sheet.rows == (
        ("标题", None, None),
        ("水务局", "11", "12"),
        (None, "合并块", None),
        (None, None, None),
        ("40", "41", "42"),
    )


def test_a_long_merged_column_is_no_recursion(tmp_path: Path) -> None:
    document = docx.Document()
    row = (
        "<w:tr {}><w:tc><w:tcPr><w:vMerge{}/></w:tcPr><w:p/></w:tc>"
        "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    )
    table = document.add_table(0, 2)
    for number in range(1500):
        table._tbl.append(parse_xml(row.format(nsdecls("w"), ' w:val="restart"' if number == 0 else "", number)))
    (sheet,) = read(document, tmp_path).sheets
    assert len(sheet.rows) == 1500
    assert sheet.merged == ((1, 1, 1500, 1),)


def test_nested_table_is_a_sheet_of_its_own(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("外表")
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "甲"
    outer.cell(0, 1).paragraphs[0].text = "明细"
    inner = outer.cell(0, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "子一", "子二"
    opened = read(document, tmp_path)
    assert [(sheet.name, sheet.rows) for sheet in opened.sheets] == [
        ("外表", (("甲", "明细"),)),
        ("明细", (("子一", "子二"),)),
    ]


def test_paragraphs_and_breaks_inside_a_cell(tmp_path: Path) -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "第一段"
    cell.add_paragraph("第二段").add_run().add_break()
    cell.paragraphs[1].add_run("第三行")
    (sheet,) = read(document, tmp_path).sheets
    assert sheet.rows == (("第一段\n第二段\n第三行",),)


def test_deletions_are_left_out_and_insertions_kept(tmp_path: Path) -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.paragraphs[0]._p.append(
        parse_xml(
            f"<w:ins {nsdecls('w')}><w:r><w:t>新文字</w:t></w:r></w:ins>",
        )
    )
    cell.paragraphs[0]._p.append(
        parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>旧文字</w:delText></w:r></w:del>"),
    )
    (sheet,) = read(document, tmp_path).sheets
    assert sheet.rows == (("新文字",),)


def test_rows_inside_a_content_control_are_read(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(1, 1)
    table.cell(0, 0).text = "名称"
    xml = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:tr><w:tc><w:p><w:r><w:t>场景甲</w:t></w:r></w:p></w:tc></w:tr>"
        "</w:sdtContent></w:sdt>"
    )
    table._tbl.append(parse_xml(xml))
    (sheet,) = read(document, tmp_path).sheets
    assert sheet.rows == (("名称",), ("场景甲",))


def test_document_without_a_table_is_refused(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("请各单位报送。")
    with pytest.raises(UnreadableFile) as caught:
        read(document, tmp_path)
    assert caught.value.code == "no-table"


def test_pdf_table_over_several_pages_is_one_sheet() -> None:
    (sheet,) = open_file(DATA / "list.pdf", name="list.pdf").sheets
    assert sheet.name == "附件1 场景机会清单（虚构）"
    assert sheet.rows[0] == ("序号", "场景机会名称", "单位名称")
    assert [row[0] for row in sheet.rows[1:]] == [str(number) for number in range(1, 71)]
    names = {row[1] for row in sheet.rows[1:]}
    assert names == {f"场景机会名称较长以至于在单元格内需要折行显示的第{number}条" for number in range(1, 71)}
