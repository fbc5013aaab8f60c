"""What people's decisions teach the matching: yingcheng learn. The effect is shown; nothing is switched on here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from yingcheng.errors import UnusableInput
from yingcheng.findings import Place
from yingcheng.i18n import _
from yingcheng.intake import Progress, read_folder
from yingcheng.intake.decisions import DecidedRow, read_decisions
from yingcheng.matching import make_market
from yingcheng.matchmaking.affinity import Market, judge_all
from yingcheng.matchmaking.affinity.learning import Learned, learn
from yingcheng.matchmaking.records import Candidates, Decision
from yingcheng.programme import reviewed
from yingcheng.settings import Settings
from yingcheng.standards.text import one_line

__all__ = ["Change", "Lesson", "learn_from"]

_ANY = "*"
FIRST = 3  # candidates of an opportunity whose change is shown


@dataclass(frozen=True, slots=True)
class Change:
    """How the first candidates of one opportunity would change; names as they are shown."""

    opportunity: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned, and what it would do to the candidates of today."""

    learned: Learned
    opportunities: int
    changes: tuple[Change, ...]


def learn_from(
    folder: Path,
    workbooks: Sequence[Path],
    settings: Settings,
    *,
    doubt: Callable[[Place, str], None],
    progress: Progress = lambda *_step: None,
) -> Lesson:
    """Learn from the decisions in some workbooks about the candidates of a folder.

    Args:
        folder: the programme folder the candidates were found in.
        workbooks: sheets of candidates (匹配建议.xlsx) with the column 决定 filled in; later ones go first.
        settings: of the folder; a model that it names is the one to be beaten.
        doubt: told of every row that is not used: where it stands, and why.
        progress: told what is being done.

    Raises:
        UnusableInput: the folder cannot be read, or no workbook holds a decision.
        InputError: too few decisions to learn from.
        UnreadableFile: a workbook cannot be opened.
    """
    if not folder.is_dir():
        raise UnusableInput(_("没有这个文件夹。"), where=str(folder), remedy=_("请检查路径。"))
    rows: list[DecidedRow] = []
    for workbook in workbooks:
        read, findings = read_decisions(workbook, name=workbook.name)
        rows += read
        for finding in findings:
            doubt(finding.place, f"{finding.found}：{finding.expected}")
    if not rows:
        raise UnusableInput(
            _("没有找到已填写的决定。"),
            where="、".join(workbook.name for workbook in workbooks),
            remedy=_("请在匹配建议工作簿“候选企业”表的“决定”栏填写采纳或不采纳。"),
        )
    intake = read_folder(folder, progress=progress)
    listed, intake, _findings = reviewed(intake, settings)
    progress(_("⑤ 学习已作出的决定"), 0, 1)
    market = make_market(intake, listed, settings, folder=folder)
    decisions, unknown = _resolved(market, rows)
    for row in unknown:
        gone = _("材料中没有或不止一个这样的组合：{opportunity} × {enterprise}")
        doubt(row.place, gone.format(opportunity=row.opportunity, enterprise=row.enterprise))
    learned = learn(market, decisions)
    changes: tuple[Change, ...] = ()
    if learned.adopted:
        before = judge_all(market, limit=settings.candidates, minimum=settings.minimum)
        after = judge_all(market.with_model(learned.model), limit=settings.candidates, minimum=settings.minimum)
        changes = _changes(market, before, after)
    return Lesson(learned, len(market.opportunities), changes)


def _resolved(market: Market, rows: Sequence[DecidedRow]) -> tuple[list[Decision], list[DecidedRow]]:
    """Names → ids; where two opportunities share a name, their unit tells them apart."""
    asked_for: dict[tuple[str, str], set[str]] = {}
    offering: dict[str, set[str]] = {}
    for opportunity in market.opportunities:
        for unit in (one_line(opportunity.unit), _ANY):
            asked_for.setdefault((one_line(opportunity.name), unit), set()).add(opportunity.id)
    for enterprise in market.enterprises:
        offering.setdefault(one_line(enterprise.name), set()).add(enterprise.id)
    decisions: list[Decision] = []
    unknown: list[DecidedRow] = []
    for row in rows:
        asked = asked_for.get((row.opportunity, row.unit)) or asked_for.get((row.opportunity, _ANY), set())
        offered = offering.get(row.enterprise, set())
        if len(asked) == len(offered) == 1:  # two of one name cannot be told apart
            decisions.append(Decision(next(iter(asked)), next(iter(offered)), row.wanted, row.weight))
        else:
            unknown.append(row)
    return decisions, unknown


def _changes(market: Market, before: Candidates, after: Candidates) -> tuple[Change, ...]:
    names = {enterprise.id: enterprise.name for enterprise in market.enterprises}

    def first(candidates: Candidates) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for edge in candidates.edges:
            known = found.get(edge.opportunity_id, ())
            if len(known) < FIRST:
                found[edge.opportunity_id] = (*known, names[edge.enterprise_id])
        return found

    old, new = first(before), first(after)
    return tuple(
        Change(opportunity.name, old.get(opportunity.id, ()), new.get(opportunity.id, ()))
        for opportunity in market.opportunities
        if old.get(opportunity.id, ()) != new.get(opportunity.id, ())
    )
