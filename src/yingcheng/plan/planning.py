"""The top-level plan of a host city: whose figures are used, what they say, and which tracks to focus on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yingcheng.plan.diagnosis import Standing, diagnose
from yingcheng.plan.figures import CityFigures, apply_figures, find_city, names_of
from yingcheng.plan.focus import view_tracks
from yingcheng.plan.panel import Panel, admitted, make_ensemble, make_panel
from yingcheng.plan.preconditions import judge_preconditions
from yingcheng.plan.records import Diagnosis, IndicatorValue, Override, Plan, SupportItem, TrackSupport, TrackView
from yingcheng.plan.reference import Pack, derive, shipped_pack
from yingcheng.plan.stage import StageRule
from yingcheng.plan.tracks import TrackTable, base_of, need_of, track_table
from yingcheng.standards.regions import prefectures, provinces

__all__ = ["Rules", "make_plan"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a programme may set: which pack, which table of needs, which stage rule, and a person's decisions.

    ``None`` is the shipped one.
    """

    pack: Pack | None = None
    tracks: TrackTable | None = None
    stage: StageRule | None = None
    overrides: tuple[Override, ...] = ()


def make_plan(
    city: str,
    *,
    others: Sequence[str] = (),
    values: Sequence[IndicatorValue] = (),
    support: Mapping[str, TrackSupport] | None = None,
    seed: int = 0,
    rules: Rules | None = None,
) -> Plan:
    """Diagnose the host city and the other attending cities, and look at the 13 tracks.

    Args:
        city: name or six-digit code of the host city; empty: nothing is inferred, the plan says so.
        others: names or codes of other attending cities.
        values: figures of the folder's indicator sheets; they replace the pack's figure of the same city and
            quantity, and a note names the row they came from.
        support: track → the cases, enterprises, measures and opportunities there are; the remark of a case is what it
            needs of a city (可复制条件).
        seed: of the random weightings behind every interval.
        rules: what the programme set.
    """
    rules = rules or Rules()
    table = rules.tracks or track_table()
    pack = rules.pack or shipped_pack()
    identity = pack.identity
    notes: list[str] = []
    host, guests = "", []
    if not city:
        notes.append("未指定主办城市：不作城市诊断，只按各赛道的案例、企业、举措情况列出可行性。")
    else:
        pack, host = _found(pack, city, values, notes)
        if not host:
            notes.append(f"不作{city}的城市诊断。请核对名称，或改用六位行政区划代码。")
    for name in others:
        pack, code = _found(pack, name, values, notes)
        if not code:
            notes.append(f"略去参会城市“{name}”的诊断。")
        elif code != host and code not in guests:
            guests.append(code)
    attending = ([host] if host else []) + guests
    figures = apply_figures(pack, values, attending)
    notes.extend(figures.notes)
    if not attending:
        views = view_tracks(table, (), (), _open(support or {}), overrides=rules.overrides, seed=seed)
        return Plan(city, None, (), views, tuple(notes), figures.findings)
    panel = make_panel(pack, figures.quantities, figures.values, identity=identity)
    standing = Standing(panel, make_ensemble(panel, seed=seed))

    def examine(code: str) -> Diagnosis:
        return diagnose(standing, code, sources=_sources(figures, code), rule=rules.stage, base_rule=table.base)

    diagnosis = examine(host) if host else None
    if host:
        notes.extend(_missing(panel, host))
    views = _views(panel, diagnosis, table, support or {}, _sources(figures, host), rules.overrides, seed)
    return Plan(
        city=city,
        diagnosis=diagnosis,
        others=tuple(examine(code) for code in guests),
        tracks=views,
        notes=tuple(notes),
        findings=figures.findings,
    )


def _views(
    panel: Panel,
    diagnosis: Diagnosis | None,
    table: TrackTable,
    support: Mapping[str, TrackSupport],
    sources: Mapping[str, str],
    overrides: Sequence[Override],
    seed: int,
) -> tuple[TrackView, ...]:
    if diagnosis is None:
        return view_tracks(table, (), (), _open(support), overrides=overrides, seed=seed)
    row = panel.row(diagnosis.code)
    peers = [panel.row(peer.code) for peer in diagnosis.peers]
    return view_tracks(
        table,
        [need_of(panel, row, peers, track, labels=table.labels, sources=sources) for track in table.tracks],
        [base_of(panel, row, track, diagnosis.industries, table.base) for track in table.tracks],
        {track: _judged(have, names_of(panel, row)) for track, have in support.items()},
        overrides=overrides,
        seed=seed,
    )


def _judged(support: TrackSupport, figures: Mapping[str, tuple[float, str]]) -> TrackSupport:
    """The support with the cases sorted out whose preconditions the city is known not to meet."""
    cases: list[SupportItem] = []
    excluded = list(support.excluded)
    for case in support.cases:
        reading = judge_preconditions(case.remark, figures)
        item = replace(case, remark=reading.remark)
        (excluded if reading.met is False else cases).append(item)
    return replace(support, cases=tuple(cases), excluded=tuple(excluded))


def _open(support: Mapping[str, TrackSupport]) -> dict[str, TrackSupport]:
    """Without a city no precondition can be judged."""

    def left_open(case: SupportItem) -> SupportItem:
        return replace(case, remark=judge_preconditions(case.remark, {}).remark)

    return {track: replace(have, cases=tuple(map(left_open, have.cases))) for track, have in support.items()}


def _found(pack: Pack, name: str, values: Sequence[IndicatorValue], notes: list[str]) -> tuple[Pack, str]:
    """Code of a city in the pack; one from outside is let in to be scored where its core figures are known."""
    code = find_city(name, pack)
    if code is not None:
        return pack, code
    shipped = shipped_pack()
    outside = find_city(name, shipped) if pack.sha256 != shipped.sha256 else None
    region = next((r for r in prefectures() if r.name == name or r.code == name), None)
    code = outside or (region.code if region else None)
    if code is None:
        notes.append(f"基准包 {pack.id} {pack.version} 中没有“{name}”，也不是已知的地级及以上城市。")
        return pack, ""
    row = dict.fromkeys(pack.columns, float("nan"))
    if outside is not None:
        own = shipped.quantities[shipped.codes.index(outside)]
        same = {q.column: (q.unit, q.year, q.source) for q in pack.catalogue}
        for quantity, figure in zip(shipped.catalogue, own, strict=True):
            if same.get(quantity.column) == (quantity.unit, quantity.year, quantity.source):
                row[quantity.column] = float(figure)
    quantities = np.asarray([row[column] for column in pack.columns])
    city = region.name if region else shipped.cities[shipped.codes.index(code)]
    province = next((p.name for p in provinces() if p.code[:2] == code[:2]), "")
    derived = derive(pack.columns, quantities[None, :], pack.definitions)[0]
    wider = admitted(pack, code, province, city, quantities, derived)
    filled = apply_figures(wider, values, [code])
    missing = [
        definition.indicator.name
        for definition, value in zip(pack.definitions, filled.values[-1], strict=True)
        if definition.core and np.isnan(value)
    ]
    if missing:
        notes.append(
            f"{city}不在基准包 {pack.id} {pack.version} 内，缺少{len(missing)}项核心指标，不能对照计分："
            f"{'、'.join(missing)}。可在指标表中补充。"
        )
        return pack, ""
    notes.append(f"{city}不在基准包 {pack.id} {pack.version} 内：按该包的量程和权重计分，不改变包内城市。")
    return wider, code


def _sources(figures: CityFigures, code: str) -> dict[str, str]:
    return {name: source for (owner, name), source in figures.sources if owner == code}


def _missing(panel: Panel, code: str) -> list[str]:
    row = panel.row(code)
    names = [
        definition.indicator.name
        for definition, value in zip(panel.pack.definitions, panel.values[row], strict=True)
        if np.isnan(value)
    ]
    city = panel.pack.cities[row]
    return [f"{city}无下列指标的数据，未参与比较：{'、'.join(names)}。可在指标表中补充。"] if names else []
