"""The named, editable rule that tells the stage of a city (产城人 → 人城产): a judgement, no statistics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.plan.reference import plan_data
from yingcheng.plan.rule_files import read_rule_file

__all__ = ["StageRule", "load_stage_rule", "shipped_stage_rule", "stage_sentence"]


@dataclass(frozen=True, slots=True)
class StageRule:
    """From ``threshold`` on, the figure of ``indicator`` puts a city under the logic ``after``."""

    name: str
    indicator: str
    threshold: float  # in the indicator's unit
    before: str
    after: str
    source: str


def _rule(content: Mapping[str, Any], where: str) -> StageRule:
    faults = [
        _("缺少 {key}。").format(key=field.name)
        for field in fields(StageRule)
        if field.name not in content or content[field.name] in {"", None}
    ]
    threshold = content.get("threshold")
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, int | float)):
        faults.append(_("threshold 应为数字。"))
    known = {field.name for field in fields(StageRule)}
    faults.extend(_("不认识的设置“{name}”。").format(name=name) for name in content if name not in known)
    if faults:
        raise SettingsError(_("阶段规则有 {count} 处错误").format(count=len(faults)), where=where, faults=tuple(faults))
    return StageRule(
        **{name: str(content[name]) for name in ("name", "indicator", "before", "after", "source")},
        threshold=float(content["threshold"]),
    )


def shipped_stage_rule() -> StageRule:
    """The programme's own: 60 % of the population in towns and cities."""
    return _rule(plan_data("stage_rule.toml"), "stage_rule.toml")


def load_stage_rule(path: Path) -> StageRule:
    """Read an edited rule.

    Raises:
        SettingsError: no such file, not TOML, or a key is missing or unknown; lists all faults.
    """
    return _rule(read_rule_file(path), path.name)


def stage_sentence(rule: StageRule, figure: float) -> str:
    """What the rule says about a figure, with its name and source."""
    told = f"{rule.name}；来源：{rule.source}；规则可改，不是统计拐点"
    if math.isnan(figure):
        return f"没有“{rule.indicator}”的数字，不判断发展阶段（{told}）"
    over = figure >= rule.threshold
    logic = rule.after if over else rule.before
    comparison = "达到" if over else "未达到"
    return f"{rule.indicator} {figure:.2f}%，{comparison} {rule.threshold:g}% 门槛，按“{logic}”的逻辑谋划（{told}）"
