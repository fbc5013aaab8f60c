"""The refusals that several formats share, worded once."""

from __future__ import annotations

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.intake.limits import Limits

__all__ = ["encrypted", "no_table", "too_deep", "too_many_cells"]


def encrypted(name: str) -> UnreadableFile:
    """A password stands before the content."""
    return UnreadableFile(
        _("文件设有密码，无法读取"), where=name, remedy=_("请取消密码，另存后重报。"), code="encrypted"
    )


def no_table(name: str, what: str) -> UnreadableFile:
    """The file was read and holds no table."""
    return UnreadableFile(
        what, where=name, remedy=_("请把内容填入表格后重报；不需要读取的文件请移出文件夹。"), code="no-table"
    )


def too_deep(name: str) -> UnreadableFile:
    """Elements stand inside each other deeper than any editor writes them."""
    return UnreadableFile(
        _("文档结构层层嵌套，超出正常范围"),
        where=name,
        remedy=_("请核实来源；可把表格复制到新文档后重报。"),
        code="too-deep",
    )


def too_many_cells(name: str, limits: Limits) -> UnreadableFile:
    """More cells than :attr:`Limits.cells`."""
    return UnreadableFile(
        _("单元格超过 {limit} 个").format(limit=f"{limits.cells:,}"),
        where=name,
        remedy=_("请删去表格外的零星内容和空白区域，或拆成几个文件。"),
        code="too-large",
    )
