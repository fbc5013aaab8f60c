"""What the web's tests look at. All names are made up (虚构)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from yingcheng.findings import Finding, Place, Severity
from yingcheng.intake.identifiers import digest
from yingcheng.opportunities import Contact
from yingcheng.opportunities import Opportunity as Record
from yingcheng.standards.dates import parse_period
from yingcheng.standards.money import parse_money
from yingcheng.standards.regions import find_region
from yingcheng.web.accounts import actions as people
from yingcheng.web.accounts.actor import SYSTEM, Actor
from yingcheng.web.accounts.models import (
    ApiToken,
    City,
    Invitation,
    Membership,
    Notice,
    Organisation,
    Role,
    User,
    digest_of,
)
from yingcheng.web.jobs.actions import recover_lost
from yingcheng.web.jobs.worker import new_worker
from yingcheng.web.opportunities.actions import batches, importing
from yingcheng.web.opportunities.actions.reviewing import check_batch
from yingcheng.web.opportunities.codec import encode, encode_finding
from yingcheng.web.opportunities.models import (
    Batch,
    CollectionLink,
    ContactCard,
    Import,
    ImportRow,
    Opportunity,
    Publication,
)

HEADER = ("序号", "场景机会名称", "需求单位", "需求内容", "领域", "投资额(万元)", "时限", "联系人", "联系电话")
PHONE = "13900000001"
INVITED, LINKED = "invitation-secret", "link-secret"
LOCAL = (Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.MEMBER, Role.ORGANISER, Role.AUDITOR)
CENTRAL = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
PASSWORD = "Correct-horse-9"


@dataclass
class Town:
    """One city."""

    city: City
    department: Organisation
    enterprise: Organisation
    batch: Batch
    published: Batch
    source: Import
    link: CollectionLink
    invitation: Invitation

    @property
    def opportunities(self) -> list[Opportunity]:
        return list(self.batch.opportunities.order_by("pk"))


@dataclass
class World:
    """Two cities; ``person("officer")`` is of the first, ``person("officer", 1)`` of the other."""

    towns: tuple[Town, Town]
    people: dict[tuple[str, int], User]

    @property
    def here(self) -> Town:
        return self.towns[0]

    def person(self, role: str, town: int = 0) -> User:
        return User.objects.get(pk=self.people[role, town].pk)

    def actor(self, role: str, town: int = 0) -> Actor:
        return Actor.of(self.person(role, town))


def client_of(user: User | None, **options: Any) -> Client:
    client = Client(**options)
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def token_of(user: User, scopes: Sequence[str] = people.SCOPES) -> dict[str, str]:
    secret = people.create_token(name="测试", scopes=scopes, days=1, by=Actor.of(user))
    return {"Authorization": f"Bearer {secret}"}


def record(name: str, unit: str, number: int = 1, **given: Any) -> Record:
    texts = (
        "小区停车位少",
        "河道夜景缺内容",
        "厂区蒸汽靠人工抄表",
        "学校食堂难留样",
        "古镇游客找不到路",
        "冷库温度无人值守",
    )
    return Record(
        id=digest("O-", unit, name),
        name=name,
        unit=unit,
        need=f"{texts[number % 6]}，希望企业提供整体方案并负责运营。",
        tracks=("智慧城市",),
        investment=parse_money("约3000万元"),
        period=parse_period("2099年底前"),
        region=find_region("太原市小店区").region,
        contact=Contact("钱多多", "专员", (PHONE,), ("q@example.com",), f"钱多多 {PHONE}", frozenset()),
        **given,
    )


NAMES = ("智慧停车改造", "汾河夜游演艺", "工业园能源监测", "校园食品追溯", "古镇导览系统", "冷链仓储监控")


def add(batch: Batch, name: str, unit: str, number: int = 1, **given: Any) -> Opportunity:
    found = record(name, unit, number, **given)
    row = Opportunity.from_engine(found, batch, same=importing.same_key(found))
    row.save()
    card = ContactCard(opportunity=row)
    card.take(found.contact)
    card.save()
    Batch.objects.filter(pk=batch.pk).update(revision=batch.revision + 1)
    batch.refresh_from_db()
    return row


def workbook(rows: Sequence[Sequence[object]], header: Sequence[str] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def row(name: str, unit: str = "甲市某局", number: int = 1, need: str = "") -> tuple[object, ...]:
    given = record(name, unit, number)
    return (number, name, unit, need or given.need, "智慧城市", 3000, "2099年底前", "钱多多", PHONE)


def upload(content: bytes, name: str = "报送.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def run_jobs() -> None:
    """Work until the queue is empty, as the worker does, but within the connection of the test."""
    recover_lost()
    worker = new_worker("test")
    while (task := DBTaskResult.objects.ready().first()) is not None:
        task.claim("test")
        worker.run_task(task)
    assert list(DBTaskResult.objects.filter(status="FAILED").values_list("traceback", flat=True)) == []


def _person(name: str, role: Role, organisation: Organisation) -> User:
    user = User.objects.create(username=name, name=f"{name}（虚构）")
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


def _town(name: str, number: int, admin: User) -> tuple[Town, dict[tuple[str, int], User]]:
    city = City.objects.create(name=name)
    department = Organisation.objects.create(kind="department", city=city, name=f"{name}某局")
    enterprise = Organisation.objects.create(
        kind="enterprise",
        city=city,
        name=f"{name}某企业（虚构）",
        status="pending",
        credit_code=f"9114010{number}MA0XXXXX0X",
    )
    firm = Organisation.objects.create(kind="enterprise", city=city, name=f"{name}另一企业（虚构）")
    found = {
        (role.value, number): _person(f"{role.value}{number}", role, firm if role is Role.MEMBER else department)
        for role in LOCAL
    }
    batch = batches.create_batch(city=city, name="第一批", by=SYSTEM)
    for place in range(3):
        add(batch, NAMES[place], department.name, place)
    check_batch(batch_id=batch.pk)
    stored = importing.store(upload(workbook([row(NAMES[0], department.name)])))
    source = Import.objects.create(
        batch=batch,
        file_name="报送.xlsx",
        stored_as=stored.stored_as,
        sha256=stored.sha256,
        size=stored.size,
        status=Import.Status.READY,
        report={"rows_in": 1, "rows_taken": 1, "rows_refused": 0, "tables": []},
        findings=[
            encode_finding(
                Finding(
                    Severity.WARNING, "amount-doubtful", Place("报送.xlsx", "Sheet", 2, 6), "三千", "金额", "请改。"
                )
            )
        ],
    )
    ImportRow.objects.create(source=source, position=1, record=encode(record("新来的", department.name)), kind="new")
    published = batches.create_batch(city=city, name="已发布批", by=SYSTEM)
    for place in range(3, 6):
        add(published, NAMES[place], department.name, place)
    check_batch(batch_id=published.pk)
    publish(published, found["officer", number], found["reviewer", number])
    link = CollectionLink.objects.create(
        digest=digest_of(LINKED + str(number)),
        batch=batch,
        organisation=department,
        created_by=found["officer", number],
        expires_at=timezone.now() + timedelta(days=1),
    )
    invitation = Invitation.objects.create(
        digest=digest_of(INVITED + str(number)),
        organisation=firm,
        role=Role.MEMBER,
        name="被邀请的人",
        created_by=admin,
        expires_at=timezone.now() + timedelta(days=1),
    )
    Notice.objects.create(user=found["officer", number], key="x", text="提醒")
    batch.refresh_from_db()
    published.refresh_from_db()
    return Town(city, department, enterprise, batch, published, source, link, invitation), found


def publish(batch: Batch, officer: User, reviewer: User) -> None:
    """Carry a batch to its publication by the two people it takes."""
    for to in ("checking", "desensitising"):
        batches.advance(batch_id=batch.pk, to=to, by=Actor.of(officer))
    batches.submit_for_approval(batch_id=batch.pk, by=Actor.of(officer))
    done = batches.approve(batch_id=batch.pk, by=Actor.of(reviewer))
    assert done.new == Publication.objects.filter(opportunity__batch=batch).count() > 0


def build_world() -> World:
    house = Organisation.objects.create(kind="department", city=None, name="系统运维")
    central = {(role.value, 0): _person(role.value, role, house) for role in CENTRAL}
    admin = central["system_admin", 0]
    here, people_here = _town("甲市", 0, admin)
    there, people_there = _town("乙市", 1, admin)
    nobody = User.objects.create(username="nobody", name="无角色（虚构）")
    ApiToken.objects.create(
        user=people_here["officer", 0],
        name="旧",
        digest="0" * 64,
        scopes=["opportunities:read"],
        expires_at=timezone.now() + timedelta(days=1),
    )
    return World((here, there), {**central, **people_here, **people_there, ("nobody", 0): nobody})
