"""The output folder: replaced as a whole when a run succeeds, untouched when it fails, and never at a person's cost.

Everything is written to ``OUT/.partial`` first. Then the files of the previous run (known from its ``run.json``) make
room, except those that somebody has edited since: these are kept beside the new ones under a name that says so. A
lock keeps a second run out for as long as the first one lasts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from yingcheng.errors import UnusableInput
from yingcheng.i18n import _

__all__ = ["RUN_FILE", "digest", "output_folder", "tree_digests"]

RUN_FILE = "run.json"
_PARTIAL = ".partial"
_LOCK = ".lock"
_OURS = frozenset({_PARTIAL, _LOCK})


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return sha256(path.read_bytes()).hexdigest()


def tree_digests(folder: Path) -> dict[str, str]:
    """Relative path (with ``/``) → SHA-256 for every file below ``folder``, sorted by path."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest(path) for path in found}


def _previous(out: Path) -> Mapping[str, str]:
    """Files of the previous run with their digests, as its ``run.json`` says."""
    record = out / RUN_FILE
    others = [path for path in out.iterdir() if path.name not in _OURS]
    if not others:
        return {}
    try:
        outputs: dict[str, str] = json.loads(record.read_text(encoding="utf-8"))["provenance"]["outputs"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UnusableInput(
            _("输出文件夹不是空的，也不是营城的输出结果，没有写入任何内容。"),
            where=str(out),
            remedy=_("请换一个空文件夹。"),
            code="output-not-empty",
        ) from fault
    return outputs


def _make_room(out: Path, previous: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Remove what the previous run wrote; keep what a person edited. Returns the names it is kept under."""
    kept = []
    for name, before in previous.items():
        path = out / name
        if not path.is_file():
            continue
        now = digest(path)
        if now == before or now == new.get(name):
            path.unlink()
            continue
        edited = path.with_name(f"{path.stem}（人工修改-{now[:8]}）{path.suffix}")
        path.replace(edited)
        kept.append(edited.relative_to(out).as_posix())
    for folder in sorted((path for path in out.rglob("*") if path.is_dir()), reverse=True):
        if _PARTIAL not in folder.relative_to(out).parts and not any(folder.iterdir()):
            folder.rmdir()
    return tuple(sorted(kept))


class _Output:
    """What the caller of :func:`output_folder` writes to, and what it learns afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: tuple[str, ...] = ()


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Make ``out`` and keep every other run out of it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        _previous(out)  # a folder that is not ours is refused before anything is put into it
        with FileLock(out / _LOCK, timeout=0):
            yield
    except Timeout:
        raise UnusableInput(
            _("另一次运行正在写入这个文件夹。"),
            where=str(out),
            remedy=_("请等它结束，或换一个文件夹。"),
            code="output-busy",
        ) from None
    except (FileExistsError, NotADirectoryError, PermissionError) as fault:
        if out not in (Path(fault.filename or ""), *Path(fault.filename or "").parents):
            raise  # something else than the folder itself
        raise UnusableInput(
            _("不能写入这个位置：它不是文件夹，或者没有写入权限。"),
            where=str(out),
            remedy=_("请换一个文件夹。"),
            code="output-not-writable",
        ) from fault


@contextmanager
def output_folder(out: Path) -> Iterator[_Output]:
    """Write below ``.folder``; on success it becomes the content of ``out``, on an exception ``out`` stays as it was.

    Afterwards ``.kept`` names the files of an earlier run that a person had edited.

    Raises:
        UnusableInput: ``out`` holds something that is not an earlier output, cannot be written to, or is being written
            by another run.
    """
    with _locked(out):
        previous = _previous(out)
        partial = out / _PARTIAL
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        partial.mkdir()
        output = _Output(partial)
        try:
            yield output
            output.kept = _make_room(out, previous, tree_digests(partial))
            _move(partial, out)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _move(partial: Path, out: Path) -> None:
    """Put the new files in place; ``run.json`` last, until then the folder counts as the previous output."""
    for path in sorted(partial.rglob("*"), key=lambda p: (p.name == RUN_FILE, p.as_posix())):
        target = out / path.relative_to(partial)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
