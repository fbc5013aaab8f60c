"""The compiled loops of the annealing: Kempe chains between two slots on the days of all parties.

A *row* is one line of a party's day; a delegation that can hold two meetings at once has two. ``at[row, slot]`` is the
meeting of the row, −1 where it has none. The slot after the last one is the waiting room: a meeting there is not
placed, and any number can be there. Plain arrays, no Python object, the interpreter's lock is released.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import uint64

from yingcheng.similarity.kernels import compiled

__all__ = ["anneal_moves", "busy_days", "draw_below", "draw_bits", "draw_share", "ones", "price_day"]

STEP = 1024  # moves between two changes of the heat
FULL_TRIES = 64  # meetings looked at for one that could give up its table


@compiled
def draw_bits(state: Any) -> Any:
    """The next 64 random bits (xorshift64*, Vigna 2016)."""
    x = state[0]
    x ^= x >> uint64(12)
    x ^= x << uint64(25)
    x ^= x >> uint64(27)
    state[0] = x
    return x * uint64(2685821657736338717)


@compiled
def draw_below(state: Any, limit: Any) -> Any:
    """A whole number from 0 to below ``limit`` (Lemire's multiplication)."""
    return np.int64(((draw_bits(state) >> uint64(32)) * uint64(limit)) >> uint64(32))


@compiled
def draw_share(state: Any) -> Any:
    """A number from 0 to below 1."""
    return np.float64(draw_bits(state) >> uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def ones(word: Any) -> Any:
    """How many bits are set (the classic sum in parallel)."""
    word = word - ((word >> uint64(1)) & uint64(0x5555555555555555))
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * uint64(0x0101010101010101)) >> uint64(56))


@compiled
def price_day(busy: Any, rest: int, price: Any, idle_price: float, early_price: float) -> Any:
    """Price of the days of one party, ``busy[day]`` its bits: breaks, idle slots, and how late the last day ends.

    A break is a run of free slots between two meetings that is longer than the rest.
    """
    breaks, idle, end = 0, 0, 0
    for day in range(len(busy)):
        bits = busy[day]
        if bits == uint64(0):
            continue
        below = bits
        for step in (1, 2, 4, 8, 16, 32):
            below |= below >> uint64(step)
        holes = below & ~bits & ~((bits & (~bits + uint64(1))) - uint64(1))
        idle += ones(holes)
        for _slot in range(rest):
            holes &= holes >> uint64(1)
        breaks += ones(holes & ~(holes << uint64(1)))
        end = ones(below)
    return price[breaks] + idle_price * idle + early_price * end


@compiled
def busy_days(party: int, at: Any, row_start: Any, day: Any, bit: Any, busy: Any) -> None:
    """Write the bits of a party's days, all its rows together."""
    busy[party, :] = uint64(0)
    for row in range(row_start[party], row_start[party + 1]):
        for slot in range(at.shape[1]):
            if at[row, slot] >= 0:
                busy[party, day[slot]] |= bit[slot]


@compiled
def _lift(meeting: int, slot: Any, at: Any, member_start: Any, member: Any, length: Any) -> None:
    """Take a meeting off all its rows; where it was stays in ``slot``."""
    if slot[meeting] < at.shape[1]:
        for place in range(member_start[meeting], member_start[meeting + 1]):
            for inner in range(slot[meeting], slot[meeting] + length[meeting]):
                at[member[place], inner] = -1


@compiled
def _drop(meeting: int, target: int, slot: Any, at: Any, member_start: Any, member: Any, length: Any) -> None:
    """Put a lifted meeting down at another slot."""
    slot[meeting] = target
    if target < at.shape[1]:
        for place in range(member_start[meeting], member_start[meeting + 1]):
            for inner in range(target, target + length[meeting]):
                at[member[place], inner] = meeting


@compiled
def _chain(
    meeting: int, here: int, other: int, slot: Any, at: Any, member_start: Any, member: Any, length: Any,
    allowed: Any, seen: Any, mark: int, chain: Any,
) -> int:  # fmt: skip
    """Meetings that swap ``here`` and ``other`` when ``meeting`` moves; 0 where one of them cannot."""
    slots = at.shape[1]
    chain[0] = meeting
    seen[meeting] = mark
    count, link = 1, 0
    while link < count:
        one = chain[link]
        link += 1
        target = other if slot[one] == here else here
        if target == slots:
            continue
        if not allowed[one, target]:
            return 0
        for place in range(member_start[one], member_start[one + 1]):
            for inner in range(target, target + length[one]):
                met = at[member[place], inner]
                if met < 0 or seen[met] == mark:
                    continue
                if length[one] > 1 and here < slots:
                    return 0
                # A long meeting changes places with nothing: it moves alone, or to the waiting room.
                if length[met] > 1 and here < slots:
                    return 0
                seen[met] = mark
                chain[count] = met
                count += 1
    return count


@compiled
def _fits_tables(  # noqa: C901  # compiled: calls of arrays of calls would cost more than they explain
    chain: Any, count: int, here: int, other: int, slot: Any, length: Any, inside: Any, room: Any, used: Any
) -> Any:
    """Whether the tables suffice after the swap: for no set of tables more meetings than seats that need it (Hall)."""
    slots = room.shape[1]
    if here < slots:
        for group in range(room.shape[0]):
            moved = 0
            for link in range(count):
                one = chain[link]
                if length[one] > 1:
                    continue
                if inside[one, group]:
                    moved += 1 if slot[one] == here else -1
            if used[group, other] + moved > room[group, other] and moved > 0:
                return False
            if used[group, here] - moved > room[group, here] and moved < 0:
                return False
        if length[chain[0]] == 1:
            return True
    first = chain[0]
    for group in range(room.shape[0]):
        for inner in range(other, other + length[first]):
            load = used[group, inner]
            for link in range(count):
                one = chain[link]
                if inside[one, group]:
                    if slot[one] < slots and slot[one] <= inner < slot[one] + length[one]:
                        load -= 1
                    if link == 0:
                        load += 1
            if load > room[group, inner]:
                return False
    return True


@compiled
def _use_tables(meeting: int, step: int, slot: Any, length: Any, inside: Any, used: Any) -> None:
    """Count a meeting in (+1) or out (−1) of the tables it may use."""
    if slot[meeting] < used.shape[1]:
        for group in range(used.shape[0]):
            if inside[meeting, group]:
                for inner in range(slot[meeting], slot[meeting] + length[meeting]):
                    used[group, inner] += step


@compiled
def _in_order(
    meeting: int, slot: Any, length: Any, slots: int, early_start: Any, early: Any, late_start: Any, late: Any
) -> Any:
    """Whether a placed meeting is after those it must follow and before those that must follow it."""
    if slot[meeting] == slots:
        # What must follow a meeting that does not take place cannot take place either.
        following = late[late_start[meeting] : late_start[meeting + 1]]
        return not np.any(slot[following] < slots)
    for place in range(early_start[meeting], early_start[meeting + 1]):
        before = early[place]
        if slot[before] == slots or slot[before] + length[before] > slot[meeting]:
            return False
    for place in range(late_start[meeting], late_start[meeting + 1]):
        after = late[place]
        if slot[after] < slot[meeting] + length[meeting]:
            return False
    return True


@compiled
def _rested(
    party: int, at: Any, row_start: Any, slot: Any, length: Any, needed: Any, walk: Any, apart: Any, area: Any
) -> Any:
    """Whether a party has its rest and its way between every two meetings of each row.

    ``apart[a, b]`` is how much time lies between the end of slot a and the start of slot b.
    """
    for row in range(row_start[party], row_start[party + 1]):
        last = -1
        for inner in range(at.shape[1]):
            met = at[row, inner]
            if met < 0 or met == last:
                continue
            if last >= 0:
                gap = apart[slot[last] + length[last] - 1, inner]
                if gap < needed[party] or gap < walk[area[last], area[met]]:
                    return False
            last = met
    return True


@compiled
def anneal_moves(  # noqa: C901  # as above; one loop, for the compiler
    moves: int, hot: float, cold: float, done: float, total: float, seed: Any, goal: float, general: bool,
    slot: Any, at: Any, used: Any, busy: Any, value: Any, best: Any,
    member_start: Any, member: Any, length: Any, allowed: Any, weight: Any, row_start: Any, row_party: Any,
    day: Any, bit: Any, rest: Any, price: Any, idle_price: float, early_price: float, inside: Any, room: Any,
    early_start: Any, early: Any, late_start: Any, late: Any, needed: Any, walk: Any, apart: Any, area: Any,
) -> Any:  # fmt: skip
    """Anneal in place; ``best`` gets the slots of the best timetable seen.

    Args:
        moves: how many are tried.
        hot: heat of the first move of the whole annealing, in price units.
        cold: heat of its last move.
        done: moves of the whole annealing made before this call.
        total: moves of the whole annealing.
        seed: state of the random numbers, shape (1,), changed.
        goal: price at which to stop.
        general: whether there are long meetings, several rows of a party, order, rest or ways to heed.
        slot: start slot of each meeting, the number of slots where it waits; changed.
        at: rows × slots, the meeting there; changed.
        used: table groups × slots, how many meetings must sit within the group; changed.
        busy: parties × days, bits of the slots with a meeting; changed.
        value: price of each party's days; changed.
        best: slots of the best timetable; changed.
        member_start: where each meeting's rows begin in ``member``.
        member: rows of the meetings.
        length: slots of each meeting.
        allowed: meetings × slots, where it may begin.
        weight: price of each meeting that is not placed.
        row_start: where each party's rows begin.
        row_party: the party of each row.
        day: number of each slot's day.
        bit: bit of each slot within its day.
        rest: free slots in a row that are no break, by party.
        price: price of a party's breaks, by their number.
        idle_price: price of each idle slot between two meetings.
        early_price: price of each slot that a party stays longer.
        inside: meetings × table groups, whether all its tables are within the group.
        room: table groups × slots, tables that are open.
        early_start: where the meetings that must come before each begin in ``early``.
        early: those meetings.
        late_start: where the meetings that must come after each begin in ``late``.
        late: those meetings.
        needed: rest of each party between two meetings, in minutes.
        walk: areas × areas, minutes of the way.
        apart: slots × slots, minutes from the end of one to the start of the other.
        area: of each meeting.

    Returns:
        the price of the best, moves made.
    """
    meetings, slots, parties = len(slot), at.shape[1], len(value)
    seen = np.zeros(meetings, dtype=np.int64)
    chain = np.empty(meetings + 1, dtype=np.int64)
    was = np.empty(meetings + 1, dtype=np.int64)
    touched = np.zeros(parties, dtype=np.int64)
    list_of = np.empty(parties, dtype=np.int64)
    value_of = np.empty(parties)
    now = 0.0
    for party in range(parties):
        value[party] = price_day(busy[party], rest[party], price, idle_price, early_price)
        now += value[party]
    for meeting in range(meetings):
        if slot[meeting] == slots:
            now += weight[meeting]
    least = now
    best[:] = slot
    heat = hot * (cold / hot) ** (done / total)
    cool = (cold / hot) ** (STEP / total)
    for move in range(moves):
        if move % STEP == STEP - 1:
            heat *= cool
            if least <= goal:
                return least, move
        meeting = draw_below(seed, meetings)
        here = slot[meeting]
        other = draw_below(seed, slots)
        if other == here or not allowed[meeting, other]:
            continue
        mark = move + 1
        count = _chain(meeting, here, other, slot, at, member_start, member, length, allowed, seen, mark, chain)
        if count == 0:
            continue
        if not _fits_tables(chain, count, here, other, slot, length, inside, room, used):
            if here < slots:
                continue
            # All tables are taken: one that sits there may give up its place.
            found = -1
            for _try in range(FULL_TRIES):
                rival = draw_below(seed, meetings)
                if slot[rival] == other and seen[rival] != mark and weight[rival] <= weight[meeting]:
                    found = rival
                    break
            if found < 0:
                continue
            chain[count] = found
            count += 1
            if not _fits_tables(chain, count, here, other, slot, length, inside, room, used):
                continue
        affected = 0
        change = 0.0
        if not general and here < slots:
            # Who is busy in one of the two slots only changes to the other; the rest stay as busy as they were.
            for link in range(count):
                one = chain[link]
                source = slot[one]
                target = other if source == here else here
                for place in range(member_start[one], member_start[one + 1]):
                    party = member[place]
                    if at[party, target] >= 0:
                        continue
                    busy[party, day[source]] ^= bit[source]
                    busy[party, day[target]] ^= bit[target]
                    value_of[affected] = price_day(busy[party], rest[party], price, idle_price, early_price)
                    change += value_of[affected] - value[party]
                    list_of[affected] = party
                    affected += 1
            if change > 0.0 and draw_share(seed) >= np.exp(-change / heat):
                for place in range(affected):
                    party = list_of[place]
                    busy[party, day[here]] ^= bit[here]
                    busy[party, day[other]] ^= bit[other]
                continue
            for link in range(count):
                _use_tables(chain[link], -1, slot, length, inside, used)
                _lift(chain[link], slot, at, member_start, member, length)
            for link in range(count):
                one = chain[link]
                _drop(one, other if slot[one] == here else here, slot, at, member_start, member, length)
                _use_tables(one, 1, slot, length, inside, used)
        else:
            for link in range(count):
                one = chain[link]
                was[link] = slot[one]
                _use_tables(one, -1, slot, length, inside, used)
                _lift(one, slot, at, member_start, member, length)
                for place in range(member_start[one], member_start[one + 1]):
                    party = row_party[member[place]]
                    if touched[party] != mark:
                        touched[party] = mark
                        list_of[affected] = party
                        affected += 1
            for link in range(count):
                one = chain[link]
                target = other if link == 0 or was[link] == here else here
                if here == slots and link > 0:
                    target = slots
                change += weight[one] * ((target == slots) - (was[link] == slots))
                _drop(one, target, slot, at, member_start, member, length)
                _use_tables(one, 1, slot, length, inside, used)
            fits = True
            if general:
                for link in range(count):
                    one = chain[link]
                    if not _in_order(one, slot, length, slots, early_start, early, late_start, late):
                        fits = False
            for place in range(affected):
                party = list_of[place]
                busy_days(party, at, row_start, day, bit, busy)
                if fits and general:
                    fits = _rested(party, at, row_start, slot, length, needed, walk, apart, area)
                value_of[place] = price_day(busy[party], rest[party], price, idle_price, early_price)
                change += value_of[place] - value[party]
            if not fits or (change > 0.0 and draw_share(seed) >= np.exp(-change / heat)):
                for link in range(count):
                    _use_tables(chain[link], -1, slot, length, inside, used)
                    _lift(chain[link], slot, at, member_start, member, length)
                for link in range(count):
                    _drop(chain[link], was[link], slot, at, member_start, member, length)
                    _use_tables(chain[link], 1, slot, length, inside, used)
                for place in range(affected):
                    busy_days(list_of[place], at, row_start, day, bit, busy)
                continue
        for place in range(affected):
            value[list_of[place]] = value_of[place]
        now += change
        if now < least - 1e-9:
            least = now
            best[:] = slot
    return least, moves
