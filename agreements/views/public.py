"""The pages for everyone: made of `PublicEdition` alone, never of what the ledger says meanwhile."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from agreements import open_data
from agreements.choices import AgreementKind, EditionKind, FieldCategory, Publication
from agreements.models import AgreementDocument, Company, PublicEdition, PublicProfile
from agreements.models.publication import PublicEditionQuerySet
from municipalities import fiscal_year
from municipalities.models import Municipality
from municipalities.wareki import format_wareki

from .json_ld import json_ld_of
from .public_pages import PublicView
from .public_results import Summary, summary_of
from .tiles import prefecture_tiles

PER_PAGE = 50


class PublicFilterForm(forms.Form):
    """絞り込み: whatever is typed, a page comes back; what is unknown finds nothing."""

    q = forms.CharField(label="言葉", required=False, max_length=100)
    category = forms.ChoiceField(label="分野", required=False)
    kind = forms.ChoiceField(label="種別", required=False, choices=[("", "すべて"), *AgreementKind.choices])
    year = forms.TypedChoiceField(label="締結年度", required=False, coerce=int, empty_value=None)
    company = forms.CharField(label="企業・団体（名称か法人番号）", required=False, max_length=120)

    def __init__(
        self, data: Any, *, editions: PublicEditionQuerySet, years: Sequence[int], suggests: bool
    ) -> None:
        super().__init__(data, auto_id="id_%s")
        self.editions = editions
        if suggests:
            self.fields["company"].widget.attrs["list"] = "public-partners"
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            ("", "すべて"),
            *((year, fiscal_year.label(year)) for year in years),
        ]
        self.fields["category"].choices = [("", "すべて"), *FieldCategory.choices]  # type: ignore[attr-defined]

    def found(self) -> PublicEditionQuerySet:
        if not self.is_valid():
            return self.editions.none()
        values, found = self.cleaned_data, self.editions
        if values["q"]:
            found = found.matching(values["q"])
        if values["category"]:
            found = found.in_category(values["category"])
        if values["kind"]:
            found = found.filter(agreement_kind=values["kind"])
        if values["year"] is not None:
            found = found.filter(fiscal_year=values["year"])
        if values["company"]:
            found = found.with_partner(values["company"])
        return found


def newest_first(editions: PublicEditionQuerySet) -> PublicEditionQuerySet:
    return editions.select_related("municipality").order_by("-on", "-pk")


def rows_of(editions: Any) -> list[dict[str, Any]]:
    """What a list shows of each edition."""
    return [
        {
            "edition": edition,
            "facts": edition.facts,
            "kind": AgreementKind(edition.facts["kind"]).label,
            "signed_on": date.fromisoformat(edition.facts["signed_on"])
            if edition.facts["signed_on"]
            else None,
            "partners": [
                party
                for party in edition.facts["parties"]
                if party["municipality_code"] != edition.facts["municipality"]["code"]
            ],
        }
        for edition in editions
    ]


class PublicListView(PublicView):
    """A page with a list of agreements that can be narrowed."""

    is_listing = True  # its filters are those of the search, in a static site as well

    def listing(self, editions: PublicEditionQuerySet, summary: Summary | None = None) -> dict[str, Any]:
        """What `public/_listing.html` shows; a summary spares questions, and its companies are suggested."""
        names = summary.partner_names if summary else []
        years = summary.years if summary else years_of(editions)
        form = PublicFilterForm(self.request.GET, editions=editions, years=years, suggests=bool(names))
        is_filtered = any(self.request.GET.get(name) for name in form.fields)
        found = newest_first(form.found())
        paginator = Paginator(found, PER_PAGE)
        if summary and not is_filtered:
            paginator.count = summary.total
        page_obj = paginator.get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        query.pop("page", None)
        return {
            "form": form,
            "page_obj": page_obj,
            "rows": rows_of(page_obj),
            "query": query.urlencode(),
            "is_filtered": is_filtered,
            "partner_names": names,
        }


def years_of(editions: PublicEditionQuerySet) -> list[int]:
    years = editions.exclude(fiscal_year=None).order_by("-fiscal_year")
    return [year for year in years.values_list("fiscal_year", flat=True).distinct() if year is not None]


class PublicHomeView(PublicView):
    """Every municipality that publishes: the tile map, the same numbers as a table, the newest agreements."""

    def get(self, request: HttpRequest) -> HttpResponse:
        standing = PublicEdition.objects.standing()
        counts = {
            row["municipality__prefecture_code"]: row["count"]
            for row in standing.order_by().values("municipality__prefecture_code").annotate(count=Count("pk"))
        }
        municipalities = Municipality.objects.filter(pk__in=standing.values("municipality")).order_by("code")
        numbers = dict(standing.order_by().values_list("municipality").annotate(count=Count("pk")))
        return self.page(
            "public/home.html",
            {
                "page_title": "自治体の連携協定",
                "tiles": prefecture_tiles(counts),
                "total": sum(counts.values()),
                "municipality_rows": [(each, numbers[each.pk]) for each in municipalities],
                "categories": [(each.value, each.label) for each in FieldCategory],
                "rows": rows_of(newest_first(standing)[:10]),
                "feed_url": reverse("agreements:public-feed"),
            },
        )


class PublicSearchView(PublicListView):
    def get(self, request: HttpRequest) -> HttpResponse:
        context = self.listing(PublicEdition.objects.standing())
        return self.page("public/search.html", {"page_title": "協定を探す", **context})


class PublicMunicipalityView(PublicListView):
    """One municipality's page: also one that has published nothing yet."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        municipality = get_object_or_404(Municipality, code=code)
        standing = PublicEdition.objects.standing().filter(municipality=municipality)
        profile = PublicProfile.of(municipality)
        summary = summary_of(standing)
        return self.page(
            "public/municipality.html",
            {
                "page_title": str(profile),
                "logo_url": logo_url(self, profile),
                "description": f"{municipality.full_name}が公開している連携協定{summary.total}件。"
                "相手方、連携事項、取組と実績を見られます。",
                "municipality": municipality,
                "profile": profile,
                "summary": summary,
                "feed_url": reverse("agreements:public-municipality-feed", args=[code]),
                **self.listing(standing, summary),
            },
        )


class PublicFieldView(PublicListView):
    def get(self, request: HttpRequest, category: str) -> HttpResponse:
        if category not in FieldCategory.values:
            raise Http404("no such field")
        standing = PublicEdition.objects.standing().in_category(category)
        return self.page(
            "public/field.html",
            {
                "page_title": f"分野：{FieldCategory(category).label}",
                "category": category,
                "feed_url": reverse("agreements:public-field-feed", args=[category]),
                **self.listing(standing),
            },
        )


class PublicCompanyView(PublicListView):
    """One company with its published agreements anywhere; nobody learns of one that has none."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        standing = PublicEdition.objects.standing().with_company(pk)
        if not standing.exists():
            raise Http404("no published agreement")
        company = get_object_or_404(Company, pk=pk)
        return self.page(
            "public/company.html", {"page_title": company.name, "company": company, **self.listing(standing)}
        )


class PublicAgreementView(PublicView):
    """One agreement as it was published; after a withdrawal, that it was withdrawn (410)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        editions = PublicEdition.objects.filter(agreement=pk).select_related("municipality")
        edition = editions.standing().first()
        if edition is None:
            grave = get_object_or_404(editions.tombstones(), agreement__publication__in=_WITHDRAWN)
            context = {
                "page_title": "公開を取り下げた協定",
                "edition": grave,
                "profile": PublicProfile.of(grave.municipality),
            }
            return self.page("public/tombstone.html", context, status=410)
        facts = agreement_facts(edition, self.today)
        profile = PublicProfile.of(edition.municipality)
        context = {
            "page_title": edition.title,
            "edition": edition,
            "facts": facts,
            "description": described(facts),
            "logo_url": logo_url(self, profile),
            "editions": list(editions.order_by("-number")),
            "profile": profile,
            "feed_url": reverse("agreements:public-municipality-feed", args=[edition.municipality.code]),
        }
        context["json_ld"] = json_ld_of(facts, self.absolute(request.path, profile.host_name), edition.on)
        return self.page("public/agreement.html", context)


class PublicAccessibilityView(PublicView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("public/accessibility.html", {"page_title": "ウェブアクセシビリティについて"})


# Preparing anew does not make what was withdrawn unsaid.
_WITHDRAWN = (Publication.WITHDRAWN, Publication.PREPARING)


def agreement_facts(edition: PublicEdition, today: date) -> dict[str, Any]:
    """The facts in words; of the documents those that may still go out."""
    facts = open_data.spoken(edition.facts, today)
    listed = [each["id"] for each in facts.get("documents", ())]
    alive = set(AgreementDocument.objects.published().filter(pk__in=listed).values_list("pk", flat=True))
    return {**facts, "documents": [each for each in facts.get("documents", ()) if each["id"] in alive]}


def logo_url(view: PublicView, profile: PublicProfile) -> str:
    if not profile.logo:
        return ""
    path = reverse("agreements:public-municipality-logo", args=[profile.municipality.code])
    return view.absolute(path, profile.host_name)


def described(facts: dict[str, Any]) -> str:
    """One sentence for those who only see a link."""
    own = facts["municipality"]
    others = [party["name"] for party in facts["parties"] if party["municipality_code"] != own["code"]]
    day = f"（{format_wareki(facts['signed_on'])}締結）" if facts["signed_on"] else ""
    return f"{own['name']}と{'、'.join(others)}の協定{day}。" if others else f"{own['name']}の協定{day}。"


def is_listed(edition: PublicEdition, document_id: int) -> bool:
    """Whether this edition offers the document."""
    return edition.kind != EditionKind.WITHDRAWN and any(
        each["id"] == document_id for each in edition.facts.get("documents", ())
    )
