from django.contrib.admin.apps import AdminConfig


class RenkeiAdminConfig(AdminConfig):
    """Django's admin with our site (`municipalities.admin_site`)."""

    default_site = "municipalities.admin_site.RenkeiAdminSite"
