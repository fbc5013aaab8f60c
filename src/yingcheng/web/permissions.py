"""Who may do what, where: role × action × scope. The tests and ``docs/reference/permissions.md`` are made from this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingcheng.errors import NotAllowed, NotFound
from yingcheng.web.accounts.actor import Actor
from yingcheng.web.accounts.models import City, Role, User

__all__ = ["INVITES", "PERMISSIONS", "Permission", "Scope", "allows", "cities_for", "is_insider", "require"]


class Scope(StrEnum):
    """How far a right reaches."""

    CITY = "city"  # the city of the organisation that the role is held in; every city where that has none
    INSTALLATION = "installation"  # everything


_StrOrPromise = str | Promise  # put into words when shown


@dataclass(frozen=True, slots=True)
class Permission:
    """A right.

    Attributes:
        action: ``thing.verb``.
        label: in Chinese.
        roles: who has it, and how far it reaches. Empty: everybody (``public``) or every signed-in person.
        public: also people who are not signed in.
        sight: the action that lets one know that the thing exists; who lacks that gets 404 instead of 403.
    """

    action: str
    label: _StrOrPromise
    roles: Mapping[Role, Scope]
    public: bool = False
    sight: str = ""


def _city(*roles: Role) -> dict[Role, Scope]:
    return dict.fromkeys(roles, Scope.CITY)


def _everywhere(*roles: Role) -> dict[Role, Scope]:
    return dict.fromkeys(roles, Scope.INSTALLATION)


_DESK = (Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.ORGANISER, Role.AUDITOR)

PERMISSIONS: Mapping[str, Permission] = {
    permission.action: permission
    for permission in (
        Permission("public.view", gettext_lazy("看公开门户、凭链接填报"), {}, public=True),
        Permission("self.manage", gettext_lazy("管理自己的账号、通知和接口令牌"), {}),
        Permission("opportunity.view", gettext_lazy("看场景机会与批次"), _city(*_DESK)),
        Permission("opportunity.import", gettext_lazy("导入报送材料"), _city(Role.OFFICER), sight="opportunity.view"),
        Permission("opportunity.edit", gettext_lazy("修改场景机会"), _city(Role.OFFICER), sight="opportunity.view"),
        Permission("opportunity.merge", gettext_lazy("核并重复"), _city(Role.OFFICER), sight="opportunity.view"),
        Permission(
            "opportunity.download",
            gettext_lazy("下载清单"),
            _city(Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.ORGANISER),
            sight="opportunity.view",
        ),
        Permission(
            "contact.reveal",
            gettext_lazy("查看联系方式（逐次留痕）"),
            _city(Role.OFFICER, Role.REVIEWER),
            sight="opportunity.view",
        ),
        Permission("batch.manage", gettext_lazy("建立批次、推进到送审"), _city(Role.OFFICER), sight="opportunity.view"),
        Permission("batch.publish", gettext_lazy("审核发布、退回"), _city(Role.REVIEWER), sight="opportunity.view"),
        Permission(
            "organisation.view",
            gettext_lazy("看单位与人员"),
            {**_city(Role.OFFICER), **_everywhere(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)},
        ),
        Permission(
            "organisation.create",
            gettext_lazy("登记单位"),
            {**_city(Role.OFFICER), **_everywhere(Role.SYSTEM_ADMIN)},
            sight="organisation.view",
        ),
        Permission(
            "organisation.confirm", gettext_lazy("确认企业注册"), _city(Role.OFFICER), sight="organisation.view"
        ),
        Permission("city.create", gettext_lazy("登记城市"), _everywhere(Role.SYSTEM_ADMIN), sight="organisation.view"),
        Permission(
            "person.invite",
            gettext_lazy("邀请人员"),
            {**_city(Role.OFFICER), **_everywhere(Role.SYSTEM_ADMIN)},
            sight="organisation.view",
        ),
        Permission(
            "person.access",
            gettext_lazy("收回角色、停用账号、重置密码和二次验证"),
            _everywhere(Role.SECURITY_ADMIN),
            sight="organisation.view",
        ),
        Permission(
            "audit.view",
            gettext_lazy("看审计记录"),
            {**_city(Role.AUDITOR), **_everywhere(Role.AUDIT_ADMIN)},
        ),
        Permission("audit.verify", gettext_lazy("核验审计链"), _everywhere(Role.AUDIT_ADMIN), sight="audit.view"),
    )
}

# Which roles a person who may invite can give away.
INVITES: Mapping[Role, frozenset[Role]] = {
    Role.SYSTEM_ADMIN: frozenset(Role),
    Role.OFFICER: frozenset({Role.MEMBER}),
}


def is_insider(user: User) -> bool:
    """Whether the person has any role at all."""
    return bool(user.standings)


def allows(user: User | None, action: str, *, city_id: int | None = None, anywhere: bool = False) -> bool:
    """Whether a person may do something.

    Args:
        user: ``None`` for somebody who is not signed in.
        action: a key of :data:`PERMISSIONS`.
        city_id: the city of the thing; ``None`` where the thing belongs to no city.
        anywhere: whether it is enough that the person may do it in some city.
    """
    permission = PERMISSIONS[action]
    if permission.public:
        return True
    if user is None or not user.is_active:
        return False
    if not permission.roles:
        return True
    for standing in user.standings:
        scope = permission.roles.get(standing.role)
        if scope is None:
            continue
        if anywhere or scope is Scope.INSTALLATION or standing.city_id is None or standing.city_id == city_id:
            return True
    return False


def cities_for(user: User, action: str) -> models.QuerySet[City]:
    """The cities in which a person may do something."""
    permission = PERMISSIONS[action]
    held = [standing for standing in user.standings if standing.role in permission.roles]
    if any(s.city_id is None or permission.roles[s.role] is Scope.INSTALLATION for s in held):
        return City.objects.all()
    return City.objects.filter(pk__in={s.city_id for s in held})


def require(by: Actor, action: str, *, city_id: int | None = None, anywhere: bool = False) -> None:
    """Refuse what the actor may not do; jobs and commands (no user) may do everything.

    Raises:
        NotFound: the actor may not even know that the thing exists.
        NotAllowed: it is visible, but the right is missing; says whom to ask.
    """
    if by.user is None and by.via in {"command", "job"}:
        return
    if allows(by.user, action, city_id=city_id, anywhere=anywhere):
        return
    permission = PERMISSIONS[action]
    sight = permission.sight or action
    if sight == action or not allows(by.user, sight, city_id=city_id, anywhere=anywhere):
        raise NotFound(_("没有这个页面"), remedy=_("请检查地址，或向给您地址的人核对。"))
    who = "、".join(str(role.label) for role in permission.roles)
    raise NotAllowed(
        _("您没有“{action}”的权限").format(action=permission.label), remedy=_("请联系本单位的{who}。").format(who=who)
    )
