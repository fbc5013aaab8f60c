"""Finds the edited copies of the plan: in the programme folder, and in the output of the run before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake import open_draft
from yingcheng.output import digest, persons_copies
from yingcheng.revision import Edition, heads, read_edition

__all__ = ["read_editions"]


def read_editions(
    drafts: Mapping[str, Path], out: Path, deliverable: str
) -> tuple[tuple[Edition, ...], tuple[Finding, ...]]:
    """The edited copies of one deliverable, and what a person should know about them.

    Args:
        drafts: what reports call a draft of the programme folder → where it is.
        out: the output folder with the results of the run before.
        deliverable: path of the deliverable below it, with ``/``.

    Returns:
        The editions; a copy that cannot be read, or carries no marks, has a finding instead.
    """
    copies = {_("（结果）{name}").format(name=path.relative_to(out)): path for path in persons_copies(out, deliverable)}
    editions: list[Edition] = []
    findings: list[Finding] = []
    for name, path in (*drafts.items(), *copies.items()):
        try:
            parts = open_draft(path, name=name)
        except UnreadableFile as fault:
            place = Place(name)
            wanted = _("营城写出的顶层策划稿")
            findings.append(Finding(Severity.WARNING, fault.code, place, fault.what, wanted, fault.remedy))
            continue
        editions.append(read_edition(parts, file=name, sha256=digest(path)))
    used = {edition.sha256 for edition in heads(editions)}
    for edition in editions:
        findings += _told(edition, used=edition.sha256 in used)
    return tuple(editions), tuple(findings)


def _told(edition: Edition, *, used: bool) -> Iterator[Finding]:
    place = Place(edition.file)
    if not used:
        why = _("没有改动") if not edition.is_edited else _("其中的改动已在更新的修改稿里")
        yield Finding(
            Severity.NOTICE, "draft-not-needed", place, why, _("有改动的策划稿"), _("无需处理；可以删去这个文件。")
        )
        return
    saved = str(edition.credit) or _("未注明修改人")
    yield Finding(
        Severity.NOTICE,
        "draft-taken-in",
        place,
        _("顶层策划修改稿（{saved}）").format(saved=saved),
        _("您的改动并入新的顶层策划"),
        _("请看新稿末尾的“人工修改对照”；要撤销全部改动，删去这个文件后重新运行。"),
    )
    if edition.open_changes:
        yield Finding(
            Severity.NOTICE,
            "draft-open-changes",
            place,
            _("{count} 处修订尚未接受或拒绝").format(count=edition.open_changes),
            _("修订已接受或拒绝"),
            _("按“接受”并入；不接受的，请在文档中拒绝后重新运行。"),
        )
    if edition.pictures:
        yield Finding(
            Severity.WARNING,
            "draft-picture",
            place,
            _("自行插入的图片 {count} 张").format(count=edition.pictures),
            _("文字与表格的改动"),
            _("图片没有并入新稿，仍在您的修改稿里；定稿时请再插入。"),
        )
    if edition.known is None:
        yield Finding(
            Severity.WARNING,
            "draft-list-lost",
            place,
            _("文档里的文字清单在另存时丢失"),
            _("用 Word、WPS 或 LibreOffice 直接保存的 .docx"),
            _("改写和新增的文字已并入，删去的段落认不出来，会重新出现；请核对新稿。"),
        )
