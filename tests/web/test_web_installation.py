"""Settings are checked, an installation says what is wrong, and ``yingcheng serve`` serves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from web_world import World

from yingcheng.errors import SettingsError
from yingcheng.web.audit import triggers
from yingcheng.web.environment import Environment, database, make_secret, read_environment
from yingcheng.web.installation import check


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    wrong = {
        "YINGCHENG_DATA": str(tmp_path),
        "YINGCHENG_IDLE_MINUTES": "soon",
        "YINGCHENG_PASSWORD_POLICY": "none",
        "YINGCHENG_HTTPS": "perhaps",
        "YINGCHENG_SECRET_KEY": "short",
        "YINGCHENG_DATABASE_URL": "mysql://x/y",
        "YINGCHENG_IDLE_MINUTE": "5",
    }
    with pytest.raises(SettingsError) as raised:
        read_environment(wrong)
    assert len(raised.value.faults) == 6
    assert "YINGCHENG_IDLE_MINUTES？" in str(raised.value)


def test_what_is_not_set_is_safe(tmp_path: Path) -> None:
    read = read_environment({"YINGCHENG_DATA": str(tmp_path)})
    assert (read.hosts, read.second_factor, read.password_policy) == (
        ("localhost", "127.0.0.1", "[::1]"),
        "administrators",
        "dengbao",
    )
    assert database(read)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_addresses_of_databases(tmp_path: Path) -> None:
    url = "postgres://me:p%40ss@db.example:5433/yc?sslmode=require"
    found = database(read_environment({"YINGCHENG_DATA": str(tmp_path), "YINGCHENG_DATABASE_URL": url}))
    assert (found["NAME"], found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "yc",
        "me",
        "p@ss",
        "db.example",
        "5433",
    )
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    make_secret(tmp_path / "data")
    file = tmp_path / "data" / "secret_key"
    before = file.read_text()
    make_secret(tmp_path / "data")
    assert file.read_text() == before
    assert file.stat().st_mode & 0o077 == 0
    assert read_environment({"YINGCHENG_DATA": str(tmp_path / "data")}).secret_key == before


def test_every_variable_is_in_the_reference() -> None:
    text = (Path(__file__).parents[2] / "docs/reference/environment.md").read_text("utf-8")
    for name in Environment.__dataclass_fields__:
        assert f"`YINGCHENG_{name.upper()}`" in text


@pytest.mark.django_db
def test_a_sound_installation_and_a_meddled_one(world: World, settings: LazySettings) -> None:
    Path(settings.ENVIRONMENT.data).mkdir(exist_ok=True)
    assert [fault.what for fault in check() if fault.fatal] == []
    assert "后台任务没有在运行" in [fault.what for fault in check()]
    assert Client().get("/healthz").json() == {"status": "ok"}
    triggers.remove(connection)
    assert "审计表缺少防篡改触发器" in [fault.what for fault in check()]
    triggers.install(connection)


def test_serve_on_a_fresh_machine(tmp_path: Path, example: Path) -> None:
    """As ``make serve`` does: sets up, loads the example, makes the administrator, serves, and works on jobs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("YINGCHENG_", "DJANGO_"))}
    environment["YINGCHENG_DATA"] = str(tmp_path / "data")
    command = [sys.executable, "-m", "yingcheng.cli", "serve", "--port", str(port), "--load", str(example)]
    alone = subprocess.run(
        [sys.executable, "-m", "yingcheng.cli", "serve", "--port", str(port)],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert alone.returncode == 2
    assert "YINGCHENG_ADMIN_USERNAME" in alone.stderr
    environment |= {"YINGCHENG_ADMIN_USERNAME": "admin", "YINGCHENG_ADMIN_PASSWORD": "Correct-horse-9"}
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        for _second in range(240):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as reply:
                    assert json.load(reply) == {"status": "ok"}
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.5)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/web/theme.css", timeout=5) as reply:
            assert reply.status == 200
        checked = subprocess.run(
            [sys.executable, "-m", "yingcheng.cli", "check-installation"],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stdout
        assert "66" in log.read_text()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
