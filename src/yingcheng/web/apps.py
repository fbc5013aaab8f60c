"""The one Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """``yingcheng.web``; its tables are called ``web_…``."""

    name = "yingcheng.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "营城"

    def ready(self) -> None:
        """Hear of second factors that people add and remove; allauth tells of them by signals only."""
        from allauth.mfa.signals import authenticator_added, authenticator_removed  # noqa: PLC0415  # needs the tables

        from yingcheng.web.accounts.adapter import factor_added, factor_removed  # noqa: PLC0415  # as above

        authenticator_added.connect(factor_added)
        authenticator_removed.connect(factor_removed)
