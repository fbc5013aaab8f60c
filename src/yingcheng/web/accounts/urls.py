"""Addresses of people and organisations."""

from django.urls import path

from yingcheng.web.accounts import views

__all__ = ["urlpatterns"]

urlpatterns = [
    path("join/<str:secret>/", views.join, name="join"),
    path("register/", views.register, name="register"),
    path("desk/organisations/", views.organisations, name="organisations"),
    path("desk/organisations/new/", views.organisation_create, name="organisation_create"),
    path("desk/organisations/<int:organisation_id>/confirm/", views.organisation_confirm, name="organisation_confirm"),
    path("desk/organisations/<int:organisation_id>/refuse/", views.organisation_refuse, name="organisation_refuse"),
    path("desk/cities/new/", views.city_create, name="city_create"),
    path("desk/people/", views.people, name="people"),
    path("desk/people/invite/", views.invite, name="invite"),
    path("desk/people/invitations/<int:invitation_id>/withdraw/", views.uninvite, name="uninvite"),
    path("desk/people/roles/<int:membership_id>/revoke/", views.revoke, name="revoke"),
    path("desk/people/<int:user_id>/active/", views.set_active, name="set_active"),
    path("desk/people/<int:user_id>/reset-link/", views.reset_link, name="reset_link"),
    path("desk/people/<int:user_id>/reset-second-factor/", views.reset_second_factor, name="reset_second_factor"),
    path("desk/tokens/", views.tokens, name="tokens"),
    path("desk/tokens/<int:token_id>/withdraw/", views.token_withdraw, name="token_withdraw"),
    path("desk/notices/read/", views.notices_read, name="notices_read"),
]
