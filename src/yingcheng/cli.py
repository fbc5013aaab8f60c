"""The command line: ``yingcheng run``, ``check``, ``learn``, ``plan`` and ``timetable``."""

from __future__ import annotations

import datetime
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from yingcheng.errors import UnusableInput, YingchengError
from yingcheng.findings import FileReport, Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.plan_commands import app as plan_app
from yingcheng.settings import SETTINGS_FILE, load_settings

if TYPE_CHECKING:
    from yingcheng.intake import Progress as Report
    from yingcheng.learning import Lesson
    from yingcheng.matchmaking.records import Timetable
    from yingcheng.onsite import Published
    from yingcheng.programme import RunReport

__all__ = ["main"]

EXIT_REFUSED = 1
EXIT_UNUSABLE = 2

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode="rich", help=_("营城：从报送材料到“六个一”成果。")
)
app.add_typer(plan_app, name="plan")
_screen = Console(highlight=False, soft_wrap=True)
_problems = Console(stderr=True, highlight=False, soft_wrap=True)

_SEVERITY = {
    Severity.ERROR: ("red", _("错误")),
    Severity.WARNING: ("yellow", _("疑问")),
    Severity.NOTICE: ("cyan", _("提示")),
}

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("放着报送材料的文件夹"), show_default=False)]
_RANK = {severity: rank for rank, severity in enumerate(_SEVERITY)}
_PLACES_SHOWN = 3
_GROUPS_SHOWN, _CHANGES_SHOWN = 8, 10
_SURE = 0.95
_REFUSED = _("拒绝")

OutputFolder = Annotated[
    Path, typer.Option("--out", "-o", help=_("结果放在哪里（新文件夹，或上次的结果）"), show_default=False)
]
CheckFolder = Annotated[Path, typer.Option("--out", "-o", help=_("标注工作簿放在哪里"))]
Decisions = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help=_("填好“决定”栏的匹配建议工作簿"), show_default=False)
]
ModelFile = Annotated[Path, typer.Option("--out", "-o", help=_("匹配模型写到哪里"))]
Schedule = Annotated[
    Path, typer.Argument(metavar="FILE", help=_("对接日程.json，或 yingcheng run 的结果文件夹"), show_default=False)
]
Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help=_("要核验的文件或文件夹"), show_default=False)]


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.timezone(datetime.timedelta(hours=8))).date()


@contextmanager
def _progress() -> Iterator[Report]:
    """A progress line on a terminal; nothing where the output is not one."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_problems, transient=True, disable=not _problems.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=escape(what), completed=done, total=total)

        yield report


def _counts(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return "，".join(f"[{colour}]{label} {counts[severity]}[/]" for severity, (colour, label) in _SEVERITY.items())


def _summarise(report: RunReport) -> None:
    files = report.results.files
    table = Table.grid(padding=(0, 2))
    rows = [
        (_("文件"), _("读取 {read}，拒绝 {refused}").format(
            read=len(files) - len(report.files_refused), refused=len(report.files_refused))),
        (_("行"), _("共 {rows_in} = 采用 {taken} + 退回 {refused}").format(
            rows_in=report.rows_in, taken=report.rows_taken, refused=report.rows_refused)),
        (_("核验"), _counts(report.results.findings)),
        (_("成果"), _("{count} 项").format(count=len(report.deliverables))),
        (_("用时"), _("{seconds:.1f} 秒").format(seconds=report.seconds)),
    ]  # fmt: skip
    for name, value in rows:
        table.add_row(f"[bold]{name}[/]", value)
    _screen.print(table)
    for deliverable in report.deliverables:
        if deliverable.summary and not deliverable.picture:
            _screen.print(f"  {deliverable.step or '·'} {escape(deliverable.title)}：{escape(deliverable.summary)}")
    for file in report.files_refused:
        _screen.print(f"[red]{_REFUSED}[/] {escape(file.file)}：{escape(file.refused)}")
    if report.results.plan.diagnosis is None:
        for note in report.results.plan.notes:
            _screen.print(f"[yellow]{escape(note)}[/]")
    for sentence in report.skipped:
        _screen.print(f"[yellow]{escape(sentence)}[/]")
    for name in report.kept:
        kept = _("保留了您改过的文件")
        _screen.print(f"[cyan]{kept}[/] {escape(name)}")
    where = _("结果")
    _screen.print(f"[bold]{where}[/] {escape(str(report.out / 'index.html'))}")


def _show_version(asked: bool) -> None:
    if asked:
        _screen.print(version("yingcheng"))
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_("显示版本"))
    ] = False,
) -> None:
    """What holds for every command."""


@app.command(help=_("把一个文件夹的报送材料做成“六个一”成果。"))
def run(folder: Folder, out: OutputFolder) -> None:
    """Carry a folder through the six steps; exit 1 where a file was refused."""
    from yingcheng.programme import run_programme  # noqa: PLC0415  # loads the solvers; --help need not wait for them

    settings = load_settings(folder / SETTINGS_FILE, today=_today())
    with _progress() as report:
        finished = run_programme(folder, out, settings, progress=report)
    _summarise(finished)
    if finished.files_refused:
        raise typer.Exit(EXIT_REFUSED)


def _show_tables(file: FileReport) -> None:
    what = "，".join(part for part in (file.format, f"{file.size:,} B") if part)
    _screen.print(f"[bold]{escape(file.file)}[/]（{what}）")
    for table in file.tables:
        _screen.print(
            "  "
            + _("工作表“{sheet}”：识别为 {kind}，表头第 {row} 行；{rows_in} 行 = 采用 {taken} + 退回 {refused}").format(
                sheet=escape(table.sheet),
                kind=table.label or _("未识别"),
                row=table.header_row,
                rows_in=table.rows_in,
                taken=table.rows_taken,
                refused=table.rows_refused,
            )
        )
        understood = (
            _("{header}（附加列）").format(header=escape(column.header))
            if not column.field
            else f"{escape(column.header)}→{escape(column.label)}" + ("" if column.score > _SURE else "？")
            for column in table.columns
        )
        _screen.print(f"    {'、'.join(understood)}")


def _show_findings(findings: Sequence[Finding]) -> None:
    """What is wrong, once per kind of fault with its first places; the marked workbook holds all of them."""
    grouped: dict[tuple[Severity, str, str, str], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.severity, finding.code, finding.expected, finding.remedy), []).append(finding)
    for (severity, code, expected, remedy), alike in sorted(grouped.items(), key=lambda group: _RANK[group[0][0]]):
        colour, label = _SEVERITY[severity]
        count = _("（{count} 处）").format(count=len(alike)) if len(alike) > 1 else ""
        advice = _("应为：{expected}。{remedy}").format(expected=escape(expected.rstrip("。.")), remedy=escape(remedy))
        _screen.print(f"  [{colour}]{label}{count}[/] {advice} [dim]{code}[/]")
        for finding in alike[:_PLACES_SHOWN]:
            found = finding.found if len(finding.found) <= 40 else finding.found[:40] + "…"
            place = " / ".join(part for part in (finding.place.sheet, finding.place.cell) if part)
            _screen.print(f"      {escape(place)}  {escape(' '.join(found.split()))}")
        if len(alike) > _PLACES_SHOWN:
            _screen.print("      " + _("其余 {count} 处见标注工作簿").format(count=len(alike) - _PLACES_SHOWN))


@app.command(help=_("看看会读到什么、哪里有问题（逐格），并写出可退回报送单位的标注工作簿。"))
def check(files: Files, out: CheckFolder = Path("核验结果")) -> None:
    """Say what would be read and what is wrong; exit 1 where something was refused, 2 where everything was."""
    from yingcheng.checking import check_files, give_back  # noqa: PLC0415  # as in run
    from yingcheng.intake import is_input, shown_name  # noqa: PLC0415  # as in run

    if out.exists() and not out.is_dir():
        raise UnusableInput(_("这是文件，不是文件夹。"), where=str(out), remedy=_("请用 --out 另指定一个文件夹。"))
    paths = [
        path
        for name in files
        for path in (sorted(filter(Path.is_file, name.resolve().rglob("*"))) if name.is_dir() else [name.resolve()])
        if not name.is_dir() or is_input(path.relative_to(name.resolve()))
    ]
    if not paths:
        raise UnusableInput(_("文件夹里没有可读的文件。"), where="、".join(map(str, files)), remedy=_("请检查路径。"))
    root = Path(os.path.commonpath([path.parent for path in paths]))
    with _progress() as report:
        mapping = root / "mapping.toml"
        pinned = mapping if mapping.is_file() else None
        intake, findings = check_files(paths, root=root, mapping=pinned, as_of=_today(), progress=report)
    for file in intake.files:
        _show_tables(file)
        if file.refused:
            _screen.print(f"  [red]{_REFUSED}[/] {escape(file.refused)}")
        _show_findings([finding for finding in findings if finding.place.file == file.file])
    _screen.print(_counts(findings))
    sources = {shown_name(path.relative_to(root)): path for path in paths}
    for target in give_back(sources, findings, out):
        _screen.print(_("已写出可退回的标注工作簿：{path}").format(path=escape(str(target))))
    if all(file.refused for file in intake.files):
        raise typer.Exit(EXIT_UNUSABLE)
    if any(file.refused for file in intake.files) or any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(EXIT_REFUSED)


@app.command(help=_("从匹配建议工作簿里已填的“决定”学习，写出匹配模型；先看效果，再决定是否启用。"))
def learn(folder: Folder, decisions: Decisions, out: ModelFile = Path("匹配模型.toml")) -> None:
    """Learn from decisions and show the effect; exit 1 where nothing better than what is in use was found."""
    from yingcheng.learning import learn_from  # noqa: PLC0415  # as in run
    from yingcheng.matchmaking.affinity import check_target, save_model  # noqa: PLC0415  # as in run

    check_target(out)
    settings = load_settings(folder / SETTINGS_FILE, today=_today())
    with _progress() as report:
        lesson = learn_from(folder, decisions, settings, doubt=_show_doubt, progress=report)
    _show_effect(lesson)
    if not lesson.learned.adopted:
        _screen.print(_("没有学到比现在更好的匹配模型，仍用原来的。可积累更多决定后再试。"))
        raise typer.Exit(EXIT_REFUSED)
    if kept := save_model(lesson.learned.model, out):
        _screen.print(_("上一份匹配模型改名保留：{path}").format(path=escape(str(kept))))
    _screen.print(_("已写出匹配模型：{path}").format(path=escape(str(out))))
    switch = _(
        '放进材料文件夹，并在 {settings} 的 [matchmaking] 写 model = "{name}"，下次运行即启用；删去这一行即停用。'
    )
    _screen.print(escape(switch.format(settings=SETTINGS_FILE, name=out.name)))


def _show_doubt(place: Place, why: str) -> None:
    _screen.print(f"[yellow]{escape(str(place))}[/] {escape(why)}")


def _show_effect(lesson: Lesson) -> None:
    """Before and after, on decisions that were held out; what counts more or less now; whose candidates change."""
    effect, model = lesson.learned.effect, lesson.learned.model
    table = Table(_("在未参与学习的决定上"), _("现在"), _("学习后"))
    table.add_row(_("排序正确率（越高越好）"), f"{effect.ranking_before:.1%}", f"{effect.ranking_after:.1%}")
    table.add_row(_("平均对数损失（越低越好）"), f"{effect.loss_before:.3f}", f"{effect.loss_after:.3f}")
    _screen.print(_("采用 {count} 条决定").format(count=effect.decisions))
    _screen.print(table)
    if not lesson.learned.adopted:
        return
    if not model.multipliers:
        _screen.print(_("只调整了匹配分的刻度，名次不变。"))
        return
    changed = sorted(model.multipliers.items(), key=lambda entry: (-abs(math.log(entry[1])), entry[0]))
    for group, multiplier in changed[:_GROUPS_SHOWN]:
        _screen.print(f"  {escape(group)} ×{multiplier:.2f}")
    _screen.print(
        _("{count} 项机会（共 {all} 项）的前三名会变化：").format(count=len(lesson.changes), all=lesson.opportunities)
    )
    for change in lesson.changes[:_CHANGES_SHOWN]:
        before, after = ("、".join(names) or "—" for names in (change.before, change.after))
        _screen.print(f"  {escape(change.opportunity)}\n    {escape(before)}\n  → {escape(after)}")


timetable = typer.Typer(no_args_is_help=True, help=_("当天调整对接日程：取消、迟到、失桌、超时、临时加场，并可撤销。"))
app.add_typer(timetable, name="timetable")


def _show_quality(made: Timetable) -> None:
    from yingcheng.matchmaking.timetable import breaks_by_party, count_table_changes  # noqa: PLC0415  # as in run

    proof = _("已证明最少") if made.proven else _("任何排法不少于 {bound}").format(bound=made.bound)
    line = _("排入 {placed} 场，未排入 {left} 场；空档 {breaks} 处（{proof}），单方最多 {most} 处；换桌 {changes} 次")
    most = max(breaks_by_party(made).values(), default=0)
    _screen.print(
        line.format(
            placed=len(made.meetings), left=len(made.unplaced), breaks=made.breaks, proof=proof, most=most,
            changes=count_table_changes(made),
        )
    )  # fmt: skip


@timetable.command("check", help=_("核验对接日程文件是否有冲突，并说明质量。"))
def check_timetable(schedule: Schedule) -> None:
    """Judge a timetable by the independent checker; exit 1 where a rule is broken."""
    from yingcheng.onsite import check_file, find_file  # noqa: PLC0415  # as in run

    made, faults = check_file(find_file(schedule))
    _show_quality(made)
    for fault in faults:
        _screen.print(f"[red]{escape(fault)}[/]")
    if faults:
        raise typer.Exit(EXIT_REFUSED)


@timetable.command(
    "repair", help=_("把当天的变化排进日程：已开始和已确认的不动，其余改动最少；列出该通知谁，重写日程文件与日历。")
)
def repair_timetable(
    schedule: Schedule,
    now: Annotated[str, typer.Option("--now", help=_("现在的时间，如 09:40；此前开始的会面不动"), show_default=False)],
    cancel: Annotated[list[str], typer.Option("--cancel", help=_("取消参会的单位"))] = [],  # noqa: B006
    late: Annotated[list[str], typer.Option("--late", help=_("迟到的单位及到达时间：单位=10:20"))] = [],  # noqa: B006
    lost: Annotated[list[str], typer.Option("--table-lost", help=_("不能再用的洽谈桌：3号桌，或 3号桌=10:20"))] = [],  # noqa: B006
    overrun: Annotated[list[str], typer.Option("--overrun", help=_("超时一个时段的会面：甲×乙"))] = [],  # noqa: B006
    vip: Annotated[list[str], typer.Option("--vip", help=_("临时增加的会面：来宾×单位"))] = [],  # noqa: B006
    confirmed: Annotated[list[str], typer.Option("--confirmed", help=_("已确认、不能再动的会面：甲×乙"))] = [],  # noqa: B006
) -> None:
    """Repair the timetable in place."""
    from yingcheng.onsite import Happened, find_file, mend  # noqa: PLC0415  # as in run

    happened = Happened(cancelled=cancel, late=late, lost=lost, overrun=overrun, vip=vip, confirmed=confirmed)
    begun = time.perf_counter()
    mended, published = mend(find_file(schedule), happened, now=now)
    names = {participant.id: participant.name for participant in mended.timetable.participants}
    for party, sentences in mended.tell.items():
        _screen.print(f"[bold]{escape(names[party])}[/]")
        for sentence in sentences:
            _screen.print(f"  {escape(sentence)}")
    proof = _("已证明改动最少") if mended.proven else _("未证明改动最少")
    _screen.print(_("改动 {count} 场（{proof}）").format(count=len(mended.changes), proof=proof))
    _show_quality(mended.timetable)
    _show_written(published)
    _screen.print(_("用时 {seconds:.1f} 秒").format(seconds=time.perf_counter() - begun))


def _show_written(published: Published) -> None:
    """Which files say something else now; the calendars and pages of those concerned by name."""
    from yingcheng.publish.schedule import AGENDAS, WEB  # noqa: PLC0415  # as in run

    calendars = [path.stem for path in published.written if path.suffix == ".ics" and path.parent.name == AGENDAS]
    others = [path.name for path in published.written if path.parent.name not in (AGENDAS, WEB)]
    if others:
        _screen.print(_("已重写：{names}").format(names=escape("、".join(others))))
    if any(path.parent.name == WEB for path in published.written):
        _screen.print(_("请重新上传文件夹“{name}”。").format(name=WEB))
    if calendars:
        _screen.print(
            _("请重新发送日历（{count} 方）：{names}").format(count=len(calendars), names=escape("、".join(calendars)))
        )
    if published.missing:
        missing = _("PDF 未重写。{why}").format(why=published.missing)
        _screen.print(f"[yellow]{escape(missing)}[/]")


@timetable.command("undo", help=_("撤销最近一次调整，并重写日程文件与日历。"))
def undo_timetable(schedule: Schedule) -> None:
    """Take the last repair back."""
    from yingcheng.onsite import find_file, undo  # noqa: PLC0415  # as in run

    made, published = undo(find_file(schedule))
    _show_quality(made)
    _show_written(published)


@timetable.command("publish", help=_("按日程文件重写全部成果：工作簿、PDF、胸牌、桌位屏、个人日程与日历。"))
def publish_timetable(schedule: Schedule) -> None:
    """Write everything that is published of a timetable anew."""
    from yingcheng.onsite import find_file, publish  # noqa: PLC0415  # as in run

    published = publish(find_file(schedule))
    if not published.written:
        _screen.print(_("全部文件已是最新。"))
    _show_written(published)


def main() -> None:
    """Entry point. A user's mistake is a sentence and exit code 2; a bug of ours stays a traceback."""
    try:
        app()
    except YingchengError as error:
        _problems.print(f"[red]{escape(str(error))}[/]")
        sys.exit(EXIT_UNUSABLE)


if __name__ == "__main__":
    main()
