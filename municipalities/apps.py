from django.apps import AppConfig


class MunicipalitiesConfig(AppConfig):
    name = "municipalities"
    verbose_name = "自治体・職員"

    def ready(self) -> None:
        from .login import receivers

        receivers.connect(self)
