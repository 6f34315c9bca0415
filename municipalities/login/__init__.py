"""Logging in: django-allauth, bent to the rules of a municipality.

Accounts are made by managers, never by sign-up. Passwords follow a policy, failures lock, a second factor
can be asked of a role, sessions end. What is configurable stands in `docs/operation.md`.
"""
