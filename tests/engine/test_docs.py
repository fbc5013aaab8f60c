"""The docs are part of the product: every code is explained, every setting named, every link leads somewhere."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yingcheng.cli import app
from yingcheng.intake.mapping import load_pins
from yingcheng.intake.vocabulary import vocabulary
from yingcheng.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "yingcheng"
DOCS = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]

# A code is written down where the finding or refusal is made: as an argument of its own or as code="…".
CODE = re.compile(r'Finding\(\s*(?:severity=)?Severity\.[A-Z]+,\s*(?:code=)?"([a-z0-9-]+)"|\bcode="([a-z0-9-]+)"')


def codes_in_source() -> set[str]:
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        for match in CODE.finditer(path.read_text("utf-8")):
            found.add(match[1] or match[2])
    return found


def test_every_code_in_the_source_is_explained_and_no_other() -> None:
    text = (ROOT / "docs/reference/findings.md").read_text("utf-8")
    explained = set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, flags=re.MULTILINE))
    assert len(explained) > 40
    assert codes_in_source() - explained == set()


def test_codes_that_users_meet_in_the_example_are_explained(example_run) -> None:  # type: ignore[no-untyped-def]
    text = (ROOT / "docs/reference/findings.md").read_text("utf-8")
    met = {finding.code for finding in example_run.results.findings}
    assert len(met) >= 10
    assert [code for code in sorted(met) if f"| `{code}` |" not in text] == []


def test_every_setting_is_in_the_reference() -> None:
    text = (ROOT / "docs/reference/programme-toml.md").read_text("utf-8")
    for name in ("name", "city", "batch", "as_of", "seed", "others", "candidates", "per_opportunity", "per_enterprise",
                 "minimum", "model", "encoder", "date", "windows", "slot_minutes", "rest", "tables", "link_base",
                 "formula", "pack", "tracks", "stage_rule", "include", "exclude"):  # fmt: skip
        assert re.search(rf"`(\[\w+\] )?{name}`", text), name
    assert len(Settings.__dataclass_fields__) == 24


def test_the_settings_shown_to_officers_are_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs/how-to/officer.md").read_text("utf-8")
    block = re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert block
    path = tmp_path / "programme.toml"
    path.write_text(block[1], encoding="utf-8")
    settings = load_settings(path, today=tomllib.loads("d = 2026-01-01")["d"])
    assert settings.city == "太原市"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} → {target}"


@pytest.mark.parametrize("command", ["run", "check"])
def test_help_of_every_command_is_there_and_named_in_the_readme(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "--out" in shown.output
    assert f"yingcheng {command}" in (ROOT / "README.md").read_text("utf-8")
    assert f"yingcheng {command}" in (ROOT / "README.zh-CN.md").read_text("utf-8")


def test_every_dependency_has_its_sentence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "docs/dependencies.md").read_text("utf-8")
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    for requirement in wanted:
        name = re.split(r"[<>=\[ ]", requirement)[0]
        assert re.search(rf"\b{re.escape(name)}\b", text), name


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text("utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index-url" not in text


def test_every_kind_and_field_can_be_looked_up() -> None:
    text = (ROOT / "docs/reference/mapping-toml.md").read_text("utf-8")
    for kind in vocabulary().kinds.values():
        section = text.split(f"`{kind.name}`\n", 1)[1].split("\n### ", 1)[0]
        listed = set(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, flags=re.MULTILINE))
        assert listed == {(field.name, field.label) for field in kind.fields}, kind.name


def test_the_mapping_shown_in_the_reference_is_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs/reference/mapping-toml.md").read_text("utf-8")
    block = re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert block
    path = tmp_path / "mapping.toml"
    path.write_text(block[1], encoding="utf-8")
    assert load_pins(path)[0].header_row == 3
