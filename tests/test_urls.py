"""Who gets what behind every URL. A URL that is not classified here fails the sweep: decide, then add it.

People are of 福岡市, to which the agreements, the contact and the drafts belong, or of 小布施町.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agreements.printing import engine
from tests.conftest import client_of

PEOPLE = [
    "viewer",  # of 福岡市, as the next three
    "colleague",  # editor of another 課
    "editor",  # of the agreement's 課
    "manager",
    "other_viewer",  # of 小布施町, as the next two
    "other_editor",
    "other_manager",
    "system_admin",
]
STRANGERS = ["other_viewer", "other_editor", "other_manager"]

# Rows of statuses in the order of PEOPLE. 302 is a redirect after the work is done, never one to the login.
EVERYONE = "200 200 200 200  200 200 200  200"
NOBODY = "404 404 404 404  404 404 404  404"
WRONG_METHOD = "405 405 405 405  405 405 405  405"
OWN_MUNICIPALITY = "200 200 200 200  404 404 404  200"
OWN_SECTION = "403 403 200 200  404 404 404  200"
OWN_SECTION_WRONG_METHOD = "403 403 405 405  404 404 404  405"
OWN_SECTION_DONE = "403 403 302 302  404 404 404  302"
OWN_SECTION_REFUSED = "403 403 409 409  404 404 404  409"  # a form without the version it was opened with
PUBLIC_BUT_OURS = "403 403 200 200  403 403 403  200"
PUBLIC_BUT_OURS_DONE = "403 403 302 302  403 403 403  302"
RESTORE_DONE = "404 404 302 302  404 404 404  302"
MAY_REGISTER = "403 200 200 200  403 200 200  403"
MAY_REGISTER_WRONG_METHOD = "403 405 405 405  403 405 405  403"
MAY_REGISTER_NOTHING_HERE = "403 404 404 404  403 404 404  403"
COMPANY_EDITORS = "403 200 200 200  403 200 200  200"
COMPANY_EDITORS_DONE = "403 302 302 302  403 302 302  302"
COMPANY_EDITORS_NOTHING_HERE = "403 404 404 404  403 404 404  404"
COMPANY_EDITORS_WRONG_METHOD = "403 405 405 405  403 405 405  405"
CONTACT_KEEPERS = "404 200 200 200  404 404 404  404"
CONTACT_KEEPERS_DONE = "404 302 302 302  404 404 404  404"

MANAGERS_WRONG_METHOD = "403 403 403 405  403 403 405  405"
MANAGERS = "403 403 403 200  403 403 200  200"
OWN_MANAGERS = "403 403 403 200  403 403 404  200"
OWN_MANAGERS_DONE = "403 403 403 302  403 403 404  302"
DECIDERS = "403 403 403 200  404 404 404  200"
DECIDERS_REFUSED = "403 403 403 409  404 404 404  409"
DECIDERS_DONE = "403 403 403 302  404 404 404  302"
MANAGERS_NOTHING_HERE = "403 403 403 404  403 403 404  404"
OWN_SECTION_NOTHING_HERE = "403 403 404 404  404 404 404  404"
OF_A_MUNICIPALITY = "200 200 200 200  200 200 200  403"
ASKED_SECTION = "403 200 403 200  404 404 404  200"
CHECKLIST_KEEPERS = "403 403 403 200  403 403 200  403"
CHECKLIST_KEEPERS_DONE = "403 403 403 302  403 403 302  403"
CHECKLIST_KEEPERS_WRONG_METHOD = "403 403 403 405  403 403 405  403"
OWN_CLAUSE = "403 200 200 200  403 404 404  403"
OWN_CLAUSE_DONE = "403 302 302 302  403 404 404  403"
MAY_REGISTER_DONE = "403 302 302 302  403 302 302  403"
OWN_CHECKLIST = "403 403 403 200  403 403 404  403"
OWN_CHECKLIST_DONE = "403 403 403 302  403 403 404  403"

STAFF_ONLY = "200 200 200 200  200 200 200  403"
STAFF_ONLY_WRONG_METHOD = "405 405 405 405  405 405 405  403"
STAFF = "200 200 200 200  200 200 200  404"
EVERYONE_LED_BACK = "302 302 302 302  302 302 302  302"
OWN_VIEW = "404 404 200 404  404 404 404  404"  # of the editor, not shared
OWN_VIEW_DONE = "404 404 302 404  404 404 404  404"
OWN_JOB = "404 404 200 200  404 404 404  200"  # of the editor
OWN_JOB_DONE = "404 404 302 302  404 404 404  302"
OWN_IMPORT = "404 404 200 200  404 404 404  200"  # of the editor
SENT_IMPORT = "404 404 200 403  404 404 404  403"
SENT_IMPORT_DONE = "404 404 302 403  404 404 404  403"
UNDO_IMPORT_DONE = "404 404 302 302  404 404 404  403"
OWN_NOTICE_DONE = "404 404 302 404  404 404 404  404"

# (name, what it is about): (GET, POST without data); names of agreements without their namespace
TABLE = {
    ("municipalities:api-token-list", ""): (MANAGERS, MANAGERS_WRONG_METHOD),
    ("municipalities:api-token-issue", ""): (MANAGERS, MANAGERS),
    ("municipalities:api-token-revoke", "api_token"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:audit-event-list", ""): (MANAGERS, MANAGERS_WRONG_METHOD),
    ("municipalities:audit-export", ""): (MANAGERS, MANAGERS_WRONG_METHOD),
    ("municipalities:staff-list", ""): (MANAGERS, MANAGERS_WRONG_METHOD),
    ("municipalities:staff-invite", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("municipalities:staff-update", "person"): (OWN_MANAGERS, OWN_MANAGERS),
    ("municipalities:staff-invitation", "person"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:staff-disable", "person"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:staff-enable", "person"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:staff-unlock", "person"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:staff-mfa-reset", "person"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:department-list", ""): (MANAGERS, MANAGERS_WRONG_METHOD),
    ("municipalities:department-create", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("municipalities:department-update", "section"): (OWN_MANAGERS, OWN_MANAGERS),
    ("municipalities:plan-list", ""): (EVERYONE, WRONG_METHOD),
    ("municipalities:plan-create", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("municipalities:plan-update", "plan"): (OWN_MANAGERS, OWN_MANAGERS),
    ("municipalities:plan-delete", "plan"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:plan-restore", "deleted_plan"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:plan-tree", "plan"): (OWN_MANAGERS, OWN_MANAGERS_DONE),
    ("municipalities:plan-paste", "plan"): (OWN_MANAGERS, OWN_MANAGERS),
    ("municipalities:plan-paste-undo", "plan"): (MANAGERS_WRONG_METHOD, MANAGERS_NOTHING_HERE),
    ("municipalities:plan-item-create", "plan"): (OWN_MANAGERS, OWN_MANAGERS),
    ("municipalities:plan-item-update", "plan_item"): (OWN_MANAGERS, OWN_MANAGERS),
    ("municipalities:plan-item-restore", "deleted_plan_item"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("municipalities:plan-item-place", "plan_item"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("agreements:plan-detail", "plan"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:plan-change", "plan"): (OWN_MANAGERS, OWN_MANAGERS),
    ("agreements:plan-change-undo", "plan_change"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("agreements:plan-item-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:plan-item-suggest", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:plan-item-detail", "plan_item"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:plan-item-detail", "deleted_plan_item"): (NOBODY, WRONG_METHOD),
    ("agreements:plan-link-create", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:plan-link-create", "published"): (OWN_SECTION, OWN_SECTION),
    ("agreements:plan-link-delete", "plan_link"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:plan-link-restore", "private"): (WRONG_METHOD, OWN_SECTION_NOTHING_HERE),
    ("agreements:report-begin", "private"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:report-begin", "published"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:report-summary", ""): (OF_A_MUNICIPALITY, WRONG_METHOD),
    ("agreements:report-summary-export", ""): (OF_A_MUNICIPALITY, WRONG_METHOD),
    ("agreements:report-deadline", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("agreements:report-detail", "report"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:report-detail", "published_report"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:report-update", "report"): (OWN_SECTION, OWN_SECTION),
    ("agreements:report-submit", "report"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:report-accept", "submitted_report"): (WRONG_METHOD, DECIDERS_DONE),
    ("agreements:report-return", "submitted_report"): (WRONG_METHOD, DECIDERS_DONE),
    ("agreements:report-take-back", "submitted_report"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:report-correct", "report"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:report-discard", "report"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:report-print", "report"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:report-print-page", "report"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:report-export", "report"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:report-publication", "report"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:reorganisation", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("agreements:ownerless", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("agreements:owner-change-undo", "owner_change"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:publication", "private"): (OWN_MUNICIPALITY, OWN_SECTION_REFUSED),
    ("agreements:public-profile", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("agreements:public-profile-undo", ""): (CHECKLIST_KEEPERS_WRONG_METHOD, CHECKLIST_KEEPERS_DONE),
    ("agreements:public-site", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS_DONE),
    ("agreements:webhook-list", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS_WRONG_METHOD),
    ("agreements:webhook-create", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("agreements:webhook-detail", "webhook"): (OWN_CHECKLIST, CHECKLIST_KEEPERS_WRONG_METHOD),
    ("agreements:webhook-update", "webhook"): (OWN_CHECKLIST, OWN_CHECKLIST),
    ("agreements:webhook-secret", "webhook"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST),
    ("agreements:webhook-pause", "webhook"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:webhook-resume", "webhook"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:webhook-test", "webhook"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:webhook-delete", "webhook"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:webhook-restore", "deleted_webhook"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:webhook-resend", "webhook_delivery"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:personal-data", ""): (MANAGERS, MANAGERS_WRONG_METHOD),
    ("agreements:contact-data", "managed_contact"): (OWN_MANAGERS, MANAGERS_WRONG_METHOD),
    ("agreements:contact-data-export", "managed_contact"): (OWN_MANAGERS, MANAGERS_WRONG_METHOD),
    ("agreements:contact-erase", "managed_contact"): (OWN_MANAGERS, OWN_MANAGERS),
    ("agreements:staff-data", "person"): (OWN_MANAGERS, MANAGERS_WRONG_METHOD),
    ("agreements:staff-data-export", "person"): (OWN_MANAGERS, MANAGERS_WRONG_METHOD),
    ("agreements:disposal", ""): (MANAGERS, MANAGERS),
    ("agreements:disposal-list", "disposal_list"): (OWN_MANAGERS, MANAGERS_WRONG_METHOD),
    ("agreements:disposal-approve", "disposal_list"): (OWN_MANAGERS, OWN_MANAGERS),
    ("agreements:disposal-withdraw", "disposal_list"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("agreements:disposal-print", "disposal_list"): (OWN_MANAGERS, MANAGERS_WRONG_METHOD),
    ("agreements:disposal-item-remove", "disposal_item"): (MANAGERS_WRONG_METHOD, OWN_MANAGERS_DONE),
    ("agreements:action-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:document-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:meeting-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:list-export", ""): (EVERYONE, EVERYONE),
    ("agreements:list-print-page", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:list-print-pdf", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:print-choices", ""): (WRONG_METHOD, EVERYONE_LED_BACK),
    ("agreements:print-choices-undo", ""): (WRONG_METHOD, NOBODY),
    ("agreements:list-bulk", ""): (WRONG_METHOD, EVERYONE_LED_BACK),
    ("agreements:view-create", ""): (WRONG_METHOD, EVERYONE),
    ("agreements:view-update", "saved_view"): (OWN_VIEW, OWN_VIEW),
    ("agreements:view-delete", "saved_view"): (WRONG_METHOD, OWN_VIEW_DONE),
    ("agreements:view-restore", "deleted_view"): (WRONG_METHOD, OWN_VIEW_DONE),
    ("agreements:job-undo", "job"): (WRONG_METHOD, NOBODY),
    ("agreements:import-list", ""): (MAY_REGISTER, MAY_REGISTER_WRONG_METHOD),
    ("agreements:import-create", ""): (MAY_REGISTER, MAY_REGISTER),
    ("agreements:import-template", ""): (MAY_REGISTER, MAY_REGISTER_WRONG_METHOD),
    ("agreements:import-mapping", "ledger_import"): (SENT_IMPORT, SENT_IMPORT),
    ("agreements:import-detail", "ledger_import"): (OWN_IMPORT, SENT_IMPORT_DONE),
    ("agreements:import-rejected", "ledger_import"): (OWN_IMPORT, WRONG_METHOD),
    ("agreements:import-discard", "ledger_import"): (WRONG_METHOD, SENT_IMPORT_DONE),
    ("agreements:import-undo", "ledger_import"): (WRONG_METHOD, UNDO_IMPORT_DONE),
    ("agreements:job-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:job-detail", "job"): (OWN_JOB, WRONG_METHOD),
    ("agreements:job-cancel", "job"): (WRONG_METHOD, OWN_JOB_DONE),
    ("agreements:job-restart", "job"): (WRONG_METHOD, OWN_JOB_DONE),
    ("agreements:job-file", "job_file"): (OWN_JOB, WRONG_METHOD),
    ("agreements:today", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:calendar", ""): (STAFF, WRONG_METHOD),
    ("agreements:calendar-issue", ""): (WRONG_METHOD, STAFF),
    ("agreements:calendar-holidays", ""): (WRONG_METHOD, NOBODY),
    ("agreements:calendar-revoke", ""): (WRONG_METHOD, NOBODY),
    ("agreements:notice-snooze", ""): (WRONG_METHOD, NOBODY),
    ("agreements:notice-wake", "notice"): (WRONG_METHOD, OWN_NOTICE_DONE),
    ("agreements:notice-preference", ""): (EVERYONE, EVERYONE),
    ("agreements:agreement-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:agreement-deleted-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:agreement-create", ""): (MAY_REGISTER, MAY_REGISTER),
    ("agreements:split-items", ""): (WRONG_METHOD, EVERYONE),
    ("agreements:term-suggestions", ""): (WRONG_METHOD, EVERYONE),
    ("agreements:party-suggest", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:agreement-detail", "private"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-detail", "published"): (EVERYONE, WRONG_METHOD),
    ("agreements:agreement-detail", "deleted"): (NOBODY, WRONG_METHOD),
    ("agreements:agreement-print-page", "private"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-print-page", "published"): (EVERYONE, WRONG_METHOD),
    ("agreements:agreement-print-page", "deleted"): (NOBODY, WRONG_METHOD),
    ("agreements:agreement-sheet", "private"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-sheet", "published"): (EVERYONE, WRONG_METHOD),
    ("agreements:agreement-sheet", "deleted"): (NOBODY, WRONG_METHOD),
    ("agreements:agreement-update", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:agreement-update", "published"): (PUBLIC_BUT_OURS, PUBLIC_BUT_OURS),
    ("agreements:agreement-update", "deleted"): (NOBODY, NOBODY),
    ("agreements:agreement-delete", "private"): (OWN_SECTION, OWN_SECTION_DONE),
    ("agreements:agreement-delete", "published"): (PUBLIC_BUT_OURS, PUBLIC_BUT_OURS_DONE),
    ("agreements:agreement-delete", "deleted"): (NOBODY, NOBODY),
    ("agreements:agreement-restore", "private"): (WRONG_METHOD, NOBODY),
    ("agreements:agreement-restore", "published"): (WRONG_METHOD, NOBODY),
    ("agreements:agreement-restore", "deleted"): (WRONG_METHOD, RESTORE_DONE),
    ("agreements:value-restore", "change"): (OWN_SECTION, OWN_SECTION),
    ("agreements:agreement-move", "prepared"): (OWN_SECTION, OWN_SECTION),
    ("agreements:agreement-move", "private"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:agreement-move", "published"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:agreement-move", "deleted"): (NOBODY, NOBODY),
    ("agreements:agreement-approve", "private"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:agreement-approval-withdraw", "private"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:agreement-undo", "private"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:proposal", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:proposal", "published"): (OWN_SECTION, OWN_SECTION),
    ("agreements:opinion-ask", "prepared"): (OWN_SECTION, OWN_SECTION),
    ("agreements:opinion-answer", "opinion"): (ASKED_SECTION, ASKED_SECTION),
    ("agreements:opinion-withdraw", "opinion"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:opinion-restore", "opinion"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:ceremony", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:ceremony-cancel", "prepared"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:ceremony-restore", "prepared"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:agreement-text", "prepared"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-text", "private"): (OWN_MUNICIPALITY, WRONG_METHOD),  # without a version yet
    ("agreements:agreement-text", "published"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-text-start", "prepared"): (OWN_SECTION, OWN_SECTION),
    ("agreements:agreement-text-start", "private"): (OWN_SECTION_DONE, OWN_SECTION),  # locked
    ("agreements:agreement-text-update", "prepared"): (OWN_SECTION, OWN_SECTION),
    ("agreements:agreement-text-compare", "prepared"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-text-print", "prepared"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-text-print", "private"): (NOBODY, WRONG_METHOD),
    ("agreements:agreement-text-download", "prepared"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:agreement-text-restore", "text_version"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:clause-list", ""): (MAY_REGISTER, MAY_REGISTER_WRONG_METHOD),
    ("agreements:clause-create", ""): (MAY_REGISTER, MAY_REGISTER),
    ("agreements:clause-usual", ""): (MAY_REGISTER_WRONG_METHOD, MAY_REGISTER_DONE),
    ("agreements:clause-update", "clause"): (OWN_CLAUSE, OWN_CLAUSE),
    ("agreements:clause-move", "clause"): (MAY_REGISTER_WRONG_METHOD, OWN_CLAUSE_DONE),
    ("agreements:clause-retire", "clause"): (MAY_REGISTER_WRONG_METHOD, OWN_CLAUSE_DONE),
    ("agreements:clause-restore", "clause"): (MAY_REGISTER_WRONG_METHOD, OWN_CLAUSE_DONE),
    ("agreements:intake-criterion-list", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS_WRONG_METHOD),
    ("agreements:intake-criterion-create", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("agreements:intake-criterion-usual", ""): (CHECKLIST_KEEPERS_WRONG_METHOD, CHECKLIST_KEEPERS_DONE),
    ("agreements:intake-criterion-update", "criterion"): (OWN_CHECKLIST, OWN_CHECKLIST),
    ("agreements:intake-criterion-move", "criterion"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:intake-criterion-end", "criterion"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:intake-criterion-reopen", "criterion"): (CHECKLIST_KEEPERS_WRONG_METHOD, OWN_CHECKLIST_DONE),
    ("agreements:amendment-create", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:amendment-create", "published"): (OWN_SECTION, OWN_SECTION),
    ("agreements:amendment-detail", "amendment"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:amendment-update", "amendment"): (OWN_SECTION, OWN_SECTION),
    ("agreements:amendment-merge", "amendment"): (DECIDERS, DECIDERS),
    ("agreements:amendment-reject", "amendment"): (DECIDERS, DECIDERS),
    ("agreements:amendment-withdraw", "amendment"): (OWN_SECTION, OWN_SECTION),
    ("agreements:agreement-successor", "private"): (OWN_SECTION, OWN_SECTION_REFUSED),
    ("agreements:agreement-successor", "published"): (OWN_SECTION, OWN_SECTION_REFUSED),
    ("agreements:renewal-decide", "private"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:renewal-decide", "published"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:renewal-decide", "deleted"): (NOBODY, NOBODY),
    ("agreements:renewal-withdraw", "private"): (DECIDERS, DECIDERS_REFUSED),
    ("agreements:share-link-create", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:share-link-create", "published"): (OWN_SECTION, OWN_SECTION),
    ("agreements:share-link-remind", "share_link"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:share-link-revoke", "share_link"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:share-link-reissue", "share_link"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:share-link-code", "share_link"): (WRONG_METHOD, OWN_SECTION),
    ("agreements:company-report", "company_report"): (OWN_SECTION, OWN_SECTION),
    ("agreements:company-comment", "company_comment"): (OWN_SECTION, OWN_SECTION_DONE),
    ("agreements:company-report-undo", "company_report"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:share-file-download", "share_file"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:share-file-adopt", "share_file"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:meeting-create", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:meeting-create", "published"): (OWN_SECTION, OWN_SECTION),
    ("agreements:diagnosis-respond", "private"): (OWN_SECTION_DONE, OWN_SECTION_DONE),
    ("agreements:diagnosis-review", "private"): (OWN_SECTION_WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:diagnosis-response-withdraw", "response"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:diagnosis-response-restore", "response"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:restart-begin", "private"): (OWN_SECTION_WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:restart", "restart"): (OWN_SECTION, OWN_SECTION_REFUSED),
    ("agreements:restart-pack", "restart"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:restart-withdraw", "restart"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:restart-resume", "restart"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:fairness", ""): (STAFF_ONLY, STAFF_ONLY_WRONG_METHOD),
    ("agreements:fairness-export", ""): (STAFF_ONLY, STAFF_ONLY_WRONG_METHOD),
    ("agreements:fairness-link-create", "action"): (OWN_SECTION, OWN_SECTION),
    ("agreements:fairness-link-withdraw", "fairness_link"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:fairness-link-restore", "fairness_link"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:handover", ""): (STAFF_ONLY, STAFF_ONLY_WRONG_METHOD),
    ("agreements:nation", ""): (STAFF_ONLY, STAFF_ONLY_WRONG_METHOD),
    ("agreements:overview", ""): (STAFF_ONLY, STAFF_ONLY_WRONG_METHOD),
    ("agreements:diagnosis-hints", ""): (WRONG_METHOD, EVERYONE),
    ("agreements:action-hints", ""): (WRONG_METHOD, EVERYONE),
    ("agreements:answer-hints", ""): (WRONG_METHOD, EVERYONE),
    ("agreements:worksheet-row-hints", "worksheet_row"): (WRONG_METHOD, OWN_SECTION),
    ("agreements:diagnosis-changes", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:diagnosis-settings", ""): (CHECKLIST_KEEPERS, CHECKLIST_KEEPERS),
    ("agreements:diagnosis-settings-undo", ""): (CHECKLIST_KEEPERS_WRONG_METHOD, CHECKLIST_KEEPERS_DONE),
    ("agreements:meeting-update", "meeting"): (OWN_SECTION, OWN_SECTION),
    ("agreements:meeting-update", "deleted_meeting"): (NOBODY, NOBODY),
    ("agreements:meeting-delete", "meeting"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:meeting-delete", "deleted_meeting"): (WRONG_METHOD, NOBODY),
    ("agreements:meeting-restore", "meeting"): (WRONG_METHOD, NOBODY),
    ("agreements:meeting-restore", "deleted_meeting"): (WRONG_METHOD, RESTORE_DONE),
    ("agreements:meeting-task-action", "meeting_task"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:document-upload", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:document-upload", "published"): (OWN_SECTION, OWN_SECTION),
    ("agreements:document-upload", "deleted"): (NOBODY, NOBODY),
    ("agreements:document-confirm", "private"): (OWN_SECTION, OWN_SECTION_DONE),
    ("agreements:document-paper-create", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:document-detail", "document"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:document-detail", "public_document"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:document-detail", "deleted_document"): (NOBODY, WRONG_METHOD),
    ("agreements:document-download", "document"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:document-download", "hidden_document"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:document-download", "public_document"): (EVERYONE, WRONG_METHOD),
    ("agreements:document-download", "deleted_document"): (NOBODY, WRONG_METHOD),
    ("agreements:document-inline", "document"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:document-inline", "public_document"): (EVERYONE, WRONG_METHOD),
    ("agreements:document-update", "document"): (OWN_SECTION, OWN_SECTION),
    ("agreements:document-update", "public_document"): (OWN_SECTION, OWN_SECTION),
    ("agreements:document-delete", "document"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:document-delete", "deleted_document"): (WRONG_METHOD, NOBODY),
    ("agreements:document-restore", "document"): (WRONG_METHOD, NOBODY),
    ("agreements:document-restore", "deleted_document"): (WRONG_METHOD, RESTORE_DONE),
    ("agreements:worksheet-start", "published"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:worksheet", "worksheet"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:worksheet-answers", "worksheet"): (OWN_SECTION, OWN_SECTION_REFUSED),
    ("agreements:worksheet-take-back", "worksheet"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:worksheet-items", "worksheet"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:worksheet-open", "worksheet"): (OWN_SECTION, OWN_SECTION_REFUSED),
    ("agreements:worksheet-cancel", "worksheet"): (OWN_SECTION, OWN_SECTION),
    ("agreements:worksheet-resume", "worksheet"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:worksheet-confirm", "opened_worksheet"): (OWN_SECTION, OWN_SECTION),
    ("agreements:worksheet-confirm-withdraw", "opened_worksheet"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:worksheet-export", "worksheet"): (OWN_SECTION, "403 403 405 405  404 404 404  405"),
    ("agreements:worksheet-upload", "worksheet"): (OWN_SECTION, OWN_SECTION),
    ("agreements:worksheet-print", "worksheet"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:worksheet-confirmed-print", "confirmed_worksheet"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:worksheet-row", "worksheet_row"): (OWN_SECTION, OWN_SECTION_REFUSED),
    ("agreements:submission", "submission"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:submission-accept", "submission"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:submission-reject", "submission"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:submission-restore", "submission"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:submission-take-back", "submission"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:own-actions", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:action-bars", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:action-board", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:action-coverage", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:action-totals", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:action-table", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:action-table-print-page", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:action-create", "private"): (OWN_SECTION, OWN_SECTION),
    ("agreements:action-detail", "action"): (OWN_MUNICIPALITY, WRONG_METHOD),
    ("agreements:action-detail", "deleted_action"): (NOBODY, WRONG_METHOD),
    ("agreements:action-update", "action"): (OWN_SECTION, OWN_SECTION),
    ("agreements:action-complete", "action"): (OWN_SECTION, OWN_SECTION),
    ("agreements:action-cancel", "action"): (OWN_SECTION, OWN_SECTION),
    ("agreements:action-start", "action"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:action-reopen", "action"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:action-repeat", "action"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:action-delete", "action"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:action-restore", "action"): (WRONG_METHOD, NOBODY),
    ("agreements:action-restore", "deleted_action"): (WRONG_METHOD, RESTORE_DONE),
    ("agreements:progress-create", "action"): (WRONG_METHOD, OWN_SECTION),
    ("agreements:progress-delete", "progress"): (WRONG_METHOD, OWN_SECTION_DONE),
    ("agreements:progress-restore", "deleted_progress"): (WRONG_METHOD, RESTORE_DONE),
    ("agreements:company-list", ""): (EVERYONE, WRONG_METHOD),
    ("agreements:company-create", ""): (COMPANY_EDITORS, COMPANY_EDITORS),
    ("agreements:company-detail", "company"): (EVERYONE, WRONG_METHOD),
    ("agreements:company-detail", "deleted_company"): (EVERYONE, WRONG_METHOD),
    ("agreements:company-sheet", "company"): (EVERYONE, WRONG_METHOD),
    ("agreements:company-sheet", "deleted_company"): (EVERYONE, WRONG_METHOD),
    ("agreements:company-update", "company"): (COMPANY_EDITORS, COMPANY_EDITORS),
    ("agreements:company-update", "deleted_company"): (
        COMPANY_EDITORS_NOTHING_HERE,
        COMPANY_EDITORS_NOTHING_HERE,
    ),
    ("agreements:company-delete", "company"): (COMPANY_EDITORS_WRONG_METHOD, COMPANY_EDITORS_DONE),
    ("agreements:company-delete", "deleted_company"): (
        COMPANY_EDITORS_WRONG_METHOD,
        COMPANY_EDITORS_NOTHING_HERE,
    ),
    ("agreements:company-restore", "company"): (COMPANY_EDITORS_WRONG_METHOD, COMPANY_EDITORS_NOTHING_HERE),
    ("agreements:company-restore", "deleted_company"): (COMPANY_EDITORS_WRONG_METHOD, COMPANY_EDITORS_DONE),
    ("agreements:company-merge", "company"): (MANAGERS, MANAGERS),
    ("agreements:company-merge", "deleted_company"): (
        "403 403 403 404  403 403 404  404",
        "403 403 403 404  403 403 404  404",
    ),
    ("agreements:company-merge-undo", "company_merge"): (
        MANAGERS_WRONG_METHOD,
        "403 403 403 302  403 403 302  302",
    ),
    ("agreements:company-contact-create", "company"): (MAY_REGISTER, MAY_REGISTER),
    ("agreements:company-contact-create", "deleted_company"): (
        MAY_REGISTER_NOTHING_HERE,
        MAY_REGISTER_NOTHING_HERE,
    ),
    ("agreements:company-contact-update", "contact"): (CONTACT_KEEPERS, CONTACT_KEEPERS),
    ("agreements:company-contact-verify", "contact"): (WRONG_METHOD, CONTACT_KEEPERS_DONE),
    ("agreements:company-contact-end", "contact"): (WRONG_METHOD, CONTACT_KEEPERS_DONE),
    ("agreements:company-contact-reopen", "contact"): (WRONG_METHOD, CONTACT_KEEPERS_DONE),
}
# Pages of logging in: what a person who is not logged in gets by GET.
OPEN = {
    "agreements:calendar-feed": 404,  # without a living secret in the address
    "agreements:partner-entry": 404,  # without a living link, all of these
    "agreements:partner-code": 404,
    "agreements:partner-home": 404,
    "agreements:partner-leave": 404,
    "agreements:public-home": 200,
    "agreements:public-search": 200,
    "agreements:public-accessibility": 200,
    "agreements:public-data": 200,
    "agreements:public-csv": 200,
    "agreements:public-json": 200,
    "agreements:public-xlsx": 200,
    "agreements:public-actions-csv": 200,
    "agreements:public-changes-csv": 200,
    "agreements:public-changes-json": 200,
    "agreements:public-catalogue": 200,
    "agreements:public-feed": 200,
    "agreements:public-sitemap": 200,
    "agreements:public-municipality": 404,  # here and below: what does not exist, or was never published
    "agreements:public-municipality-csv": 404,
    "agreements:public-municipality-json": 404,
    "agreements:public-municipality-xlsx": 404,
    "agreements:public-municipality-actions-csv": 404,
    "agreements:public-municipality-changes-csv": 404,
    "agreements:public-municipality-changes-json": 404,
    "agreements:public-municipality-feed": 404,
    "agreements:public-municipality-logo": 404,
    "agreements:public-field": 404,
    "agreements:public-field-feed": 404,
    "agreements:public-company": 404,
    "agreements:public-agreement": 404,
    "agreements:public-agreement-json": 404,
    "agreements:public-document": 404,
    "agreements:public-report": 404,
    "municipalities:invitation": 410,
    "account_login": 200,
    "account_logout": 302,
    "account_inactive": 200,
    "account_signup": 404,
    "account_reset_password": 200,
    "account_reset_password_done": 200,
    "account_reset_password_from_key": 200,
    "account_reset_password_from_key_done": 200,
    "mfa_authenticate": 302,
    "mfa_login_webauthn": 302,
    "socialaccount_signup": 404,
    "socialaccount_login_cancelled": 200,
    "socialaccount_login_error": 302,
    "openid_connect_login": 404,
    "openid_connect_callback": 404,
}
# What programs ask: cookies count for nothing there, tokens do (tests/agreements/api).
API = {
    "api:api-root": 302,
    "api:documentation": 200,
    "api:openapi-json": 200,
    "api:municipality-list": 200,
    "api:municipality": 404,
    "api:agreement-list": 200,
    "api:agreement": 404,
    "api:edition-list": 404,
    "api:change-list": 200,
    "api:company-list": 200,
    "api:company": 404,
    "api:field-list": 200,
    "api:token": 401,
    "api:own-agreement-list": 401,
    "api:own-agreement": 401,
    "api:own-item-list": 401,
    "api:action-list": 401,
    "api:action": 401,
    "api:progress-list": 401,
    "api:progress-create": 401,
    "api:deadline-list": 401,
    "api:plan-item-list": 401,
}
# Everyone's own login: for nobody else, whoever asks. Tested with the login itself.
OWN_LOGIN = {
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "usersessions_list",
    "sessions_logout_everywhere",
    "socialaccount_connections",
}
# The admin closes itself as a whole; of its pages only these are open.
OPEN_IN_ADMIN = {"admin:login", "admin:logout"}
# What a URL takes apart from the key of its row.
ARGUMENTS = {
    **dict.fromkeys(
        (
            "agreements:public-municipality",
            "agreements:public-municipality-csv",
            "agreements:public-municipality-json",
            "agreements:public-municipality-xlsx",
            "agreements:public-municipality-actions-csv",
            "agreements:public-municipality-changes-csv",
            "agreements:public-municipality-changes-json",
            "agreements:public-municipality-feed",
            "agreements:public-municipality-logo",
            "agreements:public-field",
            "agreements:public-field-feed",
        ),
        ("999999",),
    ),
    **dict.fromkeys(
        (
            "agreements:public-company",
            "agreements:public-agreement",
            "agreements:public-agreement-json",
            "agreements:public-document",
        ),
        (0,),
    ),
    "agreements:public-report": (0, 0),
    "api:municipality": ["999999"],
    **dict.fromkeys(
        (
            "api:agreement",
            "api:edition-list",
            "api:company",
            "api:own-agreement",
            "api:own-item-list",
            "api:action",
            "api:progress-list",
            "api:progress-create",
        ),
        (1,),
    ),
    "agreements:calendar-feed": ["no-such-token"],
    "agreements:contact-data-export": ["json"],
    "agreements:partner-entry": ["no-such-token"],
    "agreements:partner-code": [1],
    "agreements:partner-home": [1],
    "agreements:partner-leave": [1],
    "agreements:staff-data-export": ["html"],
    "agreements:import-create": ["agreements"],
    "agreements:import-template": ["agreements"],
    "agreements:value-restore": ["agreement", "note"],
    "agreements:agreement-move": ["declined"],
    "agreements:list-export": ["agreements"],
    "agreements:list-bulk": ["agreements"],
    "agreements:list-print-page": ["agreements"],
    "agreements:list-print-pdf": ["agreements"],
    "agreements:print-choices": ["sheet"],
    "agreements:print-choices-undo": ["sheet"],
    "agreements:view-create": ["agreements"],
    "agreements:plan-link-restore": [10**9],
    "agreements:report-begin": [2025],
    "agreements:worksheet-confirm": ["own"],
    "agreements:worksheet-confirm-withdraw": ["own"],
    "agreements:diagnosis-settings-undo": [0],
    "agreements:public-profile-undo": [0],
    "municipalities:invitation": ["x"],
    "municipalities:plan-item-place": [0, 0],
    "municipalities:plan-paste-undo": ["no-such-token"],
    "account_reset_password_from_key": ["1", "x-y"],
    "mfa_remove_webauthn": [1],
    "mfa_edit_webauthn": [1],
    "openid_connect_login": ["none"],
    "openid_connect_callback": ["none"],
}


def walk(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL with its full name."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern


URLS = dict(walk(get_resolver()))
OURS = {name for name in URLS if not name.startswith("admin:")}  # a nameless one is named "None" here
ADMIN = sorted(URLS.keys() - OURS - OPEN_IN_ADMIN - {"admin:None"})  # nameless: redirects of old addresses

pytestmark = pytest.mark.django_db


def address(name: str, about: str, rows: dict) -> str:
    """The URL of a line of the table: the row's key first, then its other arguments."""
    return reverse(name, args=[*([rows[about].pk] if about else []), *ARGUMENTS.get(name, [])])


def leads_to_login(response) -> bool:
    return response.status_code == 302 and response.url.startswith(
        (reverse("account_login"), reverse("admin:login"))
    )


def test_every_url_is_classified():
    classified = {name for name, _ in TABLE} | OPEN.keys() | API.keys() | OWN_LOGIN
    assert classified == OURS


def visit(client: Client, method: str, url: str) -> str:
    """What the client gets: a status, or "login". Whatever it does is undone for the next visit."""
    with transaction.atomic():
        response = getattr(client, method)(url)
        transaction.set_rollback(True)
    return "login" if leads_to_login(response) else str(response.status_code)


@pytest.fixture
def one_layout(monkeypatch):
    """Who may print is asked here, not how it looks: the first is laid out, the next are its bytes."""
    write_pdf, done = engine.write_pdf, []

    def write_once(*args, **kwargs):
        if not done:
            done.append(write_pdf(*args, **kwargs))
        return done[0]

    monkeypatch.setattr(engine, "write_pdf", write_once)


@pytest.mark.parametrize("method", ["get", "post"])
def test_urls_answer_as_the_table_says(people, rows, one_layout, method):
    clients = {person: client_of(people[person]) for person in PEOPLE}
    wrong = []
    for (name, about), answers in TABLE.items():
        url = address(name, about, rows)
        expected = answers[method == "post"].split()
        given = [visit(clients[person], method, url) for person in PEOPLE]
        wrong += [
            f"{method} {name} {about}: {person} gets {one}, not {other}"
            for person, one, other in zip(PEOPLE, given, expected, strict=True)
            if one != other
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("method", ["get", "post"])
def test_urls_lead_the_anonymous_to_the_login_and_back(rows, method):
    for name, about in TABLE:
        url = address(name, about, rows)
        response = getattr(Client(), method)(url)
        assert leads_to_login(response), url
        assert f"next={url}" in response.url


SECRET = {
    "action",
    "deleted_action",
    "progress",
    "deleted_progress",
    "private",
    "amendment",
    "change",
    "deleted",
    "contact",
    "document",
    "hidden_document",
    "deleted_document",
    "meeting",
    "response",
    "restart",
    "deleted_meeting",
    "meeting_task",
    "job",
    "job_file",
    "saved_view",
    "deleted_view",
    "ledger_import",
    "plan_link",
    "report",
    "submitted_report",
    "published_report",
    "company_comment",
    "company_report",
    "share_link",
    "share_file",
    "worksheet",
    "opened_worksheet",
    "worksheet_row",
    "submission",
    "text_version",
}


def test_table_never_tells_strangers_that_a_private_row_exists():
    for (name, about), answers in TABLE.items():
        if about in SECRET:
            for statuses in answers:
                told = dict(zip(PEOPLE, statuses.split(), strict=True))
                assert {told[person] for person in STRANGERS} <= {"404", "405"}, (name, about)


@pytest.mark.parametrize("name", sorted(OPEN))
def test_login_page_is_open(name):
    response = Client().get(reverse(name, args=ARGUMENTS.get(name, [])))
    assert response.status_code == OPEN[name]


def test_api_answers_a_logged_in_person_as_anybody(people):
    for client in (Client(), client_of(people["system_admin"])):
        for name, status in API.items():
            response = client.get(reverse(name, args=ARGUMENTS.get(name, [])))
            assert response.status_code == status, name
            assert not response.cookies, name


@pytest.mark.parametrize("method", ["get", "post"])
def test_own_login_pages_are_closed_to_the_anonymous(method):
    for name in sorted(OWN_LOGIN):
        assert visit(Client(), method, reverse(name, args=ARGUMENTS.get(name, []))) == "login", name


@pytest.mark.parametrize("method", ["get", "post"])
def test_admin_urls_are_closed_to_all_but_system_admins(people, method):
    clients = [Client(), *(client_of(people[person]) for person in PEOPLE if person != "system_admin")]
    for name in ADMIN:
        regex = URLS[name].pattern.regex
        if name == "admin:app_list":
            url = reverse(name, kwargs={"app_label": "agreements"})
        elif regex.groupindex:
            url = reverse(name, kwargs=dict.fromkeys(regex.groupindex, "1"))
        else:
            url = reverse(name, args=["1"] * regex.groups)
        for client in clients:
            assert visit(client, method, url) in {"login", "403"}, url
