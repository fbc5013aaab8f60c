"""README: rows in = rows taken + rows refused, always; a broken file is refused alone."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from yingcheng.errors import UnusableInput
from yingcheng.findings import Severity
from yingcheng.intake import read_folder
from yingcheng.programme import RunReport, run_programme
from yingcheng.settings import Settings


def test_every_row_of_the_example_is_taken_or_refused_with_a_finding(example_run: RunReport) -> None:
    assert example_run.rows_in == example_run.rows_taken + example_run.rows_refused
    for file in example_run.results.files:
        for table in file.tables:
            assert table.rows_in == table.rows_taken + table.rows_refused
            if table.rows_refused:
                errors = [
                    finding
                    for finding in example_run.results.findings
                    if finding.severity is Severity.ERROR and finding.place.file == file.file
                ]
                assert errors, (file.file, table.sheet)


def test_every_refused_file_has_a_reason_and_the_others_go_on(example_run: RunReport) -> None:
    assert [file.file.rsplit("/", 1)[1] for file in example_run.files_refused] == [
        "06_市交通运输局_场景机会清单（上传中断）.xlsx"
    ]
    assert all(file.refused for file in example_run.files_refused)
    assert len(example_run.results.files) - len(example_run.files_refused) >= 12


def test_every_record_of_the_example_names_its_rows(example_run: RunReport) -> None:
    results = example_run.results
    records = (
        *results.opportunities.opportunities,
        *results.matrix.enterprises,
        *results.reach.measures,
        *results.cases,
        *results.portfolio.projects,
    )
    assert len(records) > 150
    files = {file.file for file in results.files}
    for record in records:
        assert record.sources, record
        for source in record.sources:
            assert source.file in files
            assert source.row > 0


def test_adding_a_broken_file_changes_nothing_else(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "材料"
    shutil.copytree(example / "场景机会", folder)
    before = read_folder(folder)
    (folder / "新增.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (folder / "空.csv").write_bytes(b"")
    after = read_folder(folder)
    assert after.opportunities == before.opportunities
    assert {file.file for file in after.files if file.refused} - {
        file.file for file in before.files if file.refused
    } == {
        "新增.xlsx",
        "空.csv",
    }


@pytest.mark.parametrize("content", [{}, {"坏.xlsx": b"PK"}, {"说明.md": b"text"}])
def test_a_folder_without_anything_readable_is_unusable_and_writes_nothing(
    content: dict[str, bytes], tmp_path: Path
) -> None:
    folder, out = tmp_path / "材料", tmp_path / "结果"
    folder.mkdir()
    for name, data in content.items():
        (folder / name).write_bytes(data)
    with pytest.raises(UnusableInput):
        run_programme(folder, out, Settings(as_of=date(2026, 1, 1)))
    assert not any(out.rglob("*")) if out.exists() else True
