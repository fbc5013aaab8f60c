"""Cities, organisations, people and what they may be."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

__all__ = [
    "ADMINISTRATORS",
    "ApiToken",
    "City",
    "Invitation",
    "Membership",
    "Notice",
    "Organisation",
    "Role",
    "Standing",
    "User",
    "digest_of",
    "new_secret",
]


def new_secret() -> str:
    """A secret for a link or token: 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is stored of a secret, so that a copy of the database opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Role(models.TextChoices):
    """What a person may be within an organisation. Rights: ``permissions.py``."""

    OFFICER = "officer", _("经办员")
    REVIEWER = "reviewer", _("审核员")
    LEADER = "leader", _("分管领导")
    MEMBER = "member", _("企业成员")
    ORGANISER = "organiser", _("协会组织者")
    AUDITOR = "auditor", _("审计员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class City(models.Model):
    """A city that carries a programme; several share an installation, each sees its own."""

    name = models.CharField(_("城市"), max_length=60, unique=True)
    programme = models.CharField(_("活动名称"), max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A department, an enterprise, the association or a circle of experts."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("政府部门")
        ENTERPRISE = "enterprise", _("企业")
        ASSOCIATION = "association", _("协会")
        EXPERTS = "experts", _("专家")

    class Status(models.TextChoices):
        PENDING = "pending", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        REFUSED = "refused", _("已退回")

    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    city = models.ForeignKey(City, models.PROTECT, null=True, blank=True, verbose_name=_("城市"))  # none: all cities
    name = models.CharField(_("名称"), max_length=200)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.CONFIRMED)
    remark = models.CharField(_("说明"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Coalesce("city", 0),
                "kind",
                "name",
                name="organisation_once",
                violation_error_message=_("本市已有同名单位。"),
            ),
            models.UniqueConstraint(
                Coalesce("city", 0),
                "credit_code",
                condition=~Q(credit_code=""),
                name="organisation_code_once",
                violation_error_message=_("这个统一社会信用代码已经登记。"),
            ),
            models.CheckConstraint(
                condition=Q(kind="association") | Q(city__isnull=False) | Q(kind="department"),
                name="organisation_has_city",
                violation_error_message=_("请选择城市。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class _Users(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """Names of accounts do not tell capital letters apart."""
        return self.get(username__iexact=username)


@dataclass(frozen=True, slots=True)
class Standing:
    """One role a person holds: where, and in which city (``None``: in all)."""

    role: Role
    organisation_id: int
    city_id: int | None


class User(AbstractBaseUser):
    """A person. There is no superuser: rights come from memberships only."""

    username = models.CharField(
        _("账号"), max_length=60, unique=True, error_messages={"unique": _("这个账号已经有人使用。")}
    )
    name = models.CharField(_("姓名"), max_length=60)
    email = models.EmailField(_("邮箱"), blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    date_joined = models.DateTimeField(_("创建时间"), default=timezone.now)
    password_changed_at = models.DateTimeField(_("密码修改时间"), default=timezone.now)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = _Users()

    class Meta:
        ordering: ClassVar = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The roles that count now: in confirmed organisations, of an active person. Looked up once per request."""
        if not self.is_active:
            return ()
        rows = Membership.objects.filter(user=self, organisation__status=Organisation.Status.CONFIRMED)
        return tuple(
            Standing(Role(role), organisation, city)
            for role, organisation, city in rows.order_by("pk").values_list(
                "role", "organisation_id", "organisation__city_id"
            )
        )

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held anywhere."""
        return frozenset(standing.role for standing in self.standings)

    def cities(self, *roles: Role) -> models.QuerySet[City]:
        """The cities in which one of the roles is held."""
        held = [standing for standing in self.standings if standing.role in roles]
        if any(standing.city_id is None for standing in held):
            return City.objects.all()
        return City.objects.filter(pk__in={standing.city_id for standing in held})


class Membership(models.Model):
    """A person is something for an organisation."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(_("角色"), max_length=16, choices=Role)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                name="membership_once",
                violation_error_message=_("此人已有这个角色。"),
            ),
            # 等保: the three administrators are three people
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(role__in=[role.value for role in ADMINISTRATORS]),
                name="administrators_apart",
                violation_error_message=_("系统、安全、审计三个管理员必须是不同的人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organisation_id}"


class Invitation(models.Model):
    """A link by which a person joins an organisation, or, with ``user``, chooses a new password."""

    digest = models.CharField(max_length=64, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True)
    role = models.CharField(_("角色"), max_length=16, choices=Role, blank=True)
    name = models.CharField(_("姓名"), max_length=60)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期至"))
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def is_open(self, at: datetime) -> bool:
        """Whether the link still works."""
        return self.used_at is None and self.withdrawn_at is None and at < self.expires_at


class ApiToken(models.Model):
    """A key for programs, acting for its owner within its scopes until it expires."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(_("用途"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("范围"), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期至"))
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class RememberedReply(models.Model):
    """The reply to a write made with an ``Idempotency-Key``, given again when the write is sent again."""

    token = models.ForeignKey(ApiToken, models.PROTECT, related_name="+")
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64)  # digest of method, address and body
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    headers: Any = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="reply_once")]

    def __str__(self) -> str:
        return self.key


class Notice(models.Model):
    """Something a person should know, shown on the desk."""

    user = models.ForeignKey(User, models.PROTECT, related_name="notices")
    key = models.CharField(max_length=120)  # the same occasion is told once
    text = models.CharField(max_length=300)
    link = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]

    def __str__(self) -> str:
        return self.text
