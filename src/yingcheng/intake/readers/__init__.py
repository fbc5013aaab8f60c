"""Open any file a department may send: the format is told from the content, the reading is bounded.

The parsing happens in a process of its own (:mod:`.bounded`), because a hostile file can make a parser written in
C or Rust take all memory, abort, or never return, and nothing inside the same process can stop that.
"""

from __future__ import annotations

import stat
from pathlib import Path

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.intake.grid import OpenedFile
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers.bounded import read_bounded

__all__ = ["Limits", "OpenedFile", "open_file"]

DEFAULTS = Limits()


def open_file(path: Path, *, name: str, limits: Limits = DEFAULTS) -> OpenedFile:
    """Read ``path`` into sheets.

    Args:
        path: the file.
        name: what the reports call it; its extension is compared with the content.
        limits: how much it may cost.

    Raises:
        UnreadableFile: the file is missing, empty, broken, encrypted, too large, hostile or of no use here.
            ``code`` is one of: missing-file, no-permission, not-a-file, empty-file, too-large, too-slow,
            zip-bomb, xml-entities, too-deep, encrypted, broken-file, broken-workbook, broken-zip, archive,
            legacy-word, image, scanned-pdf, web-page, rich-text, not-a-workbook, unknown-encoding, no-table.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or device would never end
            raise UnreadableFile(
                _("不是普通文件"), where=name, remedy=_("请放入文件本身，而不是文件夹或设备。"), code="not-a-file"
            )
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise UnreadableFile(
            _("找不到文件"), where=name, remedy=_("请检查路径和文件名。"), code="missing-file"
        ) from error
    except PermissionError as error:
        raise UnreadableFile(
            _("没有读取权限"), where=name, remedy=_("请修改文件权限后重试。"), code="no-permission"
        ) from error
    if status.st_size == 0:
        raise UnreadableFile(
            _("文件是空的（0 字节）"), where=name, remedy=_("请从原系统重新导出后再报送。"), code="empty-file"
        )
    if status.st_size > limits.size:
        raise UnreadableFile(
            _("文件 {size} MB，超过 {limit} MB 的上限").format(
                size=f"{status.st_size / 1024**2:.0f}", limit=f"{limits.size / 1024**2:.0f}"
            ),
            where=name,
            remedy=_("请删去图片和无关工作表，或拆成几个文件。"),
            code="too-large",
        )
    return read_bounded(path, name, limits)
