"""Scoring beyond one machine: the same search over blocks of needs × blocks of offers, here or on a Dask cluster.

Two passes. The *survey* asks every block of offers how many it holds, how long their texts are and in how many of them
the needs' grams stand; the sums of these three figures are all that a score depends on beside the two texts. The
*search* builds every block anew from its source, holds all needs against it and keeps the best of each need. A block is
a pure function of its source and the sums, so that a lost one is made again, and scores are the same to the last bit
however the offers are spread over workers of one type of processor. What it costs: ``docs/explanation/scale.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import MissingExtra
from yingcheng.i18n import _
from yingcheng.matchmaking.affinity.segments import need_segments, offer_segments
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity.grams import count_grams
from yingcheng.similarity.index import Block, Hits, Lengths, Match, Query, best_of, make_query

__all__ = ["Figures", "Ranking", "Source", "blocks_of", "explain", "rank_in_blocks", "require_dask"]

Source = Callable[[], Sequence[Enterprise]]
"""Gives the enterprises of one block, the same each time. On a cluster a worker calls it: it must be picklable."""

Progress = Callable[[str, int, int], None]

NEEDS = 1000  # in one task
AHEAD = 2  # blocks per worker that are built or searched at a time; bounds the workers' memory
RETRIES = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """What a score depends on beside the two texts: the whole collection in three figures.

    Attributes:
        size: offers of all blocks.
        lengths: of their pieces.
        grams: sorted codes of all grams of the needs, shape (grams,).
        counts: in how many offers each stands, shape (grams,).
    """

    size: int
    lengths: Lengths
    grams: NDArray[np.int64]
    counts: NDArray[np.int64]

    def frequency(self, grams: NDArray[np.int64]) -> NDArray[np.int64]:
        """In how many offers some grams of the needs stand.

        Raises:
            KeyError: a gram stands in none of the needs; the survey did not count it.
        """
        places = np.minimum(np.searchsorted(self.grams, grams), max(0, len(self.grams) - 1))
        if len(grams) and not (len(self.grams) and np.array_equal(self.grams[places], grams)):
            raise KeyError("a gram that stands in none of the needs of this run")
        return self.counts[places]

    def query(self, need: Opportunity) -> Query:
        """A need of this run as a query to the collection.

        Raises:
            KeyError: it says what none of the needs of this run says.
        """
        return make_query(need_segments(need), size=self.size, frequency=self.frequency)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best offers of each need, in the order of the needs.

    Attributes:
        figures: of the collection they were found in.
        hits: numbers count through all blocks, in the order of the sources; −1 where there are fewer.
        firsts: number of the first offer of each block.
    """

    figures: Figures
    hits: Hits
    firsts: tuple[int, ...]

    def place(self, number: int) -> tuple[int, int]:
        """Block of an offer and its place in it.

        Raises:
            KeyError: there is no such offer; so for the −1 of a place that nobody took.
        """
        if not 0 <= number < self.figures.size:
            raise KeyError(number)
        block = int(np.searchsorted(self.firsts, number, side="right")) - 1
        return block, number - self.firsts[block]


@dataclass(frozen=True, slots=True)
class _Held:
    """A source that carries its enterprises with it."""

    enterprises: tuple[Enterprise, ...]

    def __call__(self) -> Sequence[Enterprise]:
        return self.enterprises


def blocks_of(enterprises: Sequence[Enterprise], size: int) -> list[Source]:
    """Enterprises that are in memory as sources of ``size`` each; a national run names files or queries instead."""
    return [_Held(tuple(enterprises[start : start + size])) for start in range(0, len(enterprises), size)]


def require_dask() -> Any:
    """The module ``distributed``.

    Raises:
        MissingExtra: the extra ``scale`` is not installed.
    """
    if find_spec("dask") is None or find_spec("distributed") is None:
        raise MissingExtra(_("在多台机器上匹配需要可选组件 dask，尚未安装。"), extra="scale")
    return import_module("distributed")


@dataclass(frozen=True, slots=True)
class _Sized:
    """A result that says how large it is.

    Dask does not look into objects: it would take a block for 56 bytes, send it about and not count it as memory.
    """

    content: Any
    size: int  # bytes

    def __sizeof__(self) -> int:
        return self.size


def _survey(source: Source, grams: NDArray[np.int64]) -> tuple[int, Lengths, NDArray[np.int64]]:
    """Size, lengths and counts of one block."""
    documents = [offer_segments(enterprise) for enterprise in source()]
    lengths = Lengths.of(documents)
    return len(documents), lengths, Block(documents, lengths).frequency_of(grams)


def _block(source: Source, lengths: Lengths) -> _Sized:
    block = Block([offer_segments(enterprise) for enterprise in source()], lengths)
    block.documents = ((),) * len(block.documents)  # the search does not read the texts, half of the memory
    arrays = [*block.postings, *(value for value in vars(block).values() if isinstance(value, np.ndarray))]
    return _Sized(block, sum(array.nbytes for array in arrays))


def _queries(needs: Sequence[Opportunity], figures: Figures) -> _Sized:
    queries = [figures.query(need) for need in needs]
    return _Sized(queries, sum(query.grams.nbytes + query.weights.nbytes for query in queries))


def _search(block: _Sized, queries: _Sized, first: int, top: int) -> Hits:
    hits = block.content.search(queries.content, top)
    return Hits(np.where(hits.numbers < 0, -1, hits.numbers + first), hits.scores)


def rank_in_blocks(
    needs: Sequence[Opportunity],
    sources: Sequence[Source],
    *,
    top: int = 50,
    client: Any = None,
    needs_at_once: int = NEEDS,
    progress: Progress = lambda *_step: None,
) -> Ranking:
    """Find the best offers of each need by words, block by block.

    Gates, tags, meaning and reasons are for the pairs this finds; see :func:`explain`.

    Args:
        needs: the opportunities.
        sources: blocks of enterprises; ties go to the earlier one. What one raises is raised here; on a cluster after
            it was tried again.
        top: offers per need.
        client: a ``distributed.Client``; without one everything runs in this process.
        needs_at_once: needs in one task.
        progress: told what is being done, how much of it is done, and how much there is.

    Returns:
        The same ranking, to the last bit, with a client and without, whatever the blocks, on processors of one type.

    Raises:
        MissingExtra: a client was given but Dask is not installed.
    """
    run = _Here() if client is None else _Cluster(client)
    grams = np.unique(count_grams([segment.text for need in needs for segment in need_segments(need)]).grams)
    sizes = [0] * len(sources)
    lengths, counts = Lengths({}, {}), np.zeros(len(grams), dtype=np.int64)
    for done, (block, (size, own, found_in)) in enumerate(run.survey(sources, grams), start=1):
        sizes[block] = size
        lengths, counts = lengths + own, counts + found_in  # of whole numbers: the order does not matter
        progress(_("统计各块企业"), done, len(sources))
    figures = Figures(sum(sizes), lengths, grams, counts)
    firsts = tuple(int(first) for first in np.cumsum([0, *sizes[:-1]])) if sizes else ()
    chunks = [needs[start : start + needs_at_once] for start in range(0, len(needs), needs_at_once)]
    found: list[list[Hits]] = [[] for _chunk in chunks]
    for done, (chunk, hits) in enumerate(run.products(chunks, sources, figures, firsts, top), start=1):
        kept = [*found[chunk], hits]
        found[chunk] = [best_of(kept, top)]
        progress(_("逐块匹配"), done, len(chunks) * len(sources))
    return Ranking(figures, _joined([hits for (hits,) in found if hits] if sources else [], len(needs), top), firsts)


def _joined(parts: Sequence[Hits], needs: int, top: int) -> Hits:
    """One table of all needs, ``top`` columns wide."""
    numbers = np.full((needs, top), -1, dtype=np.int64)
    scores = np.zeros((needs, top))
    start = 0
    for part in parts:
        rows, columns = part.numbers.shape
        numbers[start : start + rows, :columns], scores[start : start + rows, :columns] = part.numbers, part.scores
        start += rows
    return Hits(numbers, scores)


def explain(ranking: Ranking, need: Opportunity, enterprises: Sequence[Enterprise]) -> list[Match]:
    """Take the pairs of a need and some enterprises apart as the blocks scored them; totals are the scores.

    Raises:
        KeyError: the need was not among those of this run.
    """
    block = Block([offer_segments(enterprise) for enterprise in enterprises], ranking.figures.lengths)
    return block.matches(ranking.figures.query(need), np.arange(len(enterprises), dtype=np.int64))


class _Here:
    """Runs tasks in this process, one after the other."""

    def survey(self, sources: Sequence[Source], grams: NDArray[np.int64]) -> Iterator[tuple[int, Any]]:
        """What every block says of itself, with its place."""
        for place, source in enumerate(sources):
            yield place, _survey(source, grams)

    def products(
        self,
        chunks: Sequence[Sequence[Opportunity]],
        sources: Sequence[Source],
        figures: Figures,
        firsts: Sequence[int],
        top: int,
    ) -> Iterator[tuple[int, Hits]]:
        """Hits of every chunk of needs in every block."""
        queries = [_queries(chunk, figures) for chunk in chunks]
        for source, first in zip(sources, firsts, strict=True):
            block = _block(source, figures.lengths)
            for place, asked in enumerate(queries):
                yield place, _search(block, asked, first, top)


class _Cluster:
    """Runs tasks on a Dask cluster. Every task can be done again: what a killed worker held is made anew elsewhere."""

    def __init__(self, client: Any) -> None:
        self._completed = require_dask().as_completed
        self._client = client

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._client.submit(function, *arguments, pure=False, retries=RETRIES)

    def _room(self) -> int:
        return AHEAD * max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def survey(self, sources: Sequence[Source], grams: NDArray[np.int64]) -> Iterator[tuple[int, Any]]:
        """What every block says of itself, with its place, as it comes."""
        shared = self._submit(_same, grams)
        places = {self._submit(_survey, source, shared): place for place, source in enumerate(sources)}
        for future in self._completed(list(places)):
            yield places.pop(future), future.result()

    def products(
        self,
        chunks: Sequence[Sequence[Opportunity]],
        sources: Sequence[Source],
        figures: Figures,
        firsts: Sequence[int],
        top: int,
    ) -> Iterator[tuple[int, Hits]]:
        """Hits of every chunk of needs in every block, as they come; few blocks at a time."""
        shared = self._submit(_same, figures)
        queries = [self._submit(_queries, list(chunk), shared) for chunk in chunks]
        waiting = iter(enumerate(zip(sources, firsts, strict=True)))
        asked: dict[Any, tuple[int, int]] = {}  # search → places of its chunk and its block
        held: dict[int, Any] = {}  # blocks that still have searches to answer
        left: dict[int, int] = {}  # and how many
        queue = self._completed()

        def send(blocks: int) -> None:
            for place, (source, first) in islice(waiting, blocks):
                held[place], left[place] = self._submit(_block, source, figures.lengths), len(queries)
                for chunk, query in enumerate(queries):
                    future = self._submit(_search, held[place], query, first, top)
                    asked[future] = chunk, place
                    queue.add(future)

        send(self._room())
        for future in queue:
            chunk, place = asked.pop(future)
            yield chunk, future.result()
            left[place] -= 1
            if not left[place]:
                del held[place]  # the workers may let go of it
                send(1)


def _same(value: Any) -> Any:
    """A value as a task of its own: sent to the cluster once and not with every call, made again if it is lost."""
    return value
