"""What municipalities publish beside the agreement goes along: actions, results, report PDFs, the logo."""

import io
from datetime import date

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from pypdf import PdfReader

from agreements.actions.annual_reports import accept_report, submit_report
from agreements.actions.publication import publish
from agreements.choices import Evaluation
from agreements.models import PublicProfile
from agreements.static_site import Site, export_site
from tests.agreements.static_site.test_site import contents, everything, index_of
from tests.agreements.views.test_public import LET_OUT, MARK, mark_internal_texts
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    AnnualReportLineFactory,
    ProgressEntryFactory,
)

TODAY = date(2026, 10, 1)
pytestmark = pytest.mark.django_db


def logo():
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(content, "PNG")
    return ContentFile(content.getvalue(), "logo.png")


def test_results_reports_and_logo_are_in_the_site_and_nothing_internal(tmp_path, fukuoka, manager, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="健康の協定")
    action = ActionItemFactory(
        agreement=agreement, title="出張健診", due_on=date(2026, 3, 31), state="done", result_text="巡回した"
    )
    ProgressEntryFactory(action=action)
    report = AnnualReportFactory(agreement=agreement, fiscal_year=2025, next_policy="方針")
    AnnualReportLineFactory(
        report=report, title="公開の健診", is_public=True, evaluation=Evaluation.AS_PLANNED
    )
    AnnualReportLineFactory(
        report=report, title=f"{MARK}の取組", is_public=False, evaluation=Evaluation.AS_PLANNED
    )
    PublicProfile.objects.create(
        municipality=fukuoka, fields=LET_OUT, logo=logo(), host_name="kyotei.example.jp"
    )
    assert mark_internal_texts() > 20
    report.refresh_from_db()
    accept_report(report=submit_report(report=report, by=manager, today=TODAY), by=manager, today=TODAY)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    site = tmp_path / "site"
    export_site(site, Site(fukuoka))
    found = contents(site)
    pdf = found[f"a/{agreement.pk}/report-{report.pk}.pdf"]
    assert "公開の健診" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert not [name for name, content in found.items() if MARK in name or MARK in everything(name, content)]
    # The own host is that of the installation, not of the site.
    assert not [name for name, content in found.items() if b"kyotei.example.jp" in content]
    assert 'src="m/401307/logo.png"' in found["index.html"].decode()
    assert "全国の協定" not in found["index.html"].decode()
    assert {"m/401307/actions.csv", "m/401307/changes.csv", "m/401307/changes.json"} <= found.keys()
    index = index_of(site)
    assert "巡回した" in [index["texts"][number] for number in index["rows"][0]["words"]["4"]]
    assert export_site(site, Site(fukuoka)).changes.is_none
