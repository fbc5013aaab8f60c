"""``yingcheng match``: who meets whom, what fairness costs, why not; or check a proof."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from yingcheng.console import EXIT_REFUSED, progress_line, screen, today
from yingcheng.errors import UnusableInput
from yingcheng.i18n import _
from yingcheng.settings import SETTINGS_FILE, Settings, load_settings

__all__ = ["HELP", "match"]


class FairSide(StrEnum):
    """Whose worst-off party is raised."""

    none = "none"
    needs = "needs"
    offers = "offers"
    both = "both"


MatchFolder = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help=_("放着报送材料的文件夹"), show_default=False)
]
ProofFile = Annotated[
    Path | None, typer.Option("--verify", metavar="FILE", help=_("复核结果中的“匹配证明.json”"), show_default=False)
]
Fair = Annotated[
    FairSide | None, typer.Option("--fair", help=_("先保谁的底：场景机会、企业或双方"), show_default=False)
]
Price = Annotated[
    float | None,
    typer.Option("--price", min=0.0, max=1.0, help=_("保底最多让出总分的几成，如 0.05"), show_default=False),
]
Depth = Annotated[int | None, typer.Option("--depth", min=1, max=10, help=_("依次抬高最低的几方"), show_default=False)]
ShowFrontier = Annotated[bool, typer.Option("--frontier", help=_("列出公平与总分的各种取舍"))]
Why = Annotated[
    tuple[str, str] | None,
    typer.Option("--why", metavar="OPPORTUNITY ENTERPRISE", help=_("这一对为什么没有选中"), show_default=False),
]

HELP = _("选定谁和谁对接：总分、保底、取舍和没有选中的原因；或复核已写出的匹配证明。")


def match(
    folder: MatchFolder = None,
    verify: ProofFile = None,
    fair: Fair = None,
    price: Price = None,
    depth: Depth = None,
    show_frontier: ShowFrontier = False,
    why: Why = None,
) -> None:
    """Choose pairs and say why, or check a proof; exit 1 where a proof does not hold."""
    if (folder is None) == (verify is None):
        raise UnusableInput(
            _("请给出材料文件夹，或用 --verify 给出匹配证明，二者选一。"), remedy=_("见 yingcheng match --help。")
        )
    if verify is not None:
        _verify(verify)
    elif folder is not None:
        if not folder.is_dir():
            raise UnusableInput(_("没有这个文件夹。"), where=str(folder), remedy=_("请检查路径。"))
        settings = load_settings(folder / SETTINGS_FILE, today=today())
        settings = replace(
            settings,
            fair=fair.value if fair else settings.fair,
            fair_price=settings.fair_price if price is None else price,
            fair_depth=settings.fair_depth if depth is None else depth,
        )
        _match(folder, settings, show_frontier, why)


def _verify(path: Path) -> None:
    from yingcheng.matchmaking.assignment import verify_proof  # noqa: PLC0415  # as in run

    if not path.is_file():
        raise UnusableInput(_("没有这个文件。"), where=str(path), remedy=_("请检查路径。"))
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        text = ""
    solution, faults = verify_proof(text, where=str(path))
    screen.print(_("总分 {total:.3f}，上界 {bound:.3f}，差距 {gap:.3%}").format(
        total=solution.total, bound=solution.bound, gap=solution.gap))  # fmt: skip
    if solution.levels:
        text = _("最低一方 {floor:.3f}，任何选法不超过 {bound:.3f}")
        screen.print(text.format(floor=solution.floor, bound=solution.floor_bound))
    for fault in faults:
        screen.print(f"[red]{escape(fault)}[/]")
    if faults:
        screen.print("[red]" + _("复核未通过") + "[/]")
        raise typer.Exit(EXIT_REFUSED)
    screen.print("[green]" + _("复核通过：场次、约束、总分、上界和保底均成立") + "[/]")


def _match(folder: Path, settings: Settings, show_frontier: bool, why: tuple[str, str] | None) -> None:
    from yingcheng.matchmaking.assignment import frontier  # noqa: PLC0415  # as in run
    from yingcheng.matchmaking.naming import with_names  # noqa: PLC0415  # as in run
    from yingcheng.programme import match_folder  # noqa: PLC0415  # as in run

    with progress_line() as report:
        made = match_folder(folder, settings, progress=report)
        points = frontier(made.choice) if show_frontier and made.choice.goal.side else ()
    assignment, names = made.choice.assignment, made.names
    table = Table(_("场景机会"), _("企业"), _("匹配分"))
    for pair in assignment.pairs:
        table.add_row(escape(names[pair.opportunity_id]), escape(names[pair.enterprise_id]), f"{pair.score:.3f}")
    screen.print(table)
    text = _("{count} 场，总分 {total:.3f}，同样约束和保底下任何选法不超过 {bound:.3f}（差距 {gap:.2%}）")
    screen.print(text.format(count=len(assignment.pairs), total=assignment.total, bound=assignment.bound,
                             gap=assignment.gap))  # fmt: skip
    for number, level in enumerate(assignment.levels, start=1):
        text = _(
            "保底：有对接的各方中第 {number} 低的是“{party}”，得 {floor:.3f}；"
            "总分最多让出 {price:.0%} 时不超过 {bound:.3f}"
        )
        party, price = escape(names[level.party]), settings.fair_price
        screen.print(text.format(number=number, party=party, floor=level.floor, bound=level.bound, price=price))
    for sentence in assignment.unmet:
        screen.print(f"[yellow]{escape(with_names(sentence, names))}[/]")
    if points:
        table = Table(_("最低一方所得"), _("全部总分"), _("总分上界"), _("多得"), _("少得"), _("采用"))
        for point in points:
            table.add_row(f"{point.floor:.3f}", f"{point.total:.3f}", f"{point.bound:.3f}", str(len(point.better)),
                          str(len(point.worse)), "✓" if point.taken else "")  # fmt: skip
        screen.print(table)
    elif show_frontier:
        screen.print(_("没有写明保谁的底（--fair needs、offers 或 both），没有取舍可画。"))
    if why is not None:
        screen.print(escape(made.why(*why)))
