"""Whatever the bytes are: a file that was read, or a refusal. Never another exception, never without end."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import docx
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yingcheng.errors import UnreadableFile
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers import open_file
from yingcheng.intake.readers.content import read_content

DATA = Path(__file__).parents[2] / "data" / "intake"
LIMITS = Limits(seconds=20, cells=200_000, inflated=64 * 1024**2)
MAGICS = (
    b"",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"%PDF-1.7\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    "序号,名称\n".encode("gb18030"),
)


@cache
def seeds(folder: Path) -> tuple[bytes, ...]:
    """One honest file of each format."""
    with xlsxwriter.Workbook(folder / "seed.xlsx") as book:
        page = book.add_worksheet("清单")
        page.merge_range("A1:C1", "标题")
        page.write_row("A2", ["序号", "名称", "金额"])
        page.write_formula("C3", "=1+1", None, 2)
    document = docx.Document()
    document.add_table(2, 2).cell(0, 0).text = "名称"
    document.save(str(folder / "seed.docx"))
    own = [(folder / name).read_bytes() for name in ("seed.xlsx", "seed.docx")]
    kept = [(DATA / name).read_bytes() for name in ("list.xls", "list.ods", "list.pdf", "password.xlsx")]
    return (*own, *kept, "序号,名称,单位\n1,甲,水务局\n".encode("gb18030"))


FUZZ = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@settings(FUZZ, max_examples=150)
@given(magic=st.sampled_from(MAGICS), rest=st.binary(max_size=3000))
def test_random_bytes(tmp_path: Path, magic: bytes, rest: bytes) -> None:
    """Pure Python readers and small inputs: in this process, where an exception shows at once."""
    path = tmp_path / "a.bin"
    path.write_bytes(magic + rest or b"x")
    try:
        opened = read_content(path, "a.bin", LIMITS)
    except UnreadableFile as refusal:
        code = refusal.code
        opened = None
    if opened is None:
        assert code != "unreadable-file"
    else:
        assert all(len(row) == len(sheet.rows[0]) for sheet in opened.sheets for row in sheet.rows)


@settings(FUZZ, max_examples=35)
@given(data=st.data())
def test_damaged_files(tmp_path: Path, data: st.DataObject) -> None:
    """Truncated and flipped files of every format, through the bounded process."""
    content = bytearray(data.draw(st.sampled_from(seeds(tmp_path.parent))))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(1, len(content))) :]
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=12)):
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    try:
        opened = open_file(path, name="a.bin", limits=LIMITS)
    except UnreadableFile as refusal:
        code = refusal.code
        opened = None
    if opened is None:
        assert code != "unreadable-file"
    else:
        assert opened.format
