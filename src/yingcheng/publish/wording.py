"""How values are written for people in every deliverable: amounts, periods, places of origin."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from yingcheng.findings import SourceRow
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money

__all__ = ["hundred_million_yuan", "origin", "written"]


def written(value: Money | Period | None) -> str:
    """An amount or a period as the sender wrote it; empty where none was given."""
    return value.text if value is not None else ""


def hundred_million_yuan(amount: Money | None) -> Decimal | None:
    """Middle of an amount in 亿元, ``None`` for other currencies and unknown amounts."""
    if amount is None or amount.currency != "CNY" or amount.middle is None:
        return None
    return amount.middle / Decimal(100_000_000)


def origin(sources: Sequence[SourceRow]) -> str:
    """Where a record came from: file, sheet and row of each of its source rows."""
    return "\n".join(str(source.place()) for source in sources)
