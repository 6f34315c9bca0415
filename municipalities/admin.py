from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from .admin_site import CompactInline, GuardedAdmin, NeverDeletedMixin, ReadOnlyMixin, RecordAdmin
from .login import lockout, mfa_adapter
from .models import (
    ApiToken,
    AuditChain,
    Department,
    LoginFailure,
    Municipality,
    MunicipalityFormerName,
    PasswordHistory,
    Plan,
    PlanItem,
    StaffMember,
)

# Rights come from a person's role (`access.py`), not from Django's groups.
admin.site.unregister(Group)
# Factors are secrets, addresses belong to the person's record, sign-on is configured in the environment.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession])


class PrefectureFilter(admin.SimpleListFilter):
    """都道府県: 47 choices where a choice of municipalities would have 1,788."""

    title = "都道府県"
    parameter_name = "prefecture"
    lookup = "prefecture_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        prefectures = Municipality.objects.filter(kind="prefecture").order_by("code")
        return list(prefectures.values_list("prefecture_code", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{self.lookup: self.value()}) if self.value() else queryset


class MunicipalityPrefectureFilter(PrefectureFilter):
    """The same for rows that belong to a municipality."""

    lookup = "municipality__prefecture_code"


class MunicipalityFormerNameInline(CompactInline):
    model = MunicipalityFormerName


@admin.register(Municipality)
class MunicipalityAdmin(NeverDeletedMixin, GuardedAdmin):
    """The master comes from its file (`load_municipalities`); what the file does not tell is entered here."""

    list_display = ["code", "full_name", "name_kana", "kind", "closed_on"]
    list_display_links = ["code", "full_name"]
    list_filter = ["kind", ("closed_on", admin.EmptyFieldListFilter), PrefectureFilter]
    search_fields = ["name", "name_kana", "code", "former_names__name"]
    search_help_text = "名称・旧名称・かな・団体コード"
    fields = [
        "code",
        "kind",
        ("prefecture", "county"),
        ("name", "name_kana"),
        "opened_on",
        "closed_on",
        "successor",
        ("created_at", "updated_at"),
    ]
    readonly_fields = [
        "code",
        "kind",
        "prefecture",
        "county",
        "name",
        "name_kana",
        "created_at",
        "updated_at",
    ]
    autocomplete_fields = ["successor"]
    inlines = [MunicipalityFormerNameInline]

    def label(self, obj: Municipality) -> str:
        return f"{obj.full_name}（{obj.code}{'、廃止' if obj.closed_on else ''}）"

    @admin.display(description="名称", ordering="name_kana")
    def full_name(self, obj: Municipality) -> str:
        return obj.full_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Department)
class DepartmentAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = ["name", "municipality", "valid_from", "valid_to", "successor"]
    list_filter = [("valid_to", admin.EmptyFieldListFilter), MunicipalityPrefectureFilter]
    list_select_related = ["municipality", "successor"]
    search_fields = ["name", "name_kana", "municipality__name", "municipality__code"]
    search_help_text = "課名・かな・自治体名（例：福岡市 企画課）"
    fields = [
        "municipality",
        ("name", "name_kana"),
        "order",
        "valid_from",
        "valid_to",
        "successor",
        ("created_at", "updated_at"),
    ]
    autocomplete_fields = ["municipality", "successor"]
    readonly_fields = ["created_at", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("municipality")

    def label(self, obj: Department) -> str:
        return f"{obj.municipality} {obj.name}{'（廃止）' if obj.valid_to else ''}"


@admin.register(Plan)
class PlanAdmin(NeverDeletedMixin, GuardedAdmin):
    """A plan's nodes are edited as a tree in the product; their pages here are for repairs."""

    list_display = ["__str__", "municipality", "first_year", "last_year", "state", "deleted_at"]
    list_filter = ["state", ("deleted_at", admin.EmptyFieldListFilter), MunicipalityPrefectureFilter]
    list_select_related = ["municipality"]
    search_fields = ["name", "edition", "municipality__name", "municipality__code"]
    search_help_text = "計画名・版・自治体名"
    fields = [
        "municipality",
        ("name", "edition"),
        ("first_year", "last_year"),
        "state",
        "predecessor",
        ("created_at", "updated_at", "deleted_at"),
    ]
    autocomplete_fields = ["municipality", "predecessor"]
    readonly_fields = ["created_at", "updated_at", "deleted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("municipality")

    def label(self, obj: Plan) -> str:
        return f"{obj.municipality} {obj}"


class PlanPrefectureFilter(PrefectureFilter):
    lookup = "plan__municipality__prefecture_code"


@admin.register(PlanItem)
class PlanItemAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = ["__str__", "level_name", "plan", "department", "deleted_at"]
    list_filter = [("deleted_at", admin.EmptyFieldListFilter), PlanPrefectureFilter]
    list_select_related = ["plan", "department"]
    search_fields = ["name", "code", "plan__name", "plan__municipality__name"]
    search_help_text = "名称・コード・計画名・自治体名"
    ordering = ["plan", "sort_key"]
    fields = [
        ("plan", "parent"),
        ("level", "code", "name"),
        "order",
        ("kpi_name", "kpi_unit"),
        ("kpi_baseline", "kpi_target", "kpi_year"),
        "department",
        ("created_at", "updated_at", "deleted_at"),
    ]
    autocomplete_fields = ["plan", "parent", "department"]
    readonly_fields = ["created_at", "updated_at", "deleted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("plan__municipality", "parent")

    def get_readonly_fields(self, request: HttpRequest, obj: PlanItem | None = None) -> list[str]:
        return [*self.readonly_fields, "plan"] if obj else self.readonly_fields

    def label(self, obj: PlanItem) -> str:
        return f"{obj.plan.municipality} {obj.plan} {obj}"


_LABELS = {"is_superuser": "システム管理者"}
_HELP_TEXTS = {"is_superuser": "すべての自治体の記録とこの管理画面を使えます。自治体には属しません。"}


class StaffMemberCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = StaffMember
        labels = _LABELS
        help_texts = _HELP_TEXTS

    def save(self, commit: bool = True) -> StaffMember:
        self.instance.must_change_password = True
        return super().save(commit)


class StaffPasswordForm(AdminPasswordChangeForm):
    """Sets somebody's password, which they have to replace by their own."""

    def save(self, commit: bool = True) -> StaffMember:
        self.user.must_change_password = True
        return super().save(commit)


class StaffMemberChangeForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = StaffMember
        labels = _LABELS
        help_texts = _HELP_TEXTS


_BELONGING = ["municipality", "department", "role", "is_superuser"]


@admin.register(StaffMember)
class StaffMemberAdmin(NeverDeletedMixin, RecordAdmin, UserAdmin):
    form = StaffMemberChangeForm
    add_form = StaffMemberCreationForm
    change_password_form = StaffPasswordForm
    actions = ["unlock", "reset_second_factor"]
    list_display = ["username", "name", "municipality", "department", "role", "is_active", "last_login"]
    list_filter = ["role", "is_superuser", "is_active", MunicipalityPrefectureFilter]
    list_select_related = ["municipality", "department"]
    search_fields = ["username", "name", "name_kana", "email", "municipality__name", "department__name"]
    search_help_text = "ユーザー名・氏名・かな・メール・自治体名・課名"
    ordering = ["username"]
    filter_horizontal = []
    autocomplete_fields = ["municipality", "department"]
    readonly_fields = ["last_login", "last_login_address", "password_changed_at", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", ("name", "name_kana"), "email"]}),
        ("所属と権限", {"fields": [*_BELONGING, "is_active", "must_change_password"]}),
        (
            "記録",
            {"fields": ["last_login", "last_login_address", "password_changed_at", "date_joined"]},
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", ("name", "name_kana"), "email"]}),
        ("所属と権限", {"fields": _BELONGING}),
        ("パスワード", {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("municipality", "department")

    def label(self, obj: StaffMember) -> str:
        return " ".join(str(part) for part in (obj.municipality, obj.department, obj.name) if part)

    @admin.action(description="ログインのロックを解除する", permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[StaffMember]) -> None:
        for member in queryset:
            lockout.unlock(member)
        self.message_user(request, f"{len(queryset)}人のロックを解除しました。")

    @admin.action(description="二段階認証を取り消す（端末をなくした人のため）", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[StaffMember]) -> None:
        for member in queryset:
            mfa_adapter.reset(member, request)
        self.message_user(request, f"{len(queryset)}人の二段階認証を取り消しました。")

    def save_model(self, request: HttpRequest, obj: StaffMember, form: Any, change: bool) -> None:
        # One right, one tick: who is a system admin may enter these pages, nobody else.
        obj.is_staff = obj.is_superuser
        super().save_model(request, obj, form, change)


# -- Records of security: which there are and when they came; never a hash ----------------------------
@admin.register(LoginFailure)
class LoginFailureAdmin(ReadOnlyMixin, RecordAdmin):
    """Ended by 「ログインのロックを解除する」 on the page of the staff, and by time."""

    list_display = ["failed_at", "staff_member", "address"]
    list_select_related = ["staff_member"]
    search_fields = ["staff_member__name", "staff_member__username", "address"]
    search_help_text = "氏名・ユーザー名・接続元"
    fields = ["failed_at", "staff_member", "address"]


@admin.register(PasswordHistory)
class PasswordHistoryAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["set_at", "staff_member"]
    list_select_related = ["staff_member"]
    search_fields = ["staff_member__name", "staff_member__username"]
    search_help_text = "氏名・ユーザー名"
    fields = ["set_at", "staff_member"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyMixin, RecordAdmin):
    """Issued and revoked on the page APIトークン."""

    list_display = ["name", "prefix", "municipality", "expires_on", "last_used_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), MunicipalityPrefectureFilter]
    list_select_related = ["municipality"]
    search_fields = ["name", "prefix", "municipality__name", "municipality__code"]
    search_help_text = "システムの名称・トークンの先頭・自治体名"
    ordering = ["-pk"]
    fields = [
        "municipality",
        ("name", "prefix"),
        ("scopes", "expires_on"),
        ("created_by", "created_at", "updated_at"),
        ("last_used_at", "last_used_address"),
        ("revoked_at", "revoked_by"),
    ]


@admin.register(AuditChain)
class AuditChainAdmin(ReadOnlyMixin, RecordAdmin):
    """How far the records of operations go; the records themselves are read on the page 操作記録."""

    list_display = ["__str__", "last_sequence", "removed_through"]
    list_filter = [MunicipalityPrefectureFilter]
    list_select_related = ["municipality"]
    search_fields = ["municipality__name", "municipality__code"]
    search_help_text = "自治体名・団体コード"
    ordering = ["pk"]
    fields = ["municipality", "last_sequence", "removed_through"]
