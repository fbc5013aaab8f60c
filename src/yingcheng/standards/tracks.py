"""The thirteen tracks, the roles of enterprises, the dimensions of innovation, and the words that point to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.lexicon import Lexicon
from yingcheng.standards.text import clean, split_values

__all__ = ["DIMENSIONS", "ROLES", "TRACKS", "read_roles", "read_tracks", "suggest_roles", "suggest_tracks"]

TRACKS = (
    "城市运营",
    "城市更新",
    "产城融合",
    "产业园区",
    "文化旅游",
    "商业消费",
    "乡村振兴",
    "智慧城市",
    "新基建",
    "智慧生活",
    "智能生产",
    "城市治理",
    "绿色生态",
)
ROLES = ("投资", "建设", "运营", "技术产品", "咨询规划", "内容品牌")
DIMENSIONS = ("投资建设", "招商运营", "商业模式", "规划设计")

_STRONG, _PLAIN = 3, 1
_ENOUGH = 3  # one strong word or three plain ones
_CLOSE = 0.34  # a further track is named where it reaches this share of the best one's weight
_READ = 6_000  # characters; what a text is about stands at its beginning


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Words with, for each, the labels it points to and how strongly."""

    lexicon: Lexicon
    weights: Mapping[str, tuple[tuple[str, int], ...]]


# Business scopes say in brackets what they leave out and quote the law; neither says what a firm does.
_LEFT_OUT = re.compile(r"[（(][^（）()]*(?:不含|不包括|除外|依法须经批准|许可证|仅限|禁止)[^（）()]*[）)]")
_TAIL = re.compile(r"(?:类|领域|场景|方向|赛道|板块|行业|产业|专题|专场|建设|项目|机会|服务|管理|业务|发展)$")
_HEAD = re.compile(r"^(?:赛道|领域|类型|类别|应用领域|场景领域|所属领域)?[:：]?")
_JOINED = re.compile(r"[与和及+&＋·]|以及")


@cache
def _variants() -> dict[str, str]:
    variants: dict[str, str] = {}
    for entry in read_toml("tracks.toml")["track"]:
        for word in (entry["name"], *entry["variants"]):
            if variants.setdefault(word, entry["name"]) != entry["name"]:
                raise ValueError(f"tracks.toml: {word} stands for two tracks")
    return variants


def _vocabulary(entries: list[tuple[str, str, int]]) -> _Vocabulary:
    weights: dict[str, dict[str, int]] = {}
    for label, word, weight in entries:
        known = weights.setdefault(word, {})
        known[label] = max(weight, known.get(label, 0))
    return _Vocabulary(Lexicon(weights), {word: tuple(labels.items()) for word, labels in weights.items()})


@cache
def _track_words() -> _Vocabulary:
    entries: list[tuple[str, str, int]] = []
    for entry in read_toml("tracks.toml")["track"]:
        entries += [(entry["name"], word, _STRONG) for word in (entry["name"], *entry["variants"], *entry["strong"])]
        entries += [(entry["name"], word, _PLAIN) for word in entry["words"] if len(word) > 1]
    return _vocabulary(entries)


@cache
def _role_words() -> _Vocabulary:
    return _vocabulary(
        [(entry["name"], word, _PLAIN) for entry in read_toml("tracks.toml")["role"] for word in entry["words"]]
    )


def _named(value: str) -> str:
    """The track a value plainly names, empty if none."""
    variants = _variants()
    while value:
        if value in variants:
            return variants[value]
        shorter = _TAIL.sub("", value, count=1)
        if shorter == value or len(shorter) < 2:
            return ""
        value = shorter
    return ""


@lru_cache(maxsize=1 << 13)
def read_tracks(text: str) -> tuple[str, ...]:
    """Tracks a cell plainly names, by their name or a usual variant, in the order of :data:`TRACKS`.

    ``②人工智能、智能终端`` names 智慧城市 by its variant 人工智能; a sentence that only touches on a subject names
    none.
    """
    found: set[str] = set()
    for value in (_HEAD.sub("", piece, count=1) for piece in split_values(text)):
        direct = _named(value)
        if direct:
            found.add(direct)
            continue
        if len(value) > 20:
            continue
        found.update(track for track in TRACKS if track in value)
        found.update(track for part in _JOINED.split(value) if (track := _named(part.strip(" （）()"))))
    return tuple(track for track in TRACKS if track in found)


def _suggest(
    text: str, vocabulary: _Vocabulary, order: tuple[str, ...], limit: int, enough: int
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    words: dict[str, dict[str, int]] = {}
    seen: set[str] = set()
    for hit in vocabulary.lexicon.find(_LEFT_OUT.sub("，", clean(text[: 2 * _READ]))[:_READ]):
        if hit.word in seen:
            continue
        seen.add(hit.word)
        for label, weight in vocabulary.weights[hit.word]:
            words.setdefault(label, {})[hit.word] = weight
    totals = {label: sum(found.values()) for label, found in words.items()}
    ranked = sorted((label for label in totals if totals[label] >= enough), key=lambda t: (-totals[t], order.index(t)))
    kept = [label for label in ranked if totals[label] >= _CLOSE * totals[ranked[0]]]
    return tuple(
        (label, tuple(sorted(words[label], key=lambda w: (-words[label][w], list(words[label]).index(w)))))
        for label in kept[:limit]
    )


@lru_cache(maxsize=1 << 12)
def suggest_tracks(text: str, *, limit: int = 2) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Tracks a text is about, best first, each with the words of it that led there (strongest first).

    A word of the vocabulary counts once however often it stands there; representative words weigh three times as much.
    """
    return _suggest(text, _track_words(), TRACKS, limit, _ENOUGH)


@lru_cache(maxsize=1 << 12)
def suggest_roles(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Roles a text speaks of, best first, each with the words that led there."""
    return _suggest(text, _role_words(), ROLES, len(ROLES), _PLAIN)


@lru_cache(maxsize=1 << 12)
def read_roles(text: str) -> tuple[str, ...]:
    """Roles a cell names by their own names (技术产品、运营), in the order of :data:`ROLES`."""
    values = {value.removesuffix("类").removesuffix("商").removesuffix("方") for value in split_values(text)}
    return tuple(role for role in ROLES if role in values)
