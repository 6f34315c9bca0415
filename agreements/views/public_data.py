"""Open data: CSV, JSON, Atom feeds, the sitemap and the chosen documents."""

import csv
import io
import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Max
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.functional import cached_property
from xlsxwriter import Workbook

from agreements import open_data, open_results
from agreements.choices import EditionKind, FieldCategory, Licence
from agreements.models import AgreementDocument, PublicEdition, PublicProfile
from agreements.models.publication import PublicEditionQuerySet
from agreements.open_table import ACTION_COLUMNS, CHANGE_COLUMNS, JSON_KEYS
from agreements.printing.annual_report import print_public_report
from municipalities.models import Municipality
from municipalities.spreadsheet_text import neutralise

from .document_files import POLICY
from .public import is_listed, newest_first
from .public_pages import PublicView

logger = logging.getLogger("renkei.public")
_FEED_LENGTH = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES = (
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("xlsx", _XLSX),
    ("actions-csv", "text/csv"),
    ("changes-csv", "text/csv"),
    ("changes-json", "application/json"),
)
# Data may be read by the pages of others.
FOR_EVERYONE = {"Access-Control-Allow-Origin": "*"}
_LICENCE_URLS = {
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/deed.ja",
    Licence.PDL: "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
}


class _Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """Not the moment of asking, while there is nothing: the same feed is the same text."""
        return super().latest_post_date() if self.items else datetime(2000, 1, 1, tzinfo=UTC)


class PublicDataView(PublicView):
    """What the files hold, column by column, and on what terms they may be used."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(
            "public/data.html",
            {
                "page_title": "オープンデータ",
                "tables": [
                    ("columns", "協定のCSV・Excelブックの列", open_data.COLUMNS),
                    ("action-columns", "取組のCSVの列", ACTION_COLUMNS),
                    ("change-columns", "変更の記録の列", CHANGE_COLUMNS),
                    ("json-keys", "協定のJSONの項目", JSON_KEYS),
                ],
                "version": open_data.VERSION,
                "categories": FieldCategory.choices,
                "licences": [(licence.label, _LICENCE_URLS[licence]) for licence in Licence],
            },
        )


class EditionFileView(PublicView):
    """A file about all agreements, or those of one municipality or one field."""

    def editions(
        self, code: str = "", category: str = ""
    ) -> tuple[PublicEditionQuerySet, Municipality | None]:
        standing = newest_first(PublicEdition.objects.standing())
        if category:
            if category not in FieldCategory.values:
                raise Http404("no such field")
            return standing.in_category(category), None
        if not code:
            return standing, None
        municipality = get_object_or_404(Municipality, code=code)
        return standing.filter(municipality=municipality), municipality

    def table(self, code: str) -> list[list[str]]:
        """Headings, then one row for each agreement."""
        editions, _ = self.editions(code)
        return [
            [name for name, _ in open_data.COLUMNS],
            *(
                open_data.csv_row(each.facts, on=each.on, number=each.number, url=self.address(each))
                for each in editions.order_by("municipality__code", "agreement")
            ),
        ]

    def address(self, edition: PublicEdition) -> str:
        """The permanent one: on the host of its own that the municipality may have."""
        path = reverse("agreements:public-agreement", args=[edition.agreement_id])
        return self.absolute(path, self._hosts.get(edition.municipality_id))

    @cached_property
    def _hosts(self) -> dict[int, str | None]:
        named = PublicProfile.objects.exclude(host_name=None)
        return {body: host or "" for body, host in named.values_list("municipality", "host_name")}


class PublicCsvView(EditionFileView):
    """UTF-8 with a mark for Excel, one header row, ISO dates, the code of the body first."""

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        head, *rows = self.table(code)
        return csv_answer(head, rows, f"agreements-{code or 'all'}.csv")


class PublicXlsxView(EditionFileView):
    """The same table; every value as text, so that no code loses its zeros and nothing is run."""

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        content = io.BytesIO()
        with Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
            # Not the moment of writing: the same data are the same file.
            book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001
            sheet = book.add_worksheet("協定")
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(self.table(code)):
                for column, value in enumerate(row):
                    sheet.write_string(number, column, value)
        return file_answer(content.getvalue(), _XLSX, f"agreements-{code or 'all'}.xlsx")


class PublicCatalogueView(EditionFileView):
    """The files as data sets in DCAT (JSON-LD): the whole, and one of each municipality."""

    def get(self, request: HttpRequest) -> HttpResponse:
        standing = PublicEdition.objects.standing()
        bodies = Municipality.objects.filter(pk__in=standing.values("municipality")).order_by("code")
        days = dict(standing.order_by().values_list("municipality").annotate(last=Max("on")))
        profiles = {
            each.municipality_id: each for each in PublicProfile.objects.select_related("municipality")
        }
        of_one = self.static_site is not None and self.static_site.municipality is not None
        sets = [] if of_one else [self._dataset("自治体の連携協定", "public-", [], "")]
        for body in bodies:
            profile = profiles.get(body.pk) or PublicProfile(municipality=body)
            licence = _LICENCE_URLS[Licence(profile.licence)]
            about = {
                "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": body.full_name},
                "dcterms:identifier": body.code,
                "dcterms:modified": days[body.pk].isoformat(),
            }
            sets.append(about | self._dataset(str(profile), "public-municipality-", [body.code], licence))
        catalogue = {
            "@context": {
                "dcat": "http://www.w3.org/ns/dcat#",
                "dcterms": "http://purl.org/dc/terms/",
                "foaf": "http://xmlns.com/foaf/0.1/",
            },
            "@type": "dcat:Catalog",
            "dcterms:title": {"@value": "自治体の連携協定", "@language": "ja"},
            "dcat:dataset": sets,
        }
        return JsonResponse(
            catalogue,
            content_type="application/ld+json",
            headers=FOR_EVERYONE,
            json_dumps_params={"ensure_ascii": False},
        )

    def _dataset(self, title: str, prefix: str, arguments: list[str], licence: str) -> dict[str, Any]:
        files: list[dict[str, Any]] = []
        addresses: list[str] = []
        for name, media_type in _FILES:
            path = reverse(f"agreements:{prefix}{name}", args=arguments)
            addresses.append(self.request.build_absolute_uri(path))
            file = {
                "@type": "dcat:Distribution",
                "dcat:downloadURL": {"@id": addresses[-1]},
                "dcat:mediaType": media_type,
            }
            files.append(file | ({"dcterms:license": {"@id": licence}} if licence else {}))
        return {
            "@type": "dcat:Dataset",
            "@id": f"{addresses[0]}#dataset",
            "dcterms:title": {"@value": title, "@language": "ja"},
            "dcterms:language": "ja",
            "dcat:version": open_data.VERSION,
            "dcat:distribution": files,
        }


class PublicJsonView(EditionFileView):
    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        editions, municipality = self.editions(code)
        licence = PublicProfile.of(municipality).licence if municipality else ""
        return JsonResponse(
            {
                "version": open_data.VERSION,
                "as_of": self.today.isoformat(),
                "licence": _LICENCE_URLS[Licence(licence)] if licence else None,
                "agreements": [edition_json(each, self.address(each)) for each in editions],
            },
            headers=FOR_EVERYONE,
            json_dumps_params={"ensure_ascii": False},
        )


class PublicAgreementJsonView(EditionFileView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(PublicEdition.objects.standing(), agreement=pk)
        return JsonResponse(
            edition_json(edition, self.address(edition)),
            headers=FOR_EVERYONE,
            json_dumps_params={"ensure_ascii": False},
        )


class PublicFeedView(EditionFileView):
    """What was published, corrected and withdrawn lately, as Atom."""

    def get(self, request: HttpRequest, code: str = "", category: str = "") -> HttpResponse:
        editions, municipality = self.editions(code, category)
        title, page = "自治体の連携協定", reverse("agreements:public-home")
        if municipality:
            title = str(PublicProfile.of(municipality))
            page = reverse("agreements:public-municipality", args=[code])
        elif category:
            title = f"連携協定：{FieldCategory(category).label}"
            page = reverse("agreements:public-field", args=[category])
        feed = _Feed(
            title=title,
            link=request.build_absolute_uri(page),
            description="",
            language="ja",
            feed_url=request.build_absolute_uri(request.path),
        )
        for edition in sorted(
            [*editions[:_FEED_LENGTH], *self._graves(municipality, category)], key=lambda each: -each.pk
        )[:_FEED_LENGTH]:
            self._add(feed, edition)
        return HttpResponse(
            feed.writeString("utf-8"),
            content_type="application/atom+xml; charset=utf-8",
            headers=FOR_EVERYONE,
        )

    def _graves(self, municipality: Municipality | None, category: str) -> list[PublicEdition]:
        if category:  # what is gone tells nothing, also not its field
            return []
        graves = PublicEdition.objects.tombstones().select_related("municipality").order_by("-pk")
        return list((graves.filter(municipality=municipality) if municipality else graves)[:_FEED_LENGTH])

    def _add(self, feed: Atom1Feed, edition: PublicEdition) -> None:
        is_gone = edition.kind == EditionKind.WITHDRAWN
        title = "公開を取り下げた協定" if is_gone else edition.title
        about = [edition.municipality.full_name, str(edition.get_kind_display()), *edition.changed]
        feed.add_item(
            title=f"{title}（{edition.get_kind_display()}）",
            link=self.address(edition),
            description="、".join([*about, edition.reason] if edition.reason else about),
            unique_id=f"{self.address(edition)}#{edition.number}",
            pubdate=datetime.combine(edition.on, time(), UTC),
            updateddate=edition.at,
            author_name=edition.municipality.full_name,
        )


class PublicSitemapView(EditionFileView):
    def get(self, request: HttpRequest) -> HttpResponse:
        editions, _ = self.editions()
        pages: list[tuple[str, date | None]] = [(self.address(each), each.on) for each in editions]
        codes = {each.municipality.code for each in editions}
        for code in sorted(codes):
            path = reverse("agreements:public-municipality", args=[code])
            pages.append((request.build_absolute_uri(path), None))
        pages.append((request.build_absolute_uri(reverse("agreements:public-home")), None))
        return HttpResponse(
            render_to_string("public/sitemap.xml", {"pages": pages}), content_type="application/xml"
        )


class PublicDocumentView(PublicView):
    """A document that the standing edition offers and that is still marked as public."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = AgreementDocument.objects.published().select_related("public_copy")
        document = get_object_or_404(found, pk=pk)
        edition = get_object_or_404(PublicEdition.objects.standing(), agreement=document.agreement_id)
        if not is_listed(edition, pk):
            raise Http404("not part of the edition")
        try:
            file = getattr(document, "public_copy", document).file.open("rb")
        except OSError as error:
            logger.error("the file of document %d is missing", document.pk)
            raise Http404("the file is missing") from error
        return FileResponse(
            file,
            as_attachment=False,
            filename=document.public_name,
            content_type=document.content_type,
            headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
        )


class PublicLogoView(PublicView):
    """The logo that a municipality chose: a PNG that we drew ourselves."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        profile = get_object_or_404(PublicProfile.objects.exclude(logo=""), municipality__code=code)
        try:
            with profile.logo.open("rb") as file:
                return HttpResponse(file.read(), content_type="image/png")
        except OSError as error:
            logger.error("the logo of %s is missing", code)
            raise Http404("the file is missing") from error


class PublicReportView(PublicView):
    """年度実績報告書（公開用） that the standing edition offers, as PDF."""

    def get(self, request: HttpRequest, pk: int, report: int) -> HttpResponse:
        edition = get_object_or_404(PublicEdition.objects.standing(), agreement=pk)
        found = next((each for each in edition.facts.get("reports", ()) if each["id"] == report), None)
        if found is None:
            raise Http404("not part of the edition")
        pdf = print_public_report(open_results.report_content(edition.facts, found), published_on=edition.on)
        name = f"report-{pk}-{found['year']}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Content-Security-Policy": POLICY}
        return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def licence_url(licence: str) -> str:
    """Where the terms of a licence stand."""
    return _LICENCE_URLS[Licence(licence)]


def edition_json(edition: PublicEdition, url: str) -> dict[str, Any]:
    return {**edition.facts, "edition": edition.number, "published_on": edition.on.isoformat(), "url": url}


def csv_answer(head: list[str], rows: Iterable[list[str]], name: str) -> HttpResponse:
    """UTF-8 with a mark for Excel, one header row; no cell that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([neutralise(value) for value in row] for row in rows)
    return file_answer("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", name)


def file_answer(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    headers = {**FOR_EVERYONE, "Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
