"""Decisions in the sheet of candidates: read back, learned from, switched on."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from yingcheng.cli import app
from yingcheng.intake.decisions import read_decisions
from yingcheng.matchmaking.affinity import load_model
from yingcheng.matchmaking.records import DECISIONS
from yingcheng.programme import RunReport

SHEET = "候选企业"
FEW = 20  # rows; of so few every second one is wanted
WORKBOOK = Path("5-政企精准对接") / "匹配建议.xlsx"


def decide(source: Path, target: Path, words: dict[str, str] | None = None, count: int = 10_000) -> int:
    """Fill the column 决定 as an officer would who asks for the track first: 采纳 where it is the same."""
    book = openpyxl.load_workbook(source)
    sheet = book[SHEET]
    columns: dict[str, int] = {}
    decided = 0
    for row in sheet.iter_rows():
        if not columns:
            if row[0].value == "场景机会":
                columns = {str(cell.value): place for place, cell in enumerate(row)}
            continue
        if decided == count:
            break
        wanted = "同属" in str(row[columns["理由"]].value) if count > FEW else decided % 2 == 0
        row[columns["决定"]].value = (words or {"yes": "采纳", "no": "不采纳"})["yes" if wanted else "no"]
        decided += 1
    book.save(target)
    return decided


def test_every_candidate_has_a_cell_for_the_decision_with_the_words_to_choose_from(example_run: RunReport) -> None:
    sheet = openpyxl.load_workbook(example_run.out / WORKBOOK)[SHEET]
    (offered,) = sheet.data_validations.dataValidation
    words = str(offered.formula1).strip('"').split(",")
    assert words
    assert set(words) <= set(DECISIONS)


def test_decisions_are_read_with_their_cells(example_run: RunReport, tmp_path: Path) -> None:
    count = decide(example_run.out / WORKBOOK, tmp_path / "d.xlsx")
    rows, findings = read_decisions(tmp_path / "d.xlsx", name="d.xlsx")
    assert len(rows) == count == len(example_run.results.candidates.edges)
    assert findings == ()
    names = example_run.results.opportunity_names().values()
    assert {row.opportunity for row in rows} <= set(names)
    assert rows[0].place.sheet == SHEET
    assert rows[0].place.cell


def test_an_empty_cell_is_no_decision_and_an_unknown_word_is_a_finding(example_run: RunReport, tmp_path: Path) -> None:
    decide(example_run.out / WORKBOOK, tmp_path / "d.xlsx", {"yes": "已签约", "no": "再看看"}, count=12)
    rows, findings = read_decisions(tmp_path / "d.xlsx", name="d.xlsx")
    assert len(rows) + len(findings) == 12
    assert rows
    assert findings
    assert {row.weight for row in rows} == {2.0}
    assert {finding.code for finding in findings} == {"unknown-decision"}
    assert findings[0].found == "再看看"
    assert "采纳" in findings[0].expected


def test_an_untouched_workbook_says_what_to_do(example: Path, example_run: RunReport) -> None:
    ended = CliRunner().invoke(app, ["learn", str(example), str(example_run.out / WORKBOOK)])
    assert ended.exit_code != 0
    assert "没有找到已填写的决定" in str(ended.exception)


def test_an_officer_teaches_the_matching_sees_the_effect_and_switches_it_on(
    example: Path, example_run: RunReport, tmp_path: Path
) -> None:
    folder = tmp_path / "材料"
    shutil.copytree(example, folder)
    decide(example_run.out / WORKBOOK, tmp_path / "决定.xlsx")
    model = folder / "匹配模型.toml"
    ended = CliRunner().invoke(app, ["learn", str(folder), str(tmp_path / "决定.xlsx"), "--out", str(model)])
    assert ended.exit_code == 0, ended.output
    assert "在未参与学习的决定上" in ended.output
    assert "前三名会变化" in ended.output
    learned = load_model(model)
    assert learned.effect is not None
    assert learned.effect.loss_after < learned.effect.loss_before
    settings = folder / "programme.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[matchmaking]", '[matchmaking]\nmodel = "匹配模型.toml"'), encoding="utf-8"
    )
    again = CliRunner().invoke(app, ["run", str(folder), "--out", str(tmp_path / "结果")])
    assert again.exit_code == 1, again.output  # the broken file of the example
    rows = list(openpyxl.load_workbook(tmp_path / "结果" / WORKBOOK)[SHEET].iter_rows(min_row=5, values_only=True))
    before = list(openpyxl.load_workbook(example_run.out / WORKBOOK)[SHEET].iter_rows(min_row=5, values_only=True))
    assert rows != before


@pytest.mark.parametrize("count", [5])
def test_too_few_decisions_are_refused_with_their_number(
    example: Path, example_run: RunReport, tmp_path: Path, count: int
) -> None:
    decide(example_run.out / WORKBOOK, tmp_path / "d.xlsx", count=count)
    asked = ["learn", str(example), str(tmp_path / "d.xlsx"), "--out", str(tmp_path / "m.toml")]
    ended = CliRunner().invoke(app, asked)
    assert ended.exit_code != 0
    assert f"{count} 条" in str(ended.exception)
    assert not (tmp_path / "m.toml").exists()
