"""The top-level plan of a host city: whose figures are used, what they say, and which tracks to focus on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yingcheng.plan.diagnosis import Panel, diagnose, make_ensemble, make_panel
from yingcheng.plan.figures import CityFigures, apply_figures, find_city
from yingcheng.plan.records import Diagnosis, IndicatorValue, Plan, TrackSupport
from yingcheng.plan.reference import load_reference
from yingcheng.plan.tracks import view_tracks

__all__ = ["make_plan"]


def make_plan(
    city: str,
    *,
    others: Sequence[str] = (),
    values: Sequence[IndicatorValue] = (),
    support: Mapping[str, TrackSupport] | None = None,
    seed: int = 0,
) -> Plan:
    """Diagnose the host city and the other attending cities, and look at the 13 tracks.

    Args:
        city: name or six-digit code of the host city; empty: nothing is inferred, the plan says so.
        others: names or codes of other attending cities.
        values: figures of the folder's indicator sheets; they replace the reference figure of the same city and
            quantity, and a note names the row they came from.
        support: track → how many cases, enterprises, measures and opportunities there are.
        seed: of the random weightings behind every interval.
    """
    reference = load_reference()
    notes: list[str] = []
    host = find_city(city, reference) if city else None
    if not city:
        notes.append("未指定主办城市：不作城市诊断，只按各赛道的案例、企业、举措情况列出可行性。")
    elif host is None:
        notes.append(f"参考表中没有“{city}”（只收地级及以上城市）：不作城市诊断。请核对名称，或改用六位行政区划代码。")
    guests: list[str] = []
    for name in others:
        code = find_city(name, reference)
        if code is None:
            notes.append(f"参考表中没有参会城市“{name}”：略去其诊断。")
        elif code != host and code not in guests:
            guests.append(code)
    attending = ([host] if host else []) + guests
    figures = apply_figures(reference, values, attending)
    notes.extend(figures.notes)
    if not attending:
        return Plan(city, None, (), view_tracks(None, None, support or {}), tuple(notes))
    panel = make_panel(reference, figures.quantities, figures.values)
    ensemble = make_ensemble(panel, seed=seed)

    def examine(code: str) -> Diagnosis:
        return diagnose(panel, ensemble, code, sources=_sources(figures, code))

    diagnosis = examine(host) if host else None
    if host and diagnosis:
        notes.extend(_missing(panel, host))
    return Plan(
        city=city,
        diagnosis=diagnosis,
        others=tuple(examine(code) for code in guests),
        tracks=view_tracks(panel if host else None, diagnosis, support or {}),
        notes=tuple(notes),
    )


def _sources(figures: CityFigures, code: str) -> dict[str, str]:
    return {name: source for (owner, name), source in figures.sources if owner == code}


def _missing(panel: Panel, code: str) -> list[str]:
    row = panel.row(code)
    names = [
        definition.indicator.name
        for definition, value in zip(panel.reference.definitions, panel.values[row], strict=True)
        if value != value  # NaN: the table has no figure
    ]
    city = panel.reference.cities[row]
    return [f"{city}无下列指标的数据，未参与比较：{'、'.join(names)}。可在指标表中补充。"] if names else []
