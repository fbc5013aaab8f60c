"""Decisions on candidates, as people write them into the sheet of candidates that a run made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.grid import Sheet
from yingcheng.intake.readers import open_file
from yingcheng.matchmaking.records import DECISIONS
from yingcheng.standards.text import one_line

__all__ = ["DecidedRow", "read_decisions"]

_OPPORTUNITY, _UNIT, _ENTERPRISE, _DECISION = "场景机会", "需求单位", "企业", "决定"


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """One decided row: names as written, ``wanted`` and its weight, and where it stands."""

    opportunity: str
    unit: str
    enterprise: str
    wanted: bool
    weight: float
    place: Place


def read_decisions(path: Path, *, name: str) -> tuple[tuple[DecidedRow, ...], tuple[Finding, ...]]:
    """Read a workbook with the columns 场景机会, 企业 and 决定; rows without a decision are passed over.

    Args:
        path: the workbook.
        name: what findings call it.

    Raises:
        UnreadableFile: it cannot be opened.
    """
    rows: list[DecidedRow] = []
    findings: list[Finding] = []
    for sheet in open_file(path, name=name).sheets:
        for decided in _read_sheet(sheet):
            if isinstance(decided, Finding):
                findings.append(decided)
            else:
                rows.append(decided)
    return tuple(rows), tuple(findings)


def _read_sheet(sheet: Sheet) -> Iterator[DecidedRow | Finding]:
    columns: dict[str, int] = {}
    for number, cells in enumerate(sheet.rows):
        texts = [one_line(str(cell)) if cell is not None else "" for cell in cells]
        if not columns:
            if {_OPPORTUNITY, _ENTERPRISE, _DECISION} <= set(texts):
                columns = {text: place for place, text in enumerate(texts) if text}
            continue
        said = texts[columns[_DECISION]]
        if not said:
            continue
        place = Place(sheet.file, sheet.name, sheet.first_row + number, sheet.first_column + columns[_DECISION])
        if said not in DECISIONS:
            yield Finding(
                Severity.WARNING,
                "unknown-decision",
                place,
                said,
                _("决定应为：{words}").format(words="、".join(DECISIONS)),
                _("请改用其中一个词。"),
            )
            continue
        unit = texts[columns[_UNIT]] if _UNIT in columns else ""
        yield DecidedRow(texts[columns[_OPPORTUNITY]], unit, texts[columns[_ENTERPRISE]], *DECISIONS[said], place)
