"""``yingcheng serve`` and what an operator needs beside it. Django is loaded when a command runs, not before."""

from __future__ import annotations

import getpass
import importlib.util
import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from yingcheng.errors import MissingExtra, UnusableInput
from yingcheng.i18n import _

__all__ = ["register"]

_screen = Console(highlight=False, soft_wrap=True)

Host = Annotated[str, typer.Option("--host", help=_("监听的地址"))]
Port = Annotated[int, typer.Option("--port", help=_("监听的端口"), min=1, max=65535)]
Load = Annotated[Path | None, typer.Option("--load", help=_("空库时先载入这个材料文件夹"), show_default=False)]
Workers = Annotated[int, typer.Option("--workers", help=_("网页进程数"), min=1, max=64)]
Head = Annotated[
    list[str] | None, typer.Option("--expect", help=_("以前记下的链头（序号:摘要），可多次"), show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(help=_("启动网页版：先更新数据库，空库时建立管理员并可载入示例，再启动网页和后台任务。"))(serve)
    app.command("check-installation", help=_("检查安装：数据库、密钥、磁盘、后台任务；有问题退出码为 1。"))(
        check_installation
    )
    app.command("verify-audit", help=_("核验审计链：逐条重算摘要；被改动过退出码为 1。"))(verify_audit)
    app.command("remind", help=_("给经办员发到期提醒；供定时任务每天运行。"))(remind)


def _must_be_installed() -> None:
    for module in ("django", "allauth", "ninja", "django_tasks_db", "granian"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtra(_("没有安装网页组件（缺 {module}）。").format(module=module), extra="web")


def _django() -> None:
    """Load Django with our settings, or say how to install it."""
    _must_be_installed()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yingcheng.web.settings")
    import django  # noqa: PLC0415  # an extra, loaded when asked for

    django.setup()


def serve(host: Host = "127.0.0.1", port: Port = 8000, load: Load = None, workers: Workers = 1) -> None:
    """Set up what is missing, then serve pages and work on jobs until stopped."""
    from yingcheng.web.environment import make_secret, read_environment  # noqa: PLC0415  # without Django

    _must_be_installed()
    environment = read_environment(os.environ)
    if environment.database_url and importlib.util.find_spec("psycopg") is None:
        raise MissingExtra(_("没有安装 PostgreSQL 驱动。"), extra="postgres")
    if not environment.secret_key:
        make_secret(environment.data)
    _django()
    from yingcheng.web.accounts.models import City  # noqa: PLC0415  # as above
    from yingcheng.web.installation import prepare  # noqa: PLC0415  # as above
    from yingcheng.web.loading import load_programme  # noqa: PLC0415  # as above

    prepare()
    if load is not None and not City.objects.exists():
        loaded = load_programme(load)
        _screen.print(
            _("已载入“{city}”{batch}：{count} 条场景机会，来自 {files} 份文件").format(
                city=loaded.city.name, batch=loaded.batch, count=loaded.opportunities, files=loaded.files
            )
        )
        for sentence in loaded.refused:
            _screen.print(f"[yellow]{escape(sentence)}[/]")
    _first_administrator()
    address = f"http://{host}:{port}/"
    _screen.print(_("[bold]网址[/] {address}（按 Ctrl+C 停止）").format(address=address))
    stop = threading.Event()
    jobs = threading.Thread(target=_keep_working, args=(stop,), daemon=True)
    jobs.start()
    from granian import Granian  # noqa: PLC0415  # as above
    from granian.constants import Interfaces  # noqa: PLC0415

    try:
        Granian(
            "yingcheng.web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            log_access=False,
        ).serve()
    finally:
        stop.set()
        jobs.join(timeout=30)


def _keep_working(stop: threading.Event) -> None:
    """A worker beside the pages; one that dies is followed by another, which takes up what it held."""
    dead = ""
    while not stop.is_set():
        worker = f"serve-{uuid.uuid4().hex[:12]}"
        command = [sys.executable, "-m", "yingcheng.web.jobs", worker, *([dead] if dead else [])]
        child = subprocess.Popen(command)  # noqa: S603  # our own module
        while child.poll() is None:
            if stop.wait(0.5):
                child.terminate()
                child.wait(timeout=30)
        dead = worker
        stop.wait(1)


def _first_administrator() -> None:
    """There is no default account: an empty installation asks, or is told by the environment."""
    from django.core.exceptions import ValidationError  # noqa: PLC0415  # as in serve

    from yingcheng.web.accounts.actions import create_first_administrator  # noqa: PLC0415  # as in serve
    from yingcheng.web.accounts.actor import SYSTEM  # noqa: PLC0415  # as in serve
    from yingcheng.web.accounts.models import User  # noqa: PLC0415  # as in serve

    if User.objects.exists():
        return
    username = os.environ.get("YINGCHENG_ADMIN_USERNAME", "")
    password = os.environ.get("YINGCHENG_ADMIN_PASSWORD", "")
    asks = not (username and password)
    if asks and not sys.stdin.isatty():
        raise UnusableInput(
            _("还没有管理员，也没有人可以询问。"),
            remedy=_("请设置 YINGCHENG_ADMIN_USERNAME 和 YINGCHENG_ADMIN_PASSWORD 后重试。"),
        )
    while True:
        if asks:
            _screen.print(_("请建立第一个系统管理员。"))
            username = typer.prompt(_("账号"))
            password = getpass.getpass(_("密码（不显示）") + ": ")
            if password != getpass.getpass(_("再输一次") + ": "):
                _screen.print("[red]" + _("两次输入的密码不一样。") + "[/]")
                continue
        try:
            create_first_administrator(username=username, password=password, by=SYSTEM)
        except ValidationError as error:
            said = "".join(error.messages)
            if not asks:
                raise UnusableInput(said, where="YINGCHENG_ADMIN_…", remedy=_("请改正后重试。")) from error
            _screen.print(f"[red]{escape(said)}[/]")
        else:
            _screen.print(_("已建立系统管理员“{name}”。首次登录后须设置二次验证。").format(name=escape(username)))
            return


def check_installation() -> None:
    """Say what is wrong; exit 1 where something is."""
    _django()
    from yingcheng.web.installation import check  # noqa: PLC0415  # as in serve

    faults = check()
    for fault in faults:
        label = _("错误") if fault.fatal else _("提醒")
        colour = "red" if fault.fatal else "yellow"
        _screen.print(f"[{colour}]{label}[/] {escape(fault.what)}。{escape(fault.remedy)}")
    if not faults:
        _screen.print(_("安装正常。"))
    if any(fault.fatal for fault in faults):
        raise typer.Exit(1)


def verify_audit(expect: Head = None) -> None:
    """Walk the chain; exit 1 where it was tampered with."""
    _django()
    from yingcheng.web.audit.actions import verify  # noqa: PLC0415  # as in serve

    found = verify(expected=expect or [])
    if found.sound:
        _screen.print(_("审计链完整：{count} 条。").format(count=found.entries))
        _screen.print(_("链头（请另处保存，供下次 --expect）：{head}").format(head=found.head))
        return
    if found.broken:
        _screen.print("[red]" + _("审计链从第 {sequence} 条起不符。").format(sequence=found.broken) + "[/]")
    else:
        _screen.print("[red]" + _("以前记下的链头不在链上：有记录被删去。") + "[/]")
    raise typer.Exit(1)


def remind() -> None:
    """Tell officers what ends soon."""
    _django()
    from yingcheng.web.accounts.actor import SYSTEM  # noqa: PLC0415  # as in serve
    from yingcheng.web.opportunities.actions.reminding import remind_of_expiry  # noqa: PLC0415  # as in serve

    count = remind_of_expiry(by=SYSTEM)
    _screen.print(_("发出 {count} 条提醒。").format(count=count))
