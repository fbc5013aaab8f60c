"""Run one reading in a process of its own, with a clock and a ceiling of memory.

Starting the process costs about 40 ms and handing 400,000 cells back 0.2 s. The process is a bound on time and
memory, not on trust: it has the rights of its parent, which is why its answer may be unpickled.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.intake.grid import OpenedFile
from yingcheng.intake.limits import Limits

__all__ = ["read_bounded"]

CHILD = Path(__file__).with_name("child.py")
OUR_BUG = 1  # a traceback of Python
CPU_EXCEEDED = 24  # SIGXCPU
OUT_OF_MEMORY = (3, -9)  # MemoryError as child.py reports it; killed by the system for want of memory


def read_bounded(path: Path, name: str, limits: Limits) -> OpenedFile:
    """Read ``path`` in a child process.

    Raises:
        UnreadableFile: the reader refused the file, or it took more time or memory than ``limits`` allow.
        RuntimeError: the reader failed in a way that is no fault of the file; carries its traceback.
    """
    request = {"path": str(path), "name": name, "limits": dataclasses.asdict(limits), "search": sys.path}
    command = [sys.executable, "-I", "-S", str(CHILD)]
    environment = {**os.environ, "RUST_BACKTRACE": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own script
            command,
            input=json.dumps(request).encode("ascii"),
            capture_output=True,
            timeout=limits.seconds,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(name, limits) from error
    if done.returncode == 0:
        answer = pickle.loads(done.stdout)  # noqa: S301 - see the module's docstring
        if isinstance(answer, OpenedFile):
            return answer
        code, what, remedy = answer
        raise UnreadableFile(what, where=name, remedy=remedy, code=code)
    if done.returncode == OUR_BUG:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
    if done.returncode == -CPU_EXCEEDED:
        raise _too_slow(name, limits)
    if done.returncode in OUT_OF_MEMORY or b"memory allocation" in done.stderr:
        raise UnreadableFile(
            _("展开后超过 {limit} MB 内存上限").format(limit=f"{limits.memory / 1024**2:.0f}"),
            where=name,
            remedy=_("常见原因是远离表格处有零星内容：请把表格复制到新工作簿后重报，或拆成几个文件。"),
            code="too-large",
        )
    raise UnreadableFile(  # the parser itself was brought down
        _("文件内容损坏，读取程序无法继续"),
        where=name,
        remedy=_("请用 Excel 或 WPS 打开，另存为 .xlsx 后重报。"),
        code="broken-file",
    )


def _too_slow(name: str, limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        _("{seconds} 秒内没有读完").format(seconds=f"{limits.seconds:g}"),
        where=name,
        remedy=_("请另存为 .xlsx，只保留需要的工作表后重报。"),
        code="too-slow",
    )
