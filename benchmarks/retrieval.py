"""Speed and memory of finding the best offers, beside bm25s and sparse_dot_topn on the same tokens.

::

    python benchmarks/retrieval.py [--needs 1000] [--offers 100000] [--top 50] [--repeat 3] [--threads 1]

A synthetic market of a fixed seed; ``--json OUT.json`` writes the figures. Each row runs in a process of its own, all
with the same number of threads; seconds are the median of the repeats, memory is the peak of the whole process, texts
included. ``sparse_dot_topn`` multiplies the very matrices our index holds (same tokens, same weights: its results must
be ours); ``bm25s`` gets the same tokens and weighs them its own way. All rows start from texts that are in memory;
compiling (once per installation, then cached) is not counted.

The physical limit: an exhaustive product has to read every posting of every token of every need once (4 bytes of
document number, 4 of value). Its bytes over the memory bandwidth measured here is the least time it can take.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from synthetic import market
from yingcheng.matchmaking.affinity import Market
from yingcheng.matchmaking.affinity.segments import need_segments, offer_segments
from yingcheng.similarity import Query, TextIndex
from yingcheng.similarity.grams import count_grams

UPDATES = 200
GIB = 2**30


class Task:
    """The market, and how often to repeat."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.top, self.repeat, self.threads = given.top, given.repeat, given.threads
        self.opportunities, self.enterprises = market(given.needs, given.offers)
        self.needs = [need_segments(o) for o in self.opportunities]
        self.offers = [offer_segments(e) for e in self.enterprises]

    def seconds(self, run: Callable[[], Any]) -> float:
        """Median over the repeats."""
        spent = []
        for _ in range(self.repeat):
            start = time.perf_counter()
            run()
            spent.append(time.perf_counter() - start)
        return median(spent)

    def index(self) -> tuple[TextIndex, list[Query], float]:
        """Our index, the needs as queries, and the seconds both took."""
        start = time.perf_counter()
        index = TextIndex(self.offers)
        queries = [index.query(need) for need in self.needs]
        spent = time.perf_counter() - start
        index.search(queries[:2], self.top)  # compiled once
        index.matches(queries[0], [0])
        return index, queries, spent


def ours(task: Task) -> dict[str, float]:
    """Numbers and scores only."""
    index, queries, build = task.index()
    return {"build": build, "query": task.seconds(lambda: index.search(queries, task.top, workers=task.threads))}


def ours_apart(task: Task) -> dict[str, float]:
    """With every pair of the result taken apart: what each field, piece and gram adds."""
    index, queries, build = task.index()

    def run() -> None:
        hits = index.search(queries, task.top, workers=task.threads)
        kept = [numbers[numbers >= 0].tolist() for numbers in hits.numbers]
        with ThreadPoolExecutor(task.threads) as pool:
            list(pool.map(index.matches, queries, kept))

    return {"build": build, "query": task.seconds(run)}


def ours_worded(task: Task) -> dict[str, float]:
    """With every pair of the result as a candidate: sentences, conditions, confidence, what speaks against."""
    start = time.perf_counter()
    held = Market(task.opportunities, task.enterprises, as_of=date(2026, 1, 1), workers=task.threads)
    build = time.perf_counter() - start
    held.best([0], least=0.0, looked=task.top)

    def run() -> None:
        for need, row in enumerate(held.best(range(len(held.opportunities)), least=0.0, looked=task.top)):
            for one in row.offers:
                held.candidate(need, one)

    return {"build": build, "query": task.seconds(run)}


def updates(task: Task) -> dict[str, float]:
    """Add, change and remove one enterprise; a query afterwards; the slowest of each."""
    index, queries, _build = task.index()
    longest = {"add": 0.0, "change": 0.0, "remove": 0.0}

    def timed(name: str, run: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = run()
        longest[name] = max(longest[name], time.perf_counter() - start)
        return result

    for document in task.offers[:UPDATES]:
        number = timed("add", lambda document=document: index.add(document))

        def change(number: int = number) -> int:
            index.remove(number)
            return index.add(task.offers[-1])

        number = timed("change", change)
        timed("remove", lambda number=number: index.remove(number))
    return longest | {"query": task.seconds(lambda: index.search(queries, task.top, workers=task.threads))}


def product(task: Task) -> tuple[csr_matrix, csr_matrix, TextIndex, list[Query]]:
    """The matrices of our index: needs × grams and grams × offers, single precision."""
    index, queries, _build = task.index()
    (block,) = index.blocks
    start, document, value = block.postings
    offers = csr_matrix((value, document, start), shape=(len(block.vocabulary), len(task.offers)))
    data, columns, starts = [], [], [0]
    for query in queries:
        places, known = block.places(query.grams)
        data.append(query.weights.sum(axis=0)[known].astype(np.float32))
        columns.append(places[known].astype(np.int32))
        starts.append(starts[-1] + len(columns[-1]))
    needs = csr_matrix(
        (np.concatenate(data), np.concatenate(columns), starts), shape=(len(queries), len(block.vocabulary))
    )
    return needs, offers, index, queries


def sparse_dot_topn(task: Task) -> dict[str, float]:
    """The sparse product with the best kept; its result must be ours."""
    from sparse_dot_topn import sp_matmul_topn  # noqa: PLC0415  # a peer, only in its own process

    needs, offers, index, queries = product(task)
    found = sp_matmul_topn(needs, offers, top_n=task.top, sort=True)
    hits = index.search(queries, task.top)
    for row in range(len(queries)):
        values = found.data[found.indptr[row] : found.indptr[row + 1]]
        kept = hits.scores[row][hits.numbers[row] >= 0]
        if len(values) != len(kept) or not np.allclose(np.sort(values)[::-1], kept, rtol=1e-4):
            raise AssertionError(f"need {row}: not the same best offers")
    postings = int(np.diff(offers.indptr)[needs.indices].sum())
    query = task.seconds(lambda: sp_matmul_topn(needs, offers, top_n=task.top, sort=True, n_threads=task.threads))
    return {"query": query, "postings": postings, "bandwidth": bandwidth()}


def bm25s(task: Task, backend: str) -> dict[str, float]:
    """The library bm25s over our tokens."""
    import bm25s as library  # noqa: PLC0415  # a peer, only in its own process

    def tokens(documents: list[Any]) -> list[list[str]]:
        counted = count_grams(["\n".join(segment.text for segment in document) for document in documents])
        names = np.array([str(gram) for gram in counted.grams.tolist()], dtype=object)
        ends = np.searchsorted(counted.texts, np.arange(len(documents) + 1))
        return [
            np.repeat(names[start:end], counted.counts[start:end]).tolist() for start, end in pairwise(ends.tolist())
        ]

    held, asked = tokens(list(task.offers)), tokens(list(task.needs))
    start = time.perf_counter()
    index = library.BM25(backend=backend)
    index.index(held, show_progress=False)
    build = time.perf_counter() - start
    index.retrieve(asked[:2], k=task.top, show_progress=False)

    def run() -> None:
        index.retrieve(asked, k=task.top, show_progress=False, n_threads=task.threads)

    return {"build": build, "query": task.seconds(run)}


def bandwidth() -> float:
    """Bytes a second that one thread reads from memory: the best of five sums over half a GiB."""
    block = np.ones(GIB // 8, dtype=np.float32)
    best = 0.0
    for _ in range(5):
        start = time.perf_counter()
        block.sum()
        best = max(best, block.nbytes / (time.perf_counter() - start))
    return best


ROWS: dict[str, Callable[[Task], dict[str, float]]] = {
    "yingcheng: numbers and scores": ours,
    "yingcheng: taken apart": ours_apart,
    "yingcheng: candidates in sentences": ours_worded,
    "yingcheng: after 200 changes": updates,
    "sparse_dot_topn": sparse_dot_topn,
    "bm25s, numba": lambda task: bm25s(task, "numba"),
    "bm25s, numpy": lambda task: bm25s(task, "numpy"),
}


def measured(name: str, given: argparse.Namespace) -> dict[str, float]:
    """One row in a process of its own."""
    options = [f"--{key}={getattr(given, key)}" for key in ("needs", "offers", "top", "repeat", "threads")]
    command = [sys.executable, str(Path(__file__)), "--only", name, *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        reason = ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else f"exit {ended.returncode}"
        if "ModuleNotFoundError" not in reason:
            raise RuntimeError(f"{name}: {ended.stderr}")
        print(f"{name}: left out, {reason}")
        return {}
    result: dict[str, float] = json.loads(ended.stdout)
    return result


def main() -> int:
    """Print the table; write the figures as JSON where asked."""
    parser = argparse.ArgumentParser(description="Seconds and memory of finding the best offers of many needs.")
    for name, default in (("needs", 1000), ("offers", 100_000), ("top", 50), ("repeat", 3), ("threads", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=list(ROWS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        found = ROWS[given.only](Task(given))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps(found | {"peak": peak}))
        return 0
    rows = {name: measured(name, given) for name in ROWS}
    peer = rows["sparse_dot_topn"].get("query", float("nan"))
    print(f"\n{given.needs:,} needs × {given.offers:,} offers, best {given.top}; threads: {given.threads}")
    print(f"{'':38}{'build s':>9}{'query s':>9}{'÷ sparse_dot_topn':>19}{'peak GiB':>10}")
    for name, row in rows.items():
        if row:
            build = f"{row['build']:9.2f}" if "build" in row else f"{'':9}"
            print(f"{name:38}{build}{row['query']:9.2f}{row['query'] / peer:19.2f}{row['peak']:10.2f}")
    changed = rows["yingcheng: after 200 changes"]
    slowest = ", ".join(f"{name} {changed[name] * 1000:.1f} ms" for name in ("add", "change", "remove"))
    print(f"\nslowest of {UPDATES} changes of one enterprise: {slowest}")
    if limit := rows["sparse_dot_topn"]:
        must = limit["postings"] * 8
        least = must / limit["bandwidth"]
        speed = limit["bandwidth"] / GIB
        print(f"an exhaustive product reads {must / GIB:.1f} GiB; at {speed:.1f} GiB/s that is {least:.2f} s:")
        for name in ("sparse_dot_topn", "yingcheng: numbers and scores"):
            print(f"  {name} takes {rows[name]['query'] / least:.1f} times that")
    if given.json:
        given.json.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
