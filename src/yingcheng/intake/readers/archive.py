"""Zipped formats: what may be inflated, and what of it is dangerous, is settled before any parser sees it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers.refusals import encrypted

__all__ = ["Archive", "attachments", "open_archive"]

MEMBERS = 20_000  # a workbook has tens, a document with pictures hundreds
RATIO_FROM = 32 * 1024**2  # small files of blank rows compress a thousandfold and do no harm
CHUNK = 1024**2
PROLOGUE = 64 * 1024  # a document type stands before the first element
ENCRYPTED_FLAG = 0x1


def _bomb(name: str) -> UnreadableFile:
    return UnreadableFile(
        _("压缩包展开后异常庞大，疑似压缩炸弹"),
        where=name,
        remedy=_("请核实来源；如确属正常表格，请把内容复制到新工作簿后重报。"),
        code="zip-bomb",
    )


def _broken(name: str) -> UnreadableFile:
    return UnreadableFile(
        _("文件不完整或已损坏（压缩结构不对）"),
        where=name,
        remedy=_("多为传输中断所致，请对方重新发送。"),
        code="broken-zip",
    )


@dataclass(frozen=True, slots=True)
class Archive:
    """The members of a zipped format, already checked. ``parts`` is every member's name in archive order."""

    name: str
    data: bytes
    parts: tuple[str, ...]

    def read(self, part: str) -> bytes:
        """Inflate one member. A member that is not there is empty."""
        if part not in self.parts:
            return b""
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            return archive.read(part)


def _check_declared(infos: list[zipfile.ZipInfo], size: int, name: str, limits: Limits) -> None:
    if len(infos) > MEMBERS:
        raise _bomb(name)
    declared = sum(info.file_size for info in infos)
    if declared > limits.inflated or (declared > RATIO_FROM and declared > limits.ratio * size):
        raise _bomb(name)
    if any(info.flag_bits & ENCRYPTED_FLAG for info in infos):
        raise encrypted(name)


def _check_prologue(head: bytes, name: str) -> None:
    plain = head.replace(b"\0", b"")  # the same words in UTF-16
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", plain, re.IGNORECASE):
        raise UnreadableFile(
            _("文件内含实体定义（XML 实体攻击的写法），正常表格没有"),
            where=name,
            remedy=_("请核实来源，用 Excel 或 WPS 另存为新文件后重报。"),
            code="xml-entities",
        )


def open_archive(data: bytes, name: str, limits: Limits) -> Archive:
    """Check a zip: sizes declared, sizes as inflated, checksums, document types.

    Every XML member is inflated once, in chunks. What it really inflates to is counted, so that a false declaration
    helps nobody: :mod:`zipfile` stops at the declared size and the checksum then fails.

    Raises:
        UnreadableFile: zip-bomb, broken-zip, encrypted, xml-entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_declared(infos, len(data), name, limits)
            for info in infos:
                if not info.filename.endswith((".xml", ".rels", ".vml")):
                    continue
                with archive.open(info) as member:
                    head = member.read(PROLOGUE)
                    _check_prologue(head, name)
                    while member.read(CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise _broken(name) from error
    return Archive(name, data, tuple(info.filename for info in infos))


def attachments(archive: Archive) -> Iterator[Finding]:
    """Macros and links: noted, never run and never followed."""
    if any(part.endswith("vbaProject.bin") for part in archive.parts):
        yield Finding(
            Severity.NOTICE,
            "macros-ignored",
            Place(archive.name),
            _("含有宏"),
            _("报送表不需要宏"),
            _("宏没有运行；请另存为不含宏的 .xlsx。"),
        )
    if any("/externalLinks/" in part for part in archive.parts):
        yield Finding(
            Severity.NOTICE,
            "external-links-ignored",
            Place(archive.name),
            _("含有指向其他文件的链接"),
            _("报送表应能单独打开"),
            _("链接没有打开，取的是上次保存的值；请断开链接（粘贴为数值）后再报。"),
        )
