"""A sender's file: kept, read by the engine, laid out against what is there, taken over as far as accepted."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from yingcheng.checking import give_back
from yingcheng.errors import Conflict, NotFound, WrongState, YingchengError
from yingcheng.findings import FileReport
from yingcheng.intake import Intake, read_files
from yingcheng.intake.identifiers import digest
from yingcheng.opportunities import Opportunity as Record
from yingcheng.opportunities import review_findings, review_list
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import Organisation
from yingcheng.web.audit.actions import Deed, record, record_all
from yingcheng.web.opportunities.actions.access import find_import, open_batch, touched
from yingcheng.web.opportunities.codec import decode, decode_finding, encode, encode_finding, storable
from yingcheng.web.opportunities.comparing import differences, with_fields
from yingcheng.web.opportunities.models import Batch, ContactCard, Import, ImportRow, Opportunity
from yingcheng.web.permissions import require
from yingcheng.web.uploads import path_of, store

__all__ = [
    "apply_import",
    "choose_rows",
    "correct_mapping",
    "discard_import",
    "error_workbook",
    "read_again",
    "read_import",
    "read_import_task",
    "receive_import",
    "same_key",
]

_BY = Actor(None, "系统", "job")
_CHUNK = 500


def same_key(record: Record) -> str:
    """The same for an entry sent again with another text: unit and name."""
    return digest("S-", record.unit, record.name)


@task()
def read_import_task(import_id: int) -> None:
    """The queue's door to :func:`read_import`."""
    read_import(import_id=import_id)


def receive_import(*, batch_id: int, upload: UploadedFile[Any], organisation: Organisation | None, by: Actor) -> Import:
    """Keep a file and have it read.

    Raises:
        UnreadableFile: the file is not accepted.
        WrongState: the batch takes no changes now.
    """
    stored = store(upload)
    try:
        with transaction.atomic():
            batch = open_batch(batch_id, by, "opportunity.import")
            made = Import.objects.create(
                batch=batch,
                organisation=organisation,
                file_name=stored.file_name,
                stored_as=stored.stored_as,
                sha256=stored.sha256,
                size=stored.size,
                uploaded_by=by.user,
            )
            read_import_task.enqueue(made.pk)
            said = {"file": stored.file_name, "sha256": stored.sha256, "size": stored.size}
            record(by, "import.receive", made, said, city_id=batch.city_id)
    except BaseException:
        path_of(stored.stored_as).unlink(missing_ok=True)
        raise
    return made


@contextmanager
def _under_its_name(source: Import) -> Iterator[Path]:
    """The stored file under the sender's name in a folder of its own, so that findings name it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / source.file_name
        shutil.copyfile(path_of(source.stored_as), path)
        yield path


def _mapping(pins: Sequence[Mapping[str, Any]], folder: Path) -> Path | None:
    """What a person has put right, as a ``mapping.toml``."""
    if not pins:
        return None
    lines = []
    for pin in pins:
        lines += ["[[table]]", f"sheet = {json.dumps(pin['sheet'], ensure_ascii=False)}", 'kind = "opportunities"']
        if pin.get("header_row"):
            lines.append(f"header_row = {int(pin['header_row'])}")
        lines.append("[table.columns]")
        lines += [
            f"{json.dumps(header, ensure_ascii=False)} = {json.dumps(field)}"
            for header, field in pin["columns"].items()
        ]
    path = folder / "mapping.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _read(source: Import) -> Intake:
    with _under_its_name(source) as path:
        return read_files([path], root=path.parent, mapping=_mapping(source.pins, path.parent))


def read_import(*, import_id: int) -> None:
    """Read the file and lay out each record against what is there. Doing it again gives the same."""
    source = Import.objects.select_related("batch").get(pk=import_id)
    if source.status not in {Import.Status.WAITING, Import.Status.READY}:
        return
    try:
        intake = _read(source)
    except YingchengError as error:
        with transaction.atomic():
            Import.objects.filter(pk=import_id).update(status=Import.Status.FAILED, fault=str(error))
            record(_BY, "import.fail", source, {"fault": str(error)}, city_id=source.batch.city_id)
        return
    listed = review_list(intake.opportunities, as_of=timezone.localdate())
    findings = [encode_finding(finding) for finding in (*intake.findings, *review_findings(listed))]
    file = intake.files[0]
    with transaction.atomic():
        source = Import.objects.select_for_update(of=("self",)).select_related("batch").get(pk=import_id)
        if source.status not in {Import.Status.WAITING, Import.Status.READY}:
            return
        rows = _laid_out(source, intake.opportunities)
        source.rows.all().delete()
        ImportRow.objects.bulk_create(rows, batch_size=_CHUNK)
        source.status = Import.Status.FAILED if file.refused else Import.Status.READY
        source.fault = file.refused
        source.report = storable(_report(file))
        source.findings = storable(findings)
        source.save()
        said = {"rows": len(rows), "findings": len(findings), "refused": file.refused}
        record(_BY, "import.read", source, said, city_id=source.batch.city_id)


def _report(file: FileReport) -> dict[str, Any]:
    return {
        "format": file.format,
        "rows_in": file.rows_in,
        "rows_taken": file.rows_taken,
        "rows_refused": file.rows_refused,
        "tables": [
            {
                "sheet": table.sheet,
                "kind": table.kind,
                "label": table.label,
                "header_row": table.header_row,
                "rows_in": table.rows_in,
                "rows_taken": table.rows_taken,
                "rows_refused": table.rows_refused,
                "columns": [
                    {"header": c.header, "field": c.field, "label": c.label, "score": c.score} for c in table.columns
                ],
            }
            for table in file.tables
        ],
    }


class _Known:
    """The rows of a batch, each found once: by the record's id, else by unit and name."""

    def __init__(self, batch: Batch) -> None:
        self._rows = {row.pk: row for row in batch.opportunities.select_related("card").order_by("pk")}
        self._by_reference = {row.reference: row.pk for row in self._rows.values()}
        self._by_same: dict[str, list[int]] = {}
        for row in self._rows.values():
            self._by_same.setdefault(row.same, []).append(row.pk)

    def has(self, reference: str) -> bool:
        """Whether a row has this id."""
        return reference in self._by_reference

    def take(self, incoming: Record) -> Opportunity | None:
        """The row that the record speaks of, if there is one that no record before it spoke of."""
        pk = self._by_reference.get(incoming.id)
        if pk not in self._rows:
            pk = next((key for key in self._by_same.get(same_key(incoming), ()) if key in self._rows), None)
        return None if pk is None else self._rows.pop(pk)


def _laid_out(source: Import, records: Sequence[Record]) -> list[ImportRow]:
    known = _Known(source.batch)
    rows = []
    # Records that are known by their id go first, so that none loses its row to one that only looks alike.
    order = sorted(range(len(records)), key=lambda i: not known.has(records[i].id))
    for position in order:
        incoming = records[position]
        target = known.take(incoming)
        row = ImportRow(
            source=source, position=position + 1, record=storable(encode(incoming)), kind=ImportRow.Kind.NEW
        )
        if target is not None:
            changes = differences(target.to_engine(target.card.to_engine()), incoming)
            for change in changes:
                change["kept"] = change["field"] in target.edited
            row.target, row.target_version, row.changes = target, target.version, changes
            some = any(not change["kept"] for change in changes)
            row.kind = ImportRow.Kind.CHANGED if some else ImportRow.Kind.SAME
        rows.append(row)
    return sorted(rows, key=lambda row: row.position)


def _ready(import_id: int, by: Actor) -> tuple[Import, Batch]:
    found = find_import(import_id, by)
    batch = open_batch(found.batch_id, by, "opportunity.import")
    source = Import.objects.select_for_update().get(pk=import_id)
    if source.status != Import.Status.READY:
        raise WrongState(
            _("“{file}”现在是“{status}”").format(file=source.file_name, status=source.get_status_display()),
            remedy=_("请刷新页面；放弃或采用过的文件请重新上传。"),
        )
    return source, batch


def choose_rows(*, import_id: int, accepted: Collection[int], by: Actor) -> int:
    """Say which rows are to be taken over, by position; how many there are."""
    with transaction.atomic():
        source, batch = _ready(import_id, by)
        source.rows.update(accepted=False)
        count = source.rows.filter(position__in=accepted).update(accepted=True)
        record(by, "import.choose", source, {"accepted": count}, city_id=batch.city_id)
    return count


def correct_mapping(*, import_id: int, pins: Sequence[Mapping[str, Any]], by: Actor) -> None:
    """Say what columns mean, and have the file read again."""
    with transaction.atomic():
        source, batch = _ready(import_id, by)
        source.pins = [dict(pin) for pin in pins]
        source.status = Import.Status.WAITING
        source.save(update_fields=["pins", "status"])
        read_import_task.enqueue(import_id)
        record(by, "import.map", source, {"pins": source.pins}, city_id=batch.city_id)


def read_again(*, import_id: int, by: Actor) -> None:
    """Lay the file out against what is there now."""
    with transaction.atomic():
        source, batch = _ready(import_id, by)
        source.status = Import.Status.WAITING
        source.save(update_fields=["status"])
        read_import_task.enqueue(import_id)
        record(by, "import.reread", source, city_id=batch.city_id)


def discard_import(*, import_id: int, by: Actor) -> None:
    """Nothing of the file is taken over. The file itself is kept: it was sent."""
    with transaction.atomic():
        source, batch = _ready(import_id, by)
        source.status = Import.Status.DISCARDED
        source.finished_at = timezone.now()
        source.save(update_fields=["status", "finished_at"])
        record(by, "import.discard", source, city_id=batch.city_id)


def apply_import(*, import_id: int, by: Actor) -> tuple[int, int]:
    """Take over the accepted rows, all or none. What a person has decided stays.

    Returns:
        How many were added and how many changed.

    Raises:
        Conflict: rows were changed since the preview; it has to be looked at again.
    """
    with transaction.atomic():
        source, batch = _ready(import_id, by)
        rows = list(source.rows.filter(accepted=True))
        ids = [row.target_id for row in rows if row.target_id is not None]
        there = Opportunity.objects.select_for_update(of=("self",)).select_related("card").in_bulk(ids)
        stale = [row for row in rows if row.target_id and there[row.target_id].version != row.target_version]
        if stale:
            raise Conflict(
                _("预览之后有 {count} 条已被修改，例如“{name}”").format(count=len(stale), name=stale[0].record["name"]),
                remedy=_("请按“重新比对”，看过后再采用。"),
            )
        deeds = [*_add(source, batch, rows), *_change(rows, there, batch.city_id)]
        source.status = Import.Status.APPLIED
        source.finished_at = timezone.now()
        source.save(update_fields=["status", "finished_at"])
        added = sum(deed.action == "opportunity.add" for deed in deeds)
        touched(batch)
        said = {"added": added, "changed": len(deeds) - added}
        record_all(by, [*deeds, Deed("import.apply", source, said, batch.city_id)])
    return added, len(deeds) - added


def _add(source: Import, batch: Batch, rows: Sequence[ImportRow]) -> list[Deed]:
    taken = set(batch.opportunities.values_list("reference", flat=True))
    fresh, cards = [], []
    for row in rows:
        if row.target_id is not None:
            continue
        incoming = decode(row.record)
        incoming = replace(incoming, id=_free(incoming.id, taken))
        taken.add(incoming.id)
        made = Opportunity.from_engine(incoming, batch, same=same_key(incoming))
        made.organisation_id = source.organisation_id
        fresh.append(made)
        cards.append(incoming.contact)
    Opportunity.objects.bulk_create(fresh, batch_size=_CHUNK)
    holders = []
    for made, contact in zip(fresh, cards, strict=True):
        holder = ContactCard(opportunity=made)
        holder.take(contact)
        holders.append(holder)
    ContactCard.objects.bulk_create(holders, batch_size=_CHUNK)
    return [Deed("opportunity.add", made, {"import": source.pk}, batch.city_id) for made in fresh]


def _free(reference: str, taken: Collection[str]) -> str:
    """The id, with a number where an entry of other text in this batch has it already."""
    candidate, count = reference, 1
    while candidate in taken:
        count += 1
        candidate = f"{reference}-{count}"
    return candidate


def _change(rows: Sequence[ImportRow], there: Mapping[int, Opportunity], city_id: int) -> list[Deed]:
    changed, cards, deeds = [], [], []
    for row in rows:
        fields = [change["field"] for change in row.changes if not change["kept"]]
        if row.target_id is None or not fields:
            continue
        target = there[row.target_id]
        incoming = decode(row.record)
        merged = with_fields(target.to_engine(target.card.to_engine()), incoming, fields)
        target.take(replace(merged, sources=incoming.sources))
        target.version += 1
        target.updated_at = timezone.now()
        changed.append(target)
        if "contact" in fields:
            target.card.take(merged.contact)
            cards.append(target.card)
        said = {c["field"]: [c["before"], c["after"]] for c in row.changes if not c["kept"]}
        deeds.append(Deed("opportunity.update", target, {"import": row.source_id, "fields": said}, city_id))
    columns = [f.name for f in Opportunity._meta.concrete_fields if not f.primary_key and f.name != "created_at"]
    Opportunity.objects.bulk_update(changed, columns, batch_size=50)
    ContactCard.objects.bulk_update(cards, ["person", "title", "phones", "emails", "text", "publishable"])
    return deeds


def error_workbook(*, import_id: int, by: Actor) -> tuple[str, bytes]:
    """The sender's own workbook with every fault marked: name and content. Contacts in it are the sender's own.

    Raises:
        NotFound: there is nothing to give back.
    """
    source = find_import(import_id, by)
    require(by, "opportunity.import", city_id=source.batch.city_id)
    findings = [decode_finding(finding) for finding in source.findings]
    with _under_its_name(source) as path, tempfile.TemporaryDirectory() as out:
        written = give_back({source.file_name: path}, findings, Path(out))
        if not written:
            raise NotFound(_("这份文件没有要退回修改的地方"), remedy=_("无需退回。"))
        name, content = written[0].name, written[0].read_bytes()
    with transaction.atomic():
        record(by, "import.give_back", source, {"findings": len(findings)}, city_id=source.batch.city_id)
    return name, content
