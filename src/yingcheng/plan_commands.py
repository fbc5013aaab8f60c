"""``yingcheng plan``: diagnose a city, make and compare packs, audit published tables, write out the editable rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from yingcheng.errors import UnusableInput
from yingcheng.i18n import _
from yingcheng.pack_commands import EXIT_FLAGGED, Seed, open_pack, read_tables, show_findings, texts
from yingcheng.pack_commands import app as pack_app

if TYPE_CHECKING:
    from yingcheng.plan.audit import Audit, Match, Verdict
    from yingcheng.plan.formulas import Array
    from yingcheng.plan.records import Diagnosis, IndicatorValue, Plan

__all__ = ["app"]

_SHOWN = 12
_screen = Console(highlight=False, soft_wrap=True)

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="rich", help=_("① 顶层策划：城市诊断、基准包、核对已发表的表、可改的规则。")
)
app.add_typer(pack_app, name="pack")

PackFile = Annotated[Path | None, typer.Option("--pack", help=_("基准包文件；不写用随软件提供的"))]


@app.command(help=_("诊断一个城市：水平、位次（带区间）、障碍、差距、行业、赛道。"))
def city(
    name: Annotated[str, typer.Argument(metavar="CITY", help=_("城市名称或六位代码"), show_default=False)],
    figures: Annotated[
        list[Path] | None, typer.Option("--figures", help=_("本市指标表，可多次写；替代基准包里本市的数字"))
    ] = None,
    pack: PackFile = None,
    seed: Seed = 0,
) -> None:
    """Diagnose one city; exit 2 where it cannot be scored."""
    from yingcheng.intake import read_files  # noqa: PLC0415  # --help need not wait for numpy and scipy
    from yingcheng.plan import Rules, make_plan  # noqa: PLC0415  # as above

    values: tuple[IndicatorValue, ...] = ()
    if figures:
        intake = read_files([path.resolve() for path in figures], root=Path.cwd())
        values = intake.indicators
        for file in intake.files:
            if file.refused:
                raise UnusableInput(file.refused, where=file.file)
        if not values:
            raise UnusableInput(
                _("没有读到城市指标。"), where="、".join(map(str, figures)), remedy=_("表头要有城市、指标名称和数值。")
            )
    plan = make_plan(name, values=values, seed=seed, rules=Rules(pack=open_pack(pack)))
    if plan.diagnosis is None:
        raise UnusableInput("\n".join(plan.notes), where=name)
    _show_diagnosis(plan.diagnosis)
    _show_tracks(plan)
    for note in plan.notes:
        _screen.print(f"[cyan]{escape(note)}[/]")
    show_findings(plan.findings)


def _show_diagnosis(found: Diagnosis) -> None:
    _screen.print(f"[bold]{escape(found.city)}[/] {escape(found.reference)}")
    summary = Table.grid(padding=(0, 2))
    rank = _("第 {rank} 位 / {size}（5–95%：{low}–{high}）").format(
        rank=found.rank, size=found.size, low=found.rank_low, high=found.rank_high
    )
    summary.add_row("D", f"{found.degree:.3f}（{found.degree_low:.3f}–{found.degree_high:.3f}）{found.grade}，{rank}")
    summary.add_row("C / T / D*", f"{found.coupling:.3f} / {found.development:.3f} / {found.corrected_degree:.3f}")
    for level, lag in zip(found.levels, found.lag_shares, strict=True):
        words = _("{share:.0%} 的权重下最低").format(share=lag.share)
        summary.add_row(level.subsystem, f"{level.value:.3f}（{level.low:.3f}–{level.high:.3f}），{words}")
    without = [one.rank for one in found.jackknife]
    if without:
        summary.add_row(_("去掉一项指标"), _("第 {low}–{high} 位").format(low=min(without), high=max(without)))
    if found.clipped:
        summary.add_row(_("量程之外"), _("按端点计：{names}").format(names=escape("、".join(found.clipped))))
    _screen.print(summary)
    _screen.print(escape(found.stage_rule))
    obstacles = Table(_("障碍度"), "5–95%", _("指标"))
    for item in found.obstacles[:_SHOWN]:
        obstacles.add_row(f"{item.share:.1%}", f"{item.low:.1%}–{item.high:.1%}", f"{item.subsystem} {item.indicator}")
    _screen.print(obstacles)
    if found.peers:
        peers = Table(_("相似城市"), "D", _("位次（5–95%）"))
        for peer in found.peers:
            peers.add_row(peer.city, f"{peer.degree:.3f}", f"{peer.rank}（{peer.rank_low}–{peer.rank_high}）")
        _screen.print(peers)
        gaps = Table(_("落后于相似城市的指标"), _("本市"), _("相似城市较好四分之一"), _("单位"))
        for gap in found.gaps:
            if gap.behind:
                gaps.add_row(gap.indicator, f"{gap.value:,.2f}", f"{gap.peers:,.2f}", gap.unit)
        _screen.print(gaps)
    if found.industries:
        trades = Table(_("行业"), _("区位商"), _("区域分量"), _("类型"))
        for trade in found.industries:
            shift = "—" if trade.shift is None else f"{trade.shift:+.0%}"
            trades.add_row(f"{trade.section} {trade.name}", f"{trade.quotient:.2f}", shift, trade.kind or "—")
        _screen.print(trades)


def _show_tracks(plan: Plan) -> None:
    table = Table("", _("赛道"), _("需求"), _("基础：类型、区位商、区域分量"), _("保持入选"))
    for view in plan.tracks:
        share = "—" if view.share is None else f"{view.share:.0%}"
        need = view.need.partition("（")[0]
        shift = "—" if view.base_shift is None else f"{view.base_shift:+.0%}"
        base = "—" if view.base_value is None else f"{view.base_kind or '—'} {view.base_value:.2f} {shift}"
        table.add_row("●" if view.focus else "", view.track, need, base, share)
    _screen.print(table)


@app.command(help=_("核对已发表的 U、C、T、D 表：哪个公式、指数、权重能复现，或都不能，正确的数是多少。"))
def audit(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help=_("csv、xlsx、docx 或 pdf 表"), show_default=False)],
    levels: Annotated[str, typer.Option("--levels", help=_("子系统水平各列的表头，用逗号隔开（认不出时写）"))] = "",
    coupling: Annotated[str, typer.Option("--coupling", help=_("耦合度 C 列的表头"))] = "",
    development: Annotated[str, typer.Option("--development", help=_("综合水平 T 列的表头"))] = "",
    degree: Annotated[str, typer.Option("--degree", help=_("耦合协调度 D 列的表头"))] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help=_("把正确的数写成 csv"))] = None,
) -> None:
    """Audit a published table; exit 1 where a column is not what it says it is or cannot be reproduced."""
    from yingcheng.plan.audit import audit_table  # noqa: PLC0415  # as above
    from yingcheng.plan.audit_table import read_published  # noqa: PLC0415  # as above

    named = tuple(part.strip() for part in levels.replace("，", ",").replace("、", ",").split(",") if part.strip())
    audits: list[Audit] = []
    faults: list[UnusableInput] = []
    for found in read_tables(table):
        where = found.file if found.sheet in {"", Path(found.file).stem} else f"{found.file} / {found.sheet}"
        refused: list[UnusableInput] = []
        for headers, rows in _both_ways(*texts(found)):
            try:
                published = read_published(
                    where, headers, rows, levels=named, coupling=coupling, development=development, degree=degree
                )
            except UnusableInput as fault:
                refused.append(fault)
                continue
            audits.append(audit_table(published))
            break
        else:
            faults.append(refused[0])
    if not audits:
        raise faults[0]
    for done in audits:
        _show_audit(done)
    if out is not None:
        out.write_text(_audit_csv(audits), encoding="utf-8-sig", newline="")
        _screen.print(_("已写出：{path}").format(path=escape(str(out))))
    if any(done.verdict.name != "REPRODUCED" for done in audits):
        raise typer.Exit(EXIT_FLAGGED)


def _both_ways(
    headers: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[tuple[Sequence[str], Sequence[Sequence[str]]]]:
    """The table as it stands, and turned: many papers print a column a year and the headings in the first column."""
    yield headers, rows
    turned = [[header, *(row[i] if i < len(row) else "" for row in rows)] for i, header in enumerate(headers)]
    yield turned[0], turned[1:]


def _verdict(verdict: Verdict) -> str:
    return {
        "REPRODUCED": _("可以复现"),
        "VARIANT": _("可以复现，但公式不规范"),
        "UNREPRODUCED": _("不能复现"),
        "MISLABELLED": _("列名与内容不符"),
    }[verdict.name]


def _show_match(match: Match) -> None:
    counts = _("逐位一致 {exact} 行，在水平的舍入误差之内 {near} 行，不符 {off} 行").format(
        exact=match.exact, near=match.near, off=match.off
    )
    _screen.print(
        f"  {match.column}（{escape(match.header)}）{_verdict(match.verdict)}：{escape(match.formula)}；{counts}"
    )
    if match.remark:
        _screen.print(f"    [yellow]{escape(match.remark)}[/]")
    for slip in match.slips:
        words = _("{label}：公布 {published:g}，应为 {right:.6g}").format(
            label=escape(slip.label), published=slip.published, right=slip.right
        )
        _screen.print(f"    [yellow]{words}[/]")


def _show_audit(done: Audit) -> None:
    passed = done.verdict.name == "REPRODUCED"
    colour = "green" if passed else "yellow" if done.verdict.name == "VARIANT" else "red"
    _screen.print(f"[bold]{escape(done.file)}[/] [{colour}]{_verdict(done.verdict)}[/]")
    subsystems = "、".join(done.subsystems)
    _screen.print("  " + _("子系统：{names}").format(names=escape(subsystems)))
    for match in done.matches:
        _show_match(match)
    if passed and not any(match.slips for match in done.matches):
        return
    weights = "、".join(f"{weight:.4g}" for weight in done.weights)
    origin = _("由表反推") if done.weights_found else _("表中未给，按等权")
    _screen.print("  " + _("正确的数（权重 {weights}，{origin}）").format(weights=weights, origin=origin))
    digits = done.decimals
    table = Table("", "C", "T", "D", _("D 公布"), "D*", _("等级"))
    for row in done.rows:
        told = "—" if row.published_degree is None else f"{row.published_degree:.{digits}f}"
        figures = (f"{figure:.{digits}f}" for figure in (row.coupling, row.development, row.degree))
        table.add_row(row.label, *figures, told, f"{row.corrected:.{digits}f}", row.grade)
    _screen.print(table)


def _audit_csv(audits: Sequence[Audit]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["表", "行", "C", "T", "D", "D*", "等级", "C 公布", "T 公布", "D 公布", "结论"])
    for done in audits:
        digits = done.decimals
        for row in done.rows:
            figures = [f"{f:.{digits}f}" for f in (row.coupling, row.development, row.degree, row.corrected)]
            published = (row.published_coupling, row.published_development, row.published_degree)
            told = ["" if f is None else f"{f:.{digits}f}" for f in published]
            writer.writerow([done.file, row.label, *figures, row.grade, *told, done.verdict])
    return text.getvalue()


@app.command(help=_("写出可修改的规则文件：赛道需求表、阶段规则、指标定义。"))
def rules(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("写到哪个文件夹"), show_default=False)],
) -> None:
    """Write copies of the editable rules; nothing that stands there is overwritten."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("tracks.toml", "stage_rule.toml", "indicators.toml"):
        target = out / name
        if target.exists():
            _screen.print(_("已有，未改动：{path}").format(path=escape(str(target))))
            continue
        target.write_text((files("yingcheng.plan") / "data" / name).read_text(encoding="utf-8"), encoding="utf-8")
        _screen.print(_("已写出：{path}").format(path=escape(str(target))))


@app.command(help=_("经济复杂度与关联度：城市 × 行业就业表（至少 80 个行业）。"))
def complexity(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help=_("每行一个城市，每列一个行业"), show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help=_("结果写到哪个 csv"))] = Path("复杂度.csv"),
) -> None:
    """Complexity of cities and industries and the density of related industries."""
    from yingcheng.plan.structure import economic_complexity  # noqa: PLC0415  # as above

    headers, rows = texts(read_tables(table)[0])
    labels, names, figures = _matrix(headers, rows, table.name)
    done = economic_complexity(figures)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["城市", "城市复杂度 ECI", *(f"关联密度 {name}" for name in names)])
    writer.writerow(["行业复杂度 PCI", "", *(f"{value:.6f}" for value in done.pci)])
    for i, label in enumerate(labels):
        writer.writerow([label, f"{done.eci[i]:.6f}", *(f"{value:.6f}" for value in done.density[i])])
    out.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    _screen.print(_("{cities} 个城市 × {industries} 个行业").format(cities=len(labels), industries=len(names)))
    _screen.print(_("已写出：{path}").format(path=escape(str(out))))


def _matrix(headers: Sequence[str], rows: Sequence[Sequence[str]], file: str) -> tuple[list[str], list[str], Array]:
    import numpy as np  # noqa: PLC0415  # as above

    figures = np.full((len(rows), len(headers)), np.nan)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                figures[i, j] = float(cell.replace(",", "")) if j else np.nan
            except ValueError:
                if cell.strip():
                    where = _("{file} / 第 {row} 行数据 / {column}").format(file=file, row=i + 1, column=headers[j])
                    raise UnusableInput(_("“{cell}”不是数字。").format(cell=cell), where=where) from None
                figures[i, j] = 0.0
    return [row[0] for row in rows], list(headers[1:]), figures[:, 1:]
