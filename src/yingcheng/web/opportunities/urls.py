"""Addresses of ②: the desk, and the portal without sign-in."""

from django.urls import path

from yingcheng.web.opportunities import portal, views

__all__ = ["urlpatterns"]

_BATCH, _ONE, _IMPORT = (
    "desk/batches/<int:batch_id>/",
    "desk/opportunities/<int:opportunity_id>/",
    "desk/imports/<int:import_id>/",
)

urlpatterns = [
    path("", portal.portal, name="portal"),
    path("o/<str:reference>/", portal.detail, name="published"),
    path("feed.atom", portal.atom, name="atom"),
    path("feed.rss", portal.rss, name="rss"),
    path("opportunities.<str:form>", portal.download, name="download"),
    path("embed/", portal.embed, name="embed"),
    path("need/<str:secret>/", portal.need, name="need"),
    path("desk/", views.desk, name="desk"),
    path("desk/batches/", views.batch_list, name="batches"),
    path("desk/batches/new/", views.batch_create, name="batch_create"),
    path(_BATCH, views.batch, name="batch"),
    path(_BATCH + "advance/", views.batch_advance, name="batch_advance"),
    path(_BATCH + "submit/", views.batch_submit, name="batch_submit"),
    path(_BATCH + "recall/", views.batch_recall, name="batch_recall"),
    path(_BATCH + "send-back/", views.batch_send_back, name="batch_send_back"),
    path(_BATCH + "approve/", views.batch_approve, name="batch_approve"),
    path(_BATCH + "expire/", views.batch_expire, name="batch_expire"),
    path(_BATCH + "recheck/", views.batch_recheck, name="batch_recheck"),
    path(_BATCH + "checked/", views.batch_checked, name="batch_checked"),
    path(_BATCH + "list.<str:form>", views.batch_download, name="batch_download"),
    path(_BATCH + "links/", views.link_give, name="link_give"),
    path("desk/links/<int:link_id>/withdraw/", views.link_withdraw, name="link_withdraw"),
    path(_BATCH + "duplicates/", views.duplicates, name="duplicates"),
    path(_BATCH + "import/", views.import_new, name="import_new"),
    path(_ONE, views.opportunity, name="opportunity"),
    path(_ONE + "edit/", views.opportunity_edit, name="opportunity_edit"),
    path(_ONE + "field/<str:field>/", views.opportunity_field, name="opportunity_field"),
    path(_ONE + "desensitise/", views.opportunity_desensitise, name="opportunity_desensitise"),
    path(_ONE + "withdraw/", views.opportunity_withdraw, name="opportunity_withdraw"),
    path(_ONE + "restore/", views.opportunity_restore, name="opportunity_restore"),
    path(_ONE + "contact/", views.contact_reveal, name="contact_reveal"),
    path(_ONE + "contact/edit/", views.contact_edit, name="contact_edit"),
    path(_ONE + "versions/<int:number>/", views.version, name="version"),
    path(_ONE + "merge/<int:copy_id>/", views.merge, name="merge"),
    path(_ONE + "apart/<int:copy_id>/", views.apart, name="apart"),
    path(_ONE + "unmerge/", views.unmerge, name="unmerge"),
    path(_IMPORT, views.import_preview, name="import"),
    path(_IMPORT + "waits/", views.import_waits, name="import_waits"),
    path(_IMPORT + "apply/", views.import_apply, name="import_apply"),
    path(_IMPORT + "map/", views.import_map, name="import_map"),
    path(_IMPORT + "again/", views.import_again, name="import_again"),
    path(_IMPORT + "discard/", views.import_discard, name="import_discard"),
    path(_IMPORT + "errors/", views.import_errors, name="import_errors"),
]
