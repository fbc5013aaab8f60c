"""The index against the formula in plain Python: scores, order, change, spread over blocks and threads."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.similarity import Hits, Lengths, Query, Segment, TextIndex, normal_text
from yingcheng.similarity.grams import LINKING, generic_grams, gram_of
from yingcheng.similarity.index import (
    ENOUGH_TEXTS,
    QUERY_SATURATION,
    RARITY_POWER,
    SINGLE_WEIGHT,
    SINGLES,
    B,
    Block,
    best_of,
    make_query,
)
from yingcheng.similarity.kernels import K1, compiled

Document = tuple[Segment, ...]

TEXT = st.text(alphabet="城市更新停车智慧文旅平台服务的ab15，\n", max_size=24)
PIECE = st.builds(
    Segment,
    kind=st.sampled_from(("名称", "正文", "赛道")),
    label=st.just("例"),
    text=TEXT,
    weight=st.sampled_from((0.5, 1.0, 2.5)),
)
DOCUMENT = st.lists(PIECE, max_size=3).map(tuple)
ASKED = st.lists(PIECE, min_size=1, max_size=3).map(tuple)
DOCUMENTS = st.lists(DOCUMENT, min_size=1, max_size=9)
# Few words, many copies: nearly all scores are tied.
ALIKE = st.lists(st.sampled_from(("智慧停车", "停车", "文旅", "停车文旅")), min_size=1, max_size=40).map(
    lambda texts: [(Segment("正文", "例", text, 1.0),) for text in texts]
)
small = settings(deadline=None, max_examples=60)


def grams(text: str) -> list[str]:
    """What counts in a text, with repetitions."""
    word = [char.isalnum() and char not in LINKING for char in text]
    pairs = [
        place
        for place in range(len(text) - 1)
        if word[place] and word[place + 1] and not (text[place] in "0123456789" and text[place + 1] in "0123456789")
    ]
    generic = set(generic_grams()[0].tolist())
    covered = {at for place in pairs if gram_of(text[place : place + 2]) in generic for at in (place, place + 1)}
    single = [text[at] for at in range(len(text)) if word[at] and not text[at].isascii() and at not in covered]
    return single + [text[place : place + 2] for place in pairs]


class Plain:
    """The formula, word for word, over dictionaries."""

    def __init__(self, documents: Sequence[Document], counted: Sequence[Document] | None = None) -> None:
        self.documents = documents
        counted = documents if counted is None else counted
        sizes: dict[str, list[int]] = {}
        for piece in (piece for document in counted for piece in document):
            sizes.setdefault(piece.kind, []).append(len(grams(piece.text)))
        self.usual = {kind: sum(lengths) / len(lengths) for kind, lengths in sizes.items()}
        self.frequency = Counter(g for d in documents for g in {g for piece in d for g in grams(piece.text)})

    def discrimination(self, gram: str) -> float:
        """What a gram is worth by its rarity."""
        others = max(0, ENOUGH_TEXTS - len(self.documents))
        total = len(self.documents) + others
        count = self.frequency[gram] + (SINGLES * others if len(gram) == 1 else 0.0)
        value = math.log1p((total - count + 0.5) / (count + 0.5)) ** RARITY_POWER
        value /= math.log1p((total + 0.5) / 0.5) ** (RARITY_POWER - 1)
        codes, weight = generic_grams()
        value *= SINGLE_WEIGHT if len(gram) == 1 else 1.0
        return value * (weight if gram_of(gram) in set(codes.tolist()) else 1.0)

    def held(self, document: Document) -> dict[str, float]:
        """Saturated weighted frequency of each gram of a document."""
        total: Counter[str] = Counter()
        for piece in document:
            own, usual = grams(piece.text), self.usual.get(piece.kind, 0.0)
            for gram, count in Counter(own).items() if usual else ():
                total[gram] += piece.weight * count / (1 - B + B * len(own) / usual)  # type: ignore[assignment]
        return {gram: value * (K1 + 1) / (value + K1) for gram, value in total.items()}

    def score(self, query: Document, document: Document) -> float:
        """One query × one document."""
        held = self.held(document)
        return math.fsum(
            piece.weight * count * (1 + QUERY_SATURATION) / (count + QUERY_SATURATION)
            * self.discrimination(gram) * held.get(gram, 0.0)
            for piece in query
            for gram, count in Counter(grams(piece.text)).items()
        )  # fmt: skip


def listed(hits: Hits, row: int = 0) -> list[tuple[int, float]]:
    return [(n, s) for n, s in zip(hits.numbers[row].tolist(), hits.scores[row].tolist(), strict=True) if n >= 0]


def same(one: Hits, other: Hits) -> bool:
    """Equal to the last bit, whatever the width."""
    rows = range(len(one.numbers))
    return len(one.numbers) == len(other.numbers) and all(listed(one, row) == listed(other, row) for row in rows)


@small
@given(DOCUMENTS, DOCUMENT)
def test_scores_are_those_of_the_formula(documents: list[Document], asked: Document) -> None:
    index, plain = TextIndex(documents), Plain(documents)
    expected = {n: plain.score(asked, document) for n, document in enumerate(documents)}
    found = dict(listed(index.search([index.query(asked)], len(documents))))
    assert found.keys() == {number for number, score in expected.items() if score > 0}
    for number, score in found.items():
        assert score == pytest.approx(expected[number], rel=1e-5)


@small
@given(DOCUMENTS | ALIKE, DOCUMENT, st.integers(1, 10))
def test_the_best_are_those_of_brute_force_and_ties_go_by_number(
    documents: list[Document], asked: Document, top: int
) -> None:
    index, plain = TextIndex(documents), Plain(documents)
    query = index.query(asked)
    everything = listed(index.search([query], len(documents)))
    assert everything == sorted(everything, key=lambda hit: (-hit[1], hit[0]))
    best = listed(index.search([query], top))
    assert best == everything[:top]
    expected = sorted((plain.score(asked, document) for document in documents), reverse=True)
    assert [score for _, score in best] == pytest.approx([s for s in expected if s > 0][:top], rel=1e-5)
    for (number, score), (later, other) in pairwise(best):
        assert score > other or number < later
        if documents[number] == documents[later]:
            assert score == other


def test_pruning_leaves_out_none_of_the_best_of_many() -> None:
    draw = np.random.default_rng(0)
    signs = list("城市更新停车充电桥梁隧道污水垃圾葡萄小米光伏储能")
    texts = ["".join(draw.choice(signs, size=draw.integers(2, 30))) for _ in range(6000)]
    documents = [(Segment("正文", "例", text, 1.0),) for text in texts]
    index = TextIndex(documents)
    queries = [index.query(document) for document in documents[:40]]
    whole = index.search(queries, len(documents))
    for top in (1, 10):
        few = index.search(queries, top)
        assert all(listed(few, row) == listed(whole, row)[:top] for row in range(len(queries)))


@small
@given(DOCUMENTS, DOCUMENTS, st.data())
def test_a_changed_index_answers_as_one_built_anew(
    first: list[Document], later: list[Document], data: st.DataObject
) -> None:
    index = TextIndex(first)
    numbers = [*range(len(first)), *(index.add(document) for document in later)]
    assert numbers == list(range(len(first) + len(later)))
    gone = data.draw(st.sets(st.sampled_from(numbers)))
    for number in sorted(gone):
        index.remove(number)
    kept = [number for number in numbers if number not in gone]
    anew = TextIndex([(*first, *later)[number] for number in kept], lengths=index.lengths)
    assert index.size == anew.size == len(kept)
    codes = np.array(sorted({gram_of(g) for d in (*first, *later) for p in d for g in grams(p.text)}), dtype=np.int64)
    assert index.frequency(codes).tolist() == anew.frequency(codes).tolist()
    asked = data.draw(DOCUMENT)
    changed = listed(index.search([index.query(asked)], len(numbers)))
    built = listed(anew.search([anew.query(asked)], len(numbers)))
    assert changed == [(kept[number], score) for number, score in built]
    assert [index.document(number) for number in kept] == [anew.document(place) for place in range(len(kept))]


@small
@given(DOCUMENTS | ALIKE, DOCUMENT, st.integers(0, 40), st.integers(1, 12))
def test_blocks_put_together_answer_as_one(documents: list[Document], asked: Document, cut: int, top: int) -> None:
    lengths = Lengths.of(documents)
    halves = [Block(part, lengths) for part in (documents[:cut], documents[cut:])]
    assert Lengths.of(documents[:cut]) + Lengths.of(documents[cut:]) == lengths

    def frequency(codes: np.ndarray) -> np.ndarray:
        return halves[0].frequency_of(codes) + halves[1].frequency_of(codes)

    query = make_query(asked, size=len(documents), frequency=frequency)
    found = [half.search([query], top) for half in halves]
    moved = Hits(np.where(found[1].numbers < 0, -1, found[1].numbers + len(documents[:cut])), found[1].scores)
    whole = TextIndex(documents)
    assert same(best_of([found[0], moved], top), whole.search([whole.query(asked)], top))


@small
@given(DOCUMENTS, st.lists(DOCUMENT, max_size=7), st.integers(2, 9), st.integers(1, 5))
def test_the_result_does_not_depend_on_workers(
    documents: list[Document], asked: list[Document], workers: int, top: int
) -> None:
    index = TextIndex(documents)
    queries = [index.query(document) for document in asked]
    assert same(index.search(queries, top), index.search(queries, top, workers=workers))


@small
@given(DOCUMENTS, ASKED)
def test_a_match_taken_apart_adds_up_to_its_score(documents: list[Document], asked: Document) -> None:
    index = TextIndex(documents)
    index.add(documents[-1])
    query = index.query(asked)
    scores = dict(listed(index.search([query], len(documents) + 1)))
    numbers = list(reversed(range(len(documents) + 1)))
    for number, match in zip(numbers, index.matches(query, numbers), strict=True):
        assert match.total == pytest.approx(scores.get(number, 0.0), rel=1e-9, abs=1e-12)
        assert math.fsum(match.parts.values()) == pytest.approx(match.total, rel=1e-12)
        assert math.fsum(match.grams.values()) == pytest.approx(match.total, rel=1e-9)
        pieces = index.document(number)
        assert {field for field, _ in match.parts} <= {piece.kind for piece in asked}
        for _, place in match.parts:
            assert set(grams(pieces[place].text)) & {gram for piece in asked for gram in grams(piece.text)}


def test_a_part_is_credited_to_the_piece_that_holds_it() -> None:
    index = TextIndex([(Segment("名称", "名称", "智慧停车", 2.0), Segment("正文", "正文", "桥梁隧道", 1.0))])
    query = index.query((Segment("名称", "名称", "停车", 1.0), Segment("正文", "正文", "隧道", 1.0)))
    (match,) = index.matches(query, [0])
    assert match.parts.keys() == {("名称", 0), ("正文", 1)}
    assert match.grams.keys() == {gram_of(gram) for gram in ("停", "车", "停车", "隧", "道", "隧道")}
    assert query.sums == {"名称": pytest.approx(query.weights[0].sum()), "正文": pytest.approx(query.weights[1].sum())}


def test_what_has_no_words_finds_nothing() -> None:
    index = TextIndex([(Segment("正文", "例", "智慧停车", 1.0),), ()])
    for asked in (
        (Segment("正文", "例", "", 1.0),),
        (Segment("正文", "例", "，的12", 1.0),),
        (Segment("正文", "例", "桥", 1.0),),
    ):
        assert listed(index.search([index.query(asked)], 3)) == []
        assert index.matches(index.query(asked), [0])[0].total == 0
    empty = TextIndex([])
    assert listed(empty.search([empty.query((Segment("正文", "例", "停车", 1.0),))], 3)) == []
    assert index.search([], 3).numbers.shape[0] == 0
    assert isinstance(empty.query(()), Query)


@pytest.mark.parametrize("number", [-1, 2, 99])
def test_a_number_nobody_has_is_an_error(number: int) -> None:
    index = TextIndex([(Segment("正文", "例", "智慧停车", 1.0),), ()])
    with pytest.raises(KeyError):
        index.remove(number)
    with pytest.raises(KeyError):
        index.document(number)
    index.remove(1)
    with pytest.raises(KeyError):
        index.remove(1)


@given(st.text(max_size=60))
def test_normal_text_stays_as_it_is(text: str) -> None:
    assert normal_text(normal_text(text)) == normal_text(text)


def test_normal_text_unifies_what_departments_write_differently() -> None:
    assert normal_text("５Ｇ 专 网（一期）\\nＡＧＶ") == "5g 专网(一期)\nagv"


@pytest.mark.parametrize("seed", range(4))
def test_pruning_forgets_the_dead(seed: int) -> None:
    draw = np.random.default_rng(seed)
    signs = list("城市更新停车充电桥梁隧道污水垃圾葡萄小米光伏储能")
    documents = [
        (
            Segment(
                "正文",
                "例",
                "".join(draw.choice(signs, size=draw.integers(2, 20))),
                float(draw.choice((0.5, 1.0, 2.5))),
            ),
        )
        for _ in range(3000)
    ]
    index = TextIndex(documents)
    dead = draw.permutation(len(documents))[: len(documents) // 2].tolist()
    queries = [index.query(documents[number]) for number in dead[:25]]  # the best of each is dead
    for number in dead:
        index.remove(number)
    whole = index.search(queries, len(documents))
    for top in (1, 7, 60):
        few = index.search(queries, top)
        assert all(listed(few, row) == listed(whole, row)[:top] for row in range(len(queries)))
        assert not set(few.numbers.ravel().tolist()) & set(dead)


def test_where_nothing_can_be_kept_on_disk_it_compiles_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def refuse(*, cache: bool = False, nogil: bool) -> Callable[[object], object]:
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        assert nogil
        return lambda function: function

    monkeypatch.setattr("yingcheng.similarity.kernels.njit", refuse)
    assert compiled(len) is len
    assert asked == [True, False]
