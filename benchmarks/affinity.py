"""Ranking quality of the affinity on judged demand–supply pairs, beside what one would use instead.

::

    python benchmarks/affinity.py [--data FILE.jsonl] [--json OUT.json]

A line of the file holds ``demand_id``, ``supply_id``, ``level`` (1 none … 4 strong), ``demand_title``, ``demand_text``,
``supply_title``. Candidates of a demand are its judged pairs; counted are demands with at least five of them and at
least one of level 3 or more. Gain of NDCG is 2^(level − 1) − 1, so that "none" gains nothing; the other measures call
level 3 and more relevant. Ties go by supply id, so that no row profits from the order of the file.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yingcheng.capabilities.records import Enterprise
from yingcheng.matchmaking.affinity.index import OfferIndex
from yingcheng.matchmaking.affinity.segments import need_segments, offer_segments
from yingcheng.opportunities.records import Opportunity

DATA = Path(os.environ.get("YINGCHENG_BENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "bench"))
MEASURES = ("ndcg@10", "p@5", "mrr", "map")
DEPTH, PRECISION_DEPTH, RELEVANT, FEWEST = 10, 5, 3, 5
SAMPLES = 2000
Scores = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Judged:
    """The judged pairs of one file."""

    needs: dict[str, tuple[str, str]]  # demand id → title, text
    offers: dict[str, str]  # supply id → title
    pairs: dict[str, list[tuple[str, int]]]  # demand id → (supply id, level)


def read(path: Path) -> Judged:
    """Read a file of judged pairs."""
    judged = Judged({}, {}, {})
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            judged.needs[row["demand_id"]] = (row["demand_title"], row["demand_text"])
            judged.offers[row["supply_id"]] = row["supply_title"]
            judged.pairs.setdefault(row["demand_id"], []).append((row["supply_id"], row["level"]))
    return judged


def measure(levels: Sequence[int]) -> tuple[float, float, float, float]:
    """NDCG@10, P@5, MRR and average precision of one ranked list of levels."""

    def gain(ranked: Sequence[int]) -> float:
        return sum((2 ** (level - 1) - 1) / math.log2(rank + 2) for rank, level in enumerate(ranked[:DEPTH]))

    hits = [rank for rank, level in enumerate(levels, 1) if level >= RELEVANT]
    precision = sum(level >= RELEVANT for level in levels[:PRECISION_DEPTH]) / PRECISION_DEPTH
    average = sum(number / rank for number, rank in enumerate(hits, 1)) / len(hits)
    return gain(levels) / gain(sorted(levels, reverse=True)), precision, 1 / hits[0], average


def evaluate(judged: Judged, scores: Scores) -> np.ndarray:
    """Measures per counted demand, shape (demands, 4)."""
    rows = []
    for need, pairs in sorted(judged.pairs.items()):
        if len(pairs) >= FEWEST and max(level for _, level in pairs) >= RELEVANT:
            ranked = sorted(pairs, key=lambda pair: (-scores[need, pair[0]], pair[0]))
            rows.append(measure([level for _, level in ranked]))
    return np.array(rows)


def random_scores(judged: Judged) -> Scores:
    """No ranking at all."""
    draw = random.Random(0)  # noqa: S311
    return {(need, offer): draw.random() for need in sorted(judged.pairs) for offer, _ in sorted(judged.pairs[need])}


def grams(text: str, sizes: Sequence[int]) -> list[str]:
    """Character n-grams of the text as it is, blanks taken out."""
    text = "".join(text.split())
    return [text[place : place + size] for size in sizes for place in range(len(text) - size + 1)]


def bm25(judged: Judged, sizes: Sequence[int], *, k1: float = 1.2, b: float = 0.75) -> Scores:
    """Plain BM25 over character n-grams; the query is twice the title and the text."""
    counts = {offer: Counter(grams(title, sizes)) for offer, title in judged.offers.items()}
    lengths = {offer: sum(count.values()) for offer, count in counts.items()}
    mean = sum(lengths.values()) / len(lengths)
    frequency = Counter(gram for count in counts.values() for gram in count)
    rarity = {gram: math.log(1 + (len(counts) - n + 0.5) / (n + 0.5)) for gram, n in frequency.items()}
    scores: dict[tuple[str, str], float] = {}
    for need, pairs in judged.pairs.items():
        title, text = judged.needs[need]
        query = Counter(grams(title, sizes) * 2 + grams(text, sizes))
        for offer, _ in pairs:
            norm = k1 * (1 - b + b * lengths[offer] / mean)
            held = counts[offer].items()
            scores[need, offer] = sum(query[g] * rarity[g] * n * (k1 + 1) / (n + norm) for g, n in held if g in query)
    return scores


def yingcheng(judged: Judged) -> Scores:
    """The text part of our affinity, as `find_candidates` uses it."""
    needs, offers = sorted(judged.needs), sorted(judged.offers)
    index = OfferIndex([offer_segments(Enterprise(id=o, name="", business=judged.offers[o])) for o in offers])
    asked = (Opportunity(id=n, name=judged.needs[n][0], need=judged.needs[n][1]) for n in needs)
    product = (index.rows([need_segments(opportunity) for opportunity in asked]).matrix @ index.by_gram).toarray()
    row, column = {n: i for i, n in enumerate(needs)}, {o: i for i, o in enumerate(offers)}
    return {(n, o): float(product[row[n], column[o]]) for n, pairs in judged.pairs.items() for o, _ in pairs}


ROWS: dict[str, Callable[[Judged], Scores]] = {
    "random": random_scores,
    "bm25 bigram": lambda judged: bm25(judged, (2,)),
    "bm25 1+2-gram": lambda judged: bm25(judged, (1, 2)),
    "yingcheng": yingcheng,
}


def interval(values: np.ndarray) -> tuple[float, float]:
    """Bootstrap 95 % interval of a mean over demands."""
    draws = np.random.default_rng(0).integers(0, len(values), (SAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def main() -> int:
    """Print the table; write it as JSON where asked."""
    parser = argparse.ArgumentParser(description="NDCG@10, P@5, MRR and MAP on judged demand–supply pairs.")
    parser.add_argument("--data", type=Path, default=DATA / "demand_supply" / "dev.jsonl")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if not given.data.is_file():
        print(f"no judged pairs at {given.data}: nothing measured (set YINGCHENG_BENCH_DATA or --data)")
        return 0
    judged = read(given.data)
    results = {name: evaluate(judged, score(judged)) for name, score in ROWS.items()}
    ours = results["yingcheng"][:, 0]
    print(f"{len(ours)} demands, {sum(map(len, judged.pairs.values()))} judged pairs")
    print(f"{'':16}{''.join(f'{name:>9}' for name in MEASURES)}   NDCG@10 of yingcheng less this, 95 %")
    for name, values in results.items():
        means = "".join(f"{value:9.3f}" for value in values.mean(axis=0))
        low, high = interval(ours - values[:, 0])
        versus = "" if name == "yingcheng" else f"   {(ours - values[:, 0]).mean():+.3f}  ({low:+.3f} … {high:+.3f})"
        print(f"{name:16}{means}{versus}")
    low, high = interval(ours)
    print(f"yingcheng NDCG@10 {ours.mean():.3f}, 95 % {low:.3f} … {high:.3f}")
    if given.json:
        rows = {n: dict(zip(MEASURES, v.mean(axis=0).round(6).tolist(), strict=True)) for n, v in results.items()}
        given.json.write_text(json.dumps({"rows": rows}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
