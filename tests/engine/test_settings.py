"""programme.toml: defaults, every fault at once, did-you-mean."""

from datetime import date, time
from pathlib import Path

import pytest

from yingcheng.errors import SettingsError
from yingcheng.settings import load_settings
from yingcheng.standards.tracks import TRACKS

TODAY = date(2026, 1, 5)


def load(tmp_path: Path, text: str):
    path = tmp_path / "programme.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, today=TODAY)


def test_missing_file_gives_defaults_and_today(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "programme.toml", today=TODAY)
    assert settings.as_of == TODAY
    assert settings.per_opportunity == 3


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
        name = "太原站"
        city = "太原市"
        batch = "第一批"
        as_of = 2021-05-20
        seed = 7
        others = ["郑州市"]
        [matchmaking]
        candidates = 5
        per_opportunity = 2
        per_enterprise = 4
        minimum = 0.25
        [session]
        date = 2021-05-22
        windows = ["9:00-12:00", "14：00—17：30"]
        slot_minutes = 30
        tables = ["甲", "乙"]
        [projects]
        formula = "考核办法.toml"
        """,
    )
    assert settings.as_of == date(2021, 5, 20)
    assert settings.windows == ((time(9), time(12)), (time(14), time(17, 30)))
    assert settings.tables == ("甲", "乙")
    assert settings.minimum == 0.25
    assert settings.formula == "考核办法.toml"


def test_all_faults_are_reported_together_with_suggestions(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(
            tmp_path,
            """
            ctiy = "太原市"
            as_of = "2021-05-20"
            [session]
            windows = ["12:00-09:00"]
            slot_minutes = 0
            [sesion]
            tables = 3
            """,
        )
    text = str(caught.value)
    assert len(caught.value.faults) == 5
    assert "city" in text
    assert "2026-05-20" in text
    assert "12:00-09:00" in text
    assert "session" in text


@pytest.mark.parametrize(
    "line",
    [
        "seed = -1",
        "seed = true",
        "as_of = 9999-12-31",
        "as_of = 0001-01-01",
        "[session]\ntables = 20000",
        "[matchmaking]\nminimum = 1.5",
        "[session]\ntables = []",
    ],
)
def test_values_out_of_range_are_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, line)
    assert len(caught.value.faults) == 1


def test_broken_toml_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"programme\.toml"):
        load(tmp_path, "name = ")


def test_decided_tracks_are_read_with_their_reasons(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_text(
        '[plan]\ninclude = { "绿色生态" = "头号工程" }\nexclude = { "城市治理" = "另案" }\n', encoding="utf-8"
    )
    settings = load_settings(path, today=TODAY)
    assert settings.include == (("绿色生态", "头号工程"),)
    assert settings.exclude == (("城市治理", "另案"),)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('include = { "绿色生态" = "" }', "须写明理由"),
        ('include = { "绿色生太" = "好" }', "您是否指：绿色生态"),
        ('include = "绿色生态"', "应写成"),
        ('include = { "绿色生态" = "好" }\nexclude = { "绿色生态" = "坏" }', "既列入又不列入"),
        ("include = { " + ", ".join(f'"{track}" = "好"' for track in TRACKS[:6]) + " }", "最多 5 条"),
    ],
)
def test_an_override_without_reason_or_track_is_refused(line: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_text(f"[plan]\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path, today=TODAY)
    assert fault in str(caught.value)
