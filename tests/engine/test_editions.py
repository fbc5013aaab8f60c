import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from yingcheng.checking import check_files
from yingcheng.editions import read_editions
from yingcheng.errors import UnreadableFile
from yingcheng.findings import Severity
from yingcheng.intake import open_draft, read_folder
from yingcheng.output import digest, output_folder, persons_copies

SAVED = Path(__file__).parents[1] / "data" / "revision" / "saved-by-libreoffice.docx"
PLAN = "1-顶层策划/顶层策划.docx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an edited draft, and a list beside it."""
    folder = tmp_path / "材料"
    (folder / "改稿").mkdir(parents=True)
    (folder / "改稿" / "某稿.docx").write_bytes(SAVED.read_bytes())
    (folder / "清单.csv").write_text("序号,场景名称,场景领域,需求单位\n1,智慧公园（虚构）,城市更新,某局\n", "utf-8")
    return folder


def write(out: Path, data: bytes) -> None:
    with output_folder(out) as output:
        target = output.folder / PLAN
        target.parent.mkdir(parents=True)
        target.write_bytes(data)
        (output.folder / "run.json").write_text("", "utf-8")
    digests = {PLAN: digest(out / PLAN)}
    (out / "run.json").write_text(json.dumps({"provenance": {"outputs": digests}}), "utf-8")


def test_a_draft_is_told_from_material_by_its_marks_not_by_its_name(folder: Path) -> None:
    intake = read_folder(folder)
    assert intake.drafts == ("改稿/某稿.docx",)
    assert len(intake.opportunities) == 1, "its tables are not read as a list of projects"
    assert intake.projects == ()
    report = next(file for file in intake.files if file.file == "改稿/某稿.docx")
    assert (report.format, report.tables, report.refused) == ("docx", (), "")


def test_check_says_that_a_draft_is_no_material(folder: Path) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    day = date(2026, 5, 20)
    _intake, findings = check_files(paths, root=folder, mapping=None, as_of=day, progress=lambda *_step: None)
    (told,) = [finding for finding in findings if finding.code == "draft-set-aside"]
    assert (told.severity, told.place.file) == (Severity.NOTICE, "改稿/某稿.docx")


def test_copies_of_a_person_are_found_in_the_output(tmp_path: Path) -> None:
    out = tmp_path / "结果"
    assert persons_copies(out, PLAN) == ()
    write(out, b"ours")
    assert persons_copies(out, PLAN) == (), "nobody touched it"
    kept = out / "1-顶层策划" / "顶层策划（人工修改-12345678）.docx"
    kept.write_bytes(b"kept by the run before")
    (out / PLAN).write_bytes(b"edited since")
    (out / "1-顶层策划" / "别的.docx").write_bytes(b"somebody's")
    assert persons_copies(out, PLAN) == (kept, out / PLAN)


def test_the_same_copy_in_two_places_counts_once(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "结果"
    write(out, b"ours")
    (out / PLAN).write_bytes(SAVED.read_bytes())
    drafts = {"改稿/某稿.docx": folder / "改稿" / "某稿.docx"}
    editions, findings = read_editions(drafts, out, PLAN)
    assert len({edition.sha256 for edition in editions}) == 1
    assert {finding.code for finding in findings} == {"draft-taken-in"}


def test_a_copy_that_cannot_be_read_has_a_finding_and_the_others_go_on(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "坏.docx"
    broken.write_bytes(SAVED.read_bytes()[:9000])
    drafts = {"坏.docx": broken, "某稿.docx": folder / "改稿" / "某稿.docx"}
    editions, findings = read_editions(drafts, tmp_path / "无", PLAN)
    assert [edition.file for edition in editions] == ["某稿.docx"]
    assert [(finding.severity, finding.code) for finding in findings[:1]] == [(Severity.WARNING, "broken-zip")]


def test_a_draft_with_entities_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "顶层策划.docx"
    with zipfile.ZipFile(SAVED) as old, zipfile.ZipFile(bomb, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("customXml/item2"):
                data = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa">]><d>&a;</d>'
            new.writestr(name, data)
    with pytest.raises(UnreadableFile) as caught:
        open_draft(bomb, name="顶层策划.docx")
    assert caught.value.code == "xml-entities"
