"""Secrets that the program must read again: encrypted with SECRET_KEY, opened with its fallbacks too."""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def box(purpose: str) -> MultiFernet:
    """The first key encrypts, all decrypt; what is encrypted for one purpose opens for no other."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(purpose, key))) for key in keys])


def _derived(purpose: str, key: str) -> bytes:
    return sha256(f"{purpose}:{key}".encode()).digest()
