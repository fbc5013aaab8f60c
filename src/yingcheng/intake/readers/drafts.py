"""Opens a document this software wrote, with the same care as any other file that was sent in."""

from __future__ import annotations

from pathlib import Path

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers.archive import open_archive
from yingcheng.intake.readers.word import read_draft

__all__ = ["open_draft"]

DEFAULTS = Limits()


def open_draft(path: Path, *, name: str, limits: Limits = DEFAULTS) -> dict[str, bytes]:
    """The parts of a draft: part name → content.

    Args:
        path: the .docx.
        name: what reports call it.
        limits: how much it may cost.

    Raises:
        UnreadableFile: the file is too large, broken, encrypted or hostile, or carries no marks of ours.
    """
    if path.stat().st_size > limits.size:
        raise UnreadableFile(
            _("文件 {size} MB，超过 {limit} MB 的上限").format(
                size=f"{path.stat().st_size / 1024**2:.0f}", limit=f"{limits.size / 1024**2:.0f}"
            ),
            where=name,
            remedy=_("请删去图片和无关工作表，或拆成几个文件。"),
            code="too-large",
        )
    return read_draft(open_archive(path.read_bytes(), name, limits))
