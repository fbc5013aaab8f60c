"""A market of any size for the benchmarks, from a seed: firms whose scopes are made of the names of all industries."""

from __future__ import annotations

import numpy as np

from yingcheng.capabilities.records import Enterprise
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.industries import industry_names

__all__ = ["market"]

VERBS = ("研发", "生产", "销售", "设计", "施工", "运营", "维护", "技术服务", "咨询", "制造")
AIMS = (
    "建设目标是提高效率、降低成本",
    "需解决能耗高、质量不稳的难题",
    "拟建成可复制推广的示范项目",
    "要求一年内完成并通过验收",
)
SKEW = 0.6  # of the frequencies of industries: few are common, most are rare


def market(needs: int, offers: int, seed: int = 0) -> tuple[list[Opportunity], list[Enterprise]]:
    """Fictional opportunities and enterprises; the same seed gives the same market.

    Args:
        needs: how many opportunities, each a title and about 150 characters.
        offers: how many enterprises, each a scope of three to eight industries.
        seed: of the random numbers.
    """
    draw = np.random.default_rng(seed)
    names = industry_names()
    ranks = draw.permutation(len(names)) + 1
    shares = np.cumsum(ranks**-SKEW / (ranks**-SKEW).sum())

    def scope(size: int) -> str:
        picked = dict.fromkeys(np.searchsorted(shares, draw.random(size)).clip(max=len(names) - 1).tolist())
        return "；".join(
            f"{names[i]}的{VERBS[int(draw.integers(10))]}、{VERBS[int(draw.integers(10))]}" for i in picked
        )

    enterprises = [
        Enterprise(id=f"e{n:08}", name=f"企业{n}（虚构）", scope=scope(int(draw.integers(3, 9)))) for n in range(offers)
    ]
    opportunities = [
        Opportunity(
            id=f"o{n:07}",
            name=f"{names[int(np.searchsorted(shares, draw.random()).clip(max=len(names) - 1))]}技术改造（虚构）",
            need=f"{scope(6)}。{AIMS[int(draw.integers(len(AIMS)))]}。",
        )
        for n in range(needs)
    ]
    return opportunities, enterprises
