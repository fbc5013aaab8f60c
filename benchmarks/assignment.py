"""Who meets whom: totals, floors, proven bounds and seconds, beside the peers' programs and OR-Tools.

::

    python benchmarks/assignment.py --instance FILE.npz --json OUT.json
    python benchmarks/assignment.py [--rows reviewers|scale|all] [--peers FOLDER] [--midl FOLDER] [--json OUT.json]

An instance holds the arrays ``score`` (needs × offers, −1 = conflict), ``row_min``, ``row_max``, ``col_min`` and
``col_max``. Its JSON: total, floor, bound, gap, seconds, verified; more fields explain them. The floor is the total
of the worst-off row. By default it is raised as high as it can be for at most 4 % of the highest total (``--price``;
1: whatever it costs), for the highest floor of all can cost much more than it gives.

Without an instance: the reviewer problem MIDL 2018 (118 papers × 177 reviewers; ``--midl`` names the folder
``data/midl`` of the public repository iesl/fair-matching), generated ones of the published shapes, and the growth
with edges beside OR-Tools SimpleMinCostFlow on all edges. ``--peers`` names a checkout of the public repository
openreview/openreview-matcher: its FairFlow and FairSequence then run on the same instances, for at most ``--patience``
seconds each. PR4A and FairIR need a commercial solver.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import resource
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from yingcheng.matchmaking.assignment import Goal, Problem, Side, check, solve
from yingcheng.matchmaking.assignment.problem import party_totals

Row = dict[str, Any]
Arrays = dict[str, np.ndarray]


def seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    """How long something took, and what it gave."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def problem_of(arrays: Arrays) -> Problem:
    """The problem of an instance's arrays."""
    return Problem.from_matrix(
        arrays["score"],
        row_min=arrays["row_min"],
        row_max=arrays["row_max"],
        column_min=arrays["col_min"],
        column_max=arrays["col_max"],
    )


def warm_up() -> None:
    """Compile before anything is measured; the result is cached on disk after the first time."""
    random = np.random.default_rng(0)
    few = {"row_min": 1, "row_max": 2, "col_min": 0, "col_max": 2}
    arrays = {"score": random.random((5, 4)), **{k: np.full(5 if "row" in k else 4, v) for k, v in few.items()}}
    solve(problem_of(arrays), Goal("needs"))


def measured(problem: Problem, goal: Goal) -> Row:
    """Solve, verify, and what came out."""
    took, solution = seconds(lambda: solve(problem, goal))
    verifying, faults = seconds(lambda: check(problem, solution))
    totals = party_totals(problem, solution.chosen)[0]
    able = np.bincount(problem.heads[problem.scores > 0], minlength=problem.rows) > 0
    return {
        "total": solution.total,
        "floor": float(totals[able].min()) if able.any() else 0.0,
        "bound": solution.bound,
        "gap": solution.gap,
        "seconds": took,
        "verified": not faults,
        "floor bound": None if np.isnan(solution.floor_bound) else solution.floor_bound,
        "missing meetings": int(solution.row_missing.sum() + solution.column_missing.sum()),
        "edges": len(problem.scores),
        "seconds to verify": verifying,
        "faults": list(faults[:5]),
    }


def affinity(needs: int, offers: int, seed: int) -> np.ndarray:
    """Scores of topic mixtures (Dirichlet) with noise; some topics are popular; one pair in twenty is a conflict."""
    random = np.random.default_rng(seed)
    topics = 25
    offer = random.dirichlet(np.full(topics, 0.2), offers)
    popular = random.dirichlet(np.full(topics, 0.5)) * topics * 0.2 + 0.01
    need = random.dirichlet(popular, needs)
    length = np.sqrt((need**2).sum(axis=1)[:, None] * (offer**2).sum(axis=1)[None])
    score = np.clip(need @ offer.T / length * random.uniform(0.3, 1, (needs, offers)), 0, 1)
    score[random.random(score.shape) < 0.05] = -1
    return score


def reviewers(needs: int, offers: int, demand: tuple[int, int], load: tuple[int, int]) -> Arrays:
    """A generated reviewer problem."""
    return with_loads(affinity(needs, offers, 0), demand, load)


def with_loads(score: np.ndarray, demand: tuple[int, int], load: tuple[int, int]) -> Arrays:
    """A matrix of scores with the same loads for all."""
    needs, offers = score.shape
    return {
        "score": score,
        "row_min": np.full(needs, demand[0]),
        "row_max": np.full(needs, demand[1]),
        "col_min": np.full(offers, load[0]),
        "col_max": np.full(offers, load[1]),
    }


def sparse_market(edges: int) -> Problem:
    """50 random offers per need, ten times as many offers as needs, 1–3 meetings per need and up to 2 per offer."""
    needs = edges // 50
    offers = 10 * needs
    random = np.random.default_rng(0)
    pairs = np.unique(np.repeat(np.arange(needs), 50) * offers + random.integers(0, offers, edges))
    return Problem.of(
        pairs // offers,
        pairs % offers,
        np.round(random.random(len(pairs)), 6),
        row_min=np.ones(needs, int),
        row_max=np.full(needs, 3),
        column_min=np.zeros(offers, int),
        column_max=np.full(offers, 2),
    )


def all_edges_flow(problem: Problem) -> float:
    """OR-Tools SimpleMinCostFlow on all edges: the highest total, minimums left aside."""
    n, m = problem.rows, problem.columns
    costs = np.round(problem.scores * 10**6).astype(np.int64)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        problem.heads, n + problem.tails, np.ones(len(costs), np.int64), -costs
    )
    flow.add_arcs_with_capacity_and_unit_cost(np.full(n, n + m), np.arange(n), problem.row_max, np.zeros(n, np.int64))
    flow.add_arcs_with_capacity_and_unit_cost(
        n + np.arange(m), np.full(m, n + m + 1), problem.column_max, np.zeros(m, np.int64)
    )
    most = int(problem.row_max.sum())
    flow.add_arc_with_capacity_and_unit_cost(n + m, n + m + 1, most, 0)
    flow.set_nodes_supplies(np.array([n + m, n + m + 1]), np.array([most, -most]))
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("SimpleMinCostFlow found no optimum")
    return float(problem.scores[flow.flows(arcs) > 0].sum())


def peer(folder: Path, name: str, arrays: Arrays, answer: Any) -> None:
    """Run FairFlow or FairSequence of openreview-matcher; rows are its papers, columns its reviewers."""
    package = types.ModuleType("matcher")
    package.__path__ = [str(folder / "matcher")]
    solvers = types.ModuleType("matcher.solvers")
    solvers.__path__ = [str(folder / "matcher" / "solvers")]
    sys.modules |= {"matcher": package, "matcher.solvers": solvers}  # its __init__ asks for a commercial solver
    made = getattr(importlib.import_module(f"matcher.solvers.{name.lower()}"), name)
    score = arrays["score"]
    encoder = types.SimpleNamespace(
        aggregate_score_matrix=np.maximum(score, 0.0), constraint_matrix=np.where(score <= -1, -1, 0)
    )
    solver = made(
        arrays["col_min"].tolist(), arrays["col_max"].tolist(), arrays["row_max"].tolist(), encoder,
        allow_zero_score_assignments=True,
    )  # fmt: skip
    took, result = seconds(solver.solve)
    chosen = np.asarray(result, dtype=np.float64)
    chosen = (chosen if chosen.shape == score.shape else chosen.T) > 0.5
    totals = np.where(chosen, score, 0.0).sum(axis=1)
    answer.put((float(totals.sum()), float(totals.min()), took))


def peer_row(folder: Path, name: str, arrays: Arrays, patience: float) -> Row:
    """What a peer reaches, in a process of its own that is ended when patience is over."""
    answer: Any = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(target=peer, args=(folder, name, arrays, answer))
    process.start()
    process.join(patience)
    if process.is_alive():
        process.terminate()
        return {"seconds": patience, "ended": True}
    if answer.empty():
        return {"failed": True}
    total, floor, took = answer.get()
    return {"total": total, "floor": floor, "seconds": took}


SHAPES: dict[str, Callable[[], Arrays]] = {
    "177 needs × 118 offers, 3 per need, 1–6 per offer": lambda: reviewers(177, 118, (3, 3), (1, 6)),
    "118 needs × 177 offers, 3 per need, 1–2 per offer": lambda: reviewers(118, 177, (3, 3), (1, 2)),
    "2,000 × 2,500, 3 per need, 1–4 per offer": lambda: reviewers(2000, 2500, (3, 3), (1, 4)),
    "5,000 × 5,000, 2–6 per need, 1–5 per offer": lambda: reviewers(5000, 5000, (2, 6), (1, 5)),
}


def midl(folder: Path) -> dict[str, Callable[[], Arrays]]:
    """MIDL 2018 with lower and upper loads, and with upper loads only."""
    score = np.load(folder / "scores.npy").T
    demand = int(np.load(folder / "covs.npy").max())
    low, high = (int(np.load(folder / f"{name}.npy").max()) for name in ("loads-lb", "loads"))
    return {
        "MIDL 2018, lower and upper loads": lambda: with_loads(score, (demand, demand), (low, high)),
        "MIDL 2018, upper loads": lambda: with_loads(score, (demand, demand), (0, high)),
    }


def line(name: str, row: Row) -> str:
    """One line of the table."""
    if "total" not in row:
        return f"{name:52}" + ("ended after" if row.get("ended") else "failed") + f" {row.get('seconds', 0):.0f} s"
    top = "–" if row.get("floor bound") is None else f"{row['floor bound']:.4f}"
    gap = f"{row['gap']:.4%}" if "gap" in row else "–"
    checked = {True: "yes", False: "NO", None: ""}[row.get("verified")]
    return (
        f"{name:52}{row['total']:12.3f}{row['floor']:9.4f}{top:>9}{gap:>10}{row['seconds']:8.2f}"
        f"{row.get('missing meetings', ''):>8}  {checked}"
    )


def reviewer_rows(given: argparse.Namespace) -> dict[str, Row]:
    """Generated and published reviewer problems, beside the peers."""
    found: dict[str, Row] = {}
    shapes = {**(midl(given.midl) if given.midl else {}), **SHAPES}
    if not given.midl:
        print("MIDL 2018 is left out: --midl names its folder")
    for name, make in shapes.items():
        if given.only and given.only not in name:
            continue
        arrays = make()
        problem = problem_of(arrays)
        goals = {
            "highest total": Goal(),
            f"highest floor for {given.price:.0%}": Goal("needs", given.price),
            **({"highest floor" : Goal("needs")} if problem.rows + problem.columns < 1000 else {}),
        }  # fmt: skip
        print(name)
        for words, goal in goals.items():
            found[f"{name}: {words}"] = row = measured(problem, goal)
            print(line(f"  {words}", row), flush=True)
        for peer_name in ("FairFlow", "FairSequence") if given.peers else ():
            found[f"{name}: {peer_name}"] = row = peer_row(given.peers, peer_name, arrays, given.patience)
            print(line(f"  {peer_name}", row), flush=True)
    if not given.peers:
        print("FairFlow and FairSequence are left out: --peers names their folder")
    return found


def scale_rows(edges: list[int]) -> dict[str, Row]:
    """Growth with edges, beside OR-Tools on all edges."""
    found: dict[str, Row] = {}
    for count in edges:
        problem = sparse_market(count)
        found[f"{count} edges"] = row = measured(problem, Goal())
        row["peak GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(line(f"{count:,} edges", row), f"  {row['seconds'] / count * 1e6:.2f} µs an edge", flush=True)
        took, total = seconds(lambda problem=problem: all_edges_flow(problem))
        row["SimpleMinCostFlow seconds"], row["SimpleMinCostFlow total"] = took, total
        row["ratio"] = row["seconds"] / took
        print(f"{'  SimpleMinCostFlow on all edges':52}{total:12.3f}{'':28}{took:8.2f}  ratio {row['ratio']:.2f}")
    return found


def main() -> int:
    """Solve one instance, or print the tables."""
    parser = argparse.ArgumentParser(description="Assignment beside its peers.")
    parser.add_argument("--instance", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fair", choices=("needs", "offers", "both", "none"), default="needs")
    parser.add_argument("--price", type=float, default=0.04)
    parser.add_argument("--rows", choices=("reviewers", "scale", "all"), default="all")
    parser.add_argument("--only", default="", help="part of the name of the reviewer problems to run")
    parser.add_argument("--edges", type=int, nargs="+", default=[500_000, 1_000_000, 2_000_000, 5_000_000])
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--midl", type=Path)
    parser.add_argument("--patience", type=float, default=120.0)
    given = parser.parse_args()
    warm_up()
    found: Any
    if given.instance:
        with np.load(given.instance) as file:
            arrays = {name: file[name] for name in ("score", "row_min", "row_max", "col_min", "col_max")}
        fair: Side | None = None if given.fair == "none" else given.fair
        found = measured(problem_of(arrays), Goal(fair, given.price))
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        found = {}
        print(f"{'':52}{'total':>12}{'floor':>9}{'≤':>9}{'gap':>10}{'s':>8}{'missing':>8}  verified")
        if given.rows != "scale":
            found |= reviewer_rows(given)
        if given.rows != "reviewers":
            found |= scale_rows(given.edges)
    if given.json:
        given.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
