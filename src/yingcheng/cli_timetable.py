"""``yingcheng timetable``: check a timetable, work into it what happens on the day, undo."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from yingcheng.console import EXIT_REFUSED, screen
from yingcheng.i18n import _

if TYPE_CHECKING:
    from yingcheng.matchmaking.records import Timetable
    from yingcheng.onsite import Published

__all__ = ["app"]

Schedule = Annotated[
    Path, typer.Argument(metavar="FILE", help=_("对接日程.json，或 yingcheng run 的结果文件夹"), show_default=False)
]
app = typer.Typer(no_args_is_help=True, help=_("当天调整对接日程：取消、迟到、失桌、超时、临时加场，并可撤销。"))


def _show_quality(made: Timetable) -> None:
    from yingcheng.matchmaking.timetable import breaks_by_party, count_table_changes  # noqa: PLC0415  # as in run

    proof = _("已证明最少") if made.proven else _("任何排法不少于 {bound}").format(bound=made.bound)
    line = _("排入 {placed} 场，未排入 {left} 场；空档 {breaks} 处（{proof}），单方最多 {most} 处；换桌 {changes} 次")
    most = max(breaks_by_party(made).values(), default=0)
    screen.print(
        line.format(
            placed=len(made.meetings), left=len(made.unplaced), breaks=made.breaks, proof=proof, most=most,
            changes=count_table_changes(made),
        )
    )  # fmt: skip


@app.command("check", help=_("核验对接日程文件是否有冲突，并说明质量。"))
def check_timetable(schedule: Schedule) -> None:
    """Judge a timetable by the independent checker; exit 1 where a rule is broken."""
    from yingcheng.onsite import check_file, find_file  # noqa: PLC0415  # as in run

    made, faults = check_file(find_file(schedule))
    _show_quality(made)
    for fault in faults:
        screen.print(f"[red]{escape(fault)}[/]")
    if faults:
        raise typer.Exit(EXIT_REFUSED)


@app.command(
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
        screen.print(f"[bold]{escape(names[party])}[/]")
        for sentence in sentences:
            screen.print(f"  {escape(sentence)}")
    proof = _("已证明改动最少") if mended.proven else _("未证明改动最少")
    screen.print(_("改动 {count} 场（{proof}）").format(count=len(mended.changes), proof=proof))
    _show_quality(mended.timetable)
    _show_written(published)
    screen.print(_("用时 {seconds:.1f} 秒").format(seconds=time.perf_counter() - begun))


def _show_written(published: Published) -> None:
    """Which files say something else now; the calendars and pages of those concerned by name."""
    from yingcheng.publish.schedule import AGENDAS, WEB  # noqa: PLC0415  # as in run

    calendars = [path.stem for path in published.written if path.suffix == ".ics" and path.parent.name == AGENDAS]
    others = [path.name for path in published.written if path.parent.name not in (AGENDAS, WEB)]
    if others:
        screen.print(_("已重写：{names}").format(names=escape("、".join(others))))
    if any(path.parent.name == WEB for path in published.written):
        screen.print(_("请重新上传文件夹“{name}”。").format(name=WEB))
    if calendars:
        screen.print(
            _("请重新发送日历（{count} 方）：{names}").format(count=len(calendars), names=escape("、".join(calendars)))
        )
    if published.missing:
        missing = _("PDF 未重写。{why}").format(why=published.missing)
        screen.print(f"[yellow]{escape(missing)}[/]")


@app.command("undo", help=_("撤销最近一次调整，并重写日程文件与日历。"))
def undo_timetable(schedule: Schedule) -> None:
    """Take the last repair back."""
    from yingcheng.onsite import find_file, undo  # noqa: PLC0415  # as in run

    made, published = undo(find_file(schedule))
    _show_quality(made)
    _show_written(published)


@app.command("publish", help=_("按日程文件重写全部成果：工作簿、PDF、胸牌、桌位屏、个人日程与日历。"))
def publish_timetable(schedule: Schedule) -> None:
    """Write everything that is published of a timetable anew."""
    from yingcheng.onsite import find_file, publish  # noqa: PLC0415  # as in run

    published = publish(find_file(schedule))
    if not published.written:
        screen.print(_("全部文件已是最新。"))
    _show_written(published)
