"""The one Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """``yingcheng.web``; its tables are called ``web_…``."""

    name = "yingcheng.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "营城"
