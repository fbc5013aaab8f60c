"""Blocks and a cluster give what one index gives, to the last bit, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import MissingExtra
from yingcheng.matchmaking.affinity.segments import need_segments, offer_segments
from yingcheng.opportunities.records import Opportunity
from yingcheng.scale import Ranking, blocks_of, explain, rank_in_blocks
from yingcheng.similarity import Hits, Lengths, TextIndex
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


def alone(top: int = TOP, firms: Sequence[Enterprise] = tuple(FIRMS)) -> Hits:
    index = TextIndex([offer_segments(firm) for firm in firms])
    return index.search([index.query(need_segments(need)) for need in NEEDS], top)


def same(ranking: Ranking, hits: Hits) -> bool:
    return np.array_equal(ranking.hits.numbers, hits.numbers) and np.array_equal(ranking.hits.scores, hits.scores)


@pytest.mark.parametrize(("size", "at_once"), [(203, 1000), (50, 5), (1, 1), (7, 17)])
def test_any_blocks_give_what_one_index_gives(size: int, at_once: int) -> None:
    assert same(rank_in_blocks(NEEDS, blocks_of(FIRMS, size), top=TOP, needs_at_once=at_once), alone())


def test_firms_that_say_the_same_are_ranked_by_number_across_blocks() -> None:
    firms = [Enterprise(id=f"e{n}", name="同名（虚构）", scope=FIRMS[n % 3].scope) for n in range(60)]
    whole = alone(firms=firms)
    assert any(len(set(scores.tolist())) < len(scores) for scores in whole.scores)  # there are ties to break
    assert same(rank_in_blocks(NEEDS, blocks_of(firms, 7), top=TOP), whole)


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
    for nobody in (-1, len(FIRMS)):
        with pytest.raises(KeyError):
            ranking.place(nobody)


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


def test_a_need_that_was_not_in_the_run_is_not_explained_with_wrong_figures() -> None:
    ranking = rank_in_blocks(NEEDS[:2], blocks_of(FIRMS, 50), top=TOP)
    with pytest.raises(KeyError, match="none of the needs"):
        explain(ranking, Opportunity(id="x", name="另一项（虚构）", need="龘靐齉爩"), FIRMS[:3])
    with pytest.raises(KeyError, match="none of the needs"):
        explain(rank_in_blocks([], blocks_of(FIRMS, 50)), NEEDS[0], FIRMS[:3])


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


@dataclass(frozen=True)
class Noted:
    """A source that notes every call in a file, and fails as often as it is told to."""

    firms: tuple[Enterprise, ...]
    log: Path
    failures: int = 0

    def __call__(self) -> Sequence[Enterprise]:
        with self.log.open("a") as log:
            log.write("x")
        if self.calls() <= self.failures:
            raise OSError("the register does not answer")
        return self.firms

    def calls(self) -> int:
        return self.log.stat().st_size


def noted(folder: Path, size: int, failures: int = 0) -> list[Noted]:
    starts = range(0, len(FIRMS), size)
    return [Noted(tuple(FIRMS[start : start + size]), folder / f"{start}", failures) for start in starts]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from distributed import Client, LocalCluster  # noqa: PLC0415  # optional

    # Without a dashboard Dask still opens its page, on port 8787, and warns where that is taken: name a free local one.
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
        ) as cluster,
        Client(cluster) as connected,
    ):  # fmt: skip
        yield connected


@needs_dask
def test_a_cluster_of_two_processes_gives_what_one_index_gives(client: Any) -> None:
    sources = blocks_of(FIRMS, 30)
    sources[3:3] = [list, list]  # empty blocks share the number of their first offer with the next
    assert same(rank_in_blocks(NEEDS, sources, top=TOP, needs_at_once=5, client=client), alone())
    assert (rank_in_blocks(NEEDS, [list], top=3, client=client).hits.numbers == -1).all()
    assert rank_in_blocks([], sources, top=3, client=client).hits.numbers.shape == (0, 3)


@needs_dask
def test_dask_is_told_how_large_a_block_is() -> None:
    from dask.sizeof import sizeof  # noqa: PLC0415  # optional

    from yingcheng.scale import _block  # noqa: PLC0415  # what a worker holds

    (source,) = blocks_of(FIRMS, len(FIRMS))
    block = _block(source, Lengths.of([offer_segments(firm) for firm in FIRMS]))
    assert sizeof(block) > sum(array.nbytes for array in block.content.postings)
    assert sys.getsizeof(block.content) < 1000  # the control: it would not have seen it


@needs_dask
@pytest.mark.parametrize("what", ["统计各块企业", "逐块匹配"])
@pytest.mark.parametrize("how_many", [1, 2])
def test_killed_workers_change_nothing(client: Any, tmp_path: Path, what: str, how_many: int) -> None:
    client.wait_for_workers(2, timeout=60)
    before = set(client.run(os.getpid).values())
    victims = sorted(before)[:how_many]
    killed: list[int] = []

    def kill(now: str, done: int, _total: int) -> None:
        if now == what and done == 3 and not killed:
            killed.extend(victims)
            for victim in victims:
                os.kill(victim, signal.SIGKILL)

    sources = noted(tmp_path, 10)
    ranking = rank_in_blocks(NEEDS, sources, top=TOP, needs_at_once=3, client=client, progress=kill)
    assert same(ranking, alone())
    client.wait_for_workers(2, timeout=60)
    assert killed == victims  # it did happen
    assert not set(victims) & set(client.run(os.getpid).values())
    if how_many == 2 and what == "逐块匹配":
        # Three results of six were fetched from a block at most; the others died with both workers, and so did the
        # block: it was made a second time, beside once for the survey.
        assert max(source.calls() for source in sources) > 2


def test_a_block_is_read_twice_when_nothing_goes_wrong(tmp_path: Path) -> None:
    sources = noted(tmp_path, 50)
    rank_in_blocks(NEEDS, sources, top=TOP, needs_at_once=3)
    assert [source.calls() for source in sources] == [2] * 5  # the control of the test above


@needs_dask
def test_a_source_that_fails_once_is_asked_again(client: Any, tmp_path: Path) -> None:
    sources = noted(tmp_path, 50, failures=1)
    assert same(rank_in_blocks(NEEDS, sources, top=TOP, client=client), alone())
    assert min(source.calls() for source in sources) == 3  # a failure, the survey, the search


@needs_dask
def test_a_source_that_always_fails_ends_the_run(client: Any, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="does not answer"):
        rank_in_blocks(NEEDS, noted(tmp_path, 500, failures=99), top=TOP, client=client)
