"""⑤ What the choice of pairs gives to whom, what fairness costs, and why others were not chosen: sheets of 匹配建议."""

from __future__ import annotations

from collections.abc import Mapping

from yingcheng.matchmaking.naming import with_names
from yingcheng.matchmaking.records import Assignment
from yingcheng.publish.records import Results
from yingcheng.publish.workbook import Column, Table, Value

__all__ = ["account_table", "fairness_notes", "frontier_table", "party_names", "refusals"]

_SIDES = {"needs": "场景机会", "offers": "企业", "both": "场景机会与企业"}
_NAMES_SHOWN = 6


def party_names(results: Results) -> dict[str, str]:
    """Names of opportunities and enterprises by id."""
    return {**results.opportunity_names(), **results.enterprise_names()}


def refusals(assignment: Assignment) -> dict[tuple[str, str], str]:
    """Why a candidate was not chosen, by ids."""
    return {(left.opportunity_id, left.enterprise_id): left.why for left in assignment.not_chosen}


def fairness_notes(results: Results) -> tuple[str, ...]:
    """Whose floor was raised how high, against what is possible."""
    assignment, names = results.assignment, party_names(results)
    if not assignment.levels:
        return ()
    notes = []
    for number, level in enumerate(assignment.levels, start=1):
        proof = "已证明不能更高" if level.bound - level.floor < 5e-4 else f"不超过 {level.bound:.3f}"
        place = "最低的一方" if number == 1 else f"第 {number} 低的一方"
        notes.append(f"{place}是“{names.get(level.party, level.party)}”，所得合计 {level.floor:.3f}（{proof}）")
    where = "在规定的让分范围内，有对接的各方中"
    return (f"公平保底（{_SIDES[assignment.fair]}）：{where}，" + "；".join(notes) + "。",)


def frontier_table(results: Results) -> Table | None:
    """Total against floor; None where nobody's floor was to be raised."""
    assignment, names = results.assignment, party_names(results)
    if not assignment.frontier:
        return None
    columns = (
        Column("最低一方所得", 12, "number"),
        Column("全部总分", 10, "number"),
        Column("总分上界", 10, "number"),
        Column("采用", 6, "centre"),
        Column("比只求总分时多得", 46),
        Column("比只求总分时少得", 46),
    )
    rows: list[tuple[Value, ...]] = [
        (
            point.floor, point.total, point.bound, "✓" if point.taken else "",
            _few(point.better, names), _few(point.worse, names),
        )
        for point in assignment.frontier
    ]  # fmt: skip
    notes = (
        "每一行是一种选法：越往下，所得最低的一方越好，全部总分越低；总分上界表示同样保底下任何选法都不会更高。",
        "在 programme.toml 的 [matchmaking] 中用 fair 选择保谁的底，用 fair_price 规定总分最多让出几成。",
    )
    return Table("公平与总分", f"公平与总分的取舍（保底：{_SIDES[assignment.fair]}）", columns, rows, notes=notes)


def _few(parties: tuple[str, ...], names: Mapping[str, str]) -> str:
    shown = "、".join(names.get(party, party) for party in parties[:_NAMES_SHOWN])
    return f"{shown} 等 {len(parties)} 方" if len(parties) > _NAMES_SHOWN else shown


def account_table(results: Results) -> Table:
    """What each party got, could have had alone, and what stood in the way."""
    names = party_names(results)
    opportunities = results.opportunity_names()
    columns = (
        Column("参与方", 34),
        Column("类别", 10, "centre"),
        Column("场次", 6, "int"),
        Column("所得合计", 10, "number"),
        Column("若无他人竞争", 12, "number"),
        Column("差在哪里", 70),
    )
    rows: list[tuple[Value, ...]] = [
        (
            names.get(account.party, account.party),
            "场景机会" if account.party in opportunities else "企业",
            account.meetings,
            account.got,
            account.alone,
            "\n".join(
                f"{loss.amount:.2f}　{names.get(loss.other, loss.other)}：{with_names(loss.why, names)}"
                for loss in account.losses
            ),
        )
        for account in results.assignment.accounts
    ]
    notes = ("“若无他人竞争”是只考虑这一方时最多可得的匹配分合计；“差在哪里”逐项相加等于差额。",)
    return Table("各方所得", "各方所得与未得", columns, rows, notes=notes, empty="没有可以选定的对接。")
