"""The main job: a programme folder in, the six deliverables out."""

from __future__ import annotations

import platform
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import Any

from rapidfuzz import process

from yingcheng.capabilities import Enterprise, build_matrix, enterprise_facts
from yingcheng.capabilities.records import Matrix
from yingcheng.cases import find_similar
from yingcheng.cases.records import Case
from yingcheng.checking import give_back
from yingcheng.editions import read_editions
from yingcheng.errors import MissingExtra, UnreadableFile, UnusableInput
from yingcheng.findings import FileReport, Finding
from yingcheng.i18n import _, language
from yingcheng.intake import Intake, Progress, read_folder, shown_name
from yingcheng.matching import explained, make_choice, make_market
from yingcheng.matchmaking.affinity import Market, judge_all
from yingcheng.matchmaking.assignment import Choice, why_not
from yingcheng.matchmaking.records import AgendaBlock, Assignment, Candidates, Session, Timetable
from yingcheng.matchmaking.timetable import build_session, make_timetable
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.matchmaking.timetable.stored import TIMETABLE_FILE, read_schedule
from yingcheng.measures import assess, check_rules
from yingcheng.measures.reach import Reach
from yingcheng.measures.records import Measure
from yingcheng.opportunities import Opportunity, OpportunityList, review_findings, review_list
from yingcheng.opportunities.disclosure import without_personal
from yingcheng.output import output_folder, tree_digests, write_record
from yingcheng.plan import (
    Diagnosis,
    Override,
    Plan,
    Rules,
    SupportItem,
    TrackSupport,
    load_stage_rule,
    load_tracks,
    make_plan,
    read_pack,
)
from yingcheng.projects import follow_up, load_formula
from yingcheng.projects.records import Portfolio
from yingcheng.publish import WRITERS, Deliverable, Results, write_index
from yingcheng.publish.plan import PLAN_DOCUMENT
from yingcheng.publish.records import STEP_FOLDERS
from yingcheng.settings import Settings, described
from yingcheng.standards.tracks import TRACKS

__all__ = ["RunReport", "compute", "make_market", "reviewed", "run_programme"]

_LIBRARIES = (
    "numpy",
    "scipy",
    "ortools",
    "python-calamine",
    "xlsxwriter",
    "openpyxl",
    "python-docx",
    "numba",
)

_TABLE_OCCUPANCY = 0.7
"""Where the settings name no tables, so many are taken that this share of table-slots is used."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did, for the summary and the exit code."""

    results: Results
    deliverables: tuple[Deliverable, ...]
    skipped: tuple[str, ...]  # deliverables that need an extra that is not installed, each a sentence
    kept: tuple[str, ...]  # files of the previous run that a person had edited, under their new names
    out: Path
    seconds: float

    @property
    def rows_in(self) -> int:
        """Data rows of all tables of the files that were read."""
        return sum(file.rows_in for file in self.results.files)

    @property
    def rows_taken(self) -> int:
        """Rows that became (part of) a record."""
        return sum(file.rows_taken for file in self.results.files)

    @property
    def rows_refused(self) -> int:
        """Rows given back to their sender; each has a finding."""
        return sum(file.rows_refused for file in self.results.files)

    @property
    def files_refused(self) -> tuple[FileReport, ...]:
        """Files refused as a whole."""
        return tuple(file for file in self.results.files if file.refused)


def _item(record: Opportunity | Enterprise | Case | Measure, remark: str = "") -> SupportItem:
    return SupportItem(record.name, record.sources[0] if record.sources else None, remark)


def _support(
    opportunities: OpportunityList, matrix: Matrix, reach: Reach, cases: Sequence[Case], *, as_of: date
) -> Mapping[str, TrackSupport]:
    """What stands ready for each track, record by record; the feasible column of the plan."""
    offered = {(cell.track, cell.enterprise_id) for cell in matrix.cells}
    ended = {
        measure.id: f"{measure.deadline.end:%Y-%m-%d} 已截止"
        for measure in reach.measures
        if measure.deadline is not None and measure.deadline.end is not None and measure.deadline.end < as_of
    }
    return {
        track: TrackSupport(
            cases=tuple(_item(case, case.preconditions) for case in cases if track in case.tracks),
            enterprises=tuple(_item(firm) for firm in matrix.enterprises if (track, firm.id) in offered),
            measures=tuple(_item(m) for m in reach.measures if track in m.tracks and m.id not in ended),
            opportunities=tuple(_item(o) for o in opportunities.opportunities if track in o.tracks),
            excluded=tuple(_item(m, ended[m.id]) for m in reach.measures if track in m.tracks and m.id in ended),
        )
        for track in TRACKS
    }


def _session_day(settings: Settings) -> date:
    return settings.session_date or settings.as_of + timedelta(days=14)


def _session(settings: Settings, agenda: Sequence[AgendaBlock], meetings: int) -> Session:
    day = _session_day(settings)
    tables = settings.tables
    if tables is None:
        minutes = sum((end.hour - start.hour) * 60 + end.minute - start.minute for start, end in settings.windows)
        slots = max(1, minutes // settings.slot_minutes)
        tables = max(1, ceil(meetings / slots / _TABLE_OCCUPANCY))
    names = tuple(f"{number}号桌" for number in range(1, tables + 1)) if isinstance(tables, int) else tables
    session = build_session(day, settings.windows, slot_minutes=settings.slot_minutes, tables=names, agenda=agenda)
    return replace(session, rest=settings.rest)


def _units(opportunities: Sequence[Opportunity]) -> dict[str, str]:
    """Who sits at the table for each opportunity: the unit, its lead department, or the entry itself."""
    return {o.id: o.unit or o.lead or f"{o.name}（需求单位待补）" for o in opportunities}


def _matchmaking(
    market: Market, intake: Intake, listed: OpportunityList, settings: Settings
) -> tuple[Candidates, Assignment, Timetable]:
    enterprises, distinct = intake.enterprises, listed.distinct
    candidates = judge_all(market, limit=settings.candidates, minimum=settings.minimum)
    assignment = explained(make_choice(candidates, distinct, enterprises, settings), candidates)
    timetable = make_timetable(
        assignment.pairs,
        _session(settings, intake.agenda, len(assignment.pairs)),
        intake.participants,
        units=_units(distinct),
        names={enterprise.id: enterprise.name for enterprise in enterprises},
        seed=settings.seed,
    )
    return candidates, assignment, timetable


def reviewed(intake: Intake, settings: Settings) -> tuple[OpportunityList, Intake, tuple[Finding, ...]]:
    """The checked list, everything without telephone numbers and addresses, and what the checks found."""
    raw = review_list(intake.opportunities, as_of=settings.as_of)
    required = review_findings(raw)
    # From here on no text holds a number or an address; the findings name the cells they were in.
    return without_personal(raw), _without_personal(intake), tuple(required)


def _without_personal(intake: Intake) -> Intake:
    return replace(
        intake,
        enterprises=without_personal(intake.enterprises),
        measures=without_personal(intake.measures),
        cases=without_personal(intake.cases),
        projects=without_personal(intake.projects),
        participants=without_personal(intake.participants),
        agenda=without_personal(intake.agenda),
    )


def compute(intake: Intake, settings: Settings, *, folder: Path, progress: Progress) -> Results:
    """The six steps over what was read. No clock; no files but those the settings name: score sheet, model, encoder.

    What an encoder makes is looked up in the user's cache first; the results do not depend on it.
    """
    steps = 6
    progress(_("② 核验场景机会清单"), 1, steps)
    listed, intake, required = reviewed(intake, settings)
    progress(_("③ 判定惠企政策适用"), 2, steps)
    facts = {enterprise.id: enterprise_facts(enterprise) for enterprise in intake.enterprises}
    reach = assess(intake.measures, facts, as_of=settings.as_of)
    rule_findings = check_rules(intake.measures, as_of=settings.as_of)
    progress(_("④ 建立企业能力矩阵"), 3, steps)
    matrix = build_matrix(intake.enterprises, listed.opportunities)
    progress(_("⑤ 匹配、选对与排程"), 4, steps)
    market = make_market(intake, listed, settings, folder=folder)
    candidates, assignment, timetable = _matchmaking(market, intake, listed, settings)
    progress(_("⑥ 汇总落地项目"), 5, steps)
    portfolio = _portfolio(intake, settings, folder)
    progress(_("① 诊断城市与重点赛道"), 6, steps)
    plan = _plan(intake, settings, folder, _support(listed, matrix, reach, intake.cases, as_of=settings.as_of))
    return Results(
        name=settings.name,
        city=settings.city,
        as_of=settings.as_of,
        batch=settings.batch,
        files=intake.files,
        findings=(*intake.findings, *required, *rule_findings, *portfolio.findings, *plan.findings),
        plan=plan,
        opportunities=listed,
        reach=reach,
        matrix=matrix,
        candidates=candidates,
        assignment=assignment,
        timetable=timetable,
        portfolio=portfolio,
        cases=intake.cases,
        similar=find_similar(listed.distinct, intake.cases),
        session_given=settings.session_date is not None,
        link_base=settings.link_base,
    )


def _portfolio(intake: Intake, settings: Settings, folder: Path) -> Portfolio:
    formula = load_formula(folder / settings.formula) if settings.formula else None
    return follow_up(intake.projects, as_of=settings.as_of, formula=formula)


def _plan_rules(settings: Settings, folder: Path) -> Rules:
    decisions = ((True, settings.include), (False, settings.exclude))
    return Rules(
        pack=read_pack(folder / settings.pack) if settings.pack else None,
        tracks=load_tracks(folder / settings.tracks) if settings.tracks else None,
        stage=load_stage_rule(folder / settings.stage_rule) if settings.stage_rule else None,
        overrides=tuple(Override(track, focus, reason) for focus, chosen in decisions for track, reason in chosen),
    )


def _plan(intake: Intake, settings: Settings, folder: Path, support: Mapping[str, TrackSupport]) -> Plan:
    return make_plan(
        settings.city,
        others=settings.others,
        values=intake.indicators,
        support=support,
        seed=settings.seed,
        rules=_plan_rules(settings, folder),
    )


def _with_editions(results: Results, intake: Intake, folder: Path, out: Path) -> Results:
    """The results with what people changed in earlier plans."""
    places = {shown_name(path.relative_to(folder)): path for path in folder.rglob("*")} if intake.drafts else {}
    drafts = {name: places[name] for name in intake.drafts}
    editions, findings = read_editions(drafts, out, PLAN_DOCUMENT.as_posix())
    return replace(results, editions=editions, findings=(*results.findings, *findings))


def _known_schedule(out: Path) -> Schedule | None:
    """What participants were told by the last run into this folder, or on the day: their calendars must follow it."""
    path = out / STEP_FOLDERS[5] / TIMETABLE_FILE
    if not path.is_file():
        return None
    try:
        return read_schedule(path)
    except UnreadableFile:
        return None  # not ours any more; it is kept like everything a person put there


def _give_back(folder: Path, results: Results, out: Path) -> tuple[Deliverable, ...]:
    """The senders' own workbooks, marked."""
    target = out / STEP_FOLDERS[0] / "退回修改"
    written = give_back({file.file: folder / file.file for file in results.files}, results.findings, target)
    if not written:
        return ()
    title = f"退回各报送单位的标注工作簿（{len(written)} 份）"
    return (Deliverable(0, title, target.relative_to(out)),)


def _publish(results: Results, out: Path, progress: Progress) -> tuple[list[Deliverable], list[str]]:
    deliverables: list[Deliverable] = []
    skipped: list[str] = []
    missing: MissingExtra | None = None
    for done, (name, write) in enumerate(WRITERS, start=1):
        progress(_("写出：{name}").format(name=name), done, len(WRITERS))
        try:
            deliverables.extend(write(results, out))
        except MissingExtra as fault:
            missing = fault
    if missing is not None:
        skipped.append(_("全部图表和 PDF（顶层策划、对接日程、白皮书）未生成。{why}").format(why=missing))
    return deliverables, skipped


def _versions() -> dict[str, str]:
    return {
        "yingcheng": version("yingcheng"),
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def _model_digest(settings: Settings, folder: Path) -> dict[str, str]:
    if not settings.model:
        return {}
    return {"model_sha256": sha256((folder / settings.model).read_bytes()).hexdigest()}


def _pack_line(diagnosis: Diagnosis) -> dict[str, str]:
    pack = diagnosis.pack
    return {} if pack is None else {"id": pack.id, "version": pack.version, "sha256": pack.sha256}


def _record(results: Results, settings: Settings, folder: Path, out: Path, seconds: float, started: float) -> None:
    """Write ``run.json``."""
    provenance: dict[str, Any] = {
        "inputs": [
            {
                "file": file.file,
                "sha256": file.sha256,
                "bytes": file.size,
                "format": file.format,
                "refused": file.refused,
            }
            for file in results.files
        ],
        "edited": sorted({edition.sha256 for edition in results.editions}),
        "settings": described(settings),
        "matching": {
            "model": results.candidates.model,
            "encoder": results.candidates.encoder,
            **_model_digest(settings, folder),
        },
        "pack": None if results.plan.diagnosis is None else _pack_line(results.plan.diagnosis),
        "language": language(),
        "versions": _versions(),
        "outputs": tree_digests(out),
    }
    times = {
        "started": clock.strftime("%Y-%m-%dT%H:%M:%SZ", clock.gmtime(started)),
        "seconds": round(seconds, 3),
    }
    write_record(out, provenance, times)


def run_programme(
    folder: Path, out: Path, settings: Settings, *, progress: Progress = lambda *_step: None
) -> RunReport:
    """Carry a folder of workbooks, Word lists and CSVs through all six steps.

    Args:
        folder: what the offices and enterprises sent, with ``programme.toml`` and ``mapping.toml`` beside it if wanted.
        out: where the deliverables go; either empty, new, or the output of an earlier run.
        settings: from :func:`yingcheng.settings.load_settings`.
        progress: told what is being done.

    Raises:
        UnusableInput: no file could be read at all, or ``out`` cannot be used. Nothing is written then.
        SettingsError: ``mapping.toml`` or the score sheet is wrong.
    """
    started, begun = clock.time(), clock.perf_counter()
    if folder.is_file():
        raise UnusableInput(
            _("这是文件，不是文件夹。"), where=str(folder), remedy=_("请把它放进文件夹，或用 yingcheng check 核验。")
        )
    if not folder.is_dir():
        raise UnusableInput(_("没有这个文件夹。"), where=str(folder), remedy=_("请检查路径。"))
    if out.resolve() == folder.resolve() or folder.resolve() in out.resolve().parents:
        raise UnusableInput(
            _("输出文件夹不能放在材料文件夹里面，否则下次会把结果当作材料。"),
            where=str(out),
            remedy=_("请用 --out 另指定一个文件夹。"),
        )
    with output_folder(out) as output:
        intake = read_folder(folder, session=_session_day(settings), progress=progress)
        if not any(file.tables for file in intake.files):
            reasons = "\n".join(f"  - {file.file}：{file.refused}" for file in intake.files if file.refused)
            raise UnusableInput(
                _("文件夹里没有一份可以读取的材料。"),
                where=str(folder),
                remedy=reasons or _("请放入 xlsx、xls、ods、csv、docx 或 pdf 表格。"),
            )
        results = compute(intake, settings, folder=folder, progress=progress)
        results = replace(_with_editions(results, intake, folder, out), known=_known_schedule(out))
        deliverables, skipped = _publish(results, output.folder, progress)
        deliverables.extend(_give_back(folder, results, output.folder))
        write_index(results, deliverables, output.folder)
        seconds = clock.perf_counter() - begun
        _record(results, settings, folder, output.folder, seconds, started)
    return RunReport(results, tuple(deliverables), tuple(skipped), output.kept, out, seconds)


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Who meets whom, and the names of all."""

    choice: Choice
    names: Mapping[str, str]

    def why(self, opportunity: str, enterprise: str) -> str:
        """Why the two do not meet, or that they do; by ids or by names.

        Raises:
            UnusableInput: there is no such opportunity or enterprise.
        """
        wish = (self._id(opportunity), self._id(enterprise))
        return why_not(self.choice, wish) or _("这一对已选中。")

    def _id(self, name: str) -> str:
        found = [party for party, known in self.names.items() if name in (party, known)]
        if not found:
            near = process.extractOne(name, list(self.names.values()), score_cutoff=50)
            hint = _("您是否指：{name}").format(name=near[0]) if near else _("请写全称或编号。")
            raise UnusableInput(_("没有名为“{name}”的场景机会或企业。").format(name=name), remedy=hint)
        return found[0]


def match_folder(folder: Path, settings: Settings, *, progress: Progress = lambda *_step: None) -> Matching:
    """The choice of pairs of a folder alone, without the other steps; nothing is written.

    Raises:
        SettingsError: a setting or wish is wrong.
        Infeasible: wishes, limits or quotas contradict each other.
    """
    intake = read_folder(folder, session=_session_day(settings), progress=progress)
    listed, intake, _required = reviewed(intake, settings)
    progress(_("⑤ 匹配与选对"), 0, 100)
    market = make_market(intake, listed, settings, folder=folder)
    candidates = judge_all(market, limit=settings.candidates, minimum=settings.minimum)
    choice = make_choice(
        candidates, listed.distinct, intake.enterprises, settings,
        told=lambda share: progress(_("⑤ 匹配与选对"), round(100 * share), 100),
    )  # fmt: skip
    parties: tuple[Opportunity | Enterprise, ...] = (*listed.distinct, *intake.enterprises)
    return Matching(choice, {party.id: party.name for party in parties})
