from typing import Any

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "agreements"
    verbose_name = "協定"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)

        self.watch_for_audit()
        self.watch_for_search()
        from .actions.diagnosis import watch_changes

        watch_changes()

    @staticmethod
    def watch_for_audit() -> None:
        """Publication, deletion and restoration are audited whoever saves them."""
        from municipalities.audit.receivers import watch
        from municipalities.choices import AuditKind

        from .models import Agreement, Company

        def put_away_or_back(before: Any, after: Any) -> AuditKind:
            return AuditKind.DELETION if after else AuditKind.RESTORATION

        watch(Agreement, ("publication",), lambda before, after: AuditKind.PUBLICATION)
        for model in (Agreement, Company):
            watch(model, ("deleted_at",), put_away_or_back)

    @staticmethod
    def watch_for_search() -> None:
        """Agreements are found by the names of their 課 and municipalities, whoever changes these."""
        from django.db.backends.signals import connection_created

        from .actions.search import connect
        from .models.folded import teach_sqlite

        connect()
        connection_created.connect(teach_sqlite)
