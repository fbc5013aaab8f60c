"""② Batches, opportunities, imports, versions and what is published of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yingcheng.opportunities import Contact
from yingcheng.opportunities import Opportunity as Record
from yingcheng.opportunities.disclosure import without_personal
from yingcheng.standards.regions import region_by_code
from yingcheng.web.accounts.models import City, Organisation, User
from yingcheng.web.opportunities.codec import (
    LISTS,
    PLAIN,
    decode,
    decode_contact,
    decode_money,
    decode_period,
    decode_sources,
    encode,
    encode_contact,
    encode_money,
    encode_period,
    encode_sources,
)
from yingcheng.web.permissions import cities_for

__all__ = [
    "FIELD_LABELS",
    "Batch",
    "CollectionLink",
    "ContactCard",
    "DuplicateDecision",
    "Facet",
    "Import",
    "ImportRow",
    "Opportunity",
    "Publication",
    "Version",
    "public_record",
]

FIELD_LABELS: dict[str, Any] = {
    "name": _("场景机会名称"),
    "number": _("编号"),
    "tracks": _("赛道"),
    "domains": _("领域"),
    "kind": _("类型"),
    "size": _("规模"),
    "summary": _("简介"),
    "pain": _("痛点"),
    "need": _("需求内容"),
    "technology": _("主要技术"),
    "foundation": _("建设基础"),
    "resources": _("开放资源"),
    "expected": _("预期目标"),
    "acceptance": _("验收标准"),
    "modes": _("合作方式"),
    "qualifications": _("资质要求"),
    "asks": _("揭榜方要求"),
    "investment": _("投资额"),
    "funding": _("资金来源"),
    "period": _("时限"),
    "region": _("区域"),
    "region_text": _("区域（原文）"),
    "unit": _("需求单位"),
    "lead": _("牵头部门"),
    "contact": _("联系人"),
    "references": _("参考案例"),
    "candidates": _("潜在企业"),
    "status": _("状态（报送）"),
    "progress": _("推进情况"),
    "follower": _("跟进人"),
    "link": _("来源链接"),
    "max_meetings": _("揭榜数量"),
    "batch": _("批次（报送）"),
    "extra": _("其他栏目"),
}


class _OfACity(models.QuerySet[Any]):
    """Rows that belong to a city through ``_path``."""

    _path: ClassVar[str] = "city"

    def visible_to(self, user: User) -> Any:
        """The rows of the cities in which the person may see opportunities."""
        return self.filter(**{f"{self._path}__in": cities_for(user, "opportunity.view")})


class _ByBatch(_OfACity):
    _path = "batch__city"


class _ByImport(_OfACity):
    _path = "source__batch__city"


class _ByOpportunity(_OfACity):
    _path = "opportunity__batch__city"


class Batch(models.Model):
    """A round of collecting and publishing. Stages: 征集 → 核验 → 脱敏 → 发布 ⇄ 更新 → 到期."""

    class Stage(models.TextChoices):
        COLLECTING = "collecting", _("征集")
        CHECKING = "checking", _("核验")
        DESENSITISING = "desensitising", _("脱敏")
        PUBLISHED = "published", _("发布")
        UPDATING = "updating", _("更新")
        EXPIRED = "expired", _("到期")

    city = models.ForeignKey(City, models.PROTECT)
    name = models.CharField(_("批次名称"), max_length=120)
    stage = models.CharField(_("阶段"), max_length=14, choices=Stage, default=Stage.COLLECTING)
    closes_on = models.DateField(_("到期日"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+"
    )  # waits for a reviewer
    submitted_at = models.DateTimeField(null=True, blank=True)
    returned = models.CharField(_("退回意见"), max_length=500, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=0)  # grows with every change of its opportunities
    checked_revision = models.PositiveBigIntegerField(default=0)  # that the review below speaks of
    duplicates = models.JSONField(
        default=list, blank=True
    )  # [{"ids": [pk], "keep": pk, "similarity": 0…1, "differs": [label]}]
    created_at = models.DateTimeField(auto_now_add=True)

    objects = _OfACity.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["city", "name"], name="batch_once", violation_error_message=_("本市已有同名批次。")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_checked(self) -> bool:
        """Whether the review speaks of the present state."""
        return self.checked_revision == self.revision

    @property
    def is_open_for_edits(self) -> bool:
        """Whether opportunities may be changed: not while a reviewer looks at them, not after the end."""
        return self.submitted_at is None and self.stage not in {self.Stage.PUBLISHED, self.Stage.EXPIRED}


class Opportunity(models.Model):
    """One scenario opportunity: the engine's record as a row. Contacts stand in a table of their own."""

    class State(models.TextChoices):
        ACTIVE = "active", _("在列")
        MERGED = "merged", _("已并入")
        WITHDRAWN = "withdrawn", _("已撤下")

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="opportunities")
    reference = models.CharField(_("编号"), max_length=40)  # the record's id; addresses on the portal use it
    same = models.CharField(max_length=40, db_index=True)  # digest of unit and name: the same entry sent again
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ACTIVE)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")  # that sent it

    name = models.CharField(_("场景机会名称"), max_length=300)
    number = models.TextField(_("编号（报送）"), blank=True)
    batch_text = models.TextField(blank=True)
    kind = models.TextField(blank=True)
    size = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    pain = models.TextField(blank=True)
    need = models.TextField(blank=True)
    technology = models.TextField(blank=True)
    foundation = models.TextField(blank=True)
    resources = models.TextField(blank=True)
    expected = models.TextField(blank=True)
    acceptance = models.TextField(blank=True)
    asks = models.TextField(blank=True)
    funding = models.TextField(blank=True)
    region_text = models.TextField(blank=True)
    unit = models.TextField(_("需求单位"), blank=True)
    lead = models.TextField(_("牵头部门"), blank=True)
    references = models.TextField(blank=True)
    status = models.TextField(blank=True)
    progress = models.TextField(blank=True)
    follower = models.TextField(blank=True)
    link = models.TextField(blank=True)
    max_meetings = models.IntegerField(null=True, blank=True)
    domains = models.JSONField(default=list, blank=True)
    tracks = models.JSONField(default=list, blank=True)
    modes = models.JSONField(default=list, blank=True)
    qualifications = models.JSONField(default=list, blank=True)
    candidates = models.JSONField(default=list, blank=True)
    investment = models.JSONField(null=True, blank=True)
    period = models.JSONField(null=True, blank=True)
    region_code = models.CharField(max_length=6, blank=True)
    extra = models.JSONField(default=list, blank=True)
    sources = models.JSONField(default=list, blank=True)

    closes_on = models.DateField(null=True, db_index=True)  # end of the period
    edited = models.JSONField(default=list)  # names of fields that a person has decided; no import changes them
    version = models.PositiveIntegerField(default=1)  # grows with every change; two editors do not overwrite each other
    completeness = models.FloatField(default=0.0)  # from here on: what the engine's review said
    publishable = models.BooleanField(default=False)
    blockers = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    suggested = models.JSONField(default=list)  # [[track, reason]]
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = _ByBatch.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "reference"], name="opportunity_once"),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False), name="merged_says_where"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "state"])]

    def __str__(self) -> str:
        return self.name

    def to_engine(self, contact: Contact = Contact()) -> Record:  # noqa: B008  # frozen
        """The engine's record. ``contact`` is given by those who may read it."""
        return Record(
            id=self.reference,
            **{name: getattr(self, "batch_text" if name == "batch" else name) for name in PLAIN},
            **{name: tuple(getattr(self, name)) for name in LISTS},  # type: ignore[arg-type]  # lists of texts
            investment=decode_money(self.investment),
            period=decode_period(self.period),
            region=region_by_code(self.region_code) if self.region_code else None,
            contact=contact,
            extra=tuple((header, text) for header, text in self.extra),
            sources=decode_sources(self.sources),
        )

    def take(self, record: Record) -> None:
        """Set the columns from a record; reference, contact and bookkeeping are left to the caller."""
        for name in PLAIN:
            setattr(self, "batch_text" if name == "batch" else name, getattr(record, name))
        for name in LISTS:
            setattr(self, name, list(getattr(record, name)))
        self.investment = encode_money(record.investment)
        self.period = encode_period(record.period)
        self.region_code = record.region.code if record.region else ""
        self.extra = [list(pair) for pair in record.extra]
        self.sources = encode_sources(record.sources)
        self.closes_on = record.period.end if record.period else None

    @classmethod
    def from_engine(cls, record: Record, batch: Batch, *, same: str) -> Opportunity:
        """A new row of a record."""
        row = cls(batch=batch, reference=record.id, same=same)
        row.take(record)
        return row


class ContactCard(models.Model):
    """Who to reach about an opportunity. Read only by what reveals it, with an entry, or publishes what may be."""

    opportunity = models.OneToOneField(Opportunity, models.PROTECT, related_name="card")
    person = models.CharField(_("联系人"), max_length=100, blank=True)
    title = models.CharField(_("职务"), max_length=100, blank=True)
    phones = models.JSONField(_("电话"), default=list, blank=True)
    emails = models.JSONField(_("邮箱"), default=list, blank=True)
    text = models.TextField(blank=True)
    publishable = models.JSONField(_("同意公开"), default=list, blank=True)

    objects = _ByOpportunity.as_manager()

    def __str__(self) -> str:
        return str(self.opportunity_id)

    def to_engine(self) -> Contact:
        """The engine's record."""
        return decode_contact({name: getattr(self, name) for name in Contact.__slots__})

    def take(self, contact: Contact) -> None:
        """Set the columns from a record."""
        for name, value in encode_contact(contact).items():
            setattr(self, name, value)


class Import(models.Model):
    """A file that was sent, what was read from it, and what became of it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("排队")
        READY = "ready", _("待确认")
        APPLIED = "applied", _("已采用")
        DISCARDED = "discarded", _("已放弃")
        FAILED = "failed", _("无法读取")

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="imports")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    file_name = models.CharField(_("文件"), max_length=255)
    stored_as = models.CharField(max_length=40)  # within UPLOADS; the sender's name never becomes a path
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.WAITING)
    report = models.JSONField(default=dict)  # tables with the mapping of their columns, and rows in, taken, refused
    findings = models.JSONField(default=list)
    pins = models.JSONField(default=list)  # mappings that a person has put right
    fault = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = _ByBatch.as_manager()

    class Meta:
        ordering: ClassVar = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """A record that the file holds, against what is there."""

    class Kind(models.TextChoices):
        NEW = "new", _("新增")
        CHANGED = "changed", _("有变化")
        SAME = "same", _("无变化")

    source = models.ForeignKey(Import, models.PROTECT, related_name="rows")
    position = models.PositiveIntegerField()
    record = models.JSONField()
    kind = models.CharField(max_length=8, choices=Kind)
    target = models.ForeignKey(Opportunity, models.PROTECT, null=True, related_name="+")
    target_version = models.PositiveIntegerField(null=True)
    changes = models.JSONField(default=list)  # [{"field", "before", "after", "kept"}]; kept: a person has decided it
    accepted = models.BooleanField(default=True)

    objects = _ByImport.as_manager()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "position"], name="row_once")]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.position}"


class DuplicateDecision(models.Model):
    """A person has said that two entries are two scenarios."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    first = models.ForeignKey(Opportunity, models.PROTECT, related_name="+")
    second = models.ForeignKey(Opportunity, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = _ByBatch.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="decision_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="decision_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"


class CollectionLink(models.Model):
    """A link by which a department sends a need from a phone, without an account."""

    digest = models.CharField(max_length=64, unique=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期至"))
    withdrawn_at = models.DateTimeField(null=True)

    objects = _ByBatch.as_manager()

    def __str__(self) -> str:
        return str(self.organisation_id)


class Version(models.Model):
    """What was published of an opportunity, each time that differed from the time before."""

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # :func:`encode` of :func:`public_record`
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=130)

    objects = _ByOpportunity.as_manager()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["opportunity", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.opportunity_id} v{self.number}"


class Publication(models.Model):
    """What the portal shows of an opportunity now."""

    opportunity = models.OneToOneField(Opportunity, models.PROTECT, related_name="publication")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60, unique=True)  # in addresses
    name = models.CharField(max_length=300)
    unit = models.TextField(blank=True)
    text = models.TextField()  # searched
    closes_on = models.DateField(null=True, db_index=True)
    first_published_at = models.DateTimeField()
    published_at = models.DateTimeField(db_index=True)
    ended = models.CharField(max_length=60, blank=True)  # why it is no longer open; empty while it is

    class Meta:
        ordering: ClassVar = ["-published_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def record(self) -> Record:
        """The public record of the version shown."""
        return decode(self.version.content)


class Facet(models.Model):
    """A value by which the portal narrows its list."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="facets")
    kind = models.CharField(max_length=10)  # track, region, size, mode
    value = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["publication", "kind", "value"], name="facet_once")]
        indexes: ClassVar = [models.Index(fields=["kind", "value"])]

    def __str__(self) -> str:
        return f"{self.kind}={self.value}"


def public_record(record: Record) -> Record:
    """What may leave the house: no numbers in texts, contacts as far as consented, nothing of our own bookkeeping."""
    consented = record.contact
    allowed = consented.publishable
    contact = Contact(
        person=consented.person if "person" in allowed else "",
        title=consented.title if "person" in allowed else "",
        phones=consented.phones if "phone" in allowed else (),
        emails=consented.emails if "email" in allowed else (),
        publishable=allowed,
    )
    return replace(
        without_personal(record),
        contact=contact,
        batch="",
        references="",
        candidates=(),
        status="",
        progress="",
        follower="",
        extra=(),
        sources=(),
    )


def public_content(record: Record) -> dict[str, Any]:
    """:func:`public_record` as it is stored in a version."""
    return encode(public_record(record))
