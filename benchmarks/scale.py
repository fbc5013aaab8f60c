"""The search in one block, in blocks, and on a Dask cluster of two processes: the same results, and what a block costs.

::

    python benchmarks/scale.py [--needs 1000] [--offers 20000] [--block 5000] [--json OUT.json]

Prints the constants that the cost model of ``docs/explanation/scale.md`` is made of. A synthetic market of a fixed
seed.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
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
from yingcheng.similarity.index import Block, Hits, best_of, make_query

TOP = 50
MIB = 2**20
TASKS = 2000  # empty ones, for what Dask itself takes


def seconds(run: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> tuple[float, Any]:
    """How long something took, and what it gave."""
    start = clock()
    result = run()
    return clock() - start, result


def work(run: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds of a core that something took, whatever else the machine does, and what it gave."""
    return seconds(run, time.process_time)


def megabytes() -> float:
    """The most memory this process ever held, in MiB; of Linux, NaN elsewhere."""
    status = Path("/proc/self/status")  # ru_maxrss would count what the parent held
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))


def peak_of_a_build(offers: int) -> float:
    """MiB a fresh process needs on top to make a block from its source and to hold it."""
    rank_in_blocks(opportunities(10), [partial(enterprises, 0, 1000)], top=TOP)
    gc.collect()
    before = megabytes()
    rank_in_blocks(opportunities(10), [partial(enterprises, 0, offers)], top=TOP)
    return megabytes() - before


def constants(needs: int, offers: int) -> dict[str, float]:
    """What one block costs, per 100,000 offers and 1,000 needs; loading it from its source left out."""
    asked, held = market(needs, offers)
    pieces, documents = work(lambda: [offer_segments(enterprise) for enterprise in held])
    survey, lengths = work(lambda: Lengths.of(documents))
    build, block = work(lambda: Block(documents, lengths))
    asking, queries = work(
        lambda: [make_query(need_segments(n), size=offers, frequency=block.frequency_of) for n in asked]
    )
    block.search(queries[:2], TOP)
    search, hits = work(lambda: block.search(queries, TOP))
    others = Hits(hits.numbers + offers, hits.scores)
    merge, _merged = work(lambda: [best_of([hits, others], TOP) for _time in range(10)])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        peak = pool.apply(peak_of_a_build, (offers,))
    arrays = [*block.postings, *(value for value in vars(block).values() if isinstance(value, np.ndarray))]
    scale = 100_000 / offers
    return {
        "survey s per 1e5 offers": (pieces + survey + build) * scale,
        "build s per 1e5 offers": (pieces + build) * scale,
        "search s per 1e3 needs x 1e5 offers": search * scale * 1000 / needs,
        "block MiB per 1e5 offers": sum(array.nbytes for array in arrays) / MIB * scale,
        "peak of a build MiB per 1e5 offers": peak * scale,
        "need KiB": len(pickle.dumps(asked)) / needs / 1024,
        "query s per 1e3 needs": asking * 1000 / needs,
        "query KiB": len(pickle.dumps(queries)) / needs / 1024,
        "hits KiB per need and block": (hits.numbers.nbytes + hits.scores.nbytes) / needs / 1024,
        "merge ms per 1e3 needs and block": merge / 10 * 1000 * 1000 / needs,
    }


def milliseconds_of_a_task(client: Any, as_completed: Any) -> float:
    """What the driver and the scheduler take for one task that does nothing."""

    def run() -> None:
        futures = [client.submit(int, pure=False) for _task in range(TASKS)]
        for future in as_completed(futures):
            future.result()

    return seconds(run)[0] / TASKS * 1000


def main() -> int:
    """Print the constants and the table; write them as JSON where asked."""
    parser = argparse.ArgumentParser(description="Blocks and a cluster beside one index.")
    for name, default in (("needs", 1000), ("offers", 20_000), ("block", 5_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = constants(given.needs, given.offers)
    needs = opportunities(given.needs)

    def sources(size: int) -> list[Source]:
        starts = range(0, given.offers, size)
        return [partial(enterprises, start, min(start + size, given.offers)) for start in starts]

    rows: dict[str, tuple[float, Ranking]] = {}
    rows["here, one block"] = seconds(lambda: rank_in_blocks(needs, sources(given.offers), top=TOP))
    rows["here, in blocks"] = seconds(lambda: rank_in_blocks(needs, sources(given.block), top=TOP))
    try:
        dask = require_dask()
        for name, processes, threads in (("two processes", 2, 1), ("two threads", 1, 2)):
            # Without a dashboard Dask still opens its page, on port 8787, and warns where that is taken.
            with (
                dask.LocalCluster(
                    n_workers=processes, threads_per_worker=threads, processes=True, host="127.0.0.1",
                    dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
                ) as cluster,
                dask.Client(cluster) as client,
            ):  # fmt: skip
                rank_in_blocks(needs[:10], [partial(enterprises, 0, 100)] * 4, client=client)  # compiled code is loaded
                ranked = partial(rank_in_blocks, needs, sources(given.block), top=TOP, client=client)
                rows[f"Dask, {name}"] = seconds(ranked)
                found["Dask ms per task"] = milliseconds_of_a_task(client, dask.as_completed)
    except MissingExtra as missing:
        print(f"Dask: left out. {missing}")
    for name, value in found.items():
        print(f"{name:40}{value:10.3f}")
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
