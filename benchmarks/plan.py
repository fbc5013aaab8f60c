"""Diagnosis: published tables reproduced digit by digit, and honest ranks beside a plain loop and pymcdm.

::

    python benchmarks/plan.py [--tables-only] [--json OUT.json]

The published tables are read from the folder that YINGCHENG_BENCH_DATA names (its ``plan/``), by default
``../shared/bench`` beside the project; without them that part says so and is left out. A cell counts as reproduced
where the recomputed figure rounds to what was printed; "within" where it comes within the rounding of the printed
inputs.

Speed: 1,000 random weightings (Dirichlet) and a jackknife over 30 indicators of 337 cities, every city's rank each
time. The peers do the same draws: a plain loop over draws with the same formulas, and a loop over draws that lets
pymcdm's weighted sum make the three subsystem levels. All three give the same ranks; the script checks that.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pymcdm.methods import WSM
from pyrepo_mcda.mcda_methods import TOPSIS
from python_calamine import CalamineWorkbook
from scipy.stats import rankdata

from yingcheng.plan.audit import audit_table
from yingcheng.plan.audit_table import read_published
from yingcheng.plan.formulas import (
    Array,
    corrected_coupling,
    coupling,
    coupling_degree,
    development,
    min_max,
    obstacle_degree,
    subsystem_levels,
    topsis,
)
from yingcheng.plan.reference import shipped_pack
from yingcheng.plan.robustness import draw_ensemble
from yingcheng.plan.structure import shift_share
from yingcheng.plan.weighting import ahp_weights, critic_weights, entropy_weights

CITIES, INDICATORS, DRAWS, REPEATS = 337, 30, 1000, 5
GROUPS = (range(10), range(10, 20), range(20, 30))


def _folder() -> Path | None:
    named = os.environ.get("YINGCHENG_BENCH_DATA")
    root = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "bench"
    return root / "plan" if (root / "plan" / "expected.json").is_file() else None


def _cells(name: str, computed: Array, printed: Sequence[Any], decimals: int) -> tuple[str, int, int]:
    told = np.asarray(printed, dtype=np.float64)
    same = np.abs(np.asarray(computed) - told) <= 0.5 * 10.0**-decimals + 1e-12
    return name, int(same.sum()), int(same.size)


def _number(text: str | float) -> float:
    if isinstance(text, str) and "/" in text:
        above, below = text.split("/")
        return float(above) / float(below)
    return float(text)


def _manual(expected: dict[str, Any]) -> list[tuple[str, int, int]]:
    """The worked examples of the R package mathmodels."""
    told = expected["mathmodels_R_docs"]
    levels = np.asarray(told["U"])
    rows = []
    equal, adjusted = told["standard_equal"], told["adjusted_w_.4_.3_.3"]
    weights = np.asarray([0.4, 0.3, 0.3])
    for name, computed, printed in (
        ("C", coupling(levels), equal["C"]),
        ("T", development(levels), equal["T"]),
        ("D", coupling_degree(levels), equal["D"]),
        ("C*", corrected_coupling(levels), adjusted["C"]),
        ("T, weights .4 .3 .3", development(levels, weights), adjusted["T"]),
        ("D*", coupling_degree(levels, weights, corrected=True), adjusted["D"]),
    ):
        rows.append(_cells(f"mathmodels: {name}", computed, printed, 3))
    shares = obstacle_degree(levels[:1], np.full(3, 1 / 3), as_shares=False)[0]
    rows.append(_cells("mathmodels: obstacle degree, unscaled", shares, told["obstacle_unscaled_equal_rowA"], 3))
    table = np.asarray(told["entropy"]["X"], dtype=np.float64)
    low, high = told["entropy"]["rescale"]
    scaled = min_max(table, np.asarray([1.0, -1.0])) * (high - low) + low
    rows.append(_cells("mathmodels: entropy weights", entropy_weights(scaled), told["entropy"]["w"], 7))
    rows.append(_cells("mathmodels: CRITIC weights", critic_weights(scaled), told["critic"]["w"], 7))
    example = told["topsis"]
    close = topsis(np.asarray(example["X"], dtype=np.float64), np.asarray(example["w"]), np.asarray([1.0, -1.0]))
    rows.append(_cells("mathmodels: TOPSIS", close, example["closeness"], 7))
    matrix = np.asarray([[_number(cell) for cell in row] for row in told["ahp"]["A"]])
    weights, largest, ratio = ahp_weights(matrix)
    rows.append(_cells("mathmodels: AHP weights", weights, told["ahp"]["w"], 8))
    rows.append(_cells("mathmodels: AHP λ", np.asarray([largest]), [told["ahp"]["lmax"]], 6))
    rows.append(_cells("mathmodels: AHP consistency ratio", np.asarray([ratio]), [told["ahp"]["CR"]], 8))
    return rows


def _panel(path: Path) -> tuple[list[str], Array]:
    """Raw data of one subsystem: cities, and (4 indicators, 13 cities × 5 years), years within cities."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("raw data").to_python()
    cities = [str(cell) for cell in rows[0][2:] if cell != ""]
    figures = np.asarray([[float(cell) for cell in row[2:]] for row in rows[2:]])
    return cities, figures


def _published(folder: Path, expected: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Thirteen cities, 2013–2017: weights by entropy over all years, closeness of 2017."""
    rows = []
    for name, told in expected["zhang2021_sustainability_13_1862"].items():
        cities, figures = _panel(folder / "bth13_zhang2021" / f"{name} indicators.xlsx")
        years = figures.shape[1] // len(cities)
        scaled = min_max(figures.T, np.ones(len(figures)))
        weights = entropy_weights(scaled)
        rows.append(_cells(f"Zhang 2021, {name}: entropy weights", weights, told["weights"], 12))
        # The ideal is that of all cities and years; 2017 is the last year of each city.
        close = topsis(scaled, weights, np.ones(len(figures)), scale="none")[years - 1 :: years]
        printed = [told["topsis_2017"][city] for city in cities]
        rows.append(_cells(f"Zhang 2021, {name}: TOPSIS 2017", close, printed, 9))
    return rows


def _reordered(folder: Path, names: Sequence[str]) -> dict[str, int]:
    """Scales made anew: how often leaving out one of the 13 cities reorders the others (2017, entropy weights)."""
    panels = [_panel(folder / "bth13_zhang2021" / f"{name} indicators.xlsx") for name in names]
    cities = panels[0][0]
    years = panels[0][1].shape[1] // len(cities)
    last = [figures[:, years - 1 :: years].T for _cities, figures in panels]

    def scores(kept: Sequence[int]) -> Array:
        scaled = [min_max(table[list(kept)], np.ones(table.shape[1])) for table in last]
        levels = np.stack([table @ entropy_weights(table) for table in scaled], axis=1)
        return np.column_stack([levels, coupling_degree(levels)])

    whole = scores(range(len(cities)))
    counts = np.zeros(whole.shape[1], dtype=int)
    for left_out in range(len(cities)):
        kept = [i for i in range(len(cities)) if i != left_out]
        counts += (np.argsort(whole[kept], axis=0) != np.argsort(scores(kept), axis=0)).any(axis=0)
    return dict(zip([*names, "D"], counts.tolist(), strict=True))


def _audits(folder: Path) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for path in sorted(folder.glob("ccd_*.csv")):
        with path.open(encoding="utf-8") as file:
            table = list(csv.reader(file))
        done = audit_table(read_published(path.name, table[0], table[1:]))
        for match in done.matches:
            slips = "；".join(f"{slip.label} {slip.published:g}→{slip.right:.4f}" for slip in match.slips)
            counts = f"{match.exact} + {match.near} + {match.off}"
            rows.append((path.stem, match.column, str(match.verdict), match.formula, counts, slips))
    return rows


def _shift_share(expected: dict[str, Any]) -> list[tuple[str, int, int]]:
    told = expected["shift_share_2010_2020_census_10pct_sample_19_sectors_after_Hebei_fix"]
    pack = shipped_pack()
    earlier = pack.industries
    if earlier is None:
        raise SystemExit("the shipped pack has no earlier industries")
    columns = [pack.columns.index(section) for section in "ABCDEFGHIJKLMNOPQRS"]
    rows = []
    for city, parts in told.items():
        if city not in pack.cities:
            continue
        i = pack.cities.index(city)
        end = pack.quantities[i, columns]
        found = shift_share(earlier.start[i], end, earlier.whole_start, earlier.whole_end)
        totals = np.asarray([part.sum() for part in found])
        rows.append(_cells(f"shift-share 2010–2020, {city}", totals, [parts["NS"], parts["IM"], parts["RS"]], 0))
    return rows


def _ranks(degrees: Array) -> Array:
    return np.asarray(rankdata(-degrees, method="min"))


def _loop(standardised: Array, seed: int) -> Array:
    """The same draws one after another, with the formulas as they stand in the books: ranks (n, draws)."""
    generator = np.random.default_rng(seed)
    inner = [generator.dirichlet(np.ones(len(group)), DRAWS) for group in GROUPS]
    above = generator.dirichlet(np.ones(len(GROUPS)), DRAWS)
    ranks = np.empty((len(standardised), DRAWS), dtype=np.intp)
    for draw in range(DRAWS):
        weights = np.concatenate([own[draw] for own in inner])
        ranks[:, draw] = _ranks(coupling_degree(subsystem_levels(standardised, weights, GROUPS), above[draw]))
    return ranks


def _pymcdm(standardised: Array, seed: int) -> Array:
    generator = np.random.default_rng(seed)
    inner = [generator.dirichlet(np.ones(len(group)), DRAWS) for group in GROUPS]
    above = generator.dirichlet(np.ones(len(GROUPS)), DRAWS)
    ranks = np.empty((len(standardised), DRAWS), dtype=np.intp)
    method = WSM(normalization_function=lambda column, cost=False: column)  # noqa: ARG005  # standardised before
    for draw in range(DRAWS):
        levels = np.stack(
            [
                method(standardised[:, list(group)], own[draw], np.ones(len(group)), validation=False)
                for group, own in zip(GROUPS, inner, strict=True)
            ],
            axis=1,
        )
        ranks[:, draw] = _ranks(coupling_degree(levels, above[draw]))
    return ranks


def _pyrepo(standardised: Array, seed: int) -> Array:
    """What pyrepo-mcda offers: TOPSIS per draw over one flat weight vector (no subsystems, no coupling)."""
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.ones(INDICATORS), DRAWS)
    method = TOPSIS(normalization_method=lambda matrix, _types: matrix)
    ranks = np.empty((len(standardised), DRAWS), dtype=np.intp)
    for draw in range(DRAWS):
        ranks[:, draw] = _ranks(method(standardised, weights[draw], np.ones(INDICATORS)))
    return ranks


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    seconds, result = [], None
    for _repeat in range(REPEATS):
        started = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), result


def _speed() -> list[tuple[str, float, float]]:
    table = np.random.default_rng(2021).random((CITIES, INDICATORS))
    ones = np.ones(INDICATORS)
    own, ensemble = _timed(lambda: draw_ensemble(table, ones, GROUPS, np.ones(3), seed=7, draws=DRAWS))
    loop, plain = _timed(lambda: _loop(table, 7))
    mcdm, other = _timed(lambda: _pymcdm(table, 7))
    repo, _flat = _timed(lambda: _pyrepo(table, 7))
    if (ensemble.ranks != plain).sum() > plain.size // 1000 or (ensemble.ranks != other).sum() > other.size // 1000:
        raise SystemExit("the methods disagree on the ranks")
    return [
        ("draw_ensemble: 1,000 weightings and the jackknife", own, 1.0),
        ("plain loop over the draws, no jackknife", loop, loop / own),
        ("loop, levels by pymcdm.WSM, no jackknife", mcdm, mcdm / own),
        ("loop over pyrepo_mcda.TOPSIS (flat weights, no coupling)", repo, repo / own),
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--tables-only", action="store_true", help="no timing")
    options = parser.parse_args()
    record: dict[str, Any] = {}
    folder = _folder()
    if folder is None:
        print("no published tables here (YINGCHENG_BENCH_DATA); only the speed is measured")
    else:
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        cells = [*_manual(expected), *_published(folder, expected), *_shift_share(expected)]
        print("| published table | cells reproduced to the last printed digit |\n|---|---|")
        for name, same, size in cells:
            print(f"| {name} | {same} of {size} |")
        audits = _audits(folder)
        print(
            "\n| audited table | column | verdict | formula | exact + within + off | slips |\n|---|---|---|---|---|---|"
        )
        for row in audits:
            print(f"| {' | '.join(row)} |")
        reordered = _reordered(folder, tuple(expected["zhang2021_sustainability_13_1862"]))
        words = ", ".join(f"{name} {count}" for name, count in reordered.items())
        print(f"\nleaving out one of 13 cities reorders the others where scales are made anew: {words} of 13")
        record |= {"cells": cells, "audits": audits, "reordered": reordered}
    if not options.tables_only:
        print(f"\n{CITIES} cities × {INDICATORS} indicators × {DRAWS} weightings; median of {REPEATS}\n")
        print("| | seconds | × draw_ensemble |\n|---|---|---|")
        record["speed"] = _speed()
        for name, seconds, ratio in record["speed"]:
            print(f"| {name} | {seconds:.3f} | {ratio:.1f} |")
    if options.json:
        options.json.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
