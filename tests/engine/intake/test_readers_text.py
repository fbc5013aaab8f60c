"""Text files: encodings, delimiters, quotation marks, ragged rows."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Severity
from yingcheng.intake.grid import OpenedFile
from yingcheng.intake.readers import open_file

LIST = "序号,场景机会名称,单位名称,联系方式\r\n"
LIST += "1,无人机巡检河道,水务局,0351-0000000\r\n2,低空物流配送,商务局,13800000000\r\n"
ROWS = (
    ("序号", "场景机会名称", "单位名称", "联系方式"),
    ("1", "无人机巡检河道", "水务局", "0351-0000000"),
    ("2", "低空物流配送", "商务局", "13800000000"),
)


def opened(tmp_path: Path, data: bytes, name: str = "清单.csv") -> OpenedFile:
    path = tmp_path / name
    path.write_bytes(data)
    return open_file(path, name=name)


@pytest.mark.parametrize(
    ("data", "certain"),
    [
        (LIST.encode("utf-8"), True),
        (codecs.BOM_UTF8 + LIST.encode("utf-8"), True),
        (LIST.encode("gb18030"), True),
        (LIST.encode("utf-16"), True),
        (codecs.BOM_UTF16_BE + LIST.encode("utf-16-be"), True),
        (LIST.encode("utf-16-le"), False),
    ],
    ids=["utf8", "utf8-bom", "gb18030", "utf16-le-bom", "utf16-be-bom", "utf16-le-bare"],
)
def test_encodings(tmp_path: Path, data: bytes, certain: bool) -> None:
    result = opened(tmp_path, data)
    assert result.format == "csv"
    assert result.sheets[0].rows == ROWS
    assert result.sheets[0].name == "清单"
    assert [finding.code for finding in result.findings] == ([] if certain else ["encoding-guessed"])


def test_a_rare_surname_does_not_spoil_gb18030(tmp_path: Path) -> None:
    text = LIST.replace("水务局", "水务局㛃䶮")
    result = opened(tmp_path, text.encode("gb18030"))
    assert result.sheets[0].rows[1][2] == "水务局㛃䶮"
    assert result.findings == ()


def test_a_damaged_byte_is_reported_not_hidden(tmp_path: Path) -> None:
    text = LIST * 40
    data = text.encode("gb18030")
    result = opened(tmp_path, data[:-3] + b"\xff\xff\r\n")
    assert [finding.code for finding in result.findings] == ["undecodable-bytes"]
    assert result.findings[0].severity is Severity.WARNING


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = LIST.replace(",", delimiter).replace("无人机", "无人机、飞艇，")
    result = opened(tmp_path, text.encode(), "清单.txt")
    assert result.format == ("tsv" if delimiter == "\t" else "csv")
    assert result.sheets[0].rows[1] == ("1", "无人机、飞艇，巡检河道", "水务局", "0351-0000000")


def test_a_named_delimiter_wins(tmp_path: Path) -> None:
    result = opened(tmp_path, "sep=;\n名称;数值\n甲,乙;1\n丙,丁;2\n".encode())
    assert result.sheets[0].rows == (("名称", "数值"), ("甲,乙", "1"), ("丙,丁", "2"))


def test_quoted_line_breaks_start_no_row(tmp_path: Path) -> None:
    result = opened(tmp_path, '名称,说明\n甲,"第一行\n第二行，含""引号"""\n乙,无\n'.encode())
    assert result.sheets[0].rows == (("名称", "说明"), ("甲", '第一行\n第二行，含"引号"'), ("乙", "无"))


def test_blank_lines_keep_their_row_numbers(tmp_path: Path) -> None:
    result = opened(tmp_path, "清单标题,,\n\n序号,名称,单位\n1,甲,水务局\n,,\n\n".encode())
    rows = result.sheets[0].rows
    assert rows[1] == (None, None, None)
    assert rows[2] == ("序号", "名称", "单位")
    assert len(rows) == 4


def test_a_row_with_too_many_cells_is_a_finding(tmp_path: Path) -> None:
    result = opened(tmp_path, "序号,名称,单位\n1,甲,水务局\n2,乙,丙,商务局\n3,丁\n".encode())
    rows = result.sheets[0].rows
    assert rows[2] == ("2", "乙", "丙", "商务局")
    assert rows[3] == ("3", "丁", None, None)
    (finding,) = result.findings
    assert (finding.code, finding.place.row, finding.severity) == ("ragged-row", 3, Severity.WARNING)


def test_an_unclosed_quotation_mark_swallows_nothing(tmp_path: Path) -> None:
    lines = "".join(f"{number},场景{number},水务局\n" for number in range(2, 4000))
    result = opened(tmp_path, ('序号,名称,单位\n1,"甲,水务局\n' + lines).encode())
    assert len(result.sheets[0].rows) == 4000
    assert result.sheets[0].rows[1] == ("1", '"甲', "水务局")
    assert "unbalanced-quotes" in [finding.code for finding in result.findings]


def test_an_unclosed_quote_swallows_no_row(tmp_path: Path) -> None:
    text = '项目,单位,需求\n甲机会,局,"高质量"建设\n乙机会,局,"智慧停车平台\n丙机会,局,需求丙\n丁机会,局,需求丁\n'
    result = opened(tmp_path, text.encode())
    assert [row[0] for row in result.sheets[0].rows] == ["项目", "甲机会", "乙机会", "丙机会", "丁机会"]
    assert [row[2] for row in result.sheets[0].rows[1:3]] == ['"高质量"建设', '"智慧停车平台']
    found = [f for f in result.findings if f.code == "unbalanced-quotes"]
    assert [(f.severity, f.place.row) for f in found] == [(Severity.WARNING, 2), (Severity.WARNING, 3)]


def test_a_quote_that_closes_rows_later_swallows_no_row(tmp_path: Path) -> None:
    text = '项目,单位,需求\n甲,局,需求甲\n乙,局,"停车\n丙,局,需求丙\n丁,局,平台"\n'
    result = opened(tmp_path, text.encode())
    assert [row[0] for row in result.sheets[0].rows] == ["项目", "甲", "乙", "丙", "丁"]
    assert "unbalanced-quotes" in [finding.code for finding in result.findings]


def test_other_rows_keep_their_quoting_beside_an_unclosed_quote(tmp_path: Path) -> None:
    text = '项目,单位,需求\n甲,局,"停车\n乙,局,"第一行,\n第二行"\n丙,局,"一,二"\n'
    result = opened(tmp_path, text.encode())
    assert [row[2] for row in result.sheets[0].rows] == ["需求", '"停车', "第一行,\n第二行", "一,二"]


def test_one_column_stays_one_column(tmp_path: Path) -> None:
    result = opened(tmp_path, "企业名称\n甲公司\n乙公司\n".encode())
    assert result.sheets[0].rows == (("企业名称",), ("甲公司",), ("乙公司",))


def test_leading_zeros_and_long_codes_stay_text(tmp_path: Path) -> None:
    result = opened(tmp_path, "名称,代码\n甲,0351\n乙,913101207579106470\n".encode())
    assert [row[1] for row in result.sheets[0].rows] == ["代码", "0351", "913101207579106470"]


@pytest.mark.parametrize("data", [b"\n\n \n", b",,,\n,,,\n", codecs.BOM_UTF8])
def test_nothing_but_blanks_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        opened(tmp_path, data)
    assert caught.value.code == "no-table"
