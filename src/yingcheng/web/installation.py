"""Setting an installation up, and saying what is wrong with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from yingcheng.web.accounts.models import User
from yingcheng.web.jobs.actions import LOST_AFTER
from yingcheng.web.jobs.models import WorkerPulse

__all__ = ["Fault", "check", "is_healthy", "prepare"]

_ROOM_LEFT = 500 * 1024**2
_WAITS_TOO_LONG = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: what, and what to do."""

    what: str
    remedy: str
    fatal: bool = True


def prepare() -> None:
    """Bring the database up to date; make what it needs beside its tables."""
    Path(settings.UPLOADS).mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def _unapplied() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_healthy() -> bool:
    """Whether the database answers and its tables are up to date."""
    try:
        return _unapplied() == 0
    except DatabaseError:
        return False


def check() -> tuple[Fault, ...]:
    """All that is wrong with this installation, in the order in which it should be mended."""
    return tuple(_faults())


def _faults() -> Iterator[Fault]:
    if not settings.SECRET_KEY:
        yield Fault(_("没有密钥"), _("请设置 YINGCHENG_SECRET_KEY，或先运行一次 yingcheng serve 自动生成。"))
    data = Path(settings.ENVIRONMENT.data)
    if not os.access(data, os.W_OK):
        yield Fault(_("数据文件夹不可写：{path}").format(path=data), _("请检查 YINGCHENG_DATA 和文件夹权限。"))
    elif (free := shutil.disk_usage(data).free) < _ROOM_LEFT:
        yield Fault(
            _("数据文件夹所在磁盘只剩 {free} MB").format(free=free // 1024**2), _("请清理磁盘或迁移数据文件夹。")
        )
    try:
        waiting = _unapplied()
    except DatabaseError as error:
        yield Fault(
            _("连不上数据库：{error}").format(error=str(error).strip()),
            _("请检查 YINGCHENG_DATABASE_URL 和数据库服务。"),
        )
        return
    if waiting:
        yield Fault(
            _("数据库还有 {count} 项更新没有执行").format(count=waiting),
            _("请运行 yingcheng serve，它会先更新数据库。"),
        )
        return
    yield from _database_faults()
    if not User.objects.exists():
        yield Fault(
            _("还没有管理员"),
            _("请运行 yingcheng serve，并按提示或用 YINGCHENG_ADMIN_USERNAME、YINGCHENG_ADMIN_PASSWORD 建立。"),
        )
    if not settings.ENVIRONMENT.https and set(settings.ALLOWED_HOSTS) - {"localhost", "127.0.0.1", "[::1]"}:
        yield Fault(
            _("对外提供服务却没有启用 HTTPS"),
            _("请在前面放反向代理并设 YINGCHENG_HTTPS=1、YINGCHENG_BEHIND_PROXY=1。"),
            fatal=False,
        )
    yield from _job_faults()


def _database_faults() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] != "wal":
                yield Fault(_("SQLite 没有启用 WAL"), _("数据文件夹可能在网络盘上；请放到本机磁盘。"))
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type='trigger' AND tbl_name='web_entry'")
        else:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid='web_entry'::regclass AND NOT tgisinternal")
        expected = 3 if connection.vendor == "sqlite" else 2
        if cursor.fetchone()[0] < expected:
            yield Fault(_("审计表缺少防篡改触发器"), _("有人动过数据库；请先备份，再联系审计管理员。"))


def _job_faults() -> Iterator[Fault]:
    now = timezone.now()
    if not WorkerPulse.objects.filter(seen_at__gt=now - LOST_AFTER).exists():
        yield Fault(_("后台任务没有在运行"), _("请运行 yingcheng serve；它会一并启动后台任务。"), fatal=False)
    late = DBTaskResult.objects.filter(status=TaskResultStatus.READY, enqueued_at__lt=now - _WAITS_TOO_LONG).count()
    if late:
        yield Fault(_("{count} 项后台任务等了十分钟以上").format(count=late), _("请检查后台任务的日志。"), fatal=False)
    failed = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).count()
    if failed:
        yield Fault(
            _("{count} 项后台任务失败").format(count=failed), _("请查看日志，改正后在批次页重新核验。"), fatal=False
        )
