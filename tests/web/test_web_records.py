"""Tables and the engine's records agree: a field added on one side is missed on the other."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.intake import read_folder
from yingcheng.opportunities import Contact
from yingcheng.opportunities import Opportunity as Record
from yingcheng.standards.dates import parse_period
from yingcheng.standards.money import parse_money
from yingcheng.web.accounts.models import City
from yingcheng.web.opportunities.codec import LISTS, PLAIN, decode, encode
from yingcheng.web.opportunities.models import FIELD_LABELS, Batch, ContactCard, Opportunity

STRUCTURED = {"id", "investment", "period", "region", "contact", "extra", "sources"}


def test_every_field_of_the_record_is_stored_and_labelled() -> None:
    fields = {field.name for field in dataclasses.fields(Record)}
    assert fields == {*PLAIN, *LISTS, *STRUCTURED}
    columns = {field.name for field in Opportunity._meta.get_fields()}
    assert {"batch_text" if name == "batch" else name for name in (*PLAIN, *LISTS)} <= columns
    assert {field.name for field in dataclasses.fields(Contact)} <= {f.name for f in ContactCard._meta.get_fields()}
    assert fields - {"id", "sources"} == set(FIELD_LABELS)


def test_the_whole_example_goes_into_the_tables_and_back(example: Path) -> None:
    records = read_folder(example, session=date(2021, 5, 22)).opportunities
    assert len(records) > 50
    for record in records:
        stored = json.loads(json.dumps(encode(record)))
        assert decode(stored) == record
        row = Opportunity.from_engine(record, Batch(pk=1), same="")
        card = ContactCard()
        card.take(record.contact)
        assert row.to_engine(card.to_engine()) == record


@given(
    st.builds(
        Record,
        id=st.just("O-1"),
        name=st.text(min_size=1),
        tracks=st.lists(st.text()).map(tuple),
        investment=st.none() | st.text().map(parse_money),
        period=st.none() | st.text().map(parse_period),
        extra=st.lists(st.tuples(st.text(), st.text())).map(tuple),
        max_meetings=st.none() | st.integers(0, 10),
    )
)
def test_any_record_survives_json(record: Record) -> None:
    assert decode(json.loads(json.dumps(encode(record)))) == record


@pytest.mark.django_db
def test_the_row_is_the_record_after_the_database_too(example: Path) -> None:
    batch = Batch.objects.create(city=City.objects.create(name="甲"), name="一")
    records = read_folder(example, session=date(2021, 5, 22)).opportunities
    Opportunity.objects.bulk_create([Opportunity.from_engine(record, batch, same="") for record in records])
    rows = Opportunity.objects.order_by("pk")
    assert [row.to_engine(record.contact) for row, record in zip(rows, records, strict=True)] == list(records)
