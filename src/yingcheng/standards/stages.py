"""Stages of a project from lead to full effect, and the words ledgers use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.dates import parse_date
from yingcheng.standards.lexicon import Hit, Lexicon
from yingcheng.standards.text import one_line

__all__ = ["STAGES", "STOPPED", "StageReading", "read_stage", "stage_dates"]

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
    r"[\s（）()\[\]【】。.;；:：“”\"'①-⑳]+|^\d+[.、]?|^(?:已经?|目前|正在|处于|进入|当前|于|时间|日期)+|(?:阶段|状态|项目|中|时间|日期)$"
)
_WHEN = re.compile(
    r"(?:19|20)\d{2}\s*(?:年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号]|份|[上中下]旬|[底初末])?|[-./]\s*\d{1,2}\s*[-./]\s*\d{1,2}(?!\d))"
)
_DATE_MARK = "\ue000"  # stands for a date while words are looked up; no text carries it
_NEAR = 8  # characters between a date and the stage it belongs to
_CLAUSE_END = re.compile(r"[，。,；;、\n]")


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
    line = _WHEN.sub(_DATE_MARK, line)
    bare = _AROUND.sub("", _AROUND.sub("", line.replace(_DATE_MARK, "")))
    if bare in words:
        return StageReading(words[bare], bare not in doubtful, text)
    hits = lexicon.find(line)
    return _from_sentence(line, hits, text) if hits else None


@lru_cache(maxsize=1 << 14)
def stage_dates(text: str) -> tuple[tuple[str, date], ...]:
    """Stages a text says were reached on a day: ``已于2025年8月1日签约，8月底注册`` → 签约, 2025-08-01.

    A date belongs to the stage named behind it in the same clause, else to the one right before it. What is only
    planned (拟于2025年8月1日签约) is left out, and so are dates without a day.
    """
    line = one_line(text)
    words, doubtful, lexicon, negated = _vocabulary()
    marked = _WHEN.sub(_DATE_MARK, line)
    hits = [hit for hit in lexicon.find(marked) if hit.word not in doubtful]
    found: dict[str, date] = {}
    position = -1
    for match in _WHEN.finditer(line):
        position = marked.index(_DATE_MARK, position + 1)
        day = parse_date(match.group())
        near = _beside(marked, hits, position) if day is not None else None
        if day is not None and near is not None and not negated.search(marked[: near.start]):
            found.setdefault(words[near.word], day)
    return tuple(found.items())


def _beside(marked: str, hits: list[Hit], position: int) -> Hit | None:
    """The stage word a date belongs to."""
    behind = (hit for hit in hits if hit.start > position and _joined(marked[position + 1 : hit.start]))
    before = (hit for hit in reversed(hits) if hit.end <= position and _joined(marked[hit.end : position]))
    return next(behind, None) or next(before, None)


def _joined(between: str) -> bool:
    return len(between) <= _NEAR and _DATE_MARK not in between and not _CLAUSE_END.search(between)


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
