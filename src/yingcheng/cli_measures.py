"""``yingcheng measures``: check rules, see who is reached and why, ask what if, make and convert decision tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rapidfuzz import process
from rich.markup import escape
from rich.table import Table

from yingcheng.console import EXIT_REFUSED, EXIT_UNUSABLE, progress_line, screen, today
from yingcheng.errors import UnusableInput
from yingcheng.findings import Finding, Severity
from yingcheng.i18n import _
from yingcheng.settings import SETTINGS_FILE, load_settings

if TYPE_CHECKING:
    from yingcheng.measures.reach import Reach
    from yingcheng.measures.records import Application, Measure
    from yingcheng.measures.whatif import Change

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help=_("惠企政策：检查规则、看谁符合、试改门槛、决策表模板与转换。"))

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}
_TONES = {"符合": "green", "不符合": "red", "还需材料": "yellow"}
_SHOWN = 30
_SUFFIXES = (".xlsx", ".yaml", ".yml", ".json")

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help=_("决策表（.xlsx 等）或规则文件（.yaml、.json）"))]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("放着报送材料的文件夹"), show_default=False)]
Named = Annotated[str, typer.Option("--measure", "-m", help=_("政策名称或其中几个字"))]
Firm = Annotated[str, typer.Option("--enterprise", "-e", help=_("企业名称或其中几个字；逐条说明理由"))]
Row = Annotated[str, typer.Option("--clause", "-c", help=_("条件编号（2.1），或第几条（3）"), show_default=False)]
NewValue = Annotated[str, typer.Option("--value", "-v", help=_("新的取值，写法同决策表"), show_default=False)]
Operator = Annotated[str, typer.Option("--operator", help=_("新的比较方式；不写则不变"))]
Target = Annotated[Path, typer.Option("--out", "-o", help=_("写到哪个文件"), show_default=False)]
Source = Annotated[Path, typer.Argument(metavar="FILE", help=_("决策表或规则文件"), show_default=False)]


@app.command(help=_("检查决策表和规则文件，逐格说明问题；不作判定。"))
def check(files: Files) -> None:
    """Say what is wrong with rules; exit 1 where there are faults, 2 where there is no measure at all."""
    measures, findings = _measures_of(files)
    readings = _readings(measures)
    for measure, (asked, by_person) in zip(measures, readings, strict=True):
        line = _("{name}：{rows} 行条款，{asked} 个条件可直接判定，{human} 个须人工认定").format(
            name=measure.name, rows=len(measure.clauses), asked=asked, human=by_person
        )
        screen.print(escape(line))
    _show(findings)
    if not measures:
        raise typer.Exit(EXIT_UNUSABLE)
    if any(finding.severity is not Severity.NOTICE for finding in findings):
        raise typer.Exit(EXIT_REFUSED)
    screen.print(_("没有发现问题。") if not findings else _("只有提示，没有问题。"))


def _measures_of(files: Sequence[Path]) -> tuple[tuple[Measure, ...], tuple[Finding, ...]]:
    from yingcheng.intake import read_files  # noqa: PLC0415  # loads the readers; --help need not wait for them
    from yingcheng.measures import check_rules  # noqa: PLC0415  # as above

    lost = [path for path in files if not path.exists()]
    if lost:
        raise UnusableInput(_("找不到文件。"), where=str(lost[0]), remedy=_("请检查路径。"))
    with progress_line() as report:
        intake = read_files([path.resolve() for path in files], root=files[0].resolve().parent, progress=report)
    read = [finding for finding in intake.findings if finding.severity is not Severity.NOTICE]
    return intake.measures, (*read, *check_rules(intake.measures, as_of=today()))


def _readings(measures: Sequence[Measure]) -> list[tuple[int, int]]:
    """Per measure, conditions that facts decide and conditions that a person decides."""
    from yingcheng.measures.conditions import Human, leaves  # noqa: PLC0415  # as above
    from yingcheng.measures.reading import read_measures  # noqa: PLC0415  # as above

    counts = []
    for reading in read_measures(measures, as_of=today()):
        kinds = Counter(isinstance(leaf, Human) for leaf in leaves(reading.condition))
        counts.append((kinds[False], kinds[True]))
    return counts


def _show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        screen.print(f"[{_COLOURS[finding.severity]}]{escape(str(finding.place))}[/]  {escape(finding.found)}")
        advice = _("应为：{expected}。{remedy}").format(
            expected=escape(finding.expected.rstrip("。.")), remedy=escape(finding.remedy)
        )
        screen.print(f"    {advice} [dim]{finding.code}[/]")


@app.command(help=_("看每项政策有多少企业符合；加 --measure 看名单，加 --enterprise 逐条看理由。"))
def reach(folder: Folder, measure: Named = "", enterprise: Firm = "") -> None:
    """Who is reached: counts, or the list of one measure, or the trace of one enterprise."""
    found, names = _assessed(folder)
    places = range(len(found.measures)) if not measure else [_find(measure, [m.name for m in found.measures])]
    if enterprise:
        firm = _find(enterprise, [names[identifier] for identifier in found.enterprises])
        for place in places:
            _explain(found.measures[place].name, names[found.enterprises[firm]], found.application(place, firm))
    elif measure:
        _list(found, places[0], names)
    else:
        _count(found)
    _say_who_decides()


def _say_who_decides() -> None:
    decides = _("适用结论以主管部门认定为准。")
    screen.print(f"[dim]{decides}[/]")


def _assessed(folder: Path) -> tuple[Reach, dict[str, str]]:
    from yingcheng.capabilities import enterprise_facts  # noqa: PLC0415  # as above
    from yingcheng.intake import read_folder  # noqa: PLC0415  # as above
    from yingcheng.measures import assess  # noqa: PLC0415  # as above

    settings = load_settings(folder / SETTINGS_FILE, today=today())
    with progress_line() as report:
        intake = read_folder(folder, session=settings.session_date, progress=report)
    if not intake.measures or not intake.enterprises:
        missing = _("政策条款") if not intake.measures else _("企业")
        raise UnusableInput(_("没有读到{what}。").format(what=missing), where=str(folder), remedy=_("请补充材料。"))
    facts = {enterprise.id: enterprise_facts(enterprise) for enterprise in intake.enterprises}
    names = {enterprise.id: enterprise.name for enterprise in intake.enterprises}
    return assess(intake.measures, facts, as_of=settings.as_of), names


def _find(text: str, names: Sequence[str]) -> int:
    """The place of the one name that is, or else holds, the text."""
    if text in names:
        return names.index(text)
    holding = [place for place, name in enumerate(names) if text in name]
    if len(holding) == 1:
        return holding[0]
    if holding:
        listed = "、".join(names[place] for place in holding[:5])
        raise UnusableInput(
            _("有几个名称含有这几个字：{names}").format(names=listed), where=text, remedy=_("请多写几个字。")
        )
    close = "、".join(name for name, _score, _place in process.extract(text, names, limit=3))
    raise UnusableInput(_("没有这个名称。"), where=text, remedy=_("您是否要写：{names}？").format(names=close))


def _count(found: Reach) -> None:
    from yingcheng.measures.records import Verdict  # noqa: PLC0415  # as above

    table = Table(_("政策"), *(str(verdict) for verdict in Verdict))
    for place, measure in enumerate(found.measures):
        table.add_row(escape(measure.name), *(str(found.count(place, verdict)) for verdict in Verdict))
    screen.print(table)


def _list(found: Reach, place: int, names: dict[str, str]) -> None:
    from yingcheng.measures.near import near_misses  # noqa: PLC0415  # as above
    from yingcheng.measures.records import Verdict  # noqa: PLC0415  # as above

    screen.print(f"[bold]{escape(found.measures[place].name)}[/]")
    for verdict in (Verdict.YES, Verdict.UNKNOWN):
        having = found.having(place, verdict)
        screen.print(f"[{_TONES[verdict]}]{verdict} {len(having)}[/]")
        for firm in having[:_SHOWN]:
            missing = "、".join(found.missing(place, firm))
            screen.print(f"  {escape(names[found.enterprises[firm]])}{f'：{escape(missing)}' if missing else ''}")
        _rest(len(having))
    misses = near_misses(found, place)
    screen.print(_("仅差一项 {count}").format(count=len(misses)))
    for miss in misses[:_SHOWN]:
        screen.print(f"  {escape(names[found.enterprises[miss.enterprise]])}：{escape(miss.gap)}")
        if miss.open_facts:
            screen.print("    " + _("还需：{facts}").format(facts=escape("、".join(miss.open_facts))))
    _rest(len(misses))


def _rest(count: int) -> None:
    if count > _SHOWN:
        screen.print("  " + _("……其余 {count} 家").format(count=count - _SHOWN))


def _explain(measure: str, firm: str, application: Application) -> None:
    screen.print(
        f"[bold]{escape(measure)}[/] · {escape(firm)}：[{_TONES[application.verdict]}]{application.verdict}[/]"
    )
    for trace in application.traces:
        number = f"{trace.clause.outline} " if trace.clause.outline else ""
        screen.print(f"  {number}[{_TONES[trace.verdict]}]{trace.verdict}[/] {escape(trace.reason)}")
        if trace.clause.source is not None:
            screen.print(f"      [dim]{escape(str(trace.clause.source.place('clause_text')))}[/]")
    if application.missing:
        screen.print("  " + _("还需：{facts}").format(facts=escape("、".join(application.missing))))


@app.command("what-if", help=_("试改一条门槛：谁会进来，谁会出去。不改动任何文件。"))
def what_if_command(folder: Folder, measure: Named, clause: Row, value: NewValue, operator: Operator = "") -> None:
    """Change one threshold and say who enters and who leaves."""
    from yingcheng.measures.whatif import what_if  # noqa: PLC0415  # as above

    found, names = _assessed(folder)
    place = _find(measure, [m.name for m in found.measures])
    row = _row(found.measures[place], clause)
    for change in what_if(found, place, row, value=value, operator=operator):
        _show_change(found, change, names)
    _say_who_decides()


def _row(measure: Measure, clause: str) -> int:
    for place, row in enumerate(measure.clauses):
        if row.outline and row.outline == clause:
            return place
    if clause.isdigit() and 0 < int(clause) <= len(measure.clauses):
        return int(clause) - 1
    listed = "；".join(f"{place} {row.text}" for place, row in enumerate(measure.clauses, start=1))
    raise UnusableInput(_("没有这一条。"), where=clause, remedy=_("条款有：{rows}").format(rows=listed))


def _show_change(found: Reach, change: Change, names: dict[str, str]) -> None:
    screen.print(f"[bold]{escape(found.measures[change.measure].name)}[/]")
    for verdict in change.before:
        before, after = change.before[verdict], change.after[verdict]
        screen.print(f"  {verdict} {before} → {after}")
    moves = (
        (_("进入（符合）"), change.entering),
        (_("退出（不再符合）"), change.leaving),
        (_("由不符合变为还需材料"), change.opening),
        (_("由还需材料变为不符合"), change.closing),
    )
    for label, moved in moves:
        if moved:
            listed = "、".join(names[found.enterprises[firm]] for firm in moved[:_SHOWN])
            more = _("……其余 {count} 家").format(count=len(moved) - _SHOWN) if len(moved) > _SHOWN else ""
            screen.print(f"  {label} {len(moved)}：{escape(listed)}{more}")


@app.command(help=_("写出决策表模板：示例、下拉选项、可用的事实。"))
def template(out: Target = Path("惠企政策条款表（模板）.xlsx")) -> None:
    """Write an empty decision table."""
    from yingcheng.publish.decision_table import write_template  # noqa: PLC0415  # as above

    write_template(_free(out, (".xlsx",)), as_of=today())
    screen.print(_("已写出：{path}").format(path=escape(str(out))))


@app.command(help=_("决策表与规则文件互相转换：.xlsx、.yaml、.json。"))
def convert(file: Source, out: Target) -> None:
    """Write the measures of a file in another form."""
    from yingcheng.publish.decision_table import write_decision_table  # noqa: PLC0415  # as above
    from yingcheng.publish.rule_files import rules_as_json, rules_as_yaml  # noqa: PLC0415  # as above

    _free(out, _SUFFIXES)
    measures, findings = _measures_of([file])
    if not measures:
        _show(findings)
        raise UnusableInput(
            _("没有读到政策条款。"), where=str(file), remedy=_("请先用 yingcheng measures check 检查。")
        )
    if out.suffix.lower() == ".xlsx":
        write_decision_table(out, measures, as_of=today())
    else:
        text = rules_as_json(measures) if out.suffix.lower() == ".json" else rules_as_yaml(measures)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    _show([finding for finding in findings if finding.severity is Severity.ERROR])
    screen.print(_("已写出：{path}（{count} 项政策）").format(path=escape(str(out)), count=len(measures)))


def _free(out: Path, suffixes: Sequence[str]) -> Path:
    """Refuses to write over a file, or in a form there is none of."""
    if out.suffix.lower() not in suffixes:
        raise UnusableInput(
            _("不知道写成哪种形式。"),
            where=str(out),
            remedy=_("文件名请以 {suffixes} 结尾。").format(suffixes="、".join(suffixes)),
        )
    if out.exists():
        raise UnusableInput(_("已有同名文件，没有覆盖。"), where=str(out), remedy=_("请换一个文件名，或先移走它。"))
    return out
