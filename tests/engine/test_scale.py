"""Blocks and a cluster give what one index gives, to the last bit, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import MissingExtra
from yingcheng.matchmaking.affinity.segments import need_segments, offer_segments
from yingcheng.opportunities.records import Opportunity
from yingcheng.scale import Ranking, blocks_of, explain, rank_in_blocks
from yingcheng.similarity import Hits, TextIndex
from yingcheng.standards.industries import industry_names

TOP = 12
draw = np.random.default_rng(7)
NAMES = industry_names()
FIRMS = [
    Enterprise(id=f"e{n:03}", name=f"企业{n}（虚构）", scope="；".join(draw.choice(NAMES, size=draw.integers(1, 5))))
    for n in range(203)
]
NEEDS = [
    Opportunity(id=f"o{n:02}", name=f"{draw.choice(NAMES)}改造（虚构）", need="；".join(draw.choice(NAMES, size=4)))
    for n in range(17)
]


def alone(top: int = TOP) -> Hits:
    index = TextIndex([offer_segments(firm) for firm in FIRMS])
    return index.search([index.query(need_segments(need)) for need in NEEDS], top)


def same(ranking: Ranking, hits: Hits) -> bool:
    return np.array_equal(ranking.hits.numbers, hits.numbers) and np.array_equal(ranking.hits.scores, hits.scores)


@pytest.mark.parametrize(("size", "at_once"), [(203, 1000), (50, 5), (1, 1), (7, 17)])
def test_any_blocks_give_what_one_index_gives(size: int, at_once: int) -> None:
    assert same(rank_in_blocks(NEEDS, blocks_of(FIRMS, size), top=TOP, needs_at_once=at_once), alone())


def test_empty_blocks_and_more_places_than_offers_change_nothing() -> None:
    sources = blocks_of(FIRMS, 100)
    sources.insert(1, list)
    ranking = rank_in_blocks(NEEDS, sources, top=300)
    whole = alone(300)
    columns = whole.numbers.shape[1]
    assert np.array_equal(ranking.hits.numbers[:, :columns], whole.numbers)
    assert (ranking.hits.numbers[:, columns:] == -1).all()
    assert ranking.place(150) == (2, 50)
    assert ranking.place(99) == (0, 99)


def test_nothing_to_match_gives_an_empty_table() -> None:
    assert rank_in_blocks([], blocks_of(FIRMS, 50)).hits.numbers.shape == (0, 50)
    assert (rank_in_blocks(NEEDS, [], top=3).hits.numbers == -1).all()


def test_what_was_found_can_be_taken_apart_afterwards() -> None:
    ranking = rank_in_blocks(NEEDS, blocks_of(FIRMS, 50), top=TOP)
    for row, need in enumerate(NEEDS):
        numbers = ranking.hits.numbers[row]
        found = [FIRMS[number] for number in numbers[numbers >= 0]]
        matches = explain(ranking, need, found)
        assert [match.total for match in matches] == pytest.approx(ranking.hits.scores[row][: len(found)])
        assert all(sum(match.parts.values()) == pytest.approx(match.total) for match in matches)


def test_progress_reaches_its_end() -> None:
    steps: list[tuple[str, int, int]] = []
    rank_in_blocks(NEEDS, blocks_of(FIRMS, 50), needs_at_once=6, progress=lambda *step: steps.append(step))
    assert [(done, total) for what, done, total in steps if what == "统计各块企业"] == [(n, 5) for n in range(1, 6)]
    assert [(done, total) for what, done, total in steps if what == "逐块匹配"] == [(n, 15) for n in range(1, 16)]


def test_a_cluster_without_dask_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yingcheng.scale.find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"yingcheng\[scale\]"):
        rank_in_blocks(NEEDS, blocks_of(FIRMS, 50), client=object())


needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="the extra 'scale' is not installed")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from distributed import Client, LocalCluster  # noqa: PLC0415  # optional

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1") as c,
        Client(c) as connected,
    ):
        yield connected


@needs_dask
@pytest.mark.filterwarnings("default")  # of the cluster's own clean-up
def test_a_cluster_of_two_processes_gives_what_one_index_gives(client: Any) -> None:
    assert same(rank_in_blocks(NEEDS, blocks_of(FIRMS, 30), top=TOP, needs_at_once=5, client=client), alone())


@needs_dask
@pytest.mark.filterwarnings("default")  # a worker that is killed is reported in many ways
def test_a_killed_worker_changes_nothing(client: Any) -> None:
    before = client.run(os.getpid)
    killed: list[int] = []

    def kill_one(what: str, done: int, _total: int) -> None:
        if what == "逐块匹配" and done == 3 and not killed:
            killed.append(next(iter(before.values())))
            os.kill(killed[0], signal.SIGKILL)

    ranking = rank_in_blocks(NEEDS, blocks_of(FIRMS, 10), top=TOP, needs_at_once=3, client=client, progress=kill_one)
    assert same(ranking, alone())
    client.wait_for_workers(2, timeout=60)
    assert killed[0] not in client.run(os.getpid).values()  # it did happen
