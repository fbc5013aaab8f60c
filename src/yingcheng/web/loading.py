"""A programme folder into the database, through the same doors as an officer's uploads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yingcheng.errors import UnusableInput, WrongState
from yingcheng.intake import read_folder
from yingcheng.settings import SETTINGS_FILE, load_settings
from yingcheng.web.accounts.actor import SYSTEM
from yingcheng.web.accounts.models import City, Organisation
from yingcheng.web.audit.actions import record
from yingcheng.web.opportunities.actions.batches import create_batch
from yingcheng.web.opportunities.actions.importing import apply_import, read_import, receive_import
from yingcheng.web.opportunities.actions.reviewing import check_batch
from yingcheng.web.opportunities.models import Import

__all__ = ["Loaded", "load_programme"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded."""

    city: City
    batch: str
    files: int
    refused: tuple[str, ...]
    opportunities: int


def load_programme(folder: Path) -> Loaded:
    """Make city, departments and batch of a programme folder, and import its lists of opportunities.

    Raises:
        WrongState: the city is there already.
        UnusableInput: the folder holds no list of opportunities.
    """
    today = timezone.localdate()
    settings = load_settings(folder / SETTINGS_FILE, today=today)
    name = settings.city or folder.name
    if City.objects.filter(name=name).exists():
        raise WrongState(_("“{city}”已经在库中").format(city=name), remedy=_("请在页面上导入新的材料。"))
    intake = read_folder(folder)
    lists = [file for file in intake.files if file.refused or any(t.kind == "opportunities" for t in file.tables)]
    if not any(not file.refused for file in lists):
        raise UnusableInput(_("文件夹里没有场景机会清单"), where=str(folder), remedy=_("请检查文件夹。"))
    with transaction.atomic():
        city = City.objects.create(name=name, programme=settings.name)
        record(SYSTEM, "city.create", city, {"name": name}, city_id=city.pk)
        units = dict.fromkeys(o.lead or o.unit for o in intake.opportunities if o.lead or o.unit)
        for unit in units:
            made = Organisation.objects.create(kind=Organisation.Kind.DEPARTMENT, city=city, name=unit)
            record(SYSTEM, "organisation.create", made, {"name": unit}, city_id=city.pk)
    batch = create_batch(city=city, name=settings.batch or str(today.year), by=SYSTEM)
    count, refused = 0, []
    for file in lists:
        path = folder / file.file
        source = receive_import(
            batch_id=batch.pk,
            upload=SimpleUploadedFile(path.name, path.read_bytes()),
            organisation=None,
            by=SYSTEM,
        )
        read_import(import_id=source.pk)
        source.refresh_from_db()
        if source.status == Import.Status.READY:
            count += apply_import(import_id=source.pk, by=SYSTEM)[0]
        else:
            refused.append(f"{source.file_name}：{source.fault}")
    check_batch(batch_id=batch.pk)
    return Loaded(city, batch.name, len(lists), tuple(refused), count)
