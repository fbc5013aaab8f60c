"""Pages about people, organisations and one's own account."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yingcheng.errors import WrongState, YingchengError
from yingcheng.web.accounts import actions
from yingcheng.web.accounts.forms import (
    CityForm,
    InviteForm,
    JoinForm,
    OrganisationForm,
    ReasonForm,
    RegisterForm,
    TokenForm,
)
from yingcheng.web.accounts.models import ApiToken, Invitation, Membership, Organisation, Role, User
from yingcheng.web.pages import actor, address_of, explain, not_too_often, page, person, said
from yingcheng.web.permissions import INVITES, allows, cities_for

__all__: list[str] = []


@page("public.view", "GET", "POST")
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation, or choose a new password by a link."""
    invitation = actions.find_invitation(secret, timezone.now())
    known = invitation.user is not None
    form = JoinForm(request.POST or None, known=known, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        not_too_often(request, "join", "30/h/ip")
        given = form.cleaned_data
        try:
            actions.accept_invitation(
                secret=secret,
                username=given.get("username", ""),
                name=given.get("name", ""),
                password=given["password"],
                address=address_of(request),
            )
        except (YingchengError, ValidationError) as error:
            explain(form, error)
        else:
            return said(request, _("密码已设置，请登录。"), "account_login")
    return render(request, "accounts/join.html", {"form": form, "invitation": invitation, "known": known})


@page("public.view")
def forgot(request: HttpRequest) -> HttpResponse:
    """There is no mail in an intranet: the security administrator gives a link."""
    return render(request, "accounts/forgot.html")


@page("public.view", "GET", "POST")
def register(request: HttpRequest) -> HttpResponse:
    """An enterprise enters itself."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        not_too_often(request, "register", "10/h/ip")
        given = form.cleaned_data
        try:
            actions.register_enterprise(
                city=given["city"],
                name=given["company"],
                credit_code=given["credit_code"],
                username=given["username"],
                person=given["name"],
                password=given["password"],
                address=address_of(request),
            )
        except (YingchengError, ValidationError) as error:
            explain(form, error)
        else:
            return render(request, "accounts/registered.html", {"company": given["company"]})
    return render(request, "accounts/register.html", {"form": form})


def _organisations(user: User) -> QuerySet[Organisation]:
    rows = Organisation.objects.select_related("city")
    if allows(user, "organisation.view"):
        return rows
    return rows.filter(city__in=cities_for(user, "organisation.view"))


@page("organisation.view")
def organisations(request: HttpRequest) -> HttpResponse:
    """All organisations the person may see, those that wait for confirmation first."""
    user = person(request)
    rows = _organisations(user).annotate(people=Count("memberships")).order_by("-status", "kind", "name")
    waiting = [row for row in rows if row.status == Organisation.Status.PENDING]
    context = {
        "organisations": rows,
        "waiting": waiting,
        "may_confirm": allows(user, "organisation.confirm", anywhere=True),
        "may_create": allows(user, "organisation.create", anywhere=True),
        "may_city": allows(user, "city.create"),
        "reason": ReasonForm(),
    }
    return render(request, "accounts/organisations.html", context)


@page("organisation.create", "GET", "POST")
def organisation_create(request: HttpRequest) -> HttpResponse:
    """Enter an organisation."""
    form = OrganisationForm(request.POST or None)
    cities = cities_for(person(request), "organisation.create")
    form.fields["city"].queryset = cities  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_organisation(**form.cleaned_data, by=actor(request))
        except (YingchengError, ValidationError) as error:
            explain(form, error)
        else:
            return said(request, _("已登记“{name}”。").format(name=made.name), "organisations")
    context = {"form": form, "title": _("登记单位"), "back": reverse("organisations")}
    return render(request, "form.html", context, status=400 if form.errors else 200)


@page("city.create", "GET", "POST")
def city_create(request: HttpRequest) -> HttpResponse:
    """Enter a city."""
    form = CityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_city(**form.cleaned_data, by=actor(request))
        except (YingchengError, ValidationError) as error:
            explain(form, error)
        else:
            return said(request, _("已登记“{name}”。").format(name=made.name), "organisations")
    context = {"form": form, "title": _("登记城市"), "back": reverse("organisations")}
    return render(request, "form.html", context, status=400 if form.errors else 200)


@page("organisation.confirm", "POST")
def organisation_confirm(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Confirm an enterprise."""
    made = actions.confirm_organisation(organisation_id=organisation_id, by=actor(request))
    return said(request, _("已确认“{name}”。").format(name=made.name), "organisations")


@page("organisation.confirm", "POST")
def organisation_refuse(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Refuse an enterprise, with the reason."""
    reason = request.POST.get("reason", "").strip()[:300]
    if not reason:
        raise WrongState(_("请填写退回原因"), remedy=_("企业会看到这个原因。"))
    made = actions.refuse_organisation(organisation_id=organisation_id, reason=reason, by=actor(request))
    return said(request, _("已退回“{name}”。").format(name=made.name), "organisations")


@page("organisation.view")
def people(request: HttpRequest) -> HttpResponse:
    """Who may do what, and the open invitations."""
    user = person(request)
    organisations = _organisations(user)
    memberships = (
        Membership.objects.filter(organisation__in=organisations)
        .select_related("user", "organisation__city")
        .order_by("organisation__name", "user__username")
    )
    invitations = Invitation.objects.filter(
        Q(organisation__in=organisations) | Q(created_by=user), used_at=None, withdrawn_at=None
    ).filter(expires_at__gt=timezone.now())
    context = {
        "memberships": memberships,
        "invitations": invitations.select_related("organisation", "created_by", "user"),
        "may_invite": allows(user, "person.invite", anywhere=True),
        "may_access": allows(user, "person.access", anywhere=True),
    }
    return render(request, "accounts/people.html", context)


@page("person.invite", "GET", "POST")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is shown once."""
    user = person(request)
    form = InviteForm(request.POST or None)
    form.fields["organisation"].queryset = _organisations(user)  # type: ignore[attr-defined]
    given = {role for held in user.roles for role in INVITES.get(held, ())}
    form.fields["role"].choices = [choice for choice in Role.choices if Role(choice[0]) in given]  # type: ignore[attr-defined]
    link = ""
    if request.method == "POST" and form.is_valid():
        try:
            secret = actions.invite(**form.cleaned_data, by=actor(request))
        except YingchengError as error:
            explain(form, error)
        else:
            link = request.build_absolute_uri(reverse("join", args=[secret]))
    context = {"form": form, "link": link, "days": actions.INVITATION_DAYS}
    return render(request, "accounts/invite.html", context, status=400 if form.errors else 200)


@page("person.invite", "POST")
def uninvite(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation."""
    actions.withdraw_invitation(invitation_id=invitation_id, by=actor(request))
    return said(request, _("邀请已收回。"), "people")


@page("person.access", "POST")
def revoke(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Take a role away."""
    actions.revoke_membership(membership_id=membership_id, by=actor(request))
    return said(request, _("角色已收回。"), "people")


@page("person.access", "POST")
def set_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Disable or enable an account."""
    active = request.POST.get("active") == "1"
    actions.set_active(user_id=user_id, active=active, by=actor(request))
    return said(request, _("账号已启用。") if active else _("账号已停用。"), "people")


@page("person.access", "POST")
def reset_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """A link by which a person chooses a new password; shown once."""
    secret = actions.give_reset_link(user_id=user_id, by=actor(request))
    link = request.build_absolute_uri(reverse("join", args=[secret]))
    return render(request, "accounts/reset_link.html", {"link": link, "hours": actions.RESET_HOURS})


@page("person.access", "POST")
def reset_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Forget a person's second factor."""
    actions.reset_second_factor(user_id=user_id, by=actor(request))
    return said(request, _("二次验证已重置，此人下次登录时须重新设置。"), "people")


@page("self.manage", "GET", "POST")
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own keys for programs."""
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            secret = actions.create_token(**form.cleaned_data, by=actor(request))
        except YingchengError as error:
            explain(form, error)
    rows = ApiToken.objects.filter(user=person(request), withdrawn_at=None)
    context = {"form": form, "secret": secret, "tokens": rows, "now": timezone.now()}
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@page("self.manage", "POST")
def token_withdraw(request: HttpRequest, token_id: int) -> HttpResponse:
    """Stop a key."""
    actions.withdraw_token(token_id=token_id, by=actor(request))
    return said(request, _("令牌已停用。"), "tokens")


@page("self.manage", "POST")
def notices_read(request: HttpRequest) -> HttpResponse:
    """All notices are read."""
    actions.read_notices(by=actor(request))
    return redirect("desk")
