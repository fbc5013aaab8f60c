"""Character n-grams and cosine."""

from hypothesis import given
from hypothesis import strategies as st

from yingcheng.similarity import count_ngrams, ngrams, similar_pairs, tfidf


def test_latin_words_stay_whole_and_chinese_runs_are_cut() -> None:
    assert ngrams("5G智慧停车，AGV", (1, 2)) == ["5g", "智", "慧", "停", "车", "智慧", "慧停", "停车", "agv"]


def test_a_text_is_most_similar_to_itself_and_unrelated_texts_do_not_pair() -> None:
    texts = ["老旧小区加装电梯与停车改造", "低空物流配送航线", "老旧小区停车改造"]
    counts, _ = count_ngrams(texts)
    vectors = tfidf(counts)
    pairs = similar_pairs(vectors, vectors, top=3, minimum=0.2)
    assert [(i, j) for i, j, _ in pairs if i == 0] == [(0, 0), (0, 2)]
    assert all(j != 1 for i, j, _ in pairs if i != 1)


@given(st.lists(st.text(alphabet="城市更新停车智慧文旅abc1，", max_size=30), min_size=1, max_size=6))
def test_rows_have_length_one_or_zero_and_cosines_stay_in_range(texts: list[str]) -> None:
    counts, vocabulary = count_ngrams(texts)
    assert counts.shape == (len(texts), len(vocabulary))
    if not vocabulary:
        return
    vectors = tfidf(counts)
    norms = [float((vectors[i] @ vectors[i].T).sum()) for i in range(len(texts))]
    assert all(abs(norm - 1) < 1e-4 or norm == 0 for norm in norms)
    assert all(0 <= value <= 1 + 1e-5 for *_, value in similar_pairs(vectors, vectors, top=6))


def test_a_given_vocabulary_ignores_unknown_ngrams() -> None:
    _, vocabulary = count_ngrams(["停车"])
    counts, _ = count_ngrams(["停车场"], vocabulary=vocabulary)
    assert counts.shape == (1, len(vocabulary))
    assert counts.sum() == 3  # 停, 车, 停车
