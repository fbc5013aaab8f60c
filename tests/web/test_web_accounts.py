"""Who gets in, how, and what stops the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from web_world import PASSWORD, World, client_of

from yingcheng.errors import NotAllowed, WrongState
from yingcheng.web.accounts import actions
from yingcheng.web.accounts.actor import SYSTEM
from yingcheng.web.accounts.models import Invitation, Membership, Organisation, Role, User
from yingcheng.web.accounts.passwords import PolicyValidator
from yingcheng.web.audit.models import Entry
from yingcheng.web.opportunities.actions.reminding import remind_of_expiry
from yingcheng.web.opportunities.models import Publication

pytestmark = pytest.mark.django_db


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, username: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": username, "password": password})


def test_an_invited_person_joins_once(world: World) -> None:
    admin = client_of(world.person("system_admin"))
    form = {"name": "新人", "organisation": world.here.department.pk, "role": "officer"}
    page = admin.post("/desk/people/invite/", form).content.decode()
    link = page.split("/join/")[1].split("/")[0]
    assert link not in "".join(Invitation.objects.values_list("digest", flat=True))
    answers = {"username": "newcomer", "name": "新人", "password": PASSWORD, "again": PASSWORD}
    assert Client().post(f"/join/{link}/", answers).status_code == 302
    user = User.objects.get(username="newcomer")
    assert user.roles == {Role.OFFICER}
    assert Client().get(f"/join/{link}/").status_code == 404  # used
    client = Client()
    assert sign_in(client, "newcomer").status_code == 302
    assert client.get("/desk/").status_code == 200
    assert set(Entry.objects.filter(title__contains="新人").values_list("action", flat=True)) >= {
        "person.invite",
        "person.join",
    }


def test_an_officer_can_invite_enterprise_members_only(world: World) -> None:
    by = world.actor("officer")
    firm = Organisation.objects.get(name="甲市另一企业（虚构）")
    assert actions.invite(organisation=firm, role="member", name="某", by=by)
    for organisation, role in (
        (world.here.department, "reviewer"),
        (firm, "officer"),
        (world.here.department, "member"),
    ):
        with pytest.raises(NotAllowed):
            actions.invite(organisation=organisation, role=role, name="某", by=by)


def test_an_enterprise_waits_for_an_officer(world: World) -> None:
    form = {"city": world.here.city.pk, "company": "某科技有限公司（虚构）",
            "credit_code": "913101207579106470", "name": "某",
            "username": "firm", "password": PASSWORD, "again": PASSWORD}  # fmt: skip
    assert Client().post("/register/", {**form, "credit_code": "123"}).content.decode().count("18 位")
    assert Client().post("/register/", form).status_code == 200
    organisation = Organisation.objects.get(credit_code="913101207579106470")
    user = User.objects.get(username="firm")
    assert (organisation.status, user.standings) == ("pending", ())
    officer = client_of(world.person("officer"))
    assert "某科技有限公司" in officer.get("/desk/").content.decode()
    assert officer.post(f"/desk/organisations/{organisation.pk}/confirm/").status_code == 302
    assert User.objects.get(username="firm").roles == {Role.MEMBER}
    assert officer.post(f"/desk/organisations/{organisation.pk}/confirm/").status_code == 409  # somebody was faster
    second = Client().post("/register/", {**form, "username": "other", "company": "别的名字"})
    assert "已经登记" in second.content.decode()


def test_the_three_administrators_are_three_people(world: World) -> None:
    house = Organisation.objects.get(name="系统运维")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=world.person("system_admin"), organisation=house, role=Role.AUDIT_ADMIN)
    role = Membership.objects.get(role=Role.SYSTEM_ADMIN)
    with pytest.raises(WrongState):
        actions.revoke_membership(membership_id=role.pk, by=world.actor("security_admin"))


def test_there_is_no_default_account(db: None) -> None:
    assert not User.objects.exists()
    with pytest.raises(ValidationError):
        actions.create_first_administrator(username="admin", password="admin", by=SYSTEM)
    actions.create_first_administrator(username="admin", password=PASSWORD, by=SYSTEM)
    with pytest.raises(WrongState):
        actions.create_first_administrator(username="admin2", password=PASSWORD, by=SYSTEM)


def test_administrators_need_a_second_factor(world: World, settings: LazySettings) -> None:
    settings.SECOND_FACTOR = "administrators"
    admin = client_of(with_password(world.person("system_admin")))
    assert admin.get("/desk/").headers["Location"] == "/accounts/2fa/"
    assert admin.get("/accounts/2fa/").status_code == 200
    assert client_of(world.person("officer")).get("/desk/").status_code == 200
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(world.person("system_admin"), secret)
    form = admin.get("/accounts/2fa/recovery-codes/generate/")
    assert form.status_code in {200, 302}
    assert admin.get("/desk/").status_code == 200
    fresh = Client()
    assert "/2fa/authenticate" in sign_in(fresh, "system_admin").headers["Location"]
    assert fresh.get("/desk/").status_code == 302  # the password alone is not enough
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    fresh.post("/accounts/2fa/authenticate/", {"code": code})
    assert fresh.get("/desk/").status_code == 200
    client_of(world.person("security_admin"))
    actions.reset_second_factor(user_id=world.person("system_admin").pk, by=world.actor("security_admin"))
    assert not Authenticator.objects.filter(user=world.person("system_admin")).exists()
    settings.SECOND_FACTOR = "everyone"
    assert client_of(world.person("officer")).get("/desk/").status_code == 302


def test_guessing_is_locked_out_and_noted(world: World) -> None:
    with_password(world.person("officer"))
    client = Client()
    for _five in range(5):
        sign_in(client, "officer0", "wrong")
    locked = sign_in(client, "officer0")  # right, but too late
    assert locked.status_code == 200
    assert client.get("/desk/").status_code == 302
    refused = Entry.objects.filter(action="sign.refused")
    assert refused.count() == 5
    assert "wrong" not in "".join(refused.values_list("changes", flat=True))


def test_signing_in_and_out_is_noted(world: World) -> None:
    with_password(world.person("officer"))
    client = Client()
    sign_in(client, "officer0")
    client.post("/accounts/logout/")
    assert list(Entry.objects.filter(action__startswith="sign.").order_by("pk").values_list("action", flat=True)) == [
        "sign.in",
        "sign.out",
    ]


def test_idle_people_are_signed_out(world: World, settings: LazySettings) -> None:
    client = client_of(world.person("officer"))
    assert client.get("/desk/").status_code == 200
    settings.IDLE_EXIT = timedelta(seconds=-1)
    assert client.get("/desk/").headers["Location"].startswith("/accounts/login/")
    settings.IDLE_EXIT = timedelta(minutes=30)
    assert client.get("/desk/").status_code == 302  # and stays out
    assert Entry.objects.filter(action="sign.timeout").count() == 1


def test_old_passwords_are_changed_under_one_policy_only(world: World, settings: LazySettings) -> None:
    User.objects.filter(username="officer0").update(password_changed_at=timezone.now() - timedelta(days=91))
    client = client_of(with_password(world.person("officer")))
    assert settings.PASSWORD_POLICY == "dengbao"
    assert client.get("/desk/").headers["Location"] == "/accounts/password/change/"
    new = {"oldpassword": PASSWORD, "password1": "Another-horse-10", "password2": "Another-horse-10"}
    client.post("/accounts/password/change/", new)
    sign_in(client, "officer0", "Another-horse-10")
    assert client.get("/desk/").status_code == 200
    User.objects.filter(username="officer0").update(password_changed_at=timezone.now() - timedelta(days=91))
    settings.PASSWORD_POLICY = "asvs"
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    ("policy", "password", "taken"),
    [("dengbao", "short1A!", False), ("dengbao", "onlysmallletters", False), ("dengbao", "Small7letters", True),
     ("asvs", "Small7lette", False), ("asvs", "onlysmallletters", True)],
)  # fmt: skip
def test_password_policies(policy: str, password: str, taken: bool) -> None:
    try:
        PolicyValidator(policy).validate(password)
    except ValidationError:
        assert not taken
    else:
        assert taken


def test_a_forgotten_password_goes_through_the_security_administrator(world: World) -> None:
    secret = actions.give_reset_link(user_id=world.person("officer").pk, by=world.actor("security_admin"))
    assert Client().post(f"/join/{secret}/", {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert sign_in(Client(), "officer0").status_code == 302
    assert Client().get("/accounts/password/reset/").status_code == 200


def test_a_disabled_person_is_out_at_once(world: World) -> None:
    client = client_of(world.person("officer"))
    actions.set_active(user_id=world.person("officer").pk, active=False, by=world.actor("security_admin"))
    assert client.get("/desk/").status_code == 302


def test_signing_up_is_closed(db: None) -> None:
    page = Client().post("/accounts/signup/", {"username": "x", "password1": PASSWORD, "password2": PASSWORD})
    assert page.status_code in {200, 403, 404}
    assert not User.objects.exists()


def test_reminders_are_told_once(world: World) -> None:
    Publication.objects.filter(city=world.here.city).update(closes_on=timezone.localdate() + timedelta(days=3))
    assert remind_of_expiry(by=SYSTEM) == 3  # entries × the one officer of the city
    assert remind_of_expiry(by=SYSTEM) == 0
    page = client_of(world.person("officer")).get("/desk/").content.decode()
    assert "请更新或撤下" in page
    assert "请更新或撤下" not in client_of(world.person("officer", 1)).get("/desk/").content.decode()


def test_english_is_there(world: World) -> None:
    client = client_of(world.person("officer"))
    client.post("/language/", {"language": "en"})
    page = client.get("/desk/batches/").content.decode()
    assert '<html lang="en">' in page
    assert "New batch" in page
    assert '<html lang="zh-hans">' in Client().get("/").content.decode()
