"""Settings of Renkei: one file, driven by the environment (and by `.env` beside `manage.py`).

Outside development (`DEBUG` off) a missing `SECRET_KEY` or `ALLOWED_HOSTS` stops the start: a registry
of drafts and contact persons must never run on a default. `docs/operation.md` lists every variable.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host
from pythonjsonlogger.core import RESERVED_ATTRS

from .networks import read_networks
from .sign_on import read_sign_on

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # everything the program writes; outside version control

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env("SECRET_KEY", default="insecure-key-for-development-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it in the environment, or DEBUG=1 for development."
    )
# Old keys still verify sessions and signed links while a new key signs: rotation loses nothing.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Name the hosts this installation answers to.")
# Hosts on which municipalities may have their public pages; nothing else is served there.
RENKEI_PUBLIC_HOSTS = [host.strip().lower() for host in env.list("PUBLIC_HOSTS", default=[])]
if taken := [
    host
    for host in RENKEI_PUBLIC_HOSTS
    if host == "*" or (not DEBUG and any(validate_host(each.lstrip("."), [host]) for each in ALLOWED_HOSTS))
]:
    raise ImproperlyConfigured(f"PUBLIC_HOSTS must not cover ALLOWED_HOSTS: {', '.join(taken)}")
ALLOWED_HOSTS = [*ALLOWED_HOSTS, *RENKEI_PUBLIC_HOSTS]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SIGN_ON = read_sign_on(env)

INSTALLED_APPS = [
    "config.apps.RenkeiAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_filters",
    "django_htmx",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    *SIGN_ON.apps,
    "django_q",
    "municipalities",
    "agreements",
]

MIDDLEWARE = [
    "config.proxy.ClientAddressMiddleware",
    "config.browser_policy.BrowserPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.public_pages.PublicPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "municipalities.login.middleware.SessionLimitMiddleware",
    "municipalities.login.middleware.LoginDutyMiddleware",
    "municipalities.login.middleware.PrivatePagesMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["municipalities.templatetags.ui"],
        },
    },
]
FORM_RENDERER = "municipalities.form_renderer.FormRenderer"

# -- Database ---------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'renkei.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without these, concurrent writers get "database is locked": a deferred transaction cannot wait
    # for the lock when it turns from reading to writing.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    )
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Who is logged in -------------------------------------------------------------------------------
AUTH_USER_MODEL = "municipalities.StaffMember"
AUTHENTICATION_BACKENDS = ["municipalities.authentication.StaffBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "agreements:today"
LOGOUT_REDIRECT_URL = "account_login"

# Passwords
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": env.int("PASSWORD_MIN_LENGTH", default=10)},
    },
    {
        "NAME": "municipalities.login.password_validation.CharacterClassesValidator",
        "OPTIONS": {"classes": env.int("PASSWORD_CHARACTER_CLASSES", default=2)},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "municipalities.login.password_validation.ReuseValidator",
        "OPTIONS": {"remembered": env.int("PASSWORD_REMEMBERED", default=5)},
    },
]
RENKEI_PASSWORD_MAX_AGE = timedelta(days=env.int("PASSWORD_MAX_AGE_DAYS", default=0)) or None
PASSWORD_RESET_TIMEOUT = 3600

# Failures and rates (rates are kept in the shared cache)
RENKEI_LOGIN_FAILURES = env.int("LOGIN_FAILURES", default=5)
RENKEI_LOGIN_LOCK = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", default=15))
# A town hall reaches us from one address, everyone at half past eight.
_LOGIN_RATE = f"{env.int('LOGIN_RATE_PER_MINUTE', default=120)}/m/ip"
ACCOUNT_RATE_LIMITS = {
    "login": _LOGIN_RATE,
    # Codes of the second factor; passwords are counted by municipalities.login.lockout.
    "login_failed": f"{RENKEI_LOGIN_FAILURES}/{int(RENKEI_LOGIN_LOCK.total_seconds())}s/key",
    "change_password": "20/m/user",
}
MFA_RATE_LIMITS = {"webauthn_login": _LOGIN_RATE}
# Searches of the public pages by one visitor; what caches answer is not counted.
RENKEI_PUBLIC_SEARCHES_PER_MINUTE = env.int("PUBLIC_SEARCHES_PER_MINUTE", default=60)

# Sessions: the cookie goes with the browser, the session after idleness and after its full time.
RENKEI_SESSION_IDLE = timedelta(minutes=env.int("SESSION_IDLE_MINUTES", default=60))
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_SESSION_REMEMBER = False

# allauth
ACCOUNT_ADAPTER = "municipalities.login.account_adapter.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}  # e-mail addresses are often shared by a 課
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # a manager enters the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【Renkei】"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if env.bool("HTTPS", default=not DEBUG) else "http"
# Django's own: its hash holds the address, and it keeps no copy of it elsewhere.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_FORMS = {
    "login": "municipalities.login.forms.LoginForm",
    "reauthenticate": "municipalities.login.forms.ReauthenticateForm",
    "change_password": "municipalities.login.forms.ChangePasswordForm",
    "set_password": "municipalities.login.forms.SetPasswordForm",
    "reset_password": "municipalities.login.forms.ResetPasswordForm",
    "reset_password_from_key": "municipalities.login.forms.ResetPasswordKeyForm",
}

# Second factor
RENKEI_MFA_REQUIRED_ROLES = frozenset(
    env.list("MFA_REQUIRED_ROLES", default=[] if DEBUG else ["system_admin"])
)
if unknown := RENKEI_MFA_REQUIRED_ROLES - {"viewer", "editor", "manager", "system_admin"}:
    raise ImproperlyConfigured(f"MFA_REQUIRED_ROLES names unknown roles: {', '.join(sorted(unknown))}")
MFA_ADAPTER = "municipalities.login.mfa_adapter.StaffMfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Renkei"
MFA_TOTP_TOLERANCE = 1  # the clocks of closed networks drift
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_FORMS = {
    "authenticate": "municipalities.login.forms.AuthenticateForm",
    "reauthenticate": "municipalities.login.forms.MfaReauthenticateForm",
    "activate_totp": "municipalities.login.forms.ActivateTotpForm",
    "login_webauthn": "municipalities.login.forms.LoginPasskeyForm",
    "authenticate_webauthn": "municipalities.login.forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "municipalities.login.forms.ReauthenticatePasskeyForm",
    "add_webauthn": "municipalities.login.forms.AddPasskeyForm",
    "edit_webauthn": "municipalities.login.forms.EditPasskeyForm",
}

# Single sign-on of the organisation
SOCIALACCOUNT_ADAPTER = "municipalities.login.sign_on_adapter.StaffSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = SIGN_ON.providers
RENKEI_SIGN_ON_MUNICIPALITY = env.str("SIGN_ON_NEW_STAFF_MUNICIPALITY", default="")
RENKEI_SIGN_ON_COUNTS_AS_MFA = env.bool("SIGN_ON_COUNTS_AS_MFA", default=False)

# -- Audit -------------------------------------------------------------------------------------------
# The database refuses to delete anything younger than a year as well (migration `audit`).
RENKEI_AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", default=3 * 365)
if RENKEI_AUDIT_RETENTION_DAYS < 365:
    raise ImproperlyConfigured("AUDIT_RETENTION_DAYS must be 365 or more: the audit is kept at least 1 year.")

# -- Mail -------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", default="renkei@localhost")

# Links in mails that no request makes begin with it; without it they name no link.
RENKEI_BASE_URL = env("BASE_URL", default="").rstrip("/")

# -- Jobs (django-q2; cron does as well, see docs/operation.md) --------------------------------------
Q_CLUSTER = {
    "name": "renkei",
    "label": "定期処理",
    "orm": "default",
    "workers": env.int("JOB_WORKERS", default=2),
    "poll": 5,
    # A job that is still running must never be started a second time: retry is longer than timeout.
    "timeout": 3600,
    "retry": 4000,
    "max_attempts": 5,
    "catch_up": False,  # one run makes up for the missed ones
    "save_limit": 1000,
}
# Who runs what people order (exports, bulk changes, …): "auto" = the queue while a qcluster lives, else a
# process of its own; "queue", "process"; "inline" = at once, for tests.
RENKEI_JOB_RUNNER = env.str("JOB_RUNNER", default="auto")
if RENKEI_JOB_RUNNER not in {"auto", "queue", "process", "inline"}:
    raise ImproperlyConfigured("JOB_RUNNER must be auto, queue, process or inline.")

# -- API (docs/api.md) ------------------------------------------------------------------------------
# Requests in a minute: of one address for what is public, of one token, and with tokens that open nothing.
RENKEI_API_PUBLIC_RATE = env.int("API_PUBLIC_RATE_PER_MINUTE", default=120)
RENKEI_API_TOKEN_RATE = env.int("API_TOKEN_RATE_PER_MINUTE", default=300)
RENKEI_API_FAILURES_PER_MINUTE = env.int("API_FAILURES_PER_MINUTE", default=20)

# -- Webhooks (docs/api.md) -------------------------------------------------------------------------
# The internet may be reached, the inside (private, loopback, link-local …) only where it is named here: on a
# closed network "10.0.0.0/8,192.168.0.0/16" or narrower. A manager could else have us ask our own neighbours.
RENKEI_WEBHOOK_NETWORKS = read_networks(env.list("WEBHOOK_NETWORKS", default=[]))
RENKEI_WEBHOOK_HTTPS_ONLY = env.bool("WEBHOOK_HTTPS_ONLY", default=not DEBUG)
RENKEI_WEBHOOK_STOP_DAYS = env.int("WEBHOOK_STOP_DAYS", default=5)

# -- Language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

# -- Files ------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"  # never below a served path: documents go out through views only
# Uploads (which kinds: agreements.domain.uploads): bytes and pixels of a file, files and bytes of a request.
RENKEI_UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", default=50) * 1024**2
RENKEI_UPLOAD_MAX_PIXELS = env.int("UPLOAD_MAX_MEGAPIXELS", default=150) * 1_000_000
RENKEI_UPLOAD_MAX_FILES = env.int("UPLOAD_MAX_FILES", default=20)
RENKEI_UPLOAD_MAX_REQUEST_BYTES = env.int("UPLOAD_MAX_REQUEST_MB", default=200) * 1024**2
DATA_UPLOAD_MAX_NUMBER_FILES = RENKEI_UPLOAD_MAX_FILES
FILE_UPLOAD_HANDLERS = [
    "config.uploads.RequestQuotaUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
RENKEI_PRINT_FONT_DIR = env.path("PRINT_FONT_DIR", default=str(VAR_DIR / "print-fonts"))
# For one printout that may turn out long: seconds, and megabytes of address space (a usual one takes 600).
RENKEI_PRINT_SECONDS = env.int("PRINT_SECONDS", default=60)
RENKEI_PRINT_MEGABYTES = env.int("PRINT_MEGABYTES", default=1536)
# So many processes lay out the sheets of one bulk print.
RENKEI_PRINT_PROCESSES = max(1, env.int("PRINT_PROCESSES", default=2))
# A registration form with 60 items and 200 actions has about 4,000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# -- Hardening --------------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not DEBUG)  # off only for a trial in a closed network without TLS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
RENKEI_BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if RENKEI_BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *SIGN_ON.form_origins],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# -- Cache, logs ------------------------------------------------------------------------------------
# Shared by every process: rate limits count in it. `migrate` makes the table of a database cache.
CACHES = {
    "default": {
        "OPTIONS": {"MAX_ENTRIES": 100_000},
        **env.cache("CACHE_URL", default="dbcache://shared_cache"),
    },
    # Finished PDFs (about 100 KB each) for an hour: in files, as they would swell the database.
    "print": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "print-cache",
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
    # Finished public pages, by their ETag: in files as well, so that a crowd pushes out no count of a rate.
    "public": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "public-cache",
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 3000},
    },
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "json_ensure_ascii": False,
            # With its query string, in which people search for people.
            "reserved_attrs": [*RESERVED_ATTRS, "request"],
        },
        "plain": {"format": "%(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain" if DEBUG else "json"},
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # WeasyPrint and fontTools tell their every step at INFO.
    "loggers": {"fontTools": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}},
}
