"""Forms about people and organisations."""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

from yingcheng.standards.credit_code import read_credit_code
from yingcheng.web.accounts.actions import LONGEST_TOKEN_DAYS, SCOPES
from yingcheng.web.accounts.models import City, Organisation, Role

__all__ = ["CityForm", "InviteForm", "JoinForm", "OrganisationForm", "ReasonForm", "RegisterForm", "TokenForm"]


def _password(label: object) -> forms.CharField:
    return forms.CharField(
        label=str(label), strip=False, max_length=128, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )


class CityForm(forms.Form):
    """A city."""

    name = forms.CharField(label=_("城市"), max_length=60)
    programme = forms.CharField(label=_("活动名称"), max_length=200, required=False)


class OrganisationForm(forms.Form):
    """An organisation entered by an officer."""

    kind = forms.ChoiceField(label=_("类型"), choices=Organisation.Kind.choices)
    city = forms.ModelChoiceField(label=_("城市"), queryset=City.objects.none(), required=False)
    name = forms.CharField(label=_("单位名称"), max_length=200)
    credit_code = forms.CharField(label=_("统一社会信用代码（可不填）"), max_length=30, required=False)


class InviteForm(forms.Form):
    """Whom to invite, for what."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    organisation = forms.ModelChoiceField(label=_("单位"), queryset=Organisation.objects.none())
    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("原因"), max_length=300)


class JoinForm(forms.Form):
    """The account of somebody who was invited; for a new password the account is known."""

    username = forms.CharField(label=_("账号"), max_length=60, widget=forms.TextInput({"autocomplete": "username"}))
    name = forms.CharField(label=_("姓名"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    password = _password(_("密码"))
    again = _password(_("再输一次密码"))

    def __init__(self, *args: object, known: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        self.fields["password"].help_text = " ".join(map(str, password_validators_help_texts()))
        if known:
            del self.fields["username"], self.fields["name"]

    def clean(self) -> dict[str, object]:
        """The password is the same twice."""
        cleaned: dict[str, object] = super().clean() or {}
        if "again" in cleaned and cleaned.get("password") != cleaned["again"]:
            self.add_error("again", _("两次输入的密码不一样。"))
        return cleaned


class RegisterForm(JoinForm):
    """An enterprise that enters itself."""

    city = forms.ModelChoiceField(label=_("城市"), queryset=City.objects.all())
    company = forms.CharField(
        label=_("企业名称"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=30, help_text=_("18 位，见营业执照。"))
    field_order = ("city", "company", "credit_code", "name", "username", "password", "again")

    def clean_credit_code(self) -> str:
        """Eighteen signs. A failing check digit is a remark for the officer: a few real codes fail it."""
        read = read_credit_code(self.cleaned_data["credit_code"])
        if len(read.code) != 18:
            raise forms.ValidationError(_("统一社会信用代码应为 18 位，请对照营业执照检查。"))
        return read.code


class TokenForm(forms.Form):
    """A key for programs."""

    name = forms.CharField(label=_("用途"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("范围"), choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("有效天数"), min_value=1, max_value=LONGEST_TOKEN_DAYS, initial=90)
