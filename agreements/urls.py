from django.urls import include, path

from .views.agreement_detail import AgreementDetailView, AgreementSheetView
from .views.agreement_form import (
    AgreementCreateView,
    AgreementUpdateView,
    PartySuggestView,
    SplitItemsView,
    TermSuggestionsView,
)
from .views.agreements import (
    AgreementDeletedListView,
    AgreementDeleteView,
    AgreementListView,
    AgreementRestoreView,
)
from .views.amendments import (
    AmendmentDetailView,
    AmendmentMergeView,
    AmendmentRejectView,
    AmendmentStartView,
    AmendmentUpdateView,
    AmendmentWithdrawView,
)
from .views.calendar_feeds import (
    CalendarFeedView,
    CalendarHolidaysView,
    CalendarIssueView,
    CalendarRevokeView,
    CalendarView,
)
from .views.companies import (
    CompanyCreateView,
    CompanyDeleteView,
    CompanyDetailView,
    CompanyListView,
    CompanyRestoreView,
    CompanyUpdateView,
)
from .views.company_contacts import (
    CompanyContactCreateView,
    CompanyContactEndView,
    CompanyContactReopenView,
    CompanyContactUpdateView,
    CompanyContactVerifyView,
)
from .views.dashboard import TodayView
from .views.document_files import DocumentDownloadView, DocumentInlineView
from .views.documents import (
    DocumentConfirmView,
    DocumentDeleteView,
    DocumentDetailView,
    DocumentRestoreView,
    DocumentUpdateView,
    DocumentUploadView,
    PaperCreateView,
)
from .views.family import SuccessorView
from .views.intake_criteria import (
    IntakeCriterionCreateView,
    IntakeCriterionEndView,
    IntakeCriterionListView,
    IntakeCriterionMoveView,
    IntakeCriterionReopenView,
    IntakeCriterionUpdateView,
    IntakeCriterionUsualView,
)
from .views.meetings import (
    MeetingCreateView,
    MeetingDeleteView,
    MeetingRestoreView,
    MeetingTaskActionView,
    MeetingUpdateView,
)
from .views.moves import (
    AgreementApprovalWithdrawView,
    AgreementApproveView,
    AgreementMoveView,
    AgreementUndoView,
)
from .views.notices import NoticePreferenceView, NoticeSnoozeView, NoticeWakeView
from .views.owners import OwnerChangeUndoView, OwnerlessView, ReorganisationView
from .views.procedure_records import (
    AnswerOpinionView,
    AskOpinionsView,
    CeremonyCancelView,
    CeremonyRestoreView,
    CeremonyView,
    OpinionRestoreView,
    OpinionWithdrawView,
    ProposalView,
)
from .views.renewals import RenewalDecideView, RenewalWithdrawView
from .views.restore_value import RestoreValueView

app_name = "agreements"

urlpatterns = [
    path("calendar/", CalendarView.as_view(), name="calendar"),
    path("calendar/issue/", CalendarIssueView.as_view(), name="calendar-issue"),
    path("calendar/holidays/", CalendarHolidaysView.as_view(), name="calendar-holidays"),
    path("calendar/revoke/", CalendarRevokeView.as_view(), name="calendar-revoke"),
    path("calendar/<str:token>.ics", CalendarFeedView.as_view(), name="calendar-feed"),
    path("notices/snooze/", NoticeSnoozeView.as_view(), name="notice-snooze"),
    path("notices/<int:pk>/wake/", NoticeWakeView.as_view(), name="notice-wake"),
    path("notices/preference/", NoticePreferenceView.as_view(), name="notice-preference"),
    path("", TodayView.as_view(), name="today"),
    path("agreements/", AgreementListView.as_view(), name="agreement-list"),
    path("agreements/deleted/", AgreementDeletedListView.as_view(), name="agreement-deleted-list"),
    path("agreements/new/", AgreementCreateView.as_view(), name="agreement-create"),
    path("agreements/new/split-items/", SplitItemsView.as_view(), name="split-items"),
    path("agreements/new/term-suggestions/", TermSuggestionsView.as_view(), name="term-suggestions"),
    path("agreements/new/parties/", PartySuggestView.as_view(), name="party-suggest"),
    path("agreements/<int:pk>/edit/", AgreementUpdateView.as_view(), name="agreement-update"),
    path("agreements/<int:pk>/", AgreementDetailView.as_view(), name="agreement-detail"),
    path("agreements/<int:pk>/sheet.pdf", AgreementSheetView.as_view(), name="agreement-sheet"),
    path("agreements/<int:pk>/delete/", AgreementDeleteView.as_view(), name="agreement-delete"),
    path("agreements/<int:pk>/restore/", AgreementRestoreView.as_view(), name="agreement-restore"),
    path(
        "agreements/history/<int:history_id>/<slug:model>/<slug:field>/restore/",
        RestoreValueView.as_view(),
        name="value-restore",
    ),
    path("agreements/<int:pk>/amendments/new/", AmendmentStartView.as_view(), name="amendment-create"),
    path("amendments/<int:pk>/", AmendmentDetailView.as_view(), name="amendment-detail"),
    path("amendments/<int:pk>/edit/", AmendmentUpdateView.as_view(), name="amendment-update"),
    path("amendments/<int:pk>/merge/", AmendmentMergeView.as_view(), name="amendment-merge"),
    path("amendments/<int:pk>/reject/", AmendmentRejectView.as_view(), name="amendment-reject"),
    path("amendments/<int:pk>/withdraw/", AmendmentWithdrawView.as_view(), name="amendment-withdraw"),
    path("agreements/<int:pk>/successor/", SuccessorView.as_view(), name="agreement-successor"),
    path("agreements/<int:pk>/renewal/", RenewalDecideView.as_view(), name="renewal-decide"),
    path("agreements/<int:pk>/renewal/withdraw/", RenewalWithdrawView.as_view(), name="renewal-withdraw"),
    path("companies/", CompanyListView.as_view(), name="company-list"),
    path("companies/new/", CompanyCreateView.as_view(), name="company-create"),
    path("companies/<int:pk>/", CompanyDetailView.as_view(), name="company-detail"),
    path("companies/<int:pk>/edit/", CompanyUpdateView.as_view(), name="company-update"),
    path("companies/<int:pk>/delete/", CompanyDeleteView.as_view(), name="company-delete"),
    path("companies/<int:pk>/restore/", CompanyRestoreView.as_view(), name="company-restore"),
    path(
        "companies/<int:pk>/contacts/new/", CompanyContactCreateView.as_view(), name="company-contact-create"
    ),
    path("contacts/<int:pk>/edit/", CompanyContactUpdateView.as_view(), name="company-contact-update"),
    path("contacts/<int:pk>/verify/", CompanyContactVerifyView.as_view(), name="company-contact-verify"),
    path("contacts/<int:pk>/end/", CompanyContactEndView.as_view(), name="company-contact-end"),
    path("contacts/<int:pk>/reopen/", CompanyContactReopenView.as_view(), name="company-contact-reopen"),
    path("agreements/<int:pk>/move/<str:target>/", AgreementMoveView.as_view(), name="agreement-move"),
    path("agreements/<int:pk>/approve/", AgreementApproveView.as_view(), name="agreement-approve"),
    path(
        "agreements/<int:pk>/approve/withdraw/",
        AgreementApprovalWithdrawView.as_view(),
        name="agreement-approval-withdraw",
    ),
    path("agreements/<int:pk>/undo/", AgreementUndoView.as_view(), name="agreement-undo"),
    path("agreements/<int:pk>/proposal/", ProposalView.as_view(), name="proposal"),
    path("agreements/<int:pk>/opinions/", AskOpinionsView.as_view(), name="opinion-ask"),
    path("agreements/<int:pk>/ceremony/", CeremonyView.as_view(), name="ceremony"),
    path("agreements/<int:pk>/ceremony/cancel/", CeremonyCancelView.as_view(), name="ceremony-cancel"),
    path("agreements/<int:pk>/ceremony/restore/", CeremonyRestoreView.as_view(), name="ceremony-restore"),
    path("opinions/<int:pk>/", AnswerOpinionView.as_view(), name="opinion-answer"),
    path("opinions/<int:pk>/withdraw/", OpinionWithdrawView.as_view(), name="opinion-withdraw"),
    path("opinions/<int:pk>/restore/", OpinionRestoreView.as_view(), name="opinion-restore"),
    path("settings/intake-criteria/", IntakeCriterionListView.as_view(), name="intake-criterion-list"),
    path(
        "settings/intake-criteria/new/", IntakeCriterionCreateView.as_view(), name="intake-criterion-create"
    ),
    path(
        "settings/intake-criteria/usual/", IntakeCriterionUsualView.as_view(), name="intake-criterion-usual"
    ),
    path(
        "settings/intake-criteria/<int:pk>/",
        IntakeCriterionUpdateView.as_view(),
        name="intake-criterion-update",
    ),
    path(
        "settings/intake-criteria/<int:pk>/move/",
        IntakeCriterionMoveView.as_view(),
        name="intake-criterion-move",
    ),
    path(
        "settings/intake-criteria/<int:pk>/end/",
        IntakeCriterionEndView.as_view(),
        name="intake-criterion-end",
    ),
    path(
        "settings/intake-criteria/<int:pk>/reopen/",
        IntakeCriterionReopenView.as_view(),
        name="intake-criterion-reopen",
    ),
    path("agreements/<int:pk>/documents/new/", DocumentUploadView.as_view(), name="document-upload"),
    path("agreements/<int:pk>/documents/confirm/", DocumentConfirmView.as_view(), name="document-confirm"),
    path("agreements/<int:pk>/documents/paper/", PaperCreateView.as_view(), name="document-paper-create"),
    path("documents/<int:pk>/", DocumentDetailView.as_view(), name="document-detail"),
    path("documents/<int:pk>/edit/", DocumentUpdateView.as_view(), name="document-update"),
    path("documents/<int:pk>/delete/", DocumentDeleteView.as_view(), name="document-delete"),
    path("documents/<int:pk>/restore/", DocumentRestoreView.as_view(), name="document-restore"),
    path("documents/<int:pk>/download/", DocumentDownloadView.as_view(), name="document-download"),
    path("documents/<int:pk>/inline/", DocumentInlineView.as_view(), name="document-inline"),
    path("agreements/<int:pk>/meetings/new/", MeetingCreateView.as_view(), name="meeting-create"),
    path("meetings/<int:pk>/edit/", MeetingUpdateView.as_view(), name="meeting-update"),
    path("meetings/<int:pk>/delete/", MeetingDeleteView.as_view(), name="meeting-delete"),
    path("meetings/<int:pk>/restore/", MeetingRestoreView.as_view(), name="meeting-restore"),
    path("meeting-tasks/<int:pk>/action/", MeetingTaskActionView.as_view(), name="meeting-task-action"),
    path("reorganisation/", ReorganisationView.as_view(), name="reorganisation"),
    path("ownerless/", OwnerlessView.as_view(), name="ownerless"),
    path("owner-changes/<int:pk>/undo/", OwnerChangeUndoView.as_view(), name="owner-change-undo"),
    path("", include("agreements.urls_management")),
    path("open/", include("agreements.urls_public")),
]
