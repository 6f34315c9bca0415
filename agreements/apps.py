from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "agreements"
    verbose_name = "協定"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)
