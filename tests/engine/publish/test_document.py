import re
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from sample_results import AS_OF, HOSTILE

from yingcheng.publish import charts
from yingcheng.publish.document import Column, OfficialDocument
from yingcheng.publish.records import Results


def build(png: bytes | None = None, *, landscape: bool = False) -> OfficialDocument:
    document = OfficialDocument("太原市场景机会清单", as_of=AS_OF, author="太原市（虚构）", landscape=landscape)
    document.subtitle("第一批")
    document.heading("一、总体情况")
    document.heading("（一）分类", 2)
    document.paragraph("第一段\n第二段" + HOSTILE)
    rows = [[number, "名称" * 10, None] for number in range(40)]
    document.table(
        [Column("序号", 0.5, "centre"), Column("名称", 2), Column("说明", 3)], rows, caption="清单", source="a.xlsx"
    )
    if png is not None:
        document.figure(png, caption="漏斗", alt="九项", source="b.csv")
    return document


def test_same_calls_same_bytes_with_the_documents_own_date() -> None:
    made = build().to_bytes()
    assert made == build().to_bytes()
    with ZipFile(BytesIO(made)) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(2021, 5, 21)}
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert not [name for name in archive.namelist() if "thumbnail" in name]
    core = Document(BytesIO(made)).core_properties
    assert core.created == core.modified == datetime(2021, 5, 21, tzinfo=UTC)
    assert (core.title, core.author, core.comments) == ("太原市场景机会清单", "太原市（虚构）", "")


def test_page_and_type_follow_the_standard() -> None:
    document = Document(BytesIO(build().to_bytes()))
    section = document.sections[0]
    margins = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    for margin, expected in zip(margins, (Mm(37), Mm(26), Mm(35), Mm(28)), strict=True):
        assert margin is not None
        assert abs(margin - expected) < Mm(0.1)
    normal = document.styles["Normal"]
    assert normal.font.size == Pt(16)
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert normal.paragraph_format.first_line_indent == Pt(32)
    assert normal.paragraph_format.line_spacing == Pt(28)
    assert document.styles["Title"].element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    assert "PAGE" in section.footer._element.xml
    assert "PAGE" in section.even_page_footer._element.xml


def test_fonts_carry_alternatives() -> None:
    with ZipFile(BytesIO(build().to_bytes())) as archive:
        fonts = archive.read("word/fontTable.xml").decode()
    assert re.search(r'w:name="仿宋_GB2312"><w:altName w:val="[^"]*FangSong', fonts)


def test_tables_repeat_their_header_and_fit_the_page() -> None:
    document = Document(BytesIO(build().to_bytes()))
    table = document.tables[0]
    assert len(table.rows) == 41
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    section = document.sections[0]
    assert section.page_width is not None
    room = section.page_width - (section.left_margin or 0) - (section.right_margin or 0)
    assert sum(cell.width or 0 for cell in table.rows[0].cells) <= room
    assert [cell.text for cell in table.rows[1].cells] == ["0", "名称" * 10, ""]


def test_text_is_kept_and_control_characters_are_dropped() -> None:
    document = OfficialDocument("题\x00目", as_of=AS_OF)
    document.paragraph("甲\x0b乙" + HOSTILE)
    texts = [paragraph.text for paragraph in Document(BytesIO(document.to_bytes())).paragraphs]
    assert texts[0] == "题目"
    assert any(text.endswith(HOSTILE) and text.startswith("甲乙") for text in texts)


def test_landscape_is_wider_than_high() -> None:
    section = Document(BytesIO(build(landscape=True).to_bytes())).sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert section.page_width > section.page_height


def test_figures_carry_alternative_text_and_a_source(results: Results) -> None:
    document = Document(BytesIO(build(charts.funnel.picture(results.portfolio).png()).to_bytes()))
    assert len(document.inline_shapes) == 1
    assert document.inline_shapes[0]._inline.docPr.get("descr") == "九项"
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert "图 1　漏斗" in texts
    assert "表 1　清单" in texts
    assert "数据来源：b.csv" in texts


@pytest.mark.parametrize("cells", [("一",), ("一", "二", "三", "四")])
def test_rows_must_match_the_columns(cells: tuple[str, ...]) -> None:
    document = OfficialDocument("题", as_of=AS_OF)
    with pytest.raises(ValueError, match="zip"):
        document.table([Column("甲"), Column("乙")], [cells])
