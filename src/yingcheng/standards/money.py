"""Money text as people write it → amounts with unit, range and currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Money"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount or a range. ``low`` and ``high`` are in whole units of ``currency`` (yuan for CNY).

    An exact amount has ``low == high``; ``不少于`` leaves ``high`` open, ``不超过`` leaves ``low`` open. Text without
    any number (面议, N/A) has both ``None``. ``certain`` is false where the unit had to be guessed or only a part of
    the text was understood; ``note`` says why. ``text`` is always the original.
    """

    low: Decimal | None
    high: Decimal | None
    currency: str
    text: str
    approximate: bool = False
    certain: bool = True
    note: str = ""

    @property
    def middle(self) -> Decimal | None:
        """Middle of the range, or the known end; ``None`` where no number is known."""
        if self.low is not None and self.high is not None:
            return (self.low + self.high) / 2
        return self.low if self.low is not None else self.high
