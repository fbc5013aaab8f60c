from datetime import date

import numpy as np
import pypdfium2
import pytest
from pdf_text import page_texts, squeezed
from sample_results import AS_OF, HOSTILE

from yingcheng.errors import MissingExtra
from yingcheng.findings import SourceRow
from yingcheng.publish import extras, paper
from yingcheng.publish.blocks import Block, Column, Cover, Heading, Paragraph, Table, cited, to_pdf


def bitmap(pdf: bytes) -> np.ndarray:
    document = pypdfium2.PdfDocument(pdf)
    pixels = document[0].render(scale=2).to_numpy().copy()
    document.close()
    return pixels


def typeset(source: str, **files: bytes) -> bytes:
    return paper.compile_sources({"main": source.encode(), **files}, as_of=AS_OF)


def report(*blocks: Block, as_of: date = AS_OF) -> bytes:
    cover = Cover("城市行（虚构）", "报告", "", (("城市", "太原市"),), "说明", "编制单位", as_of)
    return to_pdf(cover, [Heading("第一章"), *blocks])


def glyph(character: str) -> np.ndarray:
    return bitmap(typeset(f'#set page(width: 40pt, height: 40pt)\n#set text(font: "Noto Sans SC", 20pt)\n{character}'))


def test_glyphs_are_drawn_and_are_not_boxes() -> None:
    drawn = [glyph(character) for character in "产城营"]
    box = glyph("\U000f0000")  # in no font: what a missing glyph looks like
    for index, one in enumerate(drawn):
        assert (one < 128).sum() > 40, "something is drawn"
        assert not np.array_equal(one, box)
        for other in drawn[index + 1 :]:
            assert not np.array_equal(one, other)


def test_glyphs_inside_figures_are_not_boxes() -> None:
    def figure(character: str) -> np.ndarray:
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30"><text x="4" y="22" '
            f"style=\"font: 20px 'Noto Sans SC','Microsoft YaHei',sans-serif\">{character}</text></svg>"
        )
        source = '#set page(width: 40pt, height: 40pt, margin: 2pt)\n#image("a.svg")'
        return bitmap(paper.compile_sources({"main": source.encode(), "a.svg": svg.encode()}, as_of=AS_OF))

    assert not np.array_equal(figure("产"), figure("城"))
    assert not np.array_equal(figure("产"), figure("\U000f0000"))


def test_unknown_font_is_an_error() -> None:
    with pytest.raises(paper.PaperError, match="unknown font family"):
        typeset('#set text(font: "No Such Font")\n产')


def test_system_fonts_are_not_used() -> None:
    with pytest.raises(paper.PaperError, match="unknown font family"):
        typeset('#set text(font: "Noto Sans CJK SC")\n产')


def test_broken_template_is_an_error() -> None:
    with pytest.raises(paper.PaperError, match=r"unclosed|expected"):
        typeset("#let a = (")


def test_what_people_wrote_is_never_markup() -> None:
    table = Table("表名" + HOSTILE, (Column("列" + HOSTILE), Column("二")), ((HOSTILE, "乙"),), HOSTILE)
    words = squeezed(report(Heading(HOSTILE, 2), Paragraph(HOSTILE), table))
    assert words.count("".join(HOSTILE.split())) >= 5


def test_same_arguments_same_bytes_and_the_date_is_the_documents_own() -> None:
    assert report(Paragraph("正文")) == report(Paragraph("正文"))
    document = pypdfium2.PdfDocument(report(Paragraph("正文")))
    assert document.get_metadata_dict()["CreationDate"].startswith("D:20210521")
    assert document.get_metadata_dict()["Title"] == "报告"
    document.close()
    assert report(Paragraph("正文"), as_of=date(2022, 1, 1)) != report(Paragraph("正文"))


def test_header_row_repeats_and_nothing_leaves_the_page() -> None:
    wide = "https://example.com/" + "a1b2c3" * 40
    rows = tuple((str(number), "说明" * 30, wide) for number in range(60))
    pdf = report(Table("很长的表", (Column("序号", 0.5), Column("很窄的说明", 1), Column("地址", 1)), rows, "某表"))
    pages = page_texts(pdf)
    with_rows = [page for page in pages if "说明说明" in page]
    assert len(with_rows) > 2
    assert all("很窄的说明" in page for page in with_rows)
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        width, _height = page.get_size()
        for obj in page.get_objects(max_depth=2):
            left, _bottom, right, _top = obj.get_bounds()
            assert left >= -1
            assert right <= width + 1
    document.close()


def test_page_numbers_and_running_header() -> None:
    pages = page_texts(report(Paragraph("正文")))
    assert len(pages) == 3
    assert "— 2 —" in pages[1]
    assert "— 3 —" in pages[2]
    assert "城市行（虚构）" in pages[2]
    assert "第一章" in pages[1], "contents"
    assert "— 1 —" not in pages[0], "the cover has no number"


def test_rows_are_cited_as_ranges() -> None:
    rows = [SourceRow("b.xlsx", "表1", row) for row in (4, 5, 6, 9)] + [SourceRow("a.csv", "", 2)]
    assert cited(rows) == "a.csv 第 2 行；b.xlsx/表1 第 4–6、9 行"
    assert cited(SourceRow(f"{n}.csv", "", 1) for n in range(9)).endswith("1.csv 第 1 行 等 9 张表")
    assert cited([]) == ""


def test_missing_extra_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "typst" else True)
    with pytest.raises(MissingExtra, match="typst") as caught:
        paper.render("report.typ", {}, as_of=AS_OF)
    assert caught.value.extra == "paper"
