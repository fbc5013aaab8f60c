"""How much each part of a match counts, and what a sum of parts means: the numbers that decisions can change.

    sum   = Σ multiplier × part                  (text field × kind of piece, meaning, track, role, named by the sender)
    score = 1 - exp(-(sum / scale)^steepness)    share of such pairs that were judged worth a meeting

The second line is a binomial regression on ln(sum) with complementary log-log link (McCullagh & Nelder, *Generalized
Linear Models*, 1989, 4.3): monotone, 0 for nothing in common, never quite 1. Two figures, so that thirty decisions are
enough to move them. The shipped ones are in ``data/affinity.toml`` with their source.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from yingcheng.errors import SettingsError, UnusableInput
from yingcheng.i18n import _
from yingcheng.standards.datafiles import read_toml

__all__ = ["FORMAT", "Effect", "Model", "check_target", "load_model", "save_model", "shipped_model"]

FORMAT = 1  # of the file; another one is refused
LEAST, MOST = 0.2, 5.0  # multipliers beyond these are no weighting any more
STEEP = (0.2, 5.0)  # likewise of a curve
SCALE = (0.05, 100.0)


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
    scale: float
    multipliers: Mapping[str, float] = field(default_factory=dict)
    version: str = ""  # of the shipped figures, and a digest of the decisions it was learned from
    effect: Effect | None = None
    seen: frozenset[str] = frozenset()  # marks of the pairs it was learned from
    meaning: bool = False  # whether its figures are for sums that hold words which mean nearly the same

    def multiplier(self, group: str) -> float:
        """How much a group of parts counts, e.g. ``机会·需求``, ``企业·经营范围``, ``赛道``, ``词义``."""
        return self.multipliers.get(group, 1.0)

    def score(self, total: float) -> float:
        """Sum of all parts, 0 … ∞ → score, 0 … 1, monotone."""
        return -math.expm1(-((total / self.scale) ** self.steepness)) if total > 0 else 0.0

    def total(self, score: float) -> float:
        """The sum that has this score."""
        if score <= 0:
            return 0.0
        return math.inf if score >= 1 else self.scale * (-math.log1p(-score)) ** (1 / self.steepness)


@cache
def shipped_model(*, meaning: bool = False) -> Model:
    """The figures that come with the software, for words only or for words and what they mean."""
    return _model_of(read_toml("affinity.toml", room="matchmaking")["meaning" if meaning else "words"])


def _model_of(content: Mapping[str, Any]) -> Model:
    if content["format"] != FORMAT:
        raise ValueError("format")
    model = Model(
        float(content["steepness"]),
        float(content["scale"]),
        {str(group): float(value) for group, value in content.get("multipliers", {}).items()},
        str(content["version"]),
        Effect(**content["effect"]) if "effect" in content else None,
        frozenset(map(str, content.get("seen", ()))),
        bool(content["meaning"]),
    )
    bounded = [(model.steepness, STEEP), (model.scale, SCALE)]
    bounded += [(value, (LEAST, MOST)) for value in model.multipliers.values()]
    if not all(low <= value <= high for value, (low, high) in bounded):
        raise ValueError("range")
    return model


def check_target(path: Path) -> None:
    """Say before the work whether a model can be written there.

    Raises:
        UnusableInput: its folder is missing, or something else than a model stands there.
    """
    other = _("请用 --out 另指定一个文件。")
    if not path.parent.is_dir():
        raise UnusableInput(_("没有这个文件夹。"), where=str(path.parent), remedy=other)
    if path.exists():
        try:
            load_model(path)
        except SettingsError as fault:
            raise UnusableInput(
                _("这里已有别的东西，不是匹配模型，不会覆盖。"), where=str(path), remedy=other
            ) from fault


def save_model(model: Model, path: Path) -> Path | None:
    """Write a model as TOML, with what each figure means beside it.

    Returns:
        where another model that stood there is kept, if one did.
    """
    kept = None
    if path.exists() and (old := load_model(path)).version != model.version:
        kept = path.with_name(f"{path.stem}（{sha256(old.version.encode()).hexdigest()[:8]}）{path.suffix}")
        path.replace(kept)
    lines = [
        "# 匹配模型：由 yingcheng learn 从已作出的决定学得。匹配分 = 1-exp(-(t/scale)^steepness)，t 为各条理由之和。",
        f"format = {FORMAT}",
        f"version = {json.dumps(model.version, ensure_ascii=False)}",
        f"steepness = {model.steepness!r}",
        f"scale = {model.scale!r}",
        f"meaning = {str(model.meaning).lower()}  # 是否另计词义（[matchmaking] encoder）",
        f"seen = {json.dumps(sorted(model.seen))}  # 学过的组合的标记，只用于今后比较新旧模型",
        "",
        "# 各类理由的倍数，1 为不变；“机会·”与“企业·”两项相乘。",
        "[multipliers]",
        *(f"{json.dumps(g, ensure_ascii=False)} = {m!r}" for g, m in sorted(model.multipliers.items())),
    ]
    if model.effect is not None:
        shown = asdict(model.effect).items()
        lines += ["", "# 在未参与学习的决定上的效果（按机会留出）：loss 越低越好，ranking 越高越好。", "[effect]"]
        lines += [f"{name} = {value!r}" for name, value in shown]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return kept


def load_model(path: Path) -> Model:
    """Read a model that :func:`save_model` wrote.

    Raises:
        SettingsError: there is no such file, or it is none of ours.
    """
    remedy = _("请用 yingcheng learn 重新生成，或删去设置中的 model。")
    try:
        return _model_of(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as fault:
        raise SettingsError(_("没有这个匹配模型文件。"), where=path.name, remedy=remedy) from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SettingsError(_("不是有效的匹配模型文件。"), where=path.name, remedy=remedy) from fault
