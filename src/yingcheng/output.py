"""The output folder: replaced as a whole when a run succeeds, untouched when it fails, and never at a person's cost.

Everything is written to ``OUT/.partial`` first. Then the files of the previous run (known from its ``run.json``) make
room, except what a person edited or put there: that is kept beside the new files under a name that says so. Where one
file cannot be replaced, all moves are undone. A lock keeps a second run out for as long as the first one lasts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock, Timeout

from yingcheng.errors import UnusableInput
from yingcheng.i18n import _

__all__ = ["RUN_FILE", "digest", "output_folder", "persons_copies", "record_written", "tree_digests", "write_record"]

RUN_FILE = "run.json"
_PARTIAL = ".partial"
_REPLACED = ".replaced"
_LOCK = ".lock"
_OURS = frozenset({_PARTIAL, _REPLACED, _LOCK})


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


def _person_s_name(path: Path) -> Path:
    """The name under which a person's file is kept."""
    return path.with_name(f"{path.stem}（人工修改-{digest(path)[:8]}）{path.suffix}")


def persons_copies(out: Path, name: str) -> tuple[Path, ...]:
    """Copies of one deliverable that a person edited: where it was written, and those that earlier runs kept.

    Args:
        out: the output folder; nothing is found where it is no earlier output.
        name: path of the deliverable below it, with ``/``.
    """
    path = out / name
    if not (out / RUN_FILE).is_file():
        return ()
    found = sorted(path.parent.glob(f"{path.stem}（人工修改-*）{path.suffix}"))
    if path.is_file() and digest(path) != _previous(out).get(name):
        found.append(path)
    return tuple(found)


def record_written(out: Path, files: Sequence[Path]) -> None:
    """Note in ``run.json`` that these files were written anew by us, so that the next run does not keep them as edited.

    Nothing happens where ``out`` is no output.
    """
    record = out / RUN_FILE
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        outputs = content["provenance"]["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    outputs.update({path.relative_to(out).as_posix(): digest(path) for path in files})
    write_record(out, content["provenance"], content["times"])


def write_record(out: Path, provenance: Mapping[str, Any], times: Mapping[str, Any]) -> None:
    """Write ``run.json``: everything but the times is under one digest, so that two runs can be compared."""
    text = json.dumps(provenance, ensure_ascii=False, sort_keys=True)
    record = {"provenance": provenance, "provenance_sha256": sha256(text.encode()).hexdigest(), "times": times}
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (out / RUN_FILE).write_text(text, encoding="utf-8")


def _replace_results(out: Path, previous: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Put the new files in the place of the previous ones, all or none. Returns the names a person's files got."""
    partial, replaced = out / _PARTIAL, out / _REPLACED
    done: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        done.append((source, target))

    kept: list[Path] = []
    try:
        for name in sorted({*previous, *new}):
            path = out / name
            if not path.is_file():
                continue
            if name == RUN_FILE or digest(path) in (previous.get(name), new.get(name)):
                move(path, replaced / name)
            else:
                move(path, _person_s_name(path))
                kept.append(done[-1][1])
        # run.json comes last: until it is there, the folder still counts as the previous output.
        for name in sorted(new, key=lambda name: (name == RUN_FILE, name)):
            move(partial / name, out / name)
    except OSError as fault:
        for source, target in reversed(done):
            target.rename(source)
        raise UnusableInput(
            _("有文件无法替换，原来的结果没有改动：{fault}").format(fault=fault),
            where=str(out),
            remedy=_("请关闭正在打开它的程序后重试。"),
            code="output-in-use",
        ) from fault
    below = {out / folder for name in previous for folder in PurePosixPath(name).parents[:-1]}
    for folder in sorted(below, reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return tuple(sorted(path.relative_to(out).as_posix() for path in kept))


def _recover(out: Path) -> None:
    """Undo what a run that was killed while replacing left behind."""
    replaced = out / _REPLACED
    if replaced.is_dir():
        for path in sorted(replaced.rglob("*")):
            if path.is_file():
                target = out / path.relative_to(replaced)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        shutil.rmtree(replaced)
    shutil.rmtree(out / _PARTIAL, ignore_errors=True)


class _Output:
    """What the caller of :func:`output_folder` writes to, and what it learns afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: tuple[str, ...] = ()


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Make ``out`` and keep every other run out of it; leave no lock behind, and no empty folder that was not there."""
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        _previous(out)  # a folder that is not ours is refused before anything is put into it
        with FileLock(out / _LOCK, timeout=0):
            try:
                yield
            finally:
                with suppress(OSError):  # Windows removes no file that is open; a lock left behind stops nobody
                    (out / _LOCK).unlink(missing_ok=True)
                    if made and not any(out.iterdir()):
                        out.rmdir()
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
        _recover(out)
        previous = _previous(out)
        partial = out / _PARTIAL
        partial.mkdir()
        output = _Output(partial)
        try:
            yield output
            output.kept = _replace_results(out, previous, tree_digests(partial))
        finally:
            shutil.rmtree(partial, ignore_errors=True)
            shutil.rmtree(out / _REPLACED, ignore_errors=True)
