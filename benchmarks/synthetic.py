"""A market of any size for the benchmarks, from a seed: firms whose scopes are made of the names of all industries."""

from __future__ import annotations

import numpy as np

from yingcheng.capabilities.records import Enterprise
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.industries import industry_names

__all__ = ["enterprises", "market", "opportunities"]

VERBS = ("研发", "生产", "销售", "设计", "施工", "运营", "维护", "技术服务", "咨询", "制造")
AIMS = (
    "建设目标是提高效率、降低成本",
    "需解决能耗高、质量不稳的难题",
    "拟建成可复制推广的示范项目",
    "要求一年内完成并通过验收",
)
SKEW = 0.6  # of the frequencies of industries: few are common, most are rare
CELL = 1000  # firms that share a random generator, so that any part of a market can be made alone


class _Writer:
    """Writes texts out of the names of industries."""

    def __init__(self, *seed: int) -> None:
        self.names = industry_names()
        ranks = np.random.default_rng(0).permutation(len(self.names)) + 1
        self.shares = np.cumsum(ranks**-SKEW / (ranks**-SKEW).sum())
        self.draw = np.random.default_rng(seed)

    def picked(self, size: int) -> list[int]:
        """Industries, common ones more often, none twice."""
        found = np.searchsorted(self.shares, self.draw.random(size)).clip(max=len(self.names) - 1)
        return list(dict.fromkeys(found.tolist()))

    def scope(self, size: int) -> str:
        """A business scope."""
        picked = self.picked(size)
        verbs = self.draw.integers(len(VERBS), size=(len(picked), 2)).tolist()
        return "；".join(f"{self.names[i]}的{VERBS[a]}、{VERBS[b]}" for i, (a, b) in zip(picked, verbs, strict=True))


def enterprises(start: int, stop: int) -> list[Enterprise]:
    """Fictional enterprises with a scope of three to eight industries each; the same numbers give the same firms."""
    found: list[Enterprise] = []
    for cell in range(start // CELL, -(-stop // CELL)):
        writer = _Writer(1, cell)
        for number in range(cell * CELL, (cell + 1) * CELL):
            scope = writer.scope(int(writer.draw.integers(3, 9)))
            if start <= number < stop:
                found.append(Enterprise(id=f"e{number:08}", name=f"企业{number}（虚构）", scope=scope))
    return found


def opportunities(count: int) -> list[Opportunity]:
    """Fictional opportunities: a title and about 150 characters each."""
    writer = _Writer(2)
    return [
        Opportunity(
            id=f"o{number:07}",
            name=f"{writer.names[writer.picked(1)[0]]}技术改造（虚构）",
            need=f"{writer.scope(6)}。{AIMS[int(writer.draw.integers(len(AIMS)))]}。",
        )
        for number in range(count)
    ]


def market(needs: int, offers: int) -> tuple[list[Opportunity], list[Enterprise]]:
    """Opportunities and enterprises."""
    return opportunities(needs), enterprises(0, offers)
