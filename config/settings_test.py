"""Settings of the test run: the real ones, with speed where it changes no behaviour."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "test-run-only-key-0123456789-abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("HTTPS", "0")

from .settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, because the threads of a live server cannot share one connection; of this process alone.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/renkei-test-{os.getpid()}.sqlite3"}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {  # of this process alone
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "print": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "print"},
    # Rows get the same keys and times in every test: what one rendered is not for the next.
    "public": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
RENKEI_JOB_RUNNER = "inline"
RENKEI_PUBLIC_SEARCHES_PER_MINUTE = 10_000  # the clock of many tests stands still
RENKEI_API_PUBLIC_RATE = RENKEI_API_TOKEN_RATE = RENKEI_API_FAILURES_PER_MINUTE = (
    100_000  # tests of them lower it
)
RENKEI_MFA_REQUIRED_ROLES = frozenset()  # tests of the rule turn it on
_MEDIA = tempfile.TemporaryDirectory(prefix="renkei-test-media-")  # goes when the process ends
MEDIA_ROOT = Path(_MEDIA.name)
