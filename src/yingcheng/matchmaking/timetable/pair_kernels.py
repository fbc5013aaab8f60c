"""The compiled loops for events of pairs: first whole days are laid out, then meetings are exchanged along paths.

Where every meeting is of two parties, one slot long and on one day, a day is one word of 64 bits, and the meetings that
hang together in two slots are a path: only the parties at its two ends get another day. So a move costs two prices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import uint64

from yingcheng.matchmaking.timetable.kernels import draw_below, draw_bits, draw_share, ones
from yingcheng.similarity.kernels import compiled

__all__ = ["lay_out_days", "swap_paths"]

STEP = 1024  # moves between two changes of the heat
HOPELESS = 6.0  # heats; what costs more is accepted less than once in 400 times, and not tried
CROWDED = 0.1  # price of the square of parties more than a slot seats


@compiled
def _measure(busy: Any) -> Any:
    """Breaks of one day, its idle slots, and how many slots have begun when it ends."""
    below = busy
    for step in (1, 2, 4, 8, 16, 32):
        below |= below >> uint64(step)
    holes = below & ~busy & ~((busy & (~busy + uint64(1))) - uint64(1))
    return ones(holes & ~(holes << uint64(1))), ones(holes), ones(below)


@compiled
def _price(busy: Any, price: Any, idle_price: float, early_price: float) -> Any:
    """Price of one day; see :func:`yingcheng.matchmaking.timetable.kernels.price_day`."""
    breaks, idle, end = _measure(busy)
    return price[breaks] + idle_price * idle + early_price * end


@compiled
def lay_out_days(  # noqa: C901  # compiled: calls of arrays of calls would cost more than they explain
    moves: int, hot: float, cold: float, seed: Any, day: Any, free: Any, seats: Any, shared_price: Any,
    start: Any, other: Any, allowed: Any,
) -> None:  # fmt: skip
    """Anneal when everyone is busy, as if any two parties could meet in any slot both have.

    Args:
        moves: how many are tried.
        hot: heat of the first.
        cold: heat of the last.
        seed: state of the random numbers, shape (1,), changed.
        day: bits of the slots in which each party is busy; changed, their number stays.
        free: bits of the slots in which each party can be busy.
        seats: parties that can sit at the tables in each slot.
        shared_price: price of a meeting by the number of slots in which both its parties are busy.
        start: where the meetings of each party begin in ``other``.
        other: the other party of each meeting, meetings in the order of the parties.
        allowed: bits of the slots of each of those meetings.
    """
    parties, slots = len(day), len(seats)
    one = uint64(1)
    taken = np.zeros(slots, dtype=np.int64)
    for party in range(parties):
        for slot in range(slots):
            taken[slot] += np.int64(day[party] >> uint64(slot) & one)
    heat, cool = hot, (cold / hot) ** (STEP / moves)
    for move in range(moves):
        if move % STEP == STEP - 1:
            heat *= cool
        party = draw_below(seed, parties)
        old = day[party]
        count = start[party + 1] - start[party]
        if count == 0:
            continue
        kind = draw_below(seed, 5)
        if kind == 0:
            new = old << one
        elif kind == 1:
            new = old >> one
        elif kind == 2:  # one run anywhere
            new = ((one << uint64(count)) - one) << uint64(draw_below(seed, slots - count + 1))
        elif kind == 3:  # two runs anywhere
            part = 1 + draw_below(seed, count)
            new = ((one << uint64(part)) - one) << uint64(draw_below(seed, slots - part + 1))
            rest = ((one << uint64(count - part)) - one) << uint64(draw_below(seed, slots - count + part + 1))
            new = old if new & rest else new | rest
        else:  # one slot for another
            new = old ^ (one << uint64(draw_below(seed, slots))) ^ (one << uint64(draw_below(seed, slots)))
        if new == old or new & ~free[party] or ones(new) != count:
            continue
        change = float(_measure(new)[0] - _measure(old)[0])
        for place in range(start[party], start[party + 1]):
            both = day[other[place]] & allowed[place]
            change += shared_price[ones(new & both)] - shared_price[ones(old & both)]
        for slot in range(slots):
            if (new ^ old) >> uint64(slot) & one:
                over = taken[slot] - seats[slot]
                if new >> uint64(slot) & one:
                    change += CROWDED * (2 * over + 1) if over >= 0 else 0.0
                elif over > 0:
                    change -= CROWDED * (2 * over - 1)
        if change > 0.0 and draw_share(seed) >= np.exp(-change / heat):
            continue
        day[party] = new
        for slot in range(slots):
            taken[slot] += np.int64(new >> uint64(slot) & one) - np.int64(old >> uint64(slot) & one)


@compiled
def swap_paths(  # noqa: C901  # as above; one loop, for the compiler
    moves: int, heat: float, seed: Any, slot: Any, at: Any, used: Any, busy: Any, best: Any, least: float,
    first: Any, second: Any, start: Any, mine: Any, allowed: Any, room: Any,
    price: Any, idle_price: float, early_price: float, day: Any, stray_price: float,
) -> Any:  # fmt: skip
    """Anneal in place at one heat; every meeting has a slot before and after.

    Args:
        moves: how many are tried.
        heat: of the annealing, in price units.
        seed: state of the random numbers, shape (1,), changed.
        slot: of each meeting; changed.
        at: parties × slots, the meeting there, −1 for none; changed.
        used: meetings in each slot; changed.
        busy: bits of the slots in which each party is busy; changed.
        best: slots of the best timetable; changed.
        least: price of that one, without idle slots and strays.
        first: one party of each meeting.
        second: the other.
        start: where the meetings of each party begin in ``mine``.
        mine: meetings in the order of the parties.
        allowed: bits of the slots of each meeting.
        room: tables that are open in each slot.
        price: price of a party's breaks, by their number.
        idle_price: price of each idle slot between two meetings.
        early_price: price of each slot that a party stays longer.
        day: bits of the slots in which each party should be busy.
        stray_price: price of each meeting in another slot, for each of its parties.

    Returns:
        the price of the best.
    """
    parties, slots = at.shape
    one = uint64(1)
    value = np.empty(parties)
    now = 0.0
    for party in range(parties):
        value[party] = _price(busy[party], price, idle_price, early_price)
        value[party] += stray_price * ones(busy[party] & ~day[party])
        now += _price(busy[party], price, 0.0, early_price)
    if now < least - 1e-9:
        least = now
        best[:] = slot
    path = np.empty(len(slot), dtype=np.int64)
    for _move in range(moves):
        left = draw_below(seed, parties)
        word = draw_bits(seed)
        count = start[left + 1] - start[left]
        there = np.int64(((word >> uint64(40)) * uint64(slots)) >> uint64(24))
        if count == 0 or busy[left] >> uint64(there) & one:
            continue
        meeting = mine[start[left] + np.int64(((word & uint64(0xFFFFFF)) * uint64(count)) >> uint64(24))]
        here = slot[meeting]
        both = (one << uint64(here)) ^ (one << uint64(there))
        left_day = busy[left] ^ both
        left_value = _price(left_day, price, idle_price, early_price) + stray_price * ones(left_day & ~day[left])
        change = left_value - value[left]
        if change > HOPELESS * heat:
            continue
        most = -heat * np.log(1.0 - draw_share(seed))
        # Of the two ends one pays at most half. The move is looked at from there only.
        if change > 0.5 * most:
            continue
        right, target, length = left, there, 0
        while meeting >= 0 and allowed[meeting] >> uint64(target) & one:
            path[length] = meeting
            length += 1
            right = second[meeting] if first[meeting] == right else first[meeting]
            meeting = at[right, target]
            target = here + there - target
        if meeting >= 0 or (length % 2 == 1 and used[there] >= room[there]):
            continue
        right_day = busy[right] ^ both
        right_value = _price(right_day, price, idle_price, early_price) + stray_price * ones(right_day & ~day[right])
        if change + right_value - value[right] > most:
            continue
        for link in range(length):
            moved = path[link]
            at[first[moved], slot[moved]] = -1
            at[second[moved], slot[moved]] = -1
        for link in range(length):
            moved = path[link]
            slot[moved] = here + there - slot[moved]
            at[first[moved], slot[moved]] = moved
            at[second[moved], slot[moved]] = moved
        if length % 2 == 1:
            used[there] += 1
            used[here] -= 1
        for party, new, paid in ((left, left_day, left_value), (right, right_day, right_value)):
            now += _price(new, price, 0.0, early_price) - _price(busy[party], price, 0.0, early_price)
            busy[party] = new
            value[party] = paid
        if now < least - 1e-9:
            least = now
            best[:] = slot
    return least
