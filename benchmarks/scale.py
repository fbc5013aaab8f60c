"""The search in one block, in blocks, and on a Dask cluster of two processes: the same results, and what a block costs.

::

    python benchmarks/scale.py [--needs 1000] [--offers 40000] [--block 10000] [--json OUT.json]

Prints the constants that the cost model of ``docs/explanation/scale.md`` is made of. A synthetic market of a fixed
seed.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from synthetic import enterprises, market, opportunities
from yingcheng.errors import MissingExtra
from yingcheng.matchmaking.affinity.segments import need_segments, offer_segments
from yingcheng.scale import Ranking, Source, rank_in_blocks, require_dask
from yingcheng.similarity import Lengths
from yingcheng.similarity.index import Block, make_query

TOP = 50
MIB = 2**20


def seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    """How long something took, and what it gave."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def constants(needs: int, offers: int) -> dict[str, float]:
    """What one block costs, per 100,000 offers and 1,000 needs."""
    asked, held = market(needs, offers)
    documents = [offer_segments(enterprise) for enterprise in held]
    lengths = Lengths.of(documents)
    survey, _figures = seconds(lambda: Block(documents, Lengths.of(documents)))
    build, block = seconds(lambda: Block(documents, lengths))
    queries = [make_query(need_segments(n), size=offers, frequency=block.frequency_of) for n in asked]
    block.search(queries[:2], TOP)
    search, hits = seconds(lambda: block.search(queries, TOP))
    scale = 100_000 / offers
    return {
        "survey s per 1e5 offers": survey * scale,
        "build s per 1e5 offers": build * scale,
        "search s per 1e3 needs x 1e5 offers": search * scale * 1000 / needs,
        "block MiB per 1e5 offers": len(pickle.dumps(block)) / MIB * scale,
        "query KiB": len(pickle.dumps(queries)) / needs / 1024,
        "hits KiB per need and block": (hits.numbers.nbytes + hits.scores.nbytes) / needs / 1024,
    }


def main() -> int:
    """Print the constants and the table; write them as JSON where asked."""
    parser = argparse.ArgumentParser(description="Blocks and a cluster beside one index.")
    for name, default in (("needs", 1000), ("offers", 40_000), ("block", 10_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = constants(given.needs, given.offers)
    for name, value in found.items():
        print(f"{name:40}{value:10.3f}")
    needs = opportunities(given.needs)

    def sources(size: int) -> list[Source]:
        starts = range(0, given.offers, size)
        return [partial(enterprises, start, min(start + size, given.offers)) for start in starts]

    rows: dict[str, tuple[float, Ranking]] = {}
    rows["here, one block"] = seconds(lambda: rank_in_blocks(needs, sources(given.offers), top=TOP))
    rows["here, in blocks"] = seconds(lambda: rank_in_blocks(needs, sources(given.block), top=TOP))
    try:
        dask = require_dask()
        with (
            dask.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
            ) as cluster,
            dask.Client(cluster) as client,
        ):
            ranked = partial(rank_in_blocks, needs, sources(given.block), top=TOP, client=client)
            rows["Dask, two processes"] = seconds(ranked)
    except MissingExtra as missing:
        print(f"Dask: left out. {missing}")
    whole, one = rows["here, one block"]
    print(f"\n{given.needs:,} needs × {given.offers:,} offers, blocks of {given.block:,}; making the market included")
    for name, (spent, ranking) in rows.items():
        same = np.array_equal(ranking.hits.numbers, one.hits.numbers)
        same = same and np.array_equal(ranking.hits.scores, one.hits.scores)
        print(f"{name:24}{spent:8.2f} s{spent / whole:8.2f} ×   {'identical' if same else 'DIFFERENT'}")
        if not same:
            return 1
    if given.json:
        content = {"constants": found, "seconds": {name: spent for name, (spent, _ranking) in rows.items()}}
        given.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
