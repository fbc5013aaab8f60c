"""An organiser chooses pairs: sees who meets whom, what fairness costs, why not, and checks the proof."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yingcheng.cli import app
from yingcheng.errors import Infeasible, SettingsError

EXAMPLE = Path(__file__).parents[2] / "examples" / "taiyuan"


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["match", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "材料"))


def with_settings(folder: Path, text: str) -> None:
    path = folder / "programme.toml"
    path.write_text(path.read_text("utf-8").replace("[matchmaking]\n", f"[matchmaking]\n{text}\n"), "utf-8")


def test_the_organiser_sees_pairs_floor_and_frontier(folder: Path) -> None:
    code, output = invoke(str(folder), "--fair", "offers", "--frontier")
    assert code == 0
    assert "国际旅游度假区综合开发" in output
    assert "任何选法不超过" in output
    assert "保底：" in output
    assert "最低一方所得" in output


def test_one_who_was_not_chosen_is_told_why(folder: Path) -> None:
    code, output = invoke(str(folder), "--why", "国际旅游度假区综合开发", "招商局集团")
    assert code == 0
    assert "候选" in output.splitlines()[-1] or "得分" in output.splitlines()[-1]


def test_wishes_of_the_settings_are_kept_or_contradicted_in_words(folder: Path) -> None:
    with_settings(folder, 'must = [["国际旅游度假区综合开发", "招商局集团"]]')
    code, output = invoke(str(folder), "--why", "国际旅游度假区综合开发", "招商局集团")
    assert code == 0
    assert "这一对已选中" in output
    with_settings(folder, 'must_not = [["国际旅游度假区综合开发", "招商局集团"]]')
    with pytest.raises(Infeasible, match="必须对接：“国际旅游度假区综合开发” × “招商局集团”"):
        invoke(str(folder))


def test_a_wish_about_nobody_is_refused_with_a_hint(folder: Path) -> None:
    with_settings(folder, 'minimums = { "招商局集团公司们" = 1 }')
    with pytest.raises(SettingsError) as caught:
        invoke(str(folder))
    assert "招商局集团" in str(caught.value)


def test_the_proof_of_a_run_verifies_and_a_changed_one_does_not(folder: Path, tmp_path: Path) -> None:
    from yingcheng.matchmaking.assignment import proof_of  # noqa: PLC0415
    from yingcheng.programme import match_folder  # noqa: PLC0415
    from yingcheng.settings import load_settings  # noqa: PLC0415

    settings = load_settings(folder / "programme.toml", today=date(2021, 5, 20))
    proof = tmp_path / "匹配证明.json"
    text = proof_of(match_folder(folder, settings).choice)
    proof.write_text(text, "utf-8")
    code, output = invoke("--verify", str(proof))
    assert code == 0
    assert "复核通过" in output
    start = text.index('"chosen":[') + len('"chosen":[')
    proof.write_text(text[:start] + text[text.index(",", start) + 1 :], "utf-8")  # one pair fewer
    code, output = invoke("--verify", str(proof))
    assert code == 1
    assert "复核未通过" in output
