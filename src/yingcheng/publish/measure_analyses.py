"""③ The measures as a set: near misses, money, relations, 免申即享, tool types, what runs out."""

from __future__ import annotations

from decimal import Decimal

from yingcheng.measures.automatic import without_application
from yingcheng.measures.balance import balance, ending, suggest_tool, tool_of, unreached
from yingcheng.measures.money import Stakes
from yingcheng.measures.near import near_misses
from yingcheng.measures.reach import Reach
from yingcheng.measures.records import Verdict
from yingcheng.measures.relations import Kind, relations
from yingcheng.publish.workbook import Column, Table, Value

__all__ = ["DECIDES", "analyses", "in_ten_thousands"]

DECIDES = "适用结论按材料所载条款与已知事实推断，以主管部门认定为准。"

_NEAR_PER_MEASURE = 500
_RELATIONS = 2_000


def in_ten_thousands(yuan: Decimal) -> Decimal:
    """Yuan in 万元."""
    return yuan / 10_000


def analyses(reach: Reach, stakes: Stakes, names: dict[str, str]) -> tuple[Table, ...]:
    """The sheets on the measures as a set."""
    if not reach.measures:
        return ()
    return (
        _near(reach, names),
        _money(reach, stakes),
        _relations(reach),
        _automatic(reach),
        _tools(reach, stakes),
        _attention(reach),
    )


def _near(reach: Reach, names: dict[str, str]) -> Table:
    columns = (
        Column("政策名称", 32),
        Column("企业名称", 32),
        Column("唯一不符合的条件", 36),
        Column("差在哪里", 46),
        Column("差距", 9, "percent"),
        Column("其他待补", 24),
    )
    rows: list[tuple[Value, ...]] = []
    notes = ["只差一个条件、其余条件都符合或只待补材料的企业；差距为与门槛相差的比例，小的在前。"]
    for place, measure in enumerate(reach.measures):
        found = near_misses(reach, place)
        if len(found) > _NEAR_PER_MEASURE:
            notes.append(f"“{measure.name}”共 {len(found)} 家，只列最接近的 {_NEAR_PER_MEASURE} 家。")
        for miss in found[:_NEAR_PER_MEASURE]:
            name = reach.enterprises[miss.enterprise]
            share = None if miss.share is None else round(miss.share, 4)
            other = "、".join(miss.open_facts)
            rows.append((measure.name, names.get(name, name), miss.requirement, miss.gap, share, other))
    return Table("仅差一项", "仅差一个条件的企业", columns, rows, notes=tuple(notes), empty="没有只差一个条件的企业。")


def _money(reach: Reach, stakes: Stakes) -> Table:
    columns = (
        Column("政策名称", 34),
        Column("支持标准", 30),
        Column("符合（家）", 9, "int"),
        Column("至少（万元）", 13, "number"),
        Column("至多（万元）", 13, "number"),
        Column("还需材料（家）", 10, "int"),
        Column("其可能至多（万元）", 13, "number"),
        Column("资金总额（万元）", 13, "number"),
        Column("超出资金总额（万元）", 13, "number"),
        Column("说明", 34),
    )

    def ten_thousands(yuan: Decimal | None) -> Decimal | None:
        return None if yuan is None else in_ten_thousands(yuan)

    rows: list[tuple[Value, ...]] = []
    for stake in stakes.measures:
        measure = reach.measures[stake.measure]
        budget = measure.budget.high if measure.budget else None
        why = [stake.fault] if stake.fault else []
        if not stake.fault and (stake.most is None or stake.possible is None):
            why.append("有企业缺少计算所需的事实，且没有上限，至多栏留空。")
        if measure.exclusive:
            why.append(f"与同组政策不重复享受：{measure.exclusive}")
        counted = not stake.fault
        rows.append(
            (
                measure.name,
                measure.standard or (measure.amount.text if measure.amount else measure.support),
                reach.count(stake.measure, Verdict.YES),
                ten_thousands(stake.least) if counted else None,
                ten_thousands(stake.most) if counted else None,
                reach.count(stake.measure, Verdict.UNKNOWN),
                ten_thousands(stake.possible) if counted else None,
                ten_thousands(budget),
                ten_thousands(stake.short) if stake.short else None,
                "".join(why),
            )
        )
    total = f"合计：符合条件的企业至少可得 {in_ten_thousands(stakes.least):,.2f} 万元"
    total += f"（同组不重复享受已扣除 {in_ten_thousands(stakes.saved):,.2f} 万元）。" if stakes.saved else "。"
    notes = ("按支持标准、上限和已知事实测算；缺少的事实按 0 计入“至少”。写不成公式的政策不计入。", total)
    return Table("资金测算", "政策资金测算", columns, rows, notes=notes)


def _relations(reach: Reach) -> Table:
    columns = (
        Column("政策甲", 34),
        Column("政策乙", 34),
        Column("关系", 16, "centre"),
        Column("同时符合（家）", 10, "int"),
        Column("占较少一方", 10, "percent"),
        Column("互斥的条件", 54),
        Column("不重复享受", 14, "centre"),
    )
    found = relations(reach)
    rows: list[tuple[Value, ...]] = []
    for relation in found[:_RELATIONS]:
        first, second = reach.measures[relation.first], reach.measures[relation.second]
        kind = {Kind.WITHIN: "甲包含于乙", Kind.AROUND: "乙包含于甲"}.get(relation.kind, str(relation.kind))
        clash = f"甲：{relation.clash[0]}；乙：{relation.clash[1]}" if relation.clash else ""
        exclusive = first.exclusive if first.exclusive and first.exclusive == second.exclusive else ""
        rows.append((first.name, second.name, kind, relation.both, round(relation.share, 4), clash, exclusive))
    notes = ["包含、相同与互斥按条款对一切可能的企业推断；重叠按本批企业统计。"]
    if len(found) > _RELATIONS:
        notes.append(f"共 {len(found)} 对，只列前 {_RELATIONS} 对。")
    return Table(
        "政策关系", "政策之间的重叠与互斥", columns, rows, notes=tuple(notes), freeze=2, empty="没有重叠或互斥的政策。"
    )


def _automatic(reach: Reach) -> Table:
    columns = (
        Column("政策名称", 34),
        Column("免申即享", 10, "centre"),
        Column("由谁的数据判定", 44),
        Column("受阻的条款", 40),
        Column("原因", 44),
    )
    rows: list[tuple[Value, ...]] = []
    for place, measure in enumerate(reach.measures):
        answer = without_application(reach.judged[place].reading)
        if answer.possible:
            rows.append((measure.name, "可以", "、".join(answer.sources), "", ""))
        rows += [(measure.name, "不可以", "", obstacle.requirement, obstacle.why) for obstacle in answer.obstacles]
    notes = (
        "每个条件都能由权威数据判定、且没有须人工认定的条件，才可以免申即享；能否取得数据由本地数据共享情况决定。",
    )
    return Table("免申即享", "能否免申即享，卡在哪一条", columns, rows, notes=notes)


def _tools(reach: Reach, stakes: Stakes) -> Table:
    columns = (
        Column("工具类型", 12, "centre"),
        Column("政策（项）", 10, "int"),
        Column("占比", 9, "percent"),
        Column("至少符合一项的企业（家）", 14, "int"),
        Column("至少可得（万元）", 14, "number"),
        Column("政策", 70),
    )
    total = len(reach.measures)
    rows: list[tuple[Value, ...]] = []
    for share in balance(reach, stakes):
        listed = []
        for place in share.measures:
            measure = reach.measures[place]
            tool, words = ("", ()) if tool_of(measure) else suggest_tool(measure)
            listed.append(f"{measure.name}（建议：{tool}，依据“{'、'.join(words)}”）" if tool else measure.name)
        part = round(len(share.measures) / total, 4)
        least = in_ten_thousands(share.least)
        rows.append((share.tool or "未填", len(share.measures), part, share.reached, least, "；".join(listed)))
    lacking = [str(row[0]) for row in rows if not row[1]]
    notes = [
        "供给（资金、人才、平台等直接投入）、环境（税收、金融、审批、标准等条件）、需求（采购、首用、消费等拉动）三类。"
    ]
    if lacking:
        notes.append(f"没有{'、'.join(lacking)}类政策。")
    return Table("工具结构", "政策工具结构", columns, rows, notes=tuple(notes))


def _attention(reach: Reach) -> Table:
    columns = (Column("事项", 18, "centre"), Column("政策名称", 40), Column("日期", 12, "date"), Column("说明", 60))
    rows: list[tuple[Value, ...]] = []
    nobody = set(unreached(reach))
    for place in sorted(nobody):
        failing = sum(1 for _miss in near_misses(reach, place))
        rows.append(
            ("无企业适用", reach.measures[place].name, None, f"本批企业全部不符合；其中 {failing} 家只差一项。")
        )
    for place in range(len(reach.measures)):
        if reach.enterprises and place not in nobody and not reach.count(place, Verdict.YES):
            open_ones = reach.count(place, Verdict.UNKNOWN)
            rows.append(
                ("尚无确定符合", reach.measures[place].name, None, f"{open_ones} 家还需材料，补齐前没有企业确定符合。")
            )
    for end in ending(reach.measures, as_of=reach.as_of):
        when = f"已过 {-end.days} 天" if end.days < 0 else f"还有 {end.days} 天"
        rows.append(
            (f"{end.what}{'已过' if end.days < 0 else '临近'}", reach.measures[end.measure].name, end.day, f"{when}。")
        )
    return Table("提醒", "需要留意的政策", columns, rows, empty="没有需要留意的政策。")
