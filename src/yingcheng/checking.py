"""What would be read and what is wrong with it, without computing anything else: ``yingcheng check``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from yingcheng.findings import Finding
from yingcheng.intake import Intake, Progress, read_files
from yingcheng.measures import check_rules
from yingcheng.opportunities import review_findings, review_list
from yingcheng.projects import follow_up

__all__ = ["check_files"]


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
    return intake, (*intake.findings, *review_findings(listed), *rules, *ledger.findings)
