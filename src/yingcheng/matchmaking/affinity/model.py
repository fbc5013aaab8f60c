"""How much each part of a match counts, and what a sum of parts means: the numbers that decisions can change.

    sum   = Σ multiplier × part            (text field × kind of piece, meaning, track, role, named by the sender)
    score = sum^s / (sum^s + h^s)          share of such pairs that were judged worth a meeting

The second line is a logistic curve over ln(sum): monotone, 0 for nothing in common, ½ at ``half``. Two figures, so that
thirty decisions are enough to move them (Platt, *Probabilistic outputs for support vector machines*, 1999, on ln(sum)).
The shipped figures are in ``data/affinity.toml`` with their source.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.standards.datafiles import read_toml

__all__ = ["FORMAT", "Effect", "Model", "load_model", "save_model", "shipped_model"]

FORMAT = 1  # of the file; another one is refused
LEAST, MOST = 0.2, 5.0  # multipliers beyond these are no weighting any more


@dataclass(frozen=True, slots=True)
class Effect:
    """What a model did on decisions it had not seen, beside the one in use before it."""

    decisions: int
    loss_before: float  # mean negative log-likelihood, lower is better
    loss_after: float
    ranking_before: float  # share of (yes, no) pairs of one opportunity that stand in the right order
    ranking_after: float


@dataclass(frozen=True, slots=True)
class Model:
    """Multipliers by group of parts (1 where none is named) and the curve from sums to scores."""

    steepness: float
    half: float
    multipliers: Mapping[str, float] = field(default_factory=dict)
    version: str = ""  # of the shipped figures, or the digest of the decisions it was learned from
    effect: Effect | None = None

    def multiplier(self, group: str) -> float:
        """Of one group: ``机会·需求``, ``企业·经营范围``, ``赛道``, ``语义`` …"""
        return self.multipliers.get(group, 1.0)

    def score(self, total: float) -> float:
        """Sum of all parts, 0 … ∞ → score, 0 … 1, monotone."""
        return 1.0 / (1.0 + (self.half / total) ** self.steepness) if total > 0 else 0.0

    def total(self, score: float) -> float:
        """The sum that has this score."""
        if score <= 0:
            return 0.0
        return math.inf if score >= 1 else self.half * (score / (1 - score)) ** (1 / self.steepness)


@cache
def shipped_model() -> Model:
    """The figures that come with the software."""
    data = read_toml("affinity.toml", room="matchmaking")
    return Model(float(data["steepness"]), float(data["half"]), version=str(data["version"]))


def save_model(model: Model, path: Path) -> None:
    """Write a model as JSON; a reader can check every number."""
    content = {"format": FORMAT, **asdict(model)}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load_model(path: Path) -> Model:
    """Read a model that :func:`save_model` wrote.

    Raises:
        SettingsError: there is no such file, or it is none of ours.
    """
    remedy = _("请用 yingcheng learn 重新生成，或删去设置中的 model。")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("format") != FORMAT:
            raise ValueError("format")
        effect = content.pop("effect")
        model = Model(**content, effect=Effect(**effect) if effect else None)
        checked = [model.steepness, model.half, *model.multipliers.values()]
        if not all(isinstance(value, float | int) and 0 < value < math.inf for value in checked):
            raise ValueError("range")
    except OSError as fault:
        raise SettingsError(_("没有这个匹配模型文件。"), where=path.name, remedy=remedy) from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SettingsError(_("不是有效的匹配模型文件。"), where=path.name, remedy=remedy) from fault
    return model
