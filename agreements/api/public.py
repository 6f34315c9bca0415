"""What is public, for everyone: made of `PublicEdition` alone, never of what the ledger says meanwhile."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.cache import caches
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Path, Query, Router

from agreements.choices import EditionKind, FieldCategory, Publication
from agreements.models import Agreement, AgreementDocument, Company, PublicEdition, PublicProfile
from agreements.models.publication import PublicEditionQuerySet
from agreements.views.public_data import edition_json, licence_url
from agreements.views.public_pages import current_stamp
from municipalities.models import Municipality

from .answers import Problem, answer
from .paging import listed, page_of, page_of_keys
from .schemas import (
    AgreementOut,
    AgreementPage,
    AgreementQuery,
    ChangePage,
    ChangeQuery,
    Code,
    CompanyOut,
    CompanyPage,
    CompanyQuery,
    EditionPage,
    FieldPage,
    Key,
    MunicipalityOut,
    MunicipalityPage,
    MunicipalityQuery,
    answers,
)

router = Router(tags=["公開情報"])
_NOT_FOUND = "公開されていません。番号を確かめてください。"
# Preparing anew does not make what was withdrawn unsaid.
_WITHDRAWN = (Publication.WITHDRAWN, Publication.PREPARING)


# -- Municipalities -----------------------------------------------------------------------------------
@router.get(
    "/municipalities",
    summary="協定を公開している自治体",
    operation_id="listMunicipalities",
    url_name="municipality-list",
    response=answers(MunicipalityPage),
)
def list_municipalities(request: HttpRequest, query: Query[MunicipalityQuery]) -> HttpResponse:
    """コードの順に返します。"""
    standing = PublicEdition.objects.standing()
    rows = Municipality.objects.filter(pk__in=standing.values("municipality")).order_by("code")
    if query.prefecture:
        rows = rows.filter(prefecture_code=query.prefecture)
    return page_of(request, rows, query.cursor, query.limit, lambda page: _bodies(request, page.object_list))


@router.get(
    "/municipalities/{code}",
    summary="1つの自治体",
    operation_id="getMunicipality",
    url_name="municipality",
    response=answers(MunicipalityOut, 404),
)
def get_municipality(request: HttpRequest, code: Path[Code]) -> HttpResponse:
    standing = PublicEdition.objects.standing()
    found = Municipality.objects.filter(code=code, pk__in=standing.values("municipality"))
    for body in _bodies(request, found):
        return answer(body)
    raise Problem(404, "この自治体が公開している協定はありません。")


def _bodies(request: HttpRequest, found: Iterable[Municipality]) -> list[dict[str, Any]]:
    bodies = list(found)
    standing = PublicEdition.objects.standing().filter(municipality__in=bodies).order_by()
    counts = {
        key: (count, last)
        for key, count, last in standing.values_list("municipality").annotate(Count("pk"), Max("on"))
    }
    profiles = {each.municipality_id: each for each in PublicProfile.objects.filter(municipality__in=bodies)}
    return [
        _body(request, body, profiles.get(body.pk) or PublicProfile(), *counts[body.pk])
        for body in bodies
        if body.pk in counts
    ]


def _body(
    request: HttpRequest, body: Municipality, profile: PublicProfile, count: int, last: Any
) -> dict[str, Any]:
    profile.municipality = body
    return {
        "code": body.code,
        "name": body.name,
        "prefecture": body.prefecture,
        "title": str(profile),
        "agreements": count,
        "as_of": last,
        "contact": profile.contact,
        "website": profile.website,
        "licence": profile.licence,
        "licence_url": licence_url(profile.licence),
        "url": _page(request, "public-municipality", body.code),
    }


# -- Agreements ---------------------------------------------------------------------------------------
@router.get(
    "/agreements",
    summary="公開された協定",
    operation_id="listAgreements",
    url_name="agreement-list",
    response=answers(AgreementPage),
)
def list_agreements(request: HttpRequest, query: Query[AgreementQuery]) -> HttpResponse:
    """協定の番号の順に返します。条件を重ねると、すべてに当てはまるものになります。"""
    found = _found(query)
    # The keys of the agreements keep the order: an edition that replaces another moves nothing.
    rows = Agreement.objects.filter(pk__in=found.values("agreement")).order_by("pk")

    def show(page: Any) -> list[dict[str, Any]]:
        return _facts(request, found.filter(agreement__in=page.pks).order_by("agreement_id"))

    return page_of(request, rows, query.cursor, query.limit, show)


def _found(query: AgreementQuery) -> PublicEditionQuerySet:
    found = PublicEdition.objects.standing()
    if query.municipality:
        found = found.filter(municipality__code=query.municipality)
    if query.category:
        found = found.in_category(query.category.value)
    if query.company:
        found = found.with_company(query.company)
    if query.kind:
        found = found.filter(agreement_kind=query.kind.value)
    if query.fiscal_year:
        found = found.filter(fiscal_year=query.fiscal_year)
    return found.matching(query.q) if query.q else found


@router.get(
    "/agreements/{key}",
    summary="1つの協定",
    operation_id="getAgreement",
    url_name="agreement",
    response=answers(AgreementOut, 404, 410),
)
def get_agreement(request: HttpRequest, key: Path[Key]) -> HttpResponse:
    """公開を取り下げた協定は 410 で、取り下げた日と理由を返します。"""
    editions = PublicEdition.objects.filter(agreement=key)
    for facts in _facts(request, editions.standing()):
        return answer(facts)
    grave = _grave(editions)
    raise Problem(410, f"この協定は {grave.on.isoformat()} に公開を取り下げました。理由：{grave.reason}")


@router.get(
    "/agreements/{key}/editions",
    summary="1つの協定の更新履歴",
    operation_id="listEditions",
    url_name="edition-list",
    response=answers(EditionPage, 404),
)
def list_editions(request: HttpRequest, key: Path[Key]) -> HttpResponse:
    """いつ公開・訂正・取下げをし、何がなぜ変わったか。新しい版から返します。"""
    editions = PublicEdition.objects.filter(agreement=key)
    if not editions.standing().exists():
        _grave(editions)
    return listed(request, [_edition(each) for each in editions.order_by("-number")], "")


@router.get(
    "/changes",
    summary="公開・訂正・取下げの変更",
    operation_id="listChanges",
    url_name="change-list",
    response=answers(ChangePage),
)
def list_changes(request: HttpRequest, query: Query[ChangeQuery]) -> HttpResponse:
    """
    古い変更から返します。定期的に取り込むときは、前回の開始時刻より少し前からを since に指定し、
    協定の番号と版（agreement と edition）の組で、すでに取り込んだものを除いてください。
    """
    rows = PublicEdition.objects.filter(agreement__deleted_at=None)
    if query.since:
        rows = rows.filter(at__gte=query.since)
    if query.municipality:
        rows = rows.filter(municipality__code=query.municipality)
    if query.kind:
        rows = rows.filter(kind=query.kind.value)
    rows = rows.order_by("pk")

    def show(page: Any) -> list[dict[str, Any]]:
        found = page.object_list.select_related("municipality")
        standing = PublicEdition.objects.standing().filter(
            agreement__in=[each.agreement_id for each in found]
        )
        titles = {each.agreement_id: each.title for each in standing}
        return [_change(request, each, titles.get(each.agreement_id)) for each in found]

    return page_of(request, rows, query.cursor, query.limit, show)


def _grave(editions: PublicEditionQuerySet) -> PublicEdition:
    grave = editions.tombstones().filter(agreement__publication__in=_WITHDRAWN).first()
    if grave is None:
        raise Problem(404, _NOT_FOUND)
    return grave


def _facts(request: HttpRequest, editions: PublicEditionQuerySet) -> list[dict[str, Any]]:
    """The facts of each edition; of the documents those that may still go out."""
    found = list(editions)
    offered = [each["id"] for edition in found for each in edition.facts.get("documents", ())]
    alive = set(AgreementDocument.objects.published().filter(pk__in=offered).values_list("pk", flat=True))
    shown = []
    for edition in found:
        facts = edition_json(edition, _page(request, "public-agreement", edition.agreement_id))
        if "documents" in facts:
            facts["documents"] = [
                {**each, "url": _page(request, "public-document", each["id"])}
                for each in facts["documents"]
                if each["id"] in alive
            ]
        shown.append(facts)
    return shown


def _edition(edition: PublicEdition) -> dict[str, Any]:
    return {
        "edition": edition.number,
        "kind": edition.kind,
        "on": edition.on,
        "changed": edition.changed,
        "reason": edition.reason,
    }


def _change(request: HttpRequest, edition: PublicEdition, title: str | None) -> dict[str, Any]:
    return {
        **_edition(edition),
        "agreement": edition.agreement_id,
        "municipality": edition.municipality.code,
        "title": title if edition.kind != EditionKind.WITHDRAWN else None,
        "at": timezone.localtime(edition.at).isoformat(),
        "url": _page(request, "public-agreement", edition.agreement_id),
    }


# -- Companies, fields --------------------------------------------------------------------------------
@router.get(
    "/companies",
    summary="公開された協定の相手方",
    operation_id="listCompanies",
    url_name="company-list",
    response=answers(CompanyPage),
)
def list_companies(request: HttpRequest, query: Query[CompanyQuery]) -> HttpResponse:
    """相手方の番号の順に返します。"""
    counts = _company_counts(query.municipality or "")
    keys = sorted(counts)
    if query.corporate_number:
        same = Company.objects.filter(corporate_number=query.corporate_number)
        keys = sorted(counts.keys() & set(same.values_list("pk", flat=True)))
    page, cursor = page_of_keys(keys, query.cursor, query.limit)
    companies = Company.objects.in_bulk(page)
    results = [_company(request, companies[key], counts[key]) for key in page if key in companies]
    return listed(request, results, cursor)


@router.get(
    "/companies/{key}",
    summary="1つの相手方",
    operation_id="getCompany",
    url_name="company",
    response=answers(CompanyOut, 404),
)
def get_company(request: HttpRequest, key: Path[Key]) -> HttpResponse:
    count = PublicEdition.objects.standing().with_company(key).count()
    if not count:  # nobody learns of one that has none
        raise Problem(404, _NOT_FOUND)
    return answer(_company(request, get_object_or_404(Company, pk=key), count))


@router.get(
    "/fields",
    summary="分野",
    operation_id="listFields",
    url_name="field-list",
    response=answers(FieldPage),
)
def list_fields(request: HttpRequest) -> HttpResponse:
    counts = PublicEdition.objects.standing().aggregate(
        **{
            f"in_{each.value}": Count("pk", filter=Q(categories__contains=f",{each.value},"))
            for each in FieldCategory
        }
    )
    results = [
        {
            "code": each.value,
            "name": each.label,
            "sdgs": list(each.sdgs),
            "agreements": counts[f"in_{each.value}"],
            "url": _page(request, "public-field", each.value),
        }
        for each in FieldCategory
    ]
    return listed(request, results, "")


def _company_counts(code: str) -> dict[int, int]:
    """In how many published agreements each company is, by the editions: read once until one changes."""
    stamp, _ = current_stamp()
    name = f"api-companies-{hashlib.sha256(f'{code}|{stamp}'.encode()).hexdigest()}"
    kept = caches["public"].get(name)
    if kept is None:
        standing = PublicEdition.objects.standing().exclude(companies="")
        if code:
            standing = standing.filter(municipality__code=code)
        lists = standing.order_by().values_list("companies", flat=True).iterator(chunk_size=5_000)
        kept = dict(Counter(int(key) for text in lists for key in text.strip(",").split(",")))
        caches["public"].set(name, kept)
    return kept


def _company(request: HttpRequest, company: Company, count: int) -> dict[str, Any]:
    return {
        "id": company.pk,
        "name": company.name,
        "corporate_number": company.corporate_number,
        "agreements": count,
        "url": _page(request, "public-company", company.pk),
    }


def _page(request: HttpRequest, name: str, *arguments: Any) -> str:
    return request.build_absolute_uri(reverse(f"agreements:{name}", args=arguments))
