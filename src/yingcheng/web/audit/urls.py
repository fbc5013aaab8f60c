"""Addresses of the trail."""

from django.urls import path

from yingcheng.web.audit import views

__all__ = ["urlpatterns"]

urlpatterns = [
    path("desk/audit/", views.trail, name="audit"),
    path("desk/audit/verify/", views.verification, name="audit_verify"),
]
