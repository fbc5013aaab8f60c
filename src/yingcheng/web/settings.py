"""Django's settings. What an operator decides comes from :mod:`yingcheng.web.environment`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from yingcheng.web.environment import database, read_environment

ENVIRONMENT = read_environment(os.environ)
WEB = Path(__file__).parent

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "yingcheng.web.urls"
WSGI_APPLICATION = "yingcheng.web.wsgi.application"
DATABASES = {"default": database(ENVIRONMENT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "yingcheng.web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "bootstrap",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "yingcheng.web.middleware.ContentSecurityPolicy",
    "yingcheng.web.middleware.NoNul",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "yingcheng.web.middleware.SignedInRules",
    "yingcheng.web.middleware.OurErrors",
    "yingcheng.web.rest.RememberedWrites",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yingcheng.web.context.frame",
            ],
        },
    },
]

# ---- language and time: Chinese first ------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [WEB / "locale"]
LANGUAGE_COOKIE_NAME = "yingcheng_language"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ---- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served from the installed packages; nothing to collect
UPLOADS = ENVIRONMENT.data / "uploads"  # outside of everything that is served; views hand files out with permission
MEDIA_ROOT = ""
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a preview of several thousand rows has a tick per row
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_LIMIT = ENVIRONMENT.upload_mb * 1024**2

# ---- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "web.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "portal"
PASSWORD_POLICY = ENVIRONMENT.password_policy
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "yingcheng.web.accounts.passwords.PolicyValidator", "OPTIONS": {"policy": PASSWORD_POLICY}},
]
ACCOUNT_ADAPTER = "yingcheng.web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_USER_DISPLAY = "yingcheng.web.accounts.adapter.display_name"
ACCOUNT_EMAIL_VERIFICATION = "none"  # government intranets have no mail
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": f"100/{ENVIRONMENT.lockout_minutes}m/ip,"
    f"{ENVIRONMENT.lockout_failures}/{ENVIRONMENT.lockout_minutes}m/key",
}
MFA_ADAPTER = "yingcheng.web.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "营城"
SECOND_FACTOR = ENVIRONMENT.second_factor
IDLE_EXIT = timedelta(minutes=ENVIRONMENT.idle_minutes)
REMINDER_DAYS = ENVIRONMENT.reminder_days
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "web_cache"},
}

# ---- browsers --------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.https
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.https else 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ENVIRONMENT.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENVIRONMENT.behind_proxy else 0

# ---- jobs ------------------------------------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"yingcheng": {"level": "INFO"}, "django_tasks_db": {"level": "WARNING"}},
}
