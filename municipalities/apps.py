from django.apps import AppConfig


class MunicipalitiesConfig(AppConfig):
    name = "municipalities"
    verbose_name = "自治体・職員"

    def ready(self) -> None:
        from .audit import receivers as audit_receivers
        from .login import receivers as login_receivers

        login_receivers.connect(self)
        audit_receivers.connect()
