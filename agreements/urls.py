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
    CompanySheetView,
    CompanyUpdateView,
)
from .views.company_contacts import (
    CompanyContactCreateView,
    CompanyContactEndView,
    CompanyContactReopenView,
    CompanyContactUpdateView,
    CompanyContactVerifyView,
)
from .views.company_merges import CompanyMergeUndoView, CompanyMergeView
from .views.company_reports import (
    CompanyCommentView,
    CompanyReportUndoView,
    CompanyReportView,
    ShareFileAdoptView,
    ShareFileDownloadView,
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
from .views.imports import (
    ImportCreateView,
    ImportDetailView,
    ImportDiscardView,
    ImportListView,
    ImportMappingView,
    ImportRejectedView,
    ImportTemplateView,
    ImportUndoView,
)
from .views.intake_criteria import (
    IntakeCriterionCreateView,
    IntakeCriterionEndView,
    IntakeCriterionListView,
    IntakeCriterionMoveView,
    IntakeCriterionReopenView,
    IntakeCriterionUpdateView,
    IntakeCriterionUsualView,
)
from .views.jobs import JobCancelView, JobDetailView, JobFileView, JobListView, JobRestartView
from .views.list_bulk import BulkUndoView, ListBulkView
from .views.list_export import ListExportView, ListPrintView
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
from .views.print_pages import (
    ListPrintPageView,
    PrintChoicesUndoView,
    PrintChoicesView,
    SheetPrintPageView,
)
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
from .views.record_lists import ActionListView, DocumentListView, MeetingListView
from .views.renewals import RenewalDecideView, RenewalWithdrawView
from .views.restore_value import RestoreValueView
from .views.saved_views import ViewCreateView, ViewDeleteView, ViewRestoreView, ViewUpdateView
from .views.share_links import (
    ShareLinkCodeView,
    ShareLinkIssueView,
    ShareLinkReissueView,
    ShareLinkRemindView,
    ShareLinkRevokeView,
)
from .views.submissions import (
    SubmissionAcceptView,
    SubmissionRejectView,
    SubmissionRestoreView,
    SubmissionTakeBackView,
    SubmissionView,
)
from .views.worksheet_files import (
    WorksheetConfirmedPrintView,
    WorksheetExportView,
    WorksheetPrintView,
    WorksheetUploadView,
)
from .views.worksheets import (
    WorksheetAnswersView,
    WorksheetCancelView,
    WorksheetConfirmView,
    WorksheetConfirmWithdrawView,
    WorksheetItemsView,
    WorksheetOpenView,
    WorksheetResumeView,
    WorksheetRowHintsView,
    WorksheetRowView,
    WorksheetStartView,
    WorksheetTakeBackView,
    WorksheetView,
)

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
    path("agreements/<int:pk>/print/", SheetPrintPageView.as_view(), name="agreement-print-page"),
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
    path("companies/<int:pk>/sheet.pdf", CompanySheetView.as_view(), name="company-sheet"),
    path("companies/<int:pk>/edit/", CompanyUpdateView.as_view(), name="company-update"),
    path("companies/<int:pk>/delete/", CompanyDeleteView.as_view(), name="company-delete"),
    path("companies/<int:pk>/restore/", CompanyRestoreView.as_view(), name="company-restore"),
    path("companies/<int:pk>/merge/", CompanyMergeView.as_view(), name="company-merge"),
    path("company-merges/<int:pk>/undo/", CompanyMergeUndoView.as_view(), name="company-merge-undo"),
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
    path("actions/", ActionListView.as_view(), name="action-list"),
    path("documents/", DocumentListView.as_view(), name="document-list"),
    path("meetings/", MeetingListView.as_view(), name="meeting-list"),
    path("lists/<slug:key>/export/", ListExportView.as_view(), name="list-export"),
    path("lists/<slug:key>/print/", ListPrintPageView.as_view(), name="list-print-page"),
    path("lists/<slug:key>/list.pdf", ListPrintView.as_view(), name="list-print-pdf"),
    path("print-choices/<slug:kind>/", PrintChoicesView.as_view(), name="print-choices"),
    path("print-choices/<slug:kind>/undo/", PrintChoicesUndoView.as_view(), name="print-choices-undo"),
    path("lists/<slug:key>/bulk/", ListBulkView.as_view(), name="list-bulk"),
    path("lists/<slug:key>/views/new/", ViewCreateView.as_view(), name="view-create"),
    path("views/<int:pk>/", ViewUpdateView.as_view(), name="view-update"),
    path("views/<int:pk>/delete/", ViewDeleteView.as_view(), name="view-delete"),
    path("views/<int:pk>/restore/", ViewRestoreView.as_view(), name="view-restore"),
    path("jobs/<int:pk>/undo/", BulkUndoView.as_view(), name="job-undo"),
    path("imports/", ImportListView.as_view(), name="import-list"),
    path("imports/new/<slug:kind>/", ImportCreateView.as_view(), name="import-create"),
    path("imports/new/<slug:kind>/sample.xlsx", ImportTemplateView.as_view(), name="import-template"),
    path("imports/<int:pk>/", ImportDetailView.as_view(), name="import-detail"),
    path("imports/<int:pk>/columns/", ImportMappingView.as_view(), name="import-mapping"),
    path("imports/<int:pk>/rejected.xlsx", ImportRejectedView.as_view(), name="import-rejected"),
    path("imports/<int:pk>/discard/", ImportDiscardView.as_view(), name="import-discard"),
    path("imports/<int:pk>/undo/", ImportUndoView.as_view(), name="import-undo"),
    path("jobs/", JobListView.as_view(), name="job-list"),
    path("jobs/<int:pk>/", JobDetailView.as_view(), name="job-detail"),
    path("jobs/<int:pk>/cancel/", JobCancelView.as_view(), name="job-cancel"),
    path("jobs/<int:pk>/restart/", JobRestartView.as_view(), name="job-restart"),
    path("job-files/<int:pk>/", JobFileView.as_view(), name="job-file"),
    path("agreements/<int:pk>/links/new/", ShareLinkIssueView.as_view(), name="share-link-create"),
    path("links/<int:pk>/remind/", ShareLinkRemindView.as_view(), name="share-link-remind"),
    path("links/<int:pk>/revoke/", ShareLinkRevokeView.as_view(), name="share-link-revoke"),
    path("links/<int:pk>/reissue/", ShareLinkReissueView.as_view(), name="share-link-reissue"),
    path("links/<int:pk>/code/", ShareLinkCodeView.as_view(), name="share-link-code"),
    path("company-reports/<int:pk>/", CompanyReportView.as_view(), name="company-report"),
    path("company-comments/<int:pk>/", CompanyCommentView.as_view(), name="company-comment"),
    path("company-reports/<int:pk>/undo/", CompanyReportUndoView.as_view(), name="company-report-undo"),
    path("share-files/<int:pk>/", ShareFileDownloadView.as_view(), name="share-file-download"),
    path("share-files/<int:pk>/document/", ShareFileAdoptView.as_view(), name="share-file-adopt"),
    path("agreements/<int:pk>/worksheet/start/", WorksheetStartView.as_view(), name="worksheet-start"),
    path("worksheets/<int:pk>/", WorksheetView.as_view(), name="worksheet"),
    path("worksheets/<int:pk>/answers/", WorksheetAnswersView.as_view(), name="worksheet-answers"),
    path("worksheets/<int:pk>/take-back/", WorksheetTakeBackView.as_view(), name="worksheet-take-back"),
    path("worksheets/<int:pk>/items/", WorksheetItemsView.as_view(), name="worksheet-items"),
    path("worksheets/<int:pk>/open/", WorksheetOpenView.as_view(), name="worksheet-open"),
    path("worksheets/<int:pk>/cancel/", WorksheetCancelView.as_view(), name="worksheet-cancel"),
    path("worksheets/<int:pk>/resume/", WorksheetResumeView.as_view(), name="worksheet-resume"),
    path("worksheets/<int:pk>/confirm/<str:side>/", WorksheetConfirmView.as_view(), name="worksheet-confirm"),
    path(
        "worksheets/<int:pk>/confirm/<str:side>/withdraw/",
        WorksheetConfirmWithdrawView.as_view(),
        name="worksheet-confirm-withdraw",
    ),
    path("worksheets/<int:pk>/worksheet.xlsx", WorksheetExportView.as_view(), name="worksheet-export"),
    path("worksheets/<int:pk>/upload/", WorksheetUploadView.as_view(), name="worksheet-upload"),
    path("worksheets/<int:pk>/worksheet.pdf", WorksheetPrintView.as_view(), name="worksheet-print"),
    path(
        "worksheets/<int:pk>/confirmation.pdf",
        WorksheetConfirmedPrintView.as_view(),
        name="worksheet-confirmed-print",
    ),
    path("worksheet-rows/<int:pk>/", WorksheetRowView.as_view(), name="worksheet-row"),
    path("worksheet-rows/<int:pk>/hints/", WorksheetRowHintsView.as_view(), name="worksheet-row-hints"),
    path("submissions/<int:pk>/", SubmissionView.as_view(), name="submission"),
    path("submissions/<int:pk>/accept/", SubmissionAcceptView.as_view(), name="submission-accept"),
    path("submissions/<int:pk>/reject/", SubmissionRejectView.as_view(), name="submission-reject"),
    path("submissions/<int:pk>/restore/", SubmissionRestoreView.as_view(), name="submission-restore"),
    path("submissions/<int:pk>/take-back/", SubmissionTakeBackView.as_view(), name="submission-take-back"),
    path("reorganisation/", ReorganisationView.as_view(), name="reorganisation"),
    path("ownerless/", OwnerlessView.as_view(), name="ownerless"),
    path("owner-changes/<int:pk>/undo/", OwnerChangeUndoView.as_view(), name="owner-change-undo"),
    path("", include("agreements.urls_actions")),
    path("", include("agreements.urls_diagnosis")),
    path("", include("agreements.urls_management")),
    path("partner/", include("agreements.urls_partner")),
    path("", include("agreements.urls_plans")),
    path("", include("agreements.urls_texts")),
    path("open/", include("agreements.urls_public")),
    path("settings/webhooks/", include("agreements.urls_webhooks")),
]
