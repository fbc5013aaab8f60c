"""Which table: parties keep their table where possible, the host of the meeting first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

__all__ = ["seat"]

HOST_MOVES = 4.0  # cost of a host changing its table
GUEST_MOVES = 1.0


def seat(meetings: Sequence[tuple[str, str]], slots: Sequence[int], tables: int) -> list[int]:
    """A table per meeting; no table holds two meetings in a slot.

    Args:
        meetings: (host, guest) of each meeting, in a stable order.
        slots: the slot of each meeting.
        tables: number of tables, at least the number of meetings of any slot.
    """
    seats = [-1] * len(meetings)
    last: dict[str, int] = {}
    for slot in sorted(set(slots)):
        here = [place for place, when in enumerate(slots) if when == slot]
        cost = np.tile(np.arange(tables) * 1e-6, (len(here), 1))  # low numbers first, all else equal
        for row, place in enumerate(here):
            for party, price in zip(meetings[place], (HOST_MOVES, GUEST_MOVES), strict=True):
                if party in last:
                    cost[row] += price
                    cost[row, last[party]] -= price
        # A newcomer leaves the tables of others to them.
        taken = sorted(set(last.values()))
        for row, place in enumerate(here):
            if not any(party in last for party in meetings[place]):
                cost[row, taken] += 0.5
        rows, columns = linear_sum_assignment(cost)
        for row, table in zip(rows.tolist(), columns.tolist(), strict=True):
            seats[here[row]] = table
            for party in meetings[here[row]]:
                last[party] = table
    return seats
