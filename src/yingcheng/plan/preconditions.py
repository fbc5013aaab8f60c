"""What a case needs of a city, read from its 可复制条件: only comparisons of known figures are judged.

Everything else is left to a person and said so: "位于交通枢纽" is no number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Reading", "judge_preconditions"]

_ABOVE = "不低于|不少于|不小于|大于等于|达到|超过|高于|大于|≥|>=|>|＞"
_BELOW = "不高于|不超过|不大于|小于等于|低于|小于|少于|≤|<=|<|＜"
_SCALE = {"": 1.0, "万": 1e4, "亿": 1e8, "%": 1.0, "％": 1.0}
_STRICT = {"超过", "高于", "大于", ">", "＞", "低于", "小于", "少于", "<", "＜"}


@dataclass(frozen=True, slots=True)
class Reading:
    """``met`` is ``None`` where nothing could be judged; ``remark`` says what was compared or has to be checked."""

    met: bool | None
    remark: str


def judge_preconditions(text: str, figures: Mapping[str, tuple[float, str]]) -> Reading:
    """Judge the conditions of a case for a city.

    Args:
        text: as written, several conditions divided by ；;，,。or line breaks.
        figures: names of figures of the city (every spelling) → value and unit.

    Returns:
        ``met`` False where one comparison fails, True where at least one holds and none was left open, else ``None``.
    """
    clauses = [clause.strip() for clause in re.split(r"[；;，,。\n]", text) if clause.strip()]
    if not clauses:
        return Reading(None, "未写可复制条件")
    names = sorted((name for name in figures if name), key=lambda name: (-len(name), name))
    judged = [(clause, _judge(clause, names, figures)) for clause in clauses]
    failed = [told for _clause, told in judged if told is not None and not told[0]]
    if failed:
        return Reading(False, "；".join(remark for _met, remark in failed))
    remarks = [told[1] for _clause, told in judged if told is not None]
    left = [clause for clause, told in judged if told is None]
    if left:
        remarks.append(f"待核对：{'；'.join(left)}")
    return Reading(None if left else True, "；".join(remarks))


def _judge(clause: str, names: list[str], figures: Mapping[str, tuple[float, str]]) -> tuple[bool, str] | None:
    name = next((name for name in names if name in clause), None)
    if name is None:
        return None
    rest = clause.split(name, 1)[1]
    number = r"(?P<number>\d+(?:\.\d+)?)\s*(?P<scale>[万亿]?)\s*(?P<unit>[^\d\s及以（(]{0,4})"
    found = re.match(rf"[为应在须需]*\s*(?P<sign>{_ABOVE}|{_BELOW})?\s*{number}(?P<after>及?以上|及?以下)?", rest)
    if found is None or not (found["sign"] or found["after"]):
        return None
    value, unit = figures[name]
    wanted = float(found["number"]) * _SCALE[found["scale"]]
    base, given = _in_base(unit), _in_base(found["unit"])
    if given[1] and given[1] != base[1]:
        return None  # another unit than the figure's: not compared
    own, limit = value * base[0], wanted * (given[0] if given[1] else 1.0)
    if found["scale"] and not given[1]:
        limit = wanted
    sign = found["sign"] or ""
    above = bool(re.fullmatch(_ABOVE, sign)) or "以上" in (found["after"] or "")
    met = own > limit if above and sign in _STRICT else own >= limit if above else own <= limit
    if not above and sign in _STRICT:
        met = own < limit
    return met, f"{clause}：本市 {value:,.4g}{unit}，{'符合' if met else '不符合'}"


def _in_base(unit: str) -> tuple[float, str]:
    """Factor and base of a unit: 亿元 → (1e8, 元); unknown ones stand for themselves."""
    bare = unit.strip().replace("％", "%")
    for head, factor in (("万", 1e4), ("亿", 1e8)):
        if bare.startswith(head) and len(bare) > 1:
            return factor, bare[1:]
    return 1.0, bare
