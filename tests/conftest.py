"""What several rooms' tests share."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import hypothesis
import pytest

from yingcheng.programme import RunReport, run_programme
from yingcheng.settings import load_settings

hypothesis.settings.register_profile("house", deadline=None)  # what is compiled on first use takes its time once
hypothesis.settings.load_profile("house")

EXAMPLE = Path(__file__).parents[1] / "examples" / "taiyuan"


@pytest.fixture(scope="session")
def example() -> Path:
    """The programme folder of Taiyuan."""
    return EXAMPLE


@pytest.fixture(scope="session")
def example_run(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """One run of the example, shared by every test that only looks at its results."""
    settings = load_settings(EXAMPLE / "programme.toml", today=date(2026, 1, 1))
    return run_programme(EXAMPLE, tmp_path_factory.mktemp("example") / "out", settings)
