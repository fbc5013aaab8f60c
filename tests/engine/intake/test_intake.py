"""A whole folder: which files are read, that nothing is lost, and that nothing ever raises."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_sheets import codes, read, sheet
from test_headers import HEADERS

from yingcheng.errors import SettingsError, UnusableInput
from yingcheng.findings import Severity
from yingcheng.intake import read_files, read_folder

ROWS = [
    ("序号", "场景名称", "需求描述", "需求单位"),
    (1, "智慧停车", "盘活存量车位", "市城管局"),
    (2, "无人配送", "末端配送试点", "市商务局"),
]


def save(path: Path, rows: list[tuple], title: str = "Sheet1") -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    book.save(path)


def test_folder_with_settings_and_leftovers(tmp_path: Path) -> None:
    save(tmp_path / "城管局.xlsx", ROWS)
    (tmp_path / "企业").mkdir()
    (tmp_path / "企业" / "名录.csv").write_bytes("企业名称,注册资金\n甲科技有限公司,100万元\n".encode("gb18030"))
    for name in ("programme.toml", "考核办法.toml", ".DS_Store", "~$城管局.xlsx", "README.md", "说明.md", "README"):
        (tmp_path / name).write_text("x = 1\n", "utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x", "utf-8")
    seen: list[tuple[str, int, int]] = []
    intake = read_folder(tmp_path, progress=lambda name, done, total: seen.append((name, done, total)))
    assert {f.file for f in intake.files} == {"城管局.xlsx", "企业/名录.csv"}
    assert len(intake.opportunities) == 2
    assert [e.name for e in intake.enterprises] == ["甲科技有限公司"]
    assert seen[-1] == ("", 2, 2)
    assert all(len(f.sha256) == 64 and f.size > 0 for f in intake.files)


def test_broken_file_is_refused_alone(tmp_path: Path) -> None:
    save(tmp_path / "好.xlsx", ROWS)
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (tmp_path / "空.csv").write_bytes(b"")
    intake = read_folder(tmp_path)
    assert len(intake.opportunities) == 2
    refused = {f.file for f in intake.files if f.refused}
    assert refused == {"坏.xlsx", "空.csv"}
    assert {f.place.file for f in intake.findings if f.severity is Severity.ERROR} == refused


def test_identical_file_is_read_once(tmp_path: Path) -> None:
    save(tmp_path / "一.xlsx", ROWS)
    (tmp_path / "一（副本）.xlsx").write_bytes((tmp_path / "一.xlsx").read_bytes())
    intake = read_folder(tmp_path)
    assert len(intake.opportunities) == 2
    assert codes(intake) == ["file-repeated"]


@pytest.mark.parametrize("copy", ["一(1).xlsx", "一 (2).xlsx", "一 - 副本.xlsx"])
def test_of_identical_files_the_plainly_named_one_counts(tmp_path: Path, copy: str) -> None:
    save(tmp_path / "一.xlsx", ROWS)
    (tmp_path / copy).write_bytes((tmp_path / "一.xlsx").read_bytes())
    intake = read_folder(tmp_path)
    assert {f.file: (f.format, f.refused, len(f.tables)) for f in intake.files} == {
        "一.xlsx": ("xlsx", "", 1),
        copy: ("xlsx", "", 0),
    }
    assert [(f.code, f.place.file) for f in intake.findings] == [("file-repeated", copy)]


def test_same_opportunity_from_two_departments_stays_two(tmp_path: Path) -> None:
    save(tmp_path / "一.xlsx", ROWS)
    save(tmp_path / "二.xlsx", [*ROWS, (3, "夜间经济", "灯光", "市文旅局")])
    intake = read_folder(tmp_path)
    assert len(intake.opportunities) == 5
    assert len({o.id for o in intake.opportunities}) == 5


def test_mapping_beside_the_files(tmp_path: Path) -> None:
    save(tmp_path / "怪表.xlsx", [("甲", "乙"), ("智慧停车", "盘活车位")])
    assert read_folder(tmp_path).opportunities == ()
    (tmp_path / "mapping.toml").write_text(
        '[[table]]\nfile = "怪表.xlsx"\nkind = "opportunities"\nheader_row = 1\n[table.columns]\n"甲" = "name"\n',
        "utf-8",
    )
    assert [o.name for o in read_folder(tmp_path).opportunities] == ["智慧停车"]
    (tmp_path / "mapping.toml").write_text('[[table]]\nkind = "机会"\n', "utf-8")
    with pytest.raises(SettingsError):
        read_folder(tmp_path)


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput):
        read_folder(tmp_path)
    with pytest.raises(UnusableInput):
        read_folder(tmp_path / "没有")


def test_files_outside_the_root_keep_their_name(tmp_path: Path) -> None:
    save(tmp_path / "一.xlsx", ROWS)
    intake = read_files([tmp_path / "一.xlsx", tmp_path / "没有.xlsx"], root=tmp_path / "别处")
    assert [f.file for f in intake.files] == ["一.xlsx", "没有.xlsx"]
    assert intake.files[1].refused


def test_two_runs_are_equal(tmp_path: Path) -> None:
    save(tmp_path / "一.xlsx", ROWS)
    assert read_folder(tmp_path) == read_folder(tmp_path)


CELLS = st.one_of(
    st.none(),
    st.sampled_from([heading for _kind, columns in HEADERS.values() for heading in columns]),
    st.sampled_from(
        ["合计", "注：无", "同上", "一、甲类", "5月21日", "示例", "2025年底前", "面议", "13800000000", "否", "太原"]
    ),
    st.text(max_size=12),
    st.integers(-10, 3000),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.dates(),
    st.datetimes(),
)
GRIDS = st.integers(1, 6).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=9))
MERGES = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 6), st.integers(0, 3), st.integers(0, 3)).map(
        lambda m: (m[0], m[1], m[0] + m[2], m[1] + m[3])
    ),
    max_size=3,
)


@given(GRIDS, MERGES, st.frozensets(st.integers(1, 9), max_size=3))
@settings(max_examples=150, deadline=None)
def test_random_grids_never_raise_and_lose_no_row(grid, merges, hidden) -> None:
    intake = read(sheet(*grid, merged=tuple(merges), hidden=hidden))
    assert intake.rows_in == intake.rows_taken + intake.rows_refused
    for table in intake.files[0].tables:
        assert table.rows_in == table.rows_taken + table.rows_refused
    if intake.rows_refused:
        assert any(f.severity is Severity.ERROR for f in intake.findings)


@given(st.sampled_from(sorted(HEADERS)), st.lists(st.lists(CELLS, min_size=31, max_size=31), max_size=5))
@settings(max_examples=100, deadline=None)
def test_random_rows_under_real_headers_lose_no_row(name, rows) -> None:
    header = tuple(HEADERS[name][1])
    intake = read(sheet(header, *(tuple(row[: len(header)]) for row in rows)))
    assert intake.rows_in == intake.rows_taken + intake.rows_refused
    errors = [f for f in intake.findings if f.severity is Severity.ERROR]
    assert bool(errors) == bool(intake.rows_refused)


@given(
    st.integers(0, 2),
    st.booleans(),
    st.lists(st.integers(0, 3), min_size=2, max_size=2),
)
@settings(max_examples=40, deadline=None)
def test_titles_and_blank_rows_do_not_change_the_records(blank, titled, gaps) -> None:
    rows: list[tuple] = [("场景机会清单",)] * titled + [()] * blank + [ROWS[0]]
    for gap, row in zip(gaps, ROWS[1:], strict=True):
        rows += [()] * gap + [row]
    plain = read(sheet(*ROWS)).opportunities
    dressed = read(sheet(*rows)).opportunities
    assert [(o.id, o.name, o.need, o.unit, o.number) for o in dressed] == [
        (o.id, o.name, o.need, o.unit, o.number) for o in plain
    ]


def test_what_the_desktop_leaves_behind_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "企业.csv").write_text("企业名称,核心产品\n甲科技有限公司,相机\n", "utf-8")
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (tmp_path / name).write_text("企业名称,核心产品\n乙科技有限公司,镜头\n", "utf-8")
    intake = read_folder(tmp_path)
    assert [file.file for file in intake.files] == ["企业.csv"]


def test_text_under_the_name_of_a_picture_is_refused_as_a_picture(tmp_path: Path) -> None:
    (tmp_path / "照片.png").write_text("企业名称,核心产品\n甲科技有限公司,相机\n", "utf-8")
    intake = read_folder(tmp_path)
    assert [finding.code for finding in intake.findings] == ["image"]
    assert intake.files[0].refused


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere every file name is Unicode")
@pytest.mark.parametrize(
    ("stored", "shown"), [("企业名单.csv".encode("gb18030"), "企业名单.csv"), (b"\xff\xfe.csv", "\ufffd\ufffd.csv")]
)
def test_a_file_name_of_another_encoding_is_shown_and_read(tmp_path: Path, stored: bytes, shown: str) -> None:
    folder = tmp_path / "报送"
    folder.mkdir()
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + stored))
    path.write_text("企业名称,核心产品\n甲科技有限公司,相机\n", "utf-8")
    intake = read_folder(tmp_path)
    assert [file.file for file in intake.files] == [f"报送/{shown}"]
    assert intake.enterprises[0].sources[0].file == f"报送/{shown}"
