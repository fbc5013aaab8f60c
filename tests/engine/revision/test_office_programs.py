"""The same edits after a real office program has opened and saved the document."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from edited import City, Officer, comments, lines, make, read

OFFICE = shutil.which("soffice")
SAVED = Path(__file__).parents[2] / "data" / "revision" / "saved-by-libreoffice.docx"
LATER = City(degree="0.700", rank="第 30 位")


def test_a_copy_saved_by_libreoffice_is_known_again() -> None:
    """The file is the draft of ``edited.py`` with three edits, opened and saved by LibreOffice 7.4."""
    edition = read(SAVED.read_bytes())
    shown = lines(make(LATER, [edition]))
    assert {"专班改写。", "加一段。", "智慧公园|园林局|1.2"} <= set(shown)
    assert "耦合协调度 0.700，列第 30 位。" in shown, "what nobody edited follows the facts"
    assert not any("没有企业覆盖" in line for line in shown)
    assert len(make(LATER, [edition]).merged.changes) == 4


@pytest.fixture
def office(tmp_path: Path) -> Path:
    if OFFICE is None:
        pytest.skip("no LibreOffice on this machine; the saved file above stands in")
    return tmp_path


def resaved(data: bytes, folder: Path) -> bytes:
    """The document opened and saved by LibreOffice."""
    (folder / "in").mkdir(exist_ok=True)
    source = folder / "in" / "draft.docx"
    source.write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "docx", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    target = folder / "draft.docx"
    if not target.is_file():
        pytest.skip("LibreOffice is installed without its writer")
    return target.read_bytes()


def test_saving_alone_is_no_edit(office: Path) -> None:
    edition = read(resaved(make().to_document().to_bytes(), office))
    assert not edition.is_edited
    assert edition.known is not None


def test_edits_and_comments_survive_saving(office: Path) -> None:
    officer = Officer(make().to_document().to_bytes()).retype("耦合协调度", "专班改写。").cell(1, 1, "园林局")
    merged = make(LATER, [read(resaved(officer.add_before("“产”", "加一段。").save(), office))])
    assert len(comments(merged)) == 1
    again = make(LATER, [read(resaved(merged.to_document().to_bytes(), office))])
    assert lines(again) == lines(merged)
    assert comments(again) == comments(merged)


def test_open_changes_survive_saving(office: Path) -> None:
    officer = Officer(make().to_document().to_bytes()).track("本次汇集", "李四改写。")
    edition = read(resaved(officer.save(), office))
    (change,) = make(editions=[edition]).merged.changes
    assert (change.text, str(change.note.credit)) == ("李四改写。", "李四 2026-05-23")
