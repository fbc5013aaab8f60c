"""Files that must be refused alone, in bounded time and memory: broken, encrypted, empty, huge, hostile, of no use."""

from __future__ import annotations

import os
import struct
import sys
import time
import zipfile
import zlib
from pathlib import Path

import docx
import pytest
import xlsxwriter

from yingcheng.errors import UnreadableFile
from yingcheng.intake.readers import Limits, open_file

DATA = Path(__file__).parents[2] / "data" / "intake"
POSIX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system holds the ceiling on Linux only")


def refusal(path: Path, limits: Limits | None = None) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        open_file(path, name=path.name, limits=limits or Limits())
    error = caught.value
    assert error.where == path.name
    assert error.what
    assert error.remedy
    return error


def workbook(path: Path, rows: int = 3) -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("清单")
        for row in range(rows):
            page.write_row(row, 0, ["名称", f"场景{row}", row])
    return path


def replaced(path: Path, part: str, data: bytes) -> Path:
    """The same archive with one member exchanged."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[part] = data
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.xlsx", b"", "empty-file"),
        ("照片.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "image"),
        ("扫描.xls", b"\xff\xd8\xff\xe0" + b"\0" * 64, "image"),
        ("包.xlsx", b"Rar!\x1a\x07\x00" + b"\0" * 64, "archive"),
        ("系统导出.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web-page"),
        ("系统导出.xls", "<table><tr><td>甲</td></tr></table>".encode("utf-16"), "web-page"),
        ("文.docx", b"{\\rtf1\\ansi }", "rich-text"),
        ("程序.xlsx", b"MZ\x90\x00" + bytes(range(256)) * 8, "not-a-workbook"),
        ("程序.csv", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8, "not-a-workbook"),
        ("半截.xlsx", b"PK\x03\x04" + b"\0" * 200, "broken-zip"),
        ("坏.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "not-a-workbook"),
        ("坏.pdf", b"%PDF-1.7\n%%EOF\n", "broken-file"),
    ],
)
def test_files_of_no_use(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert refusal(path).code == code


def test_things_that_are_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "没有.xlsx").code == "missing-file"
    assert refusal(tmp_path).code == "not-a-file"


@POSIX
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管道.csv")
    assert refusal(tmp_path / "管道.csv").code == "not-a-file"


@pytest.mark.parametrize(
    ("name", "code"), [("password.xlsx", "encrypted"), ("password.pdf", "encrypted"), ("old.doc", "legacy-word")]
)
def test_encrypted_and_old_files_say_what_to_do(name: str, code: str) -> None:
    assert refusal(DATA / name).code == code


def test_old_workbook_with_a_password(tmp_path: Path) -> None:
    data = bytearray((DATA / "list.xls").read_bytes())
    start = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # BOF of the workbook's globals, [MS-XLS] 2.4.21
    data[start + 20 : start + 22] = b"\x2f\x00"  # the record after it becomes FilePass, [MS-XLS] 2.4.117
    path = tmp_path / "a.xls"
    path.write_bytes(data)
    assert refusal(path).code == "encrypted"


def test_open_document_with_a_password(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    path.write_bytes((DATA / "list.ods").read_bytes())
    manifest = part(path, "META-INF/manifest.xml")
    entry = b'manifest:full-path="content.xml"'
    at = manifest.index(b"/>", manifest.index(entry))
    encrypted = manifest[:at] + b"><manifest:encryption-data/></manifest:file-entry>" + manifest[at + 2 :]
    assert refusal(replaced(path, "META-INF/manifest.xml", encrypted)).code == "encrypted"


def test_a_plain_zip_is_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "材料.zip", "w") as archive:
        archive.write(workbook(tmp_path / "a.xlsx"), "a.xlsx")
    assert refusal(tmp_path / "材料.zip").code == "archive"


def test_a_workbook_without_content(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet()
    assert refusal(tmp_path / "a.xlsx").code == "no-table"


def test_truncated_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(path).code == "broken-zip"


def test_damaged_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    sheet = part(path, "xl/worksheets/sheet1.xml")
    replaced(path, "xl/worksheets/sheet1.xml", sheet[: len(sheet) * 2 // 3])
    assert refusal(path).code == "broken-workbook"


def test_file_over_the_size_limit(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    assert refusal(path, Limits(size=1000)).code == "too-large"
    assert open_file(path, name="a.xlsx", limits=Limits(size=path.stat().st_size)).format == "xlsx"


def test_more_cells_than_allowed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", rows=40)
    assert refusal(path, Limits(cells=119)).code == "too-large"
    assert len(open_file(path, name="a.xlsx", limits=Limits(cells=120)).sheets[0].rows) == 40
    text = tmp_path / "a.csv"
    text.write_text("a,b\n" * 60, encoding="ascii")
    assert refusal(text, Limits(cells=119)).code == "too-large"
    assert len(open_file(text, name="a.csv", limits=Limits(cells=120)).sheets[0].rows) == 60


def test_one_wide_csv_row_does_not_widen_all_others_beyond_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" * 500 + "," * 500 + "x\n", encoding="ascii")
    assert refusal(path, Limits(cells=10_000)).code == "too-large"


def test_zip_bomb_that_declares_its_size(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    replaced(path, "xl/worksheets/sheet1.xml", b" " * 50_000_000)
    assert refusal(path).code == "zip-bomb"
    assert refusal(workbook(tmp_path / "b.xlsx"), Limits(inflated=3000)).code == "zip-bomb"


def test_zip_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    size = 40_000_000
    replaced(path, "xl/worksheets/sheet1.xml", b" " * size)
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 900)))
    assert refusal(path).code == "broken-zip"


def test_entity_bomb_is_refused_before_any_parser(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    path = replaced(workbook(tmp_path / "a.xlsx"), "xl/worksheets/sheet1.xml", bomb)
    assert refusal(path).code == "xml-entities"
    wide = bomb.decode().replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16")
    assert refusal(replaced(path, "xl/worksheets/sheet1.xml", wide)).code == "xml-entities"
    document = docx.Document()
    document.save(str(tmp_path / "a.docx"))
    path = replaced(tmp_path / "a.docx", "word/document.xml", bomb)
    assert refusal(path).code == "xml-entities"


def test_deep_nesting_in_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    docx.Document().save(str(path))
    head = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    deep = b"<w:tbl><w:tr><w:tc>" * 100_000
    assert refusal(replaced(path, "word/document.xml", head + deep)).code == "too-deep"
    wide = head + b'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>'
    sheet = open_file(replaced(path, "word/document.xml", wide + b"</w:body></w:document>"), name="a.docx").sheets[0]
    assert len(sheet.rows[0]) == 1000


def test_stray_cell_at_the_far_corner_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    sheet = part(path, "xl/worksheets/sheet1.xml")
    stray = b'<row r="1048576"><c r="XFD1048576" s="0">%s</c></row></sheetData>'
    replaced(path, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", stray % b"<v>1</v>"))
    error = refusal(path)
    assert error.code == "too-large"
    assert "XFD1048576" in error.what
    assert "清单" in error.what
    replaced(path, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", stray % b""))
    assert len(open_file(path, name="a.xlsx").sheets[0].rows) == 3  # only formatted: nothing stands there


def test_a_million_empty_rows_cost_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    rows = b'<row><c s="0"/></row>' * 1_048_570
    sheet = part(path, "xl/worksheets/sheet1.xml").replace(b"</sheetData>", rows + b"</sheetData>")
    assert len(open_file(replaced(path, "xl/worksheets/sheet1.xml", sheet), name="a.xlsx").sheets[0].rows) == 3


def repeated(path: Path, rows: int, columns: int) -> Path:
    """A .ods whose one cell is repeated over a rectangle: a few bytes that mean any amount of memory."""
    path.write_bytes((DATA / "list.ods").read_bytes())
    content = part(path, "content.xml")
    cell = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="string" '
        f'table:number-columns-repeated="{columns}"><text:p>x</text:p></table:table-cell></table:table-row>'
    ).encode()
    assert b"<table:table-row" in content
    return replaced(path, "content.xml", content.replace(b"<table:table-row", cell + b"<table:table-row", 1))


def test_a_cell_repeated_without_end(tmp_path: Path) -> None:
    assert refusal(repeated(tmp_path / "a.ods", 1_000_000, 16_000)).code == "too-large"


@POSIX
def test_memory_has_a_ceiling(tmp_path: Path) -> None:
    path = repeated(tmp_path / "a.ods", 6_000, 15_000)
    started = time.monotonic()
    error = refusal(path, Limits(memory=384 * 1024**2, seconds=20))
    assert error.code == "too-large"
    assert "384" in error.what
    assert time.monotonic() - started < 15


def test_time_has_a_ceiling(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", rows=3000)
    assert refusal(path, Limits(seconds=0.01)).code == "too-slow"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("import os; os.abort()", "broken-file"),
        ("import os; os.write(2, b'memory allocation of 9 bytes failed'); os.abort()", "too-large"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "too-large"),
    ],
    ids=["crash", "allocation", "killed"],
)
@POSIX
def test_a_reader_that_dies_refuses_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: str
) -> None:
    child = tmp_path / "child.py"
    child.write_text(script, encoding="utf-8")
    monkeypatch.setattr("yingcheng.intake.readers.bounded.CHILD", child)
    assert refusal(workbook(tmp_path / "a.xlsx")).code == code


def test_a_bug_of_ours_is_no_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child.py"
    child.write_text("raise KeyError('ours')", encoding="utf-8")
    monkeypatch.setattr("yingcheng.intake.readers.bounded.CHILD", child)
    with pytest.raises(RuntimeError, match="KeyError: 'ours'"):
        open_file(workbook(tmp_path / "a.xlsx"), name="a.xlsx")


def scanned_pdf() -> bytes:
    """A one-page PDF that holds a picture and no letter."""
    picture = zlib.compress(b"\x80" * 100)
    image = (
        f"/Type /XObject /Subtype /Image /Width 10 /Height 10 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        f"/Filter /FlateDecode /Length {len(picture)}"
    ).encode()
    draw = b"q 500 0 0 700 0 0 cm /I Do Q"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(draw), draw),
        b"<< %s >>\nstream\n%s\nendstream" % (image, picture),
        b"<< /XObject << /I 5 0 R >> >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 7\n0000000000 65535 f \n" + table + trailer


def test_scanned_pdf_is_sent_back_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "扫描件.pdf"
    path.write_bytes(scanned_pdf())
    error = refusal(path)
    assert error.code == "scanned-pdf"
    assert ".xlsx" in error.remedy
