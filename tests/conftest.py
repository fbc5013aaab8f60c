"""What several rooms' tests share."""

from __future__ import annotations

import atexit
import os
import tempfile
from datetime import date
from pathlib import Path

import django
import hypothesis
import pytest

from private_postgres import PrivatePostgres
from yingcheng.programme import RunReport, run_programme
from yingcheng.settings import load_settings

# TEST_DATABASE=postgresql runs the web's tests on a private server. It must stand before any conftest loads Django.
if os.environ.get("TEST_DATABASE") == "postgresql" and (server := PrivatePostgres.start()) is not None:
    atexit.register(server.stop)
    postgres = {"YINGCHENG_DATABASE_URL": server.url}
else:
    postgres = {}

# The web's tests must not meet what the machine has: pytest-django reads this before it loads the settings.
for name in [name for name in os.environ if name.startswith("YINGCHENG_") and name != "YINGCHENG_GOLDEN"]:
    del os.environ[name]
os.environ.update(
    DJANGO_SETTINGS_MODULE="yingcheng.web.settings",
    YINGCHENG_DATA=tempfile.mkdtemp(prefix="yingcheng-test-"),
    YINGCHENG_SECRET_KEY="only-for-tests-" + "x" * 32,
    **postgres,
)

django.setup()

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
