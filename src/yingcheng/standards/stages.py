"""Stages of a project from lead to full effect, and the words ledgers use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.lexicon import Hit, Lexicon
from yingcheng.standards.text import one_line

__all__ = ["STAGES", "STOPPED", "StageReading", "read_stage"]

STAGES = ("线索", "初判", "对接", "意向", "签约", "注册", "开工", "投产", "达效")
STOPPED = ("搁置", "终止")


@dataclass(frozen=True, slots=True)
class StageReading:
    """A stage of :data:`STAGES` or :data:`STOPPED`; ``certain`` is false where it was concluded from a sentence."""

    stage: str
    certain: bool
    text: str


_PLAIN = 8  # characters; a longer text is a sentence and its stage a conclusion
_ABSENT = frozenset({"", "无", "暂无", "N/A", "NA", "-", "--", "/", "—", "——", "待定"})
_AROUND = re.compile(
    r"[\s（）()\[\]【】。.;；:：“”\"'①-⑳]+|^\d+[.、]?|^(?:已经?|目前|正在|处于|进入|当前)|(?:阶段|状态|项目|中)$"
)


@cache
def _vocabulary() -> tuple[dict[str, str], frozenset[str], Lexicon, re.Pattern[str]]:
    data = read_toml("stages.toml")
    parts = ("doubtful", "stage", "stopped")
    words = {word: entry["name"] for part in parts for entry in data[part] for word in entry["words"]}
    doubtful = frozenset(word for entry in data["doubtful"] for word in entry["words"])
    negations = sorted(data["negation"]["words"], key=lambda word: (-len(word), word))
    # A date or a few words may stand between: 计划2026年3月开工, 尚未正式签约.
    negated = re.compile(rf"(?:{'|'.join(negations)})(?:[^，。,；;、\s]{{0,10}})$")
    return words, doubtful, Lexicon(words), negated


@lru_cache(maxsize=1 << 14)
def read_stage(text: str) -> StageReading | None:
    """The stage a cell names; ``None`` where it is blank or names none.

    A cell that is nothing but a word of the vocabulary is certain. In a sentence the furthest stage that was reached
    counts (已签约，正在办理注册 → 签约); a stage only planned (尚未开工) gives the one before it.
    """
    words, doubtful, lexicon, _ = _vocabulary()
    line = one_line(text)
    if line.upper() in _ABSENT:
        return None
    if line in words:
        return StageReading(words[line], line not in doubtful, text)
    bare = _AROUND.sub("", _AROUND.sub("", line))
    if bare in words:
        return StageReading(words[bare], bare not in doubtful, text)
    hits = lexicon.find(line)
    return _from_sentence(line, hits, text) if hits else None


def _from_sentence(line: str, hits: tuple[Hit, ...], text: str) -> StageReading | None:
    words, doubtful, _, negated = _vocabulary()
    reached: list[str] = []
    planned: list[str] = []
    for hit in hits:
        (planned if negated.search(line[: hit.start]) else reached).append(words[hit.word])
    stopped = [stage for stage in reached if stage in STOPPED]
    if stopped:
        return StageReading(stopped[-1], False, text)
    order = [STAGES.index(stage) for stage in reached]
    if order:
        plain = (
            len(set(order)) == 1 and not planned and len(line) <= _PLAIN and not any(h.word in doubtful for h in hits)
        )
        return StageReading(STAGES[max(order)], plain, text)
    ahead = [STAGES.index(stage) for stage in planned if stage in STAGES]
    return StageReading(STAGES[max(0, min(ahead) - 1)], False, text) if ahead else None
