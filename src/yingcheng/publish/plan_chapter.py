"""① in papers: where the city stands and which tracks to focus on; shared by the white paper and the top-level plan."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yingcheng.plan.formulas import grade_of
from yingcheng.plan.records import Diagnosis, Gap, TrackView
from yingcheng.plan.reference import grades
from yingcheng.publish import charts
from yingcheng.publish.blocks import (
    Block,
    Column,
    Fact,
    Facts,
    Heading,
    Paragraph,
    Points,
    Table,
    cited,
    columns_of,
    figure,
)
from yingcheng.publish.chapters import rows_of
from yingcheng.publish.records import Results

__all__ = [
    "focus_words",
    "focused",
    "grade_words",
    "lagging_words",
    "need_table",
    "notes_of",
    "plan_chapter",
    "position_section",
    "track_section",
]


def _reference(diagnosis: Diagnosis) -> str:
    """Beside which cities something was computed, and after which publications."""
    if diagnosis.pack is not None:
        pack = diagnosis.pack
        return f"基准包“{pack.id}”{pack.version}（{pack.cities} 个城市，{pack.years}），出处见“城市定位”"
    own = sorted({_derived(gap.source)[0] for gap in diagnosis.gaps} - {""})
    sources = "；".join(own[:2]) + (f" 等 {len(own)} 个来源" if len(own) > 2 else "")
    return f"{diagnosis.reference}（{diagnosis.size} 个城市）" + (f"；{sources}" if sources else "")


def grade_words(diagnosis: Diagnosis) -> str:
    """The grade with the interval of D, and the grades that interval spans where it is more than one."""
    low, high = (grade_of(value, grades()) for value in (diagnosis.degree_low, diagnosis.degree_high))
    span = f"，跨“{low[:2]}—{high[:2]}”" if low != high else ""
    interval = f"{diagnosis.degree_low:.3f}–{diagnosis.degree_high:.3f}"
    return f"属“{diagnosis.grade}”（5–95% 区间 {interval}{span}）"


def lagging_words(diagnosis: Diagnosis) -> str:
    """Which subsystem lags, and how often that holds when the weights are changed."""
    return f"“{diagnosis.lagging}”子系统相对滞后（在 {diagnosis.lagging_share:.0%} 的权重组合下成立）"


def focus_words(results: Results) -> str:
    """The suggested tracks; those without a measurable need are marked."""
    names = [view.track + ("" if view.need_value is not None else "（无可测需求）") for view in focused(results)]
    if not names:
        return "未选出重点赛道"
    unmeasured = any(view.need_value is None for view in focused(results))
    return f"建议重点赛道：{'、'.join(names)}" + ("；无可测需求的须人工补充依据" if unmeasured else "")


def focused(results: Results) -> list[TrackView]:
    """The tracks suggested as focus."""
    return [view for view in results.plan.tracks if view.focus]


DERIVED = re.compile(r"（([^（）]*(?:（[^（）]*）[^（）]*)*÷(?:[^（）]|（[^（）]*）)*)）$")


def _derived(source: str) -> tuple[str, str]:
    """The publication, and how the figure was computed where the plan says so in brackets behind it."""
    found = DERIVED.search(source)
    return (source[: found.start()], found[1]) if found else (source, "")


def _gap_table(city: str, gaps: Sequence[Gap]) -> list[Block]:
    """The figures beside those of the peers; sources as letters with a legend, so that no row repeats them."""
    letters: dict[str, str] = {}
    derived: list[str] = []
    for gap in gaps:
        origin, how = _derived(gap.source)
        letters.setdefault(origin, chr(ord("a") + len(letters) % 26) * (1 + len(letters) // 26))
        if how:
            derived.append(f"{gap.indicator} = {how}")
    digits: dict[str, int] = {}
    for unit in {gap.unit for gap in gaps}:
        digits[unit] = charts.decimals([value for gap in gaps if gap.unit == unit for value in (gap.value, gap.peers)])
    rows = tuple(
        (
            gap.indicator,
            f"{gap.value:,.{digits[gap.unit]}f}",
            f"{gap.peers:,.{digits[gap.unit]}f}",
            gap.unit,
            "未达" if gap.behind else "达到",
            letters[_derived(gap.source)[0]],
        )
        for gap in gaps
    )
    columns = columns_of(
        Column("指标", 3.6),
        Column("本市", 1.3, "right"),
        Column("对标值", 1.3, "right"),
        Column("单位", 1.4, "centre"),
        Column("是否达到对标值", 1.5, "centre"),
        Column("来源", 0.8, "centre"),
    )
    computed = f"。派生指标的算法：{'；'.join(derived)}" if derived else ""
    legend = "；".join(f"{letter} {source or '未注明'}" for source, letter in letters.items())
    return [
        Table(
            f"{city}与结构相似城市的指标对照",
            columns,
            rows,
            f"{legend}。对标值为结构相似城市较优四分位，程序计算{computed}",
        )
    ]


def _ranked(rank: int, low: int, high: int) -> str:
    """A rank is never printed without its interval."""
    return f"{rank}（{low}–{high}）" if high else f"{rank}"


def _robustness(diagnosis: Diagnosis) -> list[Block]:
    """How far the rank depends on choices: each indicator left out in turn, and the corrected coupling."""
    words = []
    if diagnosis.jackknife:
        best = min(diagnosis.jackknife, key=lambda one: one.rank)
        worst = max(diagnosis.jackknife, key=lambda one: one.rank)
        words.append(
            f"逐一去掉一个指标重算，位次在第 {best.rank} 位（去掉“{best.indicator}”）至第 {worst.rank} 位"
            f"（去掉“{worst.indicator}”）之间"
        )
    if diagnosis.corrected_degree:
        words.append(
            f"按修正公式，耦合度 C* 为 {diagnosis.corrected_coupling:.3f}，"
            f"耦合协调度为 {diagnosis.corrected_degree:.3f}"
        )
    if diagnosis.clipped:
        words.append(f"下列指标超出参照范围的两端，按端点计：{'、'.join(diagnosis.clipped)}")
    return [Paragraph("；".join(words) + "。", key="robustness")] if words else []


def _lag_words(diagnosis: Diagnosis) -> str:
    shares = "、".join(f"“{one.subsystem}”{one.share:.0%}" for one in diagnosis.lag_shares)
    return f"{lagging_words(diagnosis)}" + (f"；随机权重下各子系统居末的比例为{shares}" if shares else "")


def _industry_section(results: Results, diagnosis: Diagnosis, *, drawn: bool) -> list[Block]:
    """What the city is strong in and where it has grown beyond the reference cities."""
    if not diagnosis.industries:
        return []
    source = _reference(diagnosis)
    blocks: list[Block] = [Heading("产业基础：区位商与区域增长", 2)]
    kinds = [
        f"{kind} {len(names)} 个（{'、'.join(names)}）"
        for kind in dict.fromkeys(one.kind for one in diagnosis.industries if one.kind)
        if (names := [one.name for one in diagnosis.industries if one.kind == kind])
    ]
    if kinds:
        words = f"按区位商与扣除参照城市同行业增长后的区域增长份额，行业分为：{'；'.join(kinds)}。"
        blocks.append(Paragraph(words, key="industries"))
    if drawn and any(one.shift is not None for one in diagnosis.industries):
        blocks.append(
            figure(results.gallery.draw(charts.industry_scatter, diagnosis.industries, diagnosis.city), source)
        )
    rows = tuple(
        (
            one.name,
            f"{one.quotient:.2f}",
            "—" if one.shift is None else f"{one.shift:+.1%}",
            one.kind or "—",
            "—" if one.start is None else f"{one.start:,.0f}",
            f"{one.end:,.0f}",
            *("—" if part is None else f"{part:+,.0f}" for part in (one.national, one.mix, one.regional)),
        )
        for one in diagnosis.industries
    )
    years = next((one.years for one in diagnosis.industries if one.years), "")
    columns = columns_of(
        Column("行业", 2.7),
        Column("区位商", 0.9, "right"),
        Column("区域增长", 1.3, "right"),
        Column("类型", 0.8, "centre"),
        Column("期初（人）", 1.1, "right"),
        Column("期末（人）", 1.1, "right"),
        Column("全国分量", 1.1, "right"),
        Column("结构分量", 1.1, "right"),
        Column("区域分量", 1.1, "right"),
    )
    title = f"分行业从业人员的区位商与偏离—份额分解{f'（{years}）' if years else ''}"
    note = "三个分量之和等于期末减期初（长表抽样人数）"
    return [*blocks, Table(title, columns, rows, f"{source}；{note}")]


def position_section(results: Results, *, drawn: bool) -> list[Block]:
    """Where the city stands among the reference cities, what holds it back, beside whom it is measured."""
    diagnosis = results.plan.diagnosis
    if diagnosis is None:
        return [Paragraph("本批材料未包含可用的城市指标，本次不作人—城—产诊断。", key="none")]
    city, plan = diagnosis.city, results.plan
    source = _reference(diagnosis)
    interval = f"5–95%：第 {diagnosis.rank_low}–{diagnosis.rank_high} 位"
    blocks: list[Block] = [
        Heading("城市定位：人—城—产诊断", 2),
        Facts(
            (
                Fact(
                    "耦合协调度 D",
                    f"{diagnosis.degree:.3f}",
                    f"5–95%：{diagnosis.degree_low:.3f}–{diagnosis.degree_high:.3f}",
                ),
                Fact("协调等级", diagnosis.grade),
                Fact("位次", f"{diagnosis.rank}/{diagnosis.size}", interval),
                Fact("相对滞后的子系统", diagnosis.lagging, f"{diagnosis.lagging_share:.0%} 的权重组合下成立"),
            )
        ),
        Paragraph(
            f"以{diagnosis.reference}为参照，{city}发展水平 T 为 {diagnosis.development:.3f}，耦合度 C 为 "
            f"{diagnosis.coupling:.3f}，耦合协调度 D 为 {diagnosis.degree:.3f}，{grade_words(diagnosis)}，"
            f"在 {diagnosis.size} 个城市中列第 {diagnosis.rank} 位。位次随权重变化，5–95% 区间为第 "
            f"{diagnosis.rank_low} 至第 {diagnosis.rank_high} 位，引用时应一并注明。",
            key="position",
            source=_pack_words(diagnosis) or source,
        ),
        *_robustness(diagnosis),
        Paragraph(f"{_lag_words(diagnosis)}。发展阶段判断：{diagnosis.stage_rule}。", key="lagging"),
    ]
    if drawn:
        blocks += [
            figure(results.gallery.draw(charts.subsystem_levels, diagnosis), source),
            figure(results.gallery.draw(charts.quadrant, diagnosis, plan.others), source),
            figure(results.gallery.draw(charts.city_tiles, diagnosis, plan.others), source),
            figure(results.gallery.draw(charts.obstacles, diagnosis.obstacles), source),
        ]
    if diagnosis.obstacles:
        first = "、".join(
            f"{item.indicator}（{item.share:.1%}" + (f"，区间 {item.low:.1%}–{item.high:.1%}）" if item.high else "）")
            for item in diagnosis.obstacles[:3]
            if item.share
        )
        blocks.append(Paragraph(f"制约协调的主要因素依次为{first}。", key="obstacles"))
    if drawn and diagnosis.gaps:
        blocks.append(figure(results.gallery.draw(charts.gaps, diagnosis.gaps), source))
    if diagnosis.gaps:
        blocks += _gap_table(city, diagnosis.gaps)
    if diagnosis.peers:
        peers = tuple(
            (
                peer.city,
                *(f"{level:.3f}" for level in peer.levels),
                f"{peer.degree:.3f}",
                _ranked(peer.rank, peer.rank_low, peer.rank_high),
            )
            for peer in diagnosis.peers
        )
        columns = columns_of(
            Column("城市", 2),
            *(Column(head, 1, "right") for head in ("人", "城", "产", "D")),
            Column("位次（5–95%）", 1.6, "centre"),
        )
        blocks.append(Table("结构相似城市", columns, peers, source))
    return blocks + _industry_section(results, diagnosis, drawn=drawn) + _others(results)


def _pack_words(diagnosis: Diagnosis) -> str:
    """The pack the city was scored against, so that the scores can be made again."""
    pack = diagnosis.pack
    if pack is None:
        return ""
    return (
        f"基准包“{pack.title}”{pack.version}（{pack.cities} 个城市，{pack.years}；{pack.weights}；"
        f"校验值 {pack.sha256[:12]}）；{'；'.join(pack.sources)}"
    )


def _others(results: Results) -> list[Block]:
    rows = tuple(
        (
            other.city,
            *(f"{level.value:.3f}" for level in other.levels),
            f"{other.degree:.3f}",
            other.grade,
            _ranked(other.rank, other.rank_low, other.rank_high),
            other.lagging,
        )
        for other in results.plan.others
    )
    if not rows:
        return []
    columns = columns_of(
        Column("城市", 1.6),
        *(Column(head, 1, "right") for head in ("人", "城", "产", "D")),
        Column("等级", 1.5, "centre"),
        Column("位次（5–95%）", 1.9, "centre"),
        Column("滞后", 0.9, "centre"),
    )
    source = _reference(results.plan.others[0])
    return [Heading("参会城市", 2), Table("参会城市诊断结果", columns, rows, source)]


def _conclusion(view: TrackView) -> str:
    if view.override is not None:
        return "人工列入" if view.override.focus else "人工调出"
    if not view.focus:
        return ""
    return "建议重点" if view.need_value is not None else "建议重点（无可测需求，须人工补充依据）"


def _why(view: TrackView) -> str:
    """Why a track is in focus or not, and how often that holds."""
    parts = [view.reason]
    if view.override is not None and view.override.reason not in view.reason:
        parts.append(f"人工决定：{view.override.reason}")
    if view.share is not None:
        parts.append(f"{view.share:.0%} 的权重组合下入选")
    return "；".join(part for part in parts if part) or "—"


def track_section(results: Results, *, drawn: bool) -> list[Block]:
    """The 13 tracks: need, base and feasible, and which of them are in focus."""
    tracks = results.plan.tracks
    if not tracks:
        return []
    if all(not view.focus and view.need_value is None and view.base_value is None for view in tracks):
        words = "没有可用的城市指标，本批材料不足以比较各赛道的需求与基础，未选出重点赛道。"
        return [Paragraph(words, key="none")]
    words = f"经比较，{focus_words(results)}。" if focused(results) else "本次未选出重点赛道。"
    parts = [results.cases, results.matrix.enterprises, results.reach.measures]
    reference = _reference(results.plan.diagnosis) if results.plan.diagnosis else "无城市指标"
    source = f"需求、基础：{reference}；可行：{cited(rows_of(record for part in parts for record in part)) or '无'}"
    blocks: list[Block] = [
        Heading("重点赛道：需求、基础与可行", 2),
        Paragraph(words + "三列分别呈现，不合并为一个分数；改选须写明理由。", key="focus", source=source),
    ]
    if drawn:
        blocks.append(figure(results.gallery.draw(charts.track_table, tracks), source))
    rows = tuple(
        (
            view.track,
            view.need or "—",
            view.base or "—",
            view.feasible or "—",
            _conclusion(view),
            _why(view),
        )
        for view in tracks
    )
    columns = columns_of(
        Column("赛道", 1.2),
        Column("需求", 2.6),
        Column("基础", 2),
        Column("可行", 2),
        Column("结论", 1.2, "centre"),
        Column("理由", 2.2),
    )
    blocks.append(Table("十三个赛道的三列比较", columns, rows, source))
    return blocks


CONDITIONS = {"behind": "落后于相似城市较优四分位", "high": "高于相似城市中位数", "low": "低于相似城市中位数"}


def need_table(results: Results) -> list[Block]:
    """Each measured need of the tracks in focus, figure by figure, with who answers for it and where it comes from."""
    rows = []
    for view in focused(results):
        for one in view.need_evidence:
            places = charts.decimals([value for value in (one.value, one.peers) if value is not None])
            unit = f" {one.unit}" if one.unit else ""
            rows.append(
                (
                    view.track,
                    one.indicator,
                    "无数据" if one.value is None else f"{one.value:,.{places}f}{unit}",
                    "—" if one.peers is None else f"{one.peers:,.{places}f}{unit}",
                    "无数据" if one.gap is None else "不支持" if one.gap <= 0 else CONDITIONS.get(one.when, one.when),
                    one.reason,
                    one.owner or "—",
                    one.source or "—",
                )
            )
    if not rows:
        return []
    columns = columns_of(
        Column("赛道", 1.4),
        Column("指标", 2),
        Column("本市", 1.1, "right"),
        Column("对标值", 1.1, "right"),
        Column("判断", 1.4),
        Column("说明什么", 1.8),
        Column("负责部门", 1.3),
        Column("来源", 2.2),
    )
    return [Table("重点赛道的需求依据", columns, tuple(rows), "各行“来源”列", (0, 1))]


LACKS = ("缺", "未", "没有", "无", "不足", "不作", "不能", "请")


def notes_of(results: Results) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The notes of the plan: those that name something missing, and those that only explain."""
    notes = results.plan.notes
    missing = tuple(note for note in notes if any(word in note for word in LACKS))
    return missing, tuple(note for note in notes if note not in missing)


def plan_chapter(results: Results, *, drawn: bool) -> list[Block]:
    """① Position of the city, other cities, tracks, and what is missing."""
    blocks = position_section(results, drawn=drawn) + track_section(results, drawn=drawn)
    missing, said = notes_of(results)
    if missing:
        blocks += [Heading("数据缺口", 2), Points(missing)]
    if said:
        blocks += [Heading("数据说明", 2), Points(said)]
    return blocks
