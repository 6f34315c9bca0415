from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("municipalities.login.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("agreements.api.urls")),
    path("", include("municipalities.urls")),
    path("", include("agreements.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler429 = "config.errors.too_many_requests"  # allauth's, not Django's
handler500 = "config.errors.server_error"
