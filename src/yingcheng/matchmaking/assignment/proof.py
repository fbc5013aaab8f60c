"""The proof of a choice as a file: the problem in ids and numbers, the choice, and the prices that prove it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.matchmaking.assignment.certificate import check
from yingcheng.matchmaking.assignment.pairs import Choice
from yingcheng.matchmaking.assignment.problem import Bools, Floors, Level, Prices, Problem, Rule, Solution
from yingcheng.matchmaking.assignment.terms import Table

__all__ = ["proof_of", "read_proof", "verify_proof"]

VERSION = 1


def proof_of(choice: Choice) -> str:
    """Everything that a verifier needs, as JSON; infinite numbers are null."""
    problem, solution, table = choice.table.problem, choice.solution, choice.table
    content = {
        "version": VERSION,
        "opportunities": table.opportunities,
        "enterprises": table.enterprises,
        "edges": np.column_stack([problem.heads, problem.tails, problem.scores, table.gains]).tolist(),
        "limits": {
            "row_min": problem.row_min.tolist(), "row_max": problem.row_max.tolist(),
            "column_min": problem.column_min.tolist(), "column_max": problem.column_max.tolist(),
        },
        "forced": np.flatnonzero(problem.forced).tolist(),
        "rules": [
            {"text": text, "of": rule.coefficients.tolist(), "least": _put(rule.least), "most": _put(rule.most)}
            for text, rule in zip(table.rules, problem.rules, strict=True)
        ],
        "choice": {
            "chosen": np.flatnonzero(solution.chosen).tolist(),
            "total": solution.total,
            "bound": solution.bound,
            "row_missing": solution.row_missing.tolist(),
            "column_missing": solution.column_missing.tolist(),
            "side": solution.side,
            "row_counts": np.flatnonzero(solution.row_counts).tolist(),
            "column_counts": np.flatnonzero(solution.column_counts).tolist(),
            "keep": _put(solution.keep),
            "floors": [[_put(v) for v in part.tolist()] for part in (solution.floors.row, solution.floors.column)],
            "levels": [[level.side, level.party, level.floor, level.bound] for level in solution.levels],
            "turned": solution.turned,
        },
        "prices": _put_prices(solution.prices),
        "floor_prices": _put_prices(solution.floor_prices),
        "need_prices": _put_prices(solution.need_prices),
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _put(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _put_prices(prices: Prices | None) -> list[list[float]] | None:
    return None if prices is None else [prices.column.tolist(), prices.weight.tolist(), prices.rules.tolist()]


def read_proof(text: str, *, where: str = "") -> tuple[Table, Solution]:
    """The problem and the choice of a proof.

    Raises:
        UnreadableFile: the text is no proof of this version.
    """
    try:
        content = json.loads(text, parse_constant=_refuse)
        if content["version"] != VERSION:
            raise ValueError(content["version"])
        return _read(content)
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise UnreadableFile(
            _("不是匹配证明文件，或不是本版本写出的。"), where=where, remedy=_("请选择结果文件夹中的“匹配证明.json”。")
        ) from fault


def verify_proof(text: str, *, where: str = "") -> tuple[Solution, tuple[str, ...]]:
    """Check a proof file; what is wrong, empty when everything holds.

    Raises:
        UnreadableFile: the text is no proof of this version.
    """
    table, solution = read_proof(text, where=where)
    return solution, check(table.problem, solution)


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _read(content: Mapping[str, Any]) -> tuple[Table, Solution]:
    edges = content["edges"]
    heads, tails, scores, gains = ([edge[k] for edge in edges] for k in range(4))
    rules = tuple(
        Rule(np.array(rule["of"], dtype=np.float64), _get(rule["least"], -math.inf), _get(rule["most"]))
        for rule in content["rules"]
    )
    problem = Problem.of(
        heads, tails, scores, **content["limits"], forced=_mask(content["forced"], len(edges)), rules=rules
    )
    made = content["choice"]
    gain = np.array(gains, dtype=np.float64)
    rows, columns = problem.rows, problem.columns
    prices = _get_prices(content["prices"])
    if prices is None:
        raise ValueError("no prices")
    solution = Solution(
        chosen=_mask(made["chosen"], len(edges)),
        gains=gain,
        total=float(made["total"]),
        bound=float(made["bound"]),
        row_missing=np.array(made["row_missing"], dtype=np.int64),
        column_missing=np.array(made["column_missing"], dtype=np.int64),
        side=made["side"],
        row_counts=_mask(made["row_counts"], rows),
        column_counts=_mask(made["column_counts"], columns),
        keep=_get(made["keep"], -math.inf),
        floors=Floors(*(np.array([_get(v, -math.inf) for v in part], dtype=np.float64) for part in made["floors"])),
        levels=tuple(Level(*level) for level in made["levels"]),
        turned=bool(made["turned"]),
        prices=prices,
        floor_prices=_get_prices(content["floor_prices"]),
        need_prices=_get_prices(content["need_prices"]),
    )
    texts = tuple(rule["text"] for rule in content["rules"])
    for ids, count in ((content["opportunities"], rows), (content["enterprises"], columns)):
        if len(ids) != count or list(ids) != sorted(set(ids)):
            raise ValueError("the ids do not fit the problem")
    return Table(tuple(content["opportunities"]), tuple(content["enterprises"]), problem, gain, texts), solution


def _get(value: float | None, missing: float = math.inf) -> float:
    return missing if value is None else float(value)


def _get_prices(parts: list[list[float]] | None) -> Prices | None:
    return None if parts is None else Prices(*(np.array(part, dtype=np.float64) for part in parts))


def _mask(places: list[int], size: int) -> Bools:
    if len(set(places)) < len(places) or any(not 0 <= place < size for place in places):
        raise ValueError("places out of range, or twice")
    mask = np.zeros(size, dtype=bool)
    mask[np.array(places, dtype=np.int64)] = True
    return mask
