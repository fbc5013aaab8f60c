"""Builds the example folder ``taiyuan/`` from the grids in ``taiyuan_content/``.

Each TOML file there is one file of the officer's folder, cell by cell, with all its dirt in plain sight::

    file = "场景机会/名称.csv"      path inside taiyuan/
    format = "csv"                  xlsx, xls (OLE2), csv, docx or pdf, whatever the name says
    encoding = "gb18030"            csv only
    copies = ["名称(1).csv"]        the same bytes again under another name
    keep = 0.6                      only this share of the bytes is written: a broken upload

    [[sheet]]
    name = "Sheet2"
    merge = ["A1:H1"]
    hidden_rows = [9]
    rows = [["…", 1, 2021-05-20, ""], …]

The same content gives the same cells, and with the same library versions the same bytes. An OLE2 workbook needs
LibreOffice; without ``soffice`` on the path the committed file stays, and so does the PDF without the ``paper`` extra.

    python examples/build_taiyuan.py [TARGET]
"""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import docx
import xlsxwriter
from docx.enum.section import WD_ORIENT
from docx.shared import Cm, Pt

HERE = Path(__file__).parent
CONTENT = HERE / "taiyuan_content"
TARGET = HERE / "taiyuan"
STAMP = datetime(2021, 5, 20, 9, 0, 0)  # noqa: DTZ001 - written into document properties, which carry no zone
ZIP_STAMP = (2021, 5, 20, 9, 0, 0)

Value = str | int | float | bool | date | datetime | time
Area = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of cells. ``merge`` holds top, left, bottom, right, 1-based and inclusive."""

    name: str
    rows: tuple[tuple[Value, ...], ...]
    merge: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """Number of columns of the longest row."""
        return max(len(row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """One file of the folder and how it is written."""

    file: str
    format: str
    grids: tuple[Grid, ...]
    encoding: str = "utf-8"
    copies: tuple[str, ...] = ()
    keep: float = 1.0


def read_area(text: str) -> Area:
    """``A3:B4`` → (3, 1, 4, 2)."""
    found = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", text)
    if found is None:
        raise ValueError(text)
    left, top, right, bottom = found.groups()
    return int(top), _column(left), int(bottom), _column(right)


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column


def load(path: Path) -> ExampleFile:
    """Read one content file."""
    data: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    grids = tuple(
        Grid(
            name=sheet["name"],
            rows=tuple(tuple(row) for row in sheet["rows"]),
            merge=tuple(read_area(area) for area in sheet.get("merge", ())),
            hidden_rows=frozenset(sheet.get("hidden_rows", ())),
        )
        for sheet in data["sheet"]
    )
    return ExampleFile(
        file=data["file"],
        format=data["format"],
        grids=grids,
        encoding=data.get("encoding", "utf-8"),
        copies=tuple(data.get("copies", ())),
        keep=data.get("keep", 1.0),
    )


def load_all() -> tuple[ExampleFile, ...]:
    """All content files, ordered by the name of the content file."""
    return tuple(load(path) for path in sorted(CONTENT.glob("*.toml")))


def workbook_bytes(grids: Sequence[Grid]) -> bytes:
    """An .xlsx workbook of the grids."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"author": "示例（虚构）", "created": STAMP})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    note = book.add_format({"valign": "top"})
    middle = book.add_format({"text_wrap": True, "align": "center", "valign": "vcenter"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    for grid in grids:
        sheet = book.add_worksheet(grid.name)
        for column, width in enumerate(_widths(grid)):
            sheet.set_column(column, column, width)
        for r, row in enumerate(grid.rows):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(r, c, value, day)
                elif value != "":
                    sheet.write(r, c, value, note if _runs_over(c, value) else plain)
        for top, left, bottom, right in grid.merge:
            first = grid.rows[top - 1][left - 1]
            sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, first, middle)
        for row_number in sorted(grid.hidden_rows):
            sheet.set_row(row_number - 1, None, None, {"hidden": True})
    book.close()
    return buffer.getvalue()


def _widths(grid: Grid) -> list[int]:
    """Column widths in characters: as wide as the longest unmerged cell, between 8 and 36."""
    merged = {(area[0], area[1]) for area in grid.merge}
    widths = [8] * grid.width
    for r, row in enumerate(grid.rows, start=1):
        for c, value in enumerate(row, start=1):
            longest = max(len(line) for line in str(value).split("\n"))
            if (r, c) not in merged and not _runs_over(c - 1, value):
                widths[c - 1] = max(widths[c - 1], min(36, 2 * longest + 2))
    return widths


def _runs_over(column: int, value: Value) -> bool:
    """A note in the first column, which runs over the empty columns beside it."""
    return column == 0 and isinstance(value, str) and value.startswith(("注：", "资料来源："))


def csv_bytes(grid: Grid, encoding: str) -> bytes:
    """The grid as comma separated text, lines ended as Excel ends them."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(grid.rows)
    return buffer.getvalue().encode(encoding)


def document_bytes(grids: Sequence[Grid]) -> bytes:
    """A Word document: each grid is a heading, its table, and nothing else."""
    document = docx.Document()
    properties = document.core_properties
    properties.author = "示例（虚构）"
    properties.created = properties.modified = STAMP
    document.styles["Normal"].font.size = Pt(9)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.5)
    for grid in grids:
        document.add_paragraph(grid.name)
        table = document.add_table(rows=len(grid.rows), cols=grid.width, style="Table Grid")
        widths = _widths(grid)
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(26.7 * width / sum(widths))
        for r, row in enumerate(grid.rows):
            cells = table.rows[r].cells
            for c, value in enumerate(row):
                cells[c].text = str(value)
        for top, left, bottom, right in grid.merge:
            first = grid.rows[top - 1][left - 1]
            table.cell(top - 1, left - 1).merge(table.cell(bottom - 1, right - 1)).text = str(first)
    buffer = io.BytesIO()
    document.save(buffer)
    return _restamped(buffer.getvalue())


def _restamped(archive: bytes) -> bytes:
    """The same zip archive with fixed times, so that a second build writes the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, ZIP_STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return buffer.getvalue()


def paper_bytes(grids: Sequence[Grid]) -> bytes | None:
    """A text PDF with one ruled table per grid; ``None`` where typst or the CJK font is not installed."""
    fonts = importlib.util.find_spec("zhplot")
    if importlib.util.find_spec("typst") is None or fonts is None or fonts.origin is None:
        return None
    import typst  # noqa: PLC0415 - part of the optional extra

    text = [
        '#set document(title: "示例（虚构）", date: none)',
        '#set page(paper: "a4", flipped: true, margin: 1cm)',
        '#set text(font: "Noto Sans SC", lang: "zh", size: 7.5pt)',
        "#set table.cell(breakable: false)",
    ]
    for grid in grids:
        columns = ", ".join(f"{width}fr" for width in _widths(grid))
        text += [f"#align(center)[#text(size: 13pt)[{_typst(grid.name)}]]", f"#table(columns: ({columns}),"]
        text += [
            "  table.header(" + ", ".join(f"[{_typst(str(value))}]" for value in grid.rows[0]) + "),",
            *("  " + ", ".join(f"[{_typst(str(value))}]" for value in row) + "," for row in grid.rows[1:]),
            ")",
        ]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "table.typ"
        source.write_text("\n".join(text), encoding="utf-8")
        return bytes(typst.compile(str(source), font_paths=[str(Path(fonts.origin).parent / "fonts")]))


def _typst(text: str) -> str:
    escaped = re.sub(r"([\\#*_`$<>@\[\]~/=+-])", r"\\\1", text)
    return escaped.replace("\n", " \\ ")


def ole2_bytes(grids: Sequence[Grid]) -> bytes | None:
    """An OLE2 .xls workbook, converted by LibreOffice; ``None`` where that is not installed."""
    office = shutil.which("soffice")
    if office is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "book.xlsx"
        source.write_bytes(workbook_bytes(grids))
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [office, profile, "--headless", "--convert-to", "xls", "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)  # noqa: S603 - fixed arguments
        return source.with_suffix(".xls").read_bytes()


def file_bytes(example: ExampleFile) -> bytes | None:
    """What stands in the file; ``None`` where this machine cannot make that format."""
    data: bytes | None
    match example.format:
        case "csv":
            data = csv_bytes(example.grids[0], example.encoding)
        case "docx":
            data = document_bytes(example.grids)
        case "pdf":
            data = paper_bytes(example.grids)
        case "xls":
            data = ole2_bytes(example.grids)
        case _:
            data = workbook_bytes(example.grids)
    return None if data is None else data[: round(len(data) * example.keep)]


def build(target: Path, *, formats: Sequence[str] = ("xlsx", "xls", "csv", "docx", "pdf")) -> tuple[str, ...]:
    """Write the workbooks of these formats into ``target``; returns the files this machine could not make."""
    missing: list[str] = []
    for example in load_all():
        if example.format not in formats:
            continue
        data = file_bytes(example)
        for name in (example.file, *example.copies):
            if data is None:
                missing.append(name)
                continue
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return tuple(missing)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    for name in build(folder):
        print(f"{name}：本机缺少生成该格式的程序，保留原文件")
