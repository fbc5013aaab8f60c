"""What would be read and what is wrong with it, and the workbooks that go back to the senders: ``yingcheng check``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path, PurePosixPath

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake import Intake, Progress, read_files
from yingcheng.intake.error_workbook import write_error_workbook
from yingcheng.measures import check_rules
from yingcheng.opportunities import review_findings, review_list
from yingcheng.projects import follow_up

__all__ = ["check_files", "give_back"]

_LONGEST_NAME = 200
"""Bytes; file systems take 255, and a little is added."""


def check_files(
    paths: Sequence[Path], *, root: Path, mapping: Path | None, as_of: date, progress: Progress
) -> tuple[Intake, tuple[Finding, ...]]:
    """Read files and say all that is wrong with them, without computing anything else.

    Args:
        paths: the files.
        root: folder that the findings' file names are relative to.
        mapping: a ``mapping.toml``, or ``None``.
        as_of: the day deadlines are judged on.
        progress: told which file is being read.
    """
    intake = read_files(paths, root=root, mapping=mapping, progress=progress)
    listed = review_list(intake.opportunities, as_of=as_of)
    ledger = follow_up(intake.projects, as_of=as_of)
    rules = check_rules(intake.measures, as_of=as_of)
    aside = (
        Finding(
            Severity.NOTICE,
            "draft-set-aside",
            Place(name),
            _("营城写出的策划稿"),
            _("报送材料"),
            _("不作材料核验；运行时，您在其中的改动会并入新的顶层策划。"),
        )
        for name in intake.drafts
    )
    return intake, (*intake.findings, *aside, *review_findings(listed), *rules, *ledger.findings)


def _marked_name(name: str) -> PurePosixPath:
    """Where the marked copy of a file goes: the same folder, a name that says what it is and that no disk refuses."""
    path = PurePosixPath(name)
    short = path.name
    if len(short.encode()) > _LONGEST_NAME:
        cut = short.encode()[: _LONGEST_NAME - 10].decode("utf-8", "ignore")
        short = f"{cut}…{sha256(name.encode()).hexdigest()[:6]}"
    return path.parent / f"{short}.核验.xlsx"


def give_back(sources: Mapping[str, Path], findings: Sequence[Finding], out: Path) -> tuple[Path, ...]:
    """Write the sender's own workbook with marks and comments for every file with errors or doubts at a cell or row.

    Args:
        sources: what the findings call each file → where it is.
        findings: of all files.
        out: folder for the copies; the senders' subfolders are kept.

    Returns:
        The copies that were written.
    """
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity is not Severity.NOTICE and finding.place.row:
            by_file.setdefault(finding.place.file, []).append(finding)
    written = []
    for name, entries in sorted(by_file.items()):
        target = out / _marked_name(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_error_workbook(sources[name], name, entries, target)
        written.append(target)
    return tuple(written)
