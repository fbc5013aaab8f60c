"""What the operator decides: read from the environment, checked, every fault said at once."""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from yingcheng.errors import SettingsError
from yingcheng.i18n import _

__all__ = ["POLICIES", "SECOND_FACTORS", "Environment", "database", "make_secret", "read_environment"]

_PREFIX = "YINGCHENG_"
POLICIES = ("dengbao", "asvs")
SECOND_FACTORS = ("administrators", "everyone", "optional")
_SHORTEST_SECRET = 32
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
_ELSEWHERE = frozenset({"YINGCHENG_LANG", "YINGCHENG_ADMIN_USERNAME", "YINGCHENG_ADMIN_PASSWORD", "YINGCHENG_GOLDEN"})


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of an installation. Names and meanings: ``docs/reference/environment.md``."""

    data: Path
    database_url: str
    secret_key: str  # empty until ``yingcheng serve`` made one
    hosts: tuple[str, ...]
    https: bool
    behind_proxy: bool
    password_policy: str
    second_factor: str
    idle_minutes: int
    lockout_failures: int
    lockout_minutes: int
    upload_mb: int
    reminder_days: int


def _secret_file(data: Path) -> Path:
    return data / "secret_key"


def make_secret(data: Path) -> None:
    """A secret key for this installation, kept in the data folder, readable by its owner only; kept if there is one."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(_secret_file(data), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))


class _Reader:
    """Reads variables one by one and remembers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self.environ.get(_PREFIX + name, "").strip() or default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        given = self.text(name, str(default))
        if given.isascii() and given.isdigit() and low <= int(given) <= high:
            return int(given)
        expected = _("{name}={given}：应为 {low} 到 {high} 的整数")
        self.faults.append(expected.format(name=_PREFIX + name, given=given, low=low, high=high))
        return default

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        given = self.text(name, choices[0])
        if given in choices:
            return given
        expected = _("{name}={given}：应为 {choices} 之一")
        self.faults.append(expected.format(name=_PREFIX + name, given=given, choices=" / ".join(choices)))
        return choices[0]

    def switch(self, name: str) -> bool:
        given = self.text(name, "").lower()
        if given not in (*_TRUE, *_FALSE):
            self.faults.append(_("{name}={given}：应为 1 或 0").format(name=_PREFIX + name, given=given))
        return given in _TRUE

    def secret(self, data: Path) -> str:
        kept = _secret_file(data)
        given = self.text("SECRET_KEY", kept.read_text("ascii").strip() if kept.is_file() else "")
        if given and len(given) < _SHORTEST_SECRET:
            self.faults.append(_("{name}：至少 32 个字符").format(name=_PREFIX + "SECRET_KEY"))
        return given

    def unknown(self, known: Collection[str]) -> None:
        for name in sorted(self.environ):
            if name.startswith(_PREFIX) and name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = _("，是不是 {near}？").format(near=near[0]) if near else ""
                self.faults.append(_("{name}：没有这个设置").format(name=name) + hint)


def read_environment(environ: Mapping[str, str]) -> Environment:
    """Read and check all ``YINGCHENG_…`` variables.

    Raises:
        SettingsError: lists every fault, also names that mean nothing.
    """
    reader = _Reader(environ)
    data = Path(reader.text("DATA", "yingcheng-data")).absolute()
    hosts = reader.text("HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    read = Environment(
        data=data,
        database_url=reader.text("DATABASE_URL", ""),
        secret_key=reader.secret(data),
        hosts=tuple(host.strip() for host in hosts if host.strip()),
        https=reader.switch("HTTPS"),
        behind_proxy=reader.switch("BEHIND_PROXY"),
        password_policy=reader.choice("PASSWORD_POLICY", POLICIES),
        second_factor=reader.choice("SECOND_FACTOR", SECOND_FACTORS),
        idle_minutes=reader.number("IDLE_MINUTES", 30, 1, 24 * 60),
        lockout_failures=reader.number("LOCKOUT_FAILURES", 5, 3, 100),
        lockout_minutes=reader.number("LOCKOUT_MINUTES", 20, 1, 24 * 60),
        upload_mb=reader.number("UPLOAD_MB", 50, 1, 200),
        reminder_days=reader.number("REMINDER_DAYS", 30, 1, 365),
    )
    reader.unknown({_PREFIX + name.upper() for name in Environment.__dataclass_fields__} | _ELSEWHERE)
    faults = reader.faults
    try:
        database(read)
    except SettingsError as error:
        faults.extend(error.faults)
    if faults:
        remedy = _("请改正后重新启动；说明见 docs/reference/environment.md。")
        raise SettingsError(_("环境变量有误"), remedy=remedy, faults=tuple(faults))
    return read


def database(environment: Environment) -> dict[str, Any]:
    """The database as Django wants it: SQLite in the data folder, or what ``YINGCHENG_DATABASE_URL`` names.

    Raises:
        SettingsError: the address is none of a database known here.
    """
    url = environment.database_url
    if not url:
        # IMMEDIATE: a transaction that will write waits for its turn at its beginning instead of failing at its end.
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": environment.data / "yingcheng.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON;",
            },
        }
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SettingsError(
            _("数据库地址有误"),
            faults=(_("{name}：应形如 postgres://用户:密码@主机:5432/库名").format(name="YINGCHENG_DATABASE_URL"),),
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(port or options.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
