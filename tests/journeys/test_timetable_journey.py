"""The journey of an organiser: run, hand out calendars, repair on the day, take it back, run again."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar, Event
from typer.testing import CliRunner

from yingcheng.cli import app
from yingcheng.matchmaking.timetable.stored import read_schedule
from yingcheng.output import RUN_FILE, digest
from yingcheng.programme import RunReport, run_programme
from yingcheng.settings import load_settings

STEP = "5-政企精准对接"


@pytest.fixture
def out(example_run: RunReport, tmp_path: Path) -> Path:
    """A copy of the results of a run, to be changed."""
    shutil.copytree(example_run.out, tmp_path / "out")
    return tmp_path / "out"


def files(out: Path) -> dict[str, str]:
    folder = out / STEP
    return {path.relative_to(folder).as_posix(): digest(path) for path in folder.rglob("*") if path.is_file()}


def events(out: Path) -> dict[str, dict[str, Event]]:
    """Name of the file → UID → event."""
    return {
        path.stem: {str(event["uid"]): event for event in Calendar.from_ical(path.read_bytes()).walk("VEVENT")}
        for path in (out / STEP / "个人日程").glob("*.ics")
    }


def timetable(*words: str) -> str:
    done = CliRunner().invoke(app, ["timetable", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_calendars_follow_a_repair_and_its_undo(out: Path) -> None:
    before, held = events(out), files(out)
    assert all(event["sequence"] == 0 for book in before.values() for event in book.values())
    who = "科大讯飞股份有限公司"
    said = timetable("repair", str(out), "--now", "10:15", "--cancel", who)
    after = events(out)
    changed = {name for name, made in files(out).items() if made != held.get(name)}
    partners = {name for name, book in before.items() if name != who and book.keys() & before[who].keys()}
    assert partners
    assert {name.removeprefix("个人日程/").removesuffix(".ics") for name in changed if name.endswith(".ics")} == {
        who, *partners,
    }  # fmt: skip
    assert {"对接日程.xlsx", "对接日程.pdf", "日程质量报告.pdf", "桌位屏.html", "对接日程.json"} <= changed
    assert "胸牌.pdf" not in changed, "only the badges that say something else are made again"
    assert "胸牌（第1次调整补印）.pdf" in changed
    for name in (who, *partners):
        assert name in said
        assert after[name].keys() >= before[name].keys(), "calendars update, they do not lose"
    assert len(after[who]) == len(before[who])
    for uid, event in after[who].items():
        assert str(event["status"]) == "CANCELLED"
        assert event["sequence"] > before[who][uid]["sequence"]
        assert event["dtstamp"].dt > before[who][uid]["dtstamp"].dt
        assert event["dtstart"].dt == before[who][uid]["dtstart"].dt

    timetable("undo", str(out))
    back = events(out)
    for uid, event in back[who].items():
        assert str(event["status"]) == "CONFIRMED"
        assert event["sequence"] > after[who][uid]["sequence"]
        assert event["dtstart"].dt == before[who][uid]["dtstart"].dt
    assert "全部文件已是最新" in timetable("publish", str(out))


def test_a_new_run_goes_on_from_the_day_and_keeps_its_record(out: Path, example: Path) -> None:
    timetable("repair", str(out), "--now", "10:15", "--cancel", "科大讯飞股份有限公司")
    repaired = (out / STEP / "对接日程.json").read_bytes()
    settings = load_settings(example / "programme.toml", today=date(2026, 1, 1))
    report = run_programme(example, out, settings)
    # Of all that the repair wrote only the record of the day itself is a person's work.
    assert [Path(name).name[:4] for name in report.kept] == ["对接日程"]
    assert (out / report.kept[0]).read_bytes() == repaired
    schedule = read_schedule(out / STEP / "对接日程.json")
    assert schedule.timetable.revision == 2
    told = events(out)["科大讯飞股份有限公司"]
    assert {(str(event["status"]), event["sequence"]) for event in told.values()} == {("CONFIRMED", 2)}
    outputs = json.loads((out / RUN_FILE).read_text("utf-8"))["provenance"]["outputs"]
    again = run_programme(example, out, settings)
    assert again.kept == ()
    assert json.loads((out / RUN_FILE).read_text("utf-8"))["provenance"]["outputs"] == outputs


def test_a_file_that_is_open_elsewhere_loses_nothing(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.replace

    def busy(self: Path, target: Path) -> Path:
        if Path(target).suffix == ".xlsx":
            raise PermissionError(13, "in use", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    who = "科大讯飞股份有限公司"
    done = CliRunner().invoke(app, ["timetable", "repair", str(out), "--now", "10:15", "--cancel", who])
    assert done.exit_code != 0
    assert "timetable publish" in str(done.exception)
    assert read_schedule(out / STEP / "对接日程.json").timetable.revision == 1, "what happened is kept"
    assert not list((out / STEP).glob(".*")), "nothing half-written stays"
    monkeypatch.undo()
    timetable("publish", str(out))
    assert {str(event["status"]) for event in events(out)[who].values()} == {"CANCELLED"}
