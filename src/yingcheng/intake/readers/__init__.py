"""Open any file a department may send: the format is told from the content, the reading is bounded."""

from __future__ import annotations

from pathlib import Path

from yingcheng.errors import UnreadableFile
from yingcheng.intake.grid import OpenedFile
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers import delimited, spreadsheet

__all__ = ["Limits", "OpenedFile", "open_file"]

DEFAULTS = Limits()


def open_file(path: Path, *, name: str, limits: Limits = DEFAULTS) -> OpenedFile:
    """Read ``path`` into sheets.

    Args:
        path: the file.
        name: what the reports call it.
        limits: how much it may cost.

    Raises:
        UnreadableFile: the file is empty, broken, encrypted, too large, hostile or of an unknown kind.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    if not head:
        raise UnreadableFile("文件是空的", where=name, remedy="请重新导出后报送。", code="empty-file")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return spreadsheet.read(path, name)
    return delimited.read(path, name)
