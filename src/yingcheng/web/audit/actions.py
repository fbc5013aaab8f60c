"""Adding to the trail, and checking that nothing was taken from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, models
from django.utils import timezone

from yingcheng.web.accounts.actor import Actor
from yingcheng.web.audit.models import Entry

__all__ = ["Deed", "Verdict", "record", "record_all", "verify"]

_FIRST = "0" * 64
_LOCK = 0x79_69_6E_67  # of PostgreSQL's advisory locks: one writer of the chain at a time
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to one object. ``changes`` must be JSON; contacts and secrets never go in."""

    action: str
    on: models.Model | None
    changes: Mapping[str, Any]
    city_id: int | None = None
    title: str = ""


def record(
    by: Actor,
    action: str,
    on: models.Model | None,
    changes: Mapping[str, Any] | None = None,
    *,
    city_id: int | None = None,
    title: str = "",
) -> None:
    """Add one entry, inside the transaction of the write it tells of."""
    record_all(by, [Deed(action, on, changes or {}, city_id, title)])


def record_all(by: Actor, deeds: Iterable[Deed]) -> None:
    """Add an entry per deed, for writes in bulk. The chain is locked until the transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("an audit entry belongs into the transaction of its write")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    # SQLite: a writing transaction is alone (transaction_mode IMMEDIATE).
    last = Entry.objects.order_by("-sequence").first()
    sequence, previous = (last.sequence, last.digest) if last else (0, _FIRST)
    now = timezone.now()
    entries = []
    for deed in deeds:
        sequence += 1
        entry = Entry(
            sequence=sequence,
            at=now,
            actor_id=by.user.pk if by.user else None,
            actor=by.name[:130],
            via=by.via,
            address=by.address[:45],
            city_id=deed.city_id,
            action=deed.action,
            kind=deed.on._meta.model_name or "" if deed.on is not None else "",
            key=str(deed.on.pk) if deed.on is not None else "",
            title=(deed.title or (str(deed.on) if deed.on is not None else ""))[:300],
            changes=json.dumps(deed.changes, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            previous=previous,
        )
        entry.digest = previous = _digest(entry)
        entries.append(entry)
    Entry.objects.bulk_create(entries, batch_size=_AT_ONCE)


def _digest(entry: Entry) -> str:
    said = (
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.actor,
        entry.via,
        entry.address,
        entry.city_id,
        entry.action,
        entry.kind,
        entry.key,
        entry.title,
        entry.changes,
        entry.previous,
    )
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of the chain found. ``broken`` is the first entry that does not fit; 0 where all do."""

    entries: int
    head: str  # ``sequence:digest`` of the last entry; keep it elsewhere to notice a trail cut short
    broken: int
    anchored: bool  # whether the expected head stands in the chain

    @property
    def sound(self) -> bool:
        """Whether nothing was changed, removed or put in."""
        return not self.broken and self.anchored


def verify(*, expected: Sequence[str] = ()) -> Verdict:
    """Walk the whole chain.

    Args:
        expected: heads noted earlier (``sequence:digest``); each must still stand in the chain.
    """
    wanted, sequence, previous = set(expected), 0, _FIRST
    for entry in Entry.objects.order_by("sequence").iterator(chunk_size=2_000):
        if entry.sequence != sequence + 1 or entry.previous != previous or entry.digest != _digest(entry):
            return Verdict(sequence, f"{sequence}:{previous}", sequence + 1, not wanted)
        sequence, previous = entry.sequence, entry.digest
        wanted.discard(f"{sequence}:{previous}")
    return Verdict(sequence, f"{sequence}:{previous}", 0, not wanted)
