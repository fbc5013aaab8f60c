"""Two cities with everything in them that could leak, and a person in every role of both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from web_world import World, build_world, client_of

from private_postgres import PrivatePostgres
from yingcheng.web.audit import triggers


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in production: threads and processes share it."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def quick_and_apart(settings: LazySettings, tmp_path: Path) -> None:
    if os.environ.get("TEST_DATABASE", "sqlite") != connection.vendor:
        # a server that is there and not used would make these tests pass for the wrong reason
        assert PrivatePostgres.binaries_here() is None, "DJANGO_SETTINGS_MODULE must not be set outside"
        pytest.skip("no PostgreSQL server on this machine")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.UPLOADS = tmp_path / "uploads"
    settings.UPLOADS.mkdir()
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def real_transactions(transactional_db: None) -> Iterator[None]:
    """Transactions that commit. The audit triggers stand, and step aside only for the emptying at the end."""
    triggers.remove(connection)
    triggers.install(connection)
    yield
    triggers.remove(connection)


@pytest.fixture
def real_world(real_transactions: None) -> World:
    return build_world()


@pytest.fixture
def officer(world: World) -> Client:
    return client_of(world.person("officer"))


@pytest.fixture
def reviewer(world: World) -> Client:
    return client_of(world.person("reviewer"))
