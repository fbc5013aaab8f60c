"""Everything that changes people, organisations and access. One verb, one function, one transaction, one entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yingcheng.errors import Conflict, NotAllowed, NotFound, WrongState
from yingcheng.standards.credit_code import read_credit_code
from yingcheng.web.accounts.actor import Actor
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
    new_secret,
)
from yingcheng.web.audit.actions import record
from yingcheng.web.permissions import INVITES, allows, require

__all__ = [
    "SCOPES",
    "accept_invitation",
    "confirm_organisation",
    "create_city",
    "create_first_administrator",
    "create_organisation",
    "create_token",
    "give_reset_link",
    "invite",
    "may_invite",
    "note_second_factor",
    "note_sign_in",
    "password_changed",
    "read_notices",
    "refuse_organisation",
    "register_enterprise",
    "reset_second_factor",
    "revoke_membership",
    "set_active",
    "tell",
    "withdraw_invitation",
    "withdraw_token",
]

INVITATION_DAYS, RESET_HOURS, LONGEST_TOKEN_DAYS = 7, 24, 365
SCOPES = ("opportunities:read", "opportunities:write", "people:read", "audit:read")


def create_first_administrator(*, username: str, password: str, by: Actor) -> User:
    """The system administrator of an empty installation.

    Raises:
        WrongState: there are people already.
        ValidationError: the password is too weak.
    """
    with transaction.atomic():
        if User.objects.exists():
            raise WrongState(_("已经有账号了"), remedy=_("请由系统管理员发出邀请。"))
        user = User(username=username, name=_("系统管理员"))
        validate_password(password, user)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        house, _created = Organisation.objects.get_or_create(
            kind=Organisation.Kind.DEPARTMENT, city=None, name="系统运维"
        )
        Membership.objects.create(user=user, organisation=house, role=Role.SYSTEM_ADMIN)
        record(by, "person.first", user, {"role": Role.SYSTEM_ADMIN.value})
    return user


def create_city(*, name: str, programme: str = "", by: Actor) -> City:
    """A further city in this installation."""
    require(by, "city.create", anywhere=True)
    with transaction.atomic():
        city = City(name=name, programme=programme)
        city.full_clean()
        city.save()
        record(by, "city.create", city, {"name": name, "programme": programme}, city_id=city.pk)
    return city


def create_organisation(*, kind: str, city: City | None, name: str, credit_code: str = "", by: Actor) -> Organisation:
    """An organisation that needs no confirmation, since an officer or administrator enters it."""
    require(by, "organisation.create", city_id=city.pk if city else None)
    with transaction.atomic():
        made = Organisation(kind=kind, city=city, name=name.strip(), credit_code=read_credit_code(credit_code).code)
        made.full_clean()
        made.save()
        said = {"kind": kind, "name": made.name, "credit_code": made.credit_code}
        record(by, "organisation.create", made, said, city_id=made.city_id)
    return made


def register_enterprise(
    *, city: City, name: str, credit_code: str, username: str, person: str, password: str, address: str
) -> User:
    """An enterprise enters itself; it can do nothing until an officer has confirmed it.

    A code that fails the check of GB 32100 is taken with a remark, since a few real ones do.
    """
    read = read_credit_code(credit_code)
    with transaction.atomic():
        organisation = Organisation(
            kind=Organisation.Kind.ENTERPRISE,
            city=city,
            name=name.strip(),
            credit_code=read.code,
            status=Organisation.Status.PENDING,
            remark=read.note,
        )
        organisation.full_clean()
        organisation.save()
        user = _new_user(username=username, name=person, password=password)
        Membership.objects.create(user=user, organisation=organisation, role=Role.MEMBER)
        by = Actor.of(user, address=address)
        said = {"name": organisation.name, "credit_code": read.code, "remark": read.note, "username": username}
        record(by, "organisation.register", organisation, said, city_id=city.pk)
    return user


def _new_user(*, username: str, name: str, password: str) -> User:
    user = User(username=username.strip(), name=name.strip())
    if User.objects.filter(username__iexact=user.username).exists():
        raise Conflict(_("账号“{name}”已经有人使用").format(name=user.username), remedy=_("请换一个账号名。"))
    validate_password(password, user)
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    return user


def _decide(organisation_id: int, status: Organisation.Status, remark: str, by: Actor) -> Organisation:
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
        if organisation is None:
            raise NotFound(_("没有这个单位"), remedy=_("请返回列表重新选择。"))
        require(by, "organisation.confirm", city_id=organisation.city_id)
        if organisation.status != Organisation.Status.PENDING:
            raise Conflict(
                _("“{name}”已由他人处理：{status}").format(
                    name=organisation.name, status=organisation.get_status_display()
                ),
                remedy=_("请刷新页面。"),
            )
        organisation.status = status
        if remark:
            organisation.remark = remark
        organisation.save()
        verb = "organisation.confirm" if status == Organisation.Status.CONFIRMED else "organisation.refuse"
        record(by, verb, organisation, {"status": status.value, "remark": remark}, city_id=organisation.city_id)
    return organisation


def confirm_organisation(*, organisation_id: int, by: Actor) -> Organisation:
    """The enterprise is who it says; its members can sign in and work."""
    return _decide(organisation_id, Organisation.Status.CONFIRMED, "", by)


def refuse_organisation(*, organisation_id: int, reason: str, by: Actor) -> Organisation:
    """The enterprise is not taken; the reason is kept."""
    return _decide(organisation_id, Organisation.Status.REFUSED, reason, by)


def may_invite(user: User, role: str, organisation: Organisation) -> bool:
    """Whether a person may give this role away in this organisation."""
    if not allows(user, "person.invite", city_id=organisation.city_id):
        return False
    if not any(role in INVITES.get(held, ()) for held in user.roles):
        return False
    if role in INVITES[Role.OFFICER]:
        return organisation.kind == Organisation.Kind.ENTERPRISE
    return Role.SYSTEM_ADMIN in user.roles


def invite(*, organisation: Organisation, role: str, name: str, by: Actor) -> str:
    """Make a link that lets one person join; returned once, stored as its digest only."""
    require(by, "person.invite", city_id=organisation.city_id)
    if by.user is None or not may_invite(by.user, role, organisation):
        raise NotAllowed(_("您不能邀请这个角色"), remedy=_("请联系系统管理员。"))
    secret = new_secret()
    with transaction.atomic():
        made = Invitation.objects.create(
            digest=digest_of(secret),
            organisation=organisation,
            role=Role(role),
            name=name,
            created_by=by.user,
            expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
        )
        record(
            by, "person.invite", made, {"role": role, "organisation": organisation.name}, city_id=organisation.city_id
        )
    return secret


def withdraw_invitation(*, invitation_id: int, by: Actor) -> None:
    """The link stops working."""
    with transaction.atomic():
        found = Invitation.objects.select_for_update(of=("self",)).filter(pk=invitation_id).first()
        city_id = found.organisation.city_id if found and found.organisation else None
        require(by, "person.invite", city_id=city_id)
        if found is None or not found.is_open(timezone.now()):
            raise NotFound(_("邀请已经失效"), remedy=_("无需处理。"))
        found.withdrawn_at = timezone.now()
        found.save(update_fields=["withdrawn_at"])
        record(by, "person.uninvite", found, city_id=city_id)


def find_invitation(secret: str, at: datetime) -> Invitation:
    """The open invitation behind a link.

    Raises:
        NotFound: used, withdrawn, expired or never given: the link does not say which.
    """
    found = Invitation.objects.select_related("organisation", "user").filter(digest=digest_of(secret)).first()
    if found is None or not found.is_open(at):
        raise NotFound(_("链接无效或已过期"), remedy=_("请向发给您链接的人要一个新的。"))
    return found


def accept_invitation(*, secret: str, username: str, name: str, password: str, address: str) -> User:
    """Join by a link, or choose a new password by one."""
    with transaction.atomic():
        found = find_invitation(secret, timezone.now())
        # taken by whoever comes first: the row changes only while it is open
        now = timezone.now()
        if not Invitation.objects.filter(pk=found.pk, used_at=None, withdrawn_at=None).update(used_at=now):
            raise Conflict(_("链接刚刚已被使用"), remedy=_("请向发给您链接的人要一个新的。"))
        if found.user is not None:
            user = found.user
            validate_password(password, user)
            user.set_password(password)
            user.password_changed_at = now
            user.save(update_fields=["password", "password_changed_at"])
            record(Actor.of(user, via="link", address=address), "person.reset", user)
            return user
        organisation = found.organisation
        if organisation is None:
            raise RuntimeError("an invitation names an organisation or a person")
        user = _new_user(username=username, name=name or found.name, password=password)
        Membership.objects.create(user=user, organisation=organisation, role=found.role)
        by = Actor.of(user, via="link", address=address)
        said = {"role": found.role, "organisation": organisation.name, "invited_by": str(found.created_by)}
        record(by, "person.join", user, said, city_id=organisation.city_id)
    return user


def _person(user_id: int) -> User:
    found = User.objects.select_for_update().filter(pk=user_id).first()
    if found is None:
        raise NotFound(_("没有这个人"), remedy=_("请返回列表重新选择。"))
    return found


def revoke_membership(*, membership_id: int, by: Actor) -> None:
    """A person loses a role. The last system administrator stays."""
    require(by, "person.access", anywhere=True)
    with transaction.atomic():
        found = Membership.objects.select_related("organisation", "user").filter(pk=membership_id).first()
        if found is None:
            raise NotFound(_("没有这个角色"), remedy=_("请刷新页面。"))
        if found.role in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}:
            others = Membership.objects.filter(role=found.role, user__is_active=True).exclude(pk=found.pk)
            if not others.exists():
                raise WrongState(_("这是最后一个这样的管理员"), remedy=_("请先邀请并启用另一位。"))
        found.delete()
        said = {"role": found.role, "organisation": found.organisation.name}
        record(by, "person.revoke", found.user, said, city_id=found.organisation.city_id)


def set_active(*, user_id: int, active: bool, by: Actor) -> None:
    """Let a person in, or keep them out, without forgetting what they did."""
    require(by, "person.access", anywhere=True)
    if by.user is not None and by.user.pk == user_id:
        raise WrongState(_("不能停用自己的账号"), remedy=_("请由另一位安全管理员操作。"))
    with transaction.atomic():
        user = _person(user_id)
        user.is_active = active
        user.save(update_fields=["is_active"])
        record(by, "person.enable" if active else "person.disable", user)


def give_reset_link(*, user_id: int, by: Actor) -> str:
    """A link by which the person chooses a new password; handed over by hand, since intranets have no mail."""
    require(by, "person.access", anywhere=True)
    if by.user is None:
        raise NotAllowed(_("须由安全管理员操作"), remedy=_("请登录后重试。"))
    secret = new_secret()
    with transaction.atomic():
        user = _person(user_id)
        Invitation.objects.create(
            digest=digest_of(secret),
            name=user.name,
            user=user,
            created_by=by.user,
            expires_at=timezone.now() + timedelta(hours=RESET_HOURS),
        )
        record(by, "person.reset_link", user)
    return secret


def reset_second_factor(*, user_id: int, by: Actor) -> None:
    """A lost telephone: the person sets up a second factor anew."""
    require(by, "person.access", anywhere=True)
    with transaction.atomic():
        user = _person(user_id)
        count, _rows = Authenticator.objects.filter(user=user).delete()
        record(by, "person.reset_second_factor", user, {"removed": count})


def password_changed(*, user: User, by: Actor) -> None:
    """The person has chosen a new password."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now())
        record(by, "person.password", user)


def note_sign_in(*, verb: str, user: User | None, by: Actor, tried: str = "") -> None:
    """Somebody came in, went out, or was refused (``tried`` is the account named)."""
    with transaction.atomic():
        record(by, f"sign.{verb}", user, {"account": tried} if tried else {}, title=tried)


def note_second_factor(*, user: User, verb: str, kind: str, by: Actor) -> None:
    """A person's second factor was added or removed."""
    with transaction.atomic():
        record(by, f"factor.{verb}", user, {"kind": kind})


def create_token(*, name: str, scopes: Collection[str], days: int, by: Actor) -> str:
    """A key for programs, returned once."""
    require(by, "self.manage", anywhere=True)
    if by.user is None:
        raise NotAllowed(_("请先登录"), remedy="")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes or not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise WrongState(_("范围或期限无效"), remedy=_("请至少选一个范围，期限 1 到 365 天。"))
    secret = "yc_" + new_secret()
    with transaction.atomic():
        made = ApiToken.objects.create(
            user=by.user,
            name=name,
            digest=digest_of(secret),
            scopes=sorted(scopes),
            expires_at=timezone.now() + timedelta(days=days),
        )
        record(by, "token.create", made, {"scopes": sorted(scopes), "days": days})
    return secret


def withdraw_token(*, token_id: int, by: Actor) -> None:
    """The key stops working."""
    with transaction.atomic():
        found = ApiToken.objects.filter(pk=token_id, user=by.user, withdrawn_at=None).first()
        if found is None:
            raise NotFound(_("没有这个令牌"), remedy=_("请刷新页面。"))
        found.withdrawn_at = timezone.now()
        found.save(update_fields=["withdrawn_at"])
        record(by, "token.withdraw", found)


def tell(*, users: Collection[User], key: str, text: str, link: str, by: Actor) -> int:
    """Leave a notice for people, once per occasion; the number of those who had not been told yet."""
    with transaction.atomic():
        told = set(Notice.objects.filter(user__in=users, key=key).values_list("user_id", flat=True))
        new = [user for user in users if user.pk not in told]
        Notice.objects.bulk_create([Notice(user=user, key=key, text=text[:300], link=link) for user in new])
        if new:
            record(by, "notice.send", None, {"to": [user.pk for user in new], "key": key}, title=text)
    return len(new)


def read_notices(*, by: Actor) -> None:
    """The person has seen what there was to see."""
    with transaction.atomic():
        count = Notice.objects.filter(user=by.user, read_at=None).update(read_at=timezone.now())
        if count:
            record(by, "notice.read", None, {"count": count})
