"""The generic list: what the faults of others were, columns, saved views, export of exactly what is shown."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.choices import JobState
from agreements.lists import LISTS
from agreements.models import BackgroundJob, SavedView, SavedViewUse
from agreements.views import list_export
from municipalities.models import AuditEvent
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyFactory,
    DocumentFactory,
    MeetingFactory,
    PartyFactory,
    PlanFactory,
    PlanItemFactory,
    PlanLinkFactory,
    SavedViewFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.usefixtures("today")
AGREEMENTS = reverse("agreements:agreement-list")
KEYS = list(LISTS)


def labels(response) -> list[str]:
    return [row.label for row in response.context["rows"]]


def make(key, municipality, **values):
    if key == "companies":
        return CompanyFactory()
    if key == "plan_items":
        return PlanItemFactory(plan__municipality=municipality)
    agreement = AgreementFactory(municipality=municipality)
    if key == "actions":
        return ActionItemFactory(agreement=agreement)
    if key == "documents":
        return DocumentFactory(agreement=agreement)
    return MeetingFactory(agreement=agreement) if key == "meetings" else agreement


# -- Every list ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", KEYS)
def test_every_list_needs_few_queries_and_the_same_for_1_and_3_rows(
    viewer_client, fukuoka, key, assert_same_queries, django_assert_max_num_queries
):
    visit = lambda: viewer_client.get(LISTS[key].url)  # noqa: E731
    assert_same_queries(lambda: make(key, fukuoka), visit)
    with django_assert_max_num_queries(9):
        assert len(visit().context["rows"]) >= 3


@pytest.mark.parametrize("key", KEYS)
def test_no_list_ignores_a_parameter_or_a_value_in_silence(viewer_client, fukuoka, key):
    make(key, fukuoka)
    response = viewer_client.get(LISTS[key].url, {"statsu": "active", "columns": "title,nothing"})
    assertContains(response, "条件「statsu」は使われていません")
    assertContains(response, "この一覧にない列")
    for query in ({"sort": "nothing"}, {"q": "、。"}):
        response = viewer_client.get(LISTS[key].url, query)
        assertContains(response, "条件に誤りがあるため、一覧を表示していません")
        assert response.context["rows"] == []


@pytest.mark.parametrize("key", KEYS)
def test_no_order_sticks_to_later_visits(viewer_client, fukuoka, key):
    for _ in range(2):
        make(key, fukuoka)
    spec = LISTS[key]
    usual = labels(viewer_client.get(spec.url))
    for sort in spec.filterset.sorts:
        assert viewer_client.get(spec.url, {"sort": f"-{sort}", "columns": spec.main}).status_code == 200
    again = viewer_client.get(spec.url)
    assert labels(again) == usual
    assert len(again.context["headings"]) > 1


@pytest.mark.parametrize("key", ["actions", "documents", "meetings"])
def test_parts_of_other_municipalities_are_in_no_list(neighbour_client, fukuoka, key):
    make(key, fukuoka).agreement.__class__.objects.update(publication="published")
    assert labels(neighbour_client.get(LISTS[key].url)) == []


def test_action_list_narrows_by_each_condition(viewer_client, fukuoka, editor):
    agreement = AgreementFactory(municipality=fukuoka, title="観光の協定")
    ActionItemFactory(agreement=agreement, title="遅れ", due_on=date(2026, 9, 1), person_in_charge=editor)
    ActionItemFactory(agreement=agreement, title="先", due_on=date(2026, 10, 20))
    ActionItemFactory(agreement=agreement, title="済み", due_on=date(2026, 9, 1), state="done")
    url = LISTS["actions"].url
    for query, expected in [
        ({}, ["遅れ", "済み", "先"]),
        ({"due": "overdue"}, ["遅れ"]),
        ({"state": "open"}, ["遅れ", "先"]),
        ({"state": "done"}, ["済み"]),
        ({"due_within": "30"}, ["先"]),
        ({"due_from": "令和8年9月2日"}, ["先"]),
        ({"person": editor.name}, ["遅れ"]),
        ({"q": "観光　先"}, ["先"]),
        ({"agreement": agreement.pk}, ["遅れ", "済み", "先"]),
    ]:
        assert labels(viewer_client.get(url, query)) == expected, query


def test_action_list_narrows_by_money_year_measure_and_partner(viewer_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    company = PartyFactory(agreement=agreement).company
    goal = PlanItemFactory(plan__municipality=fukuoka, code="1", name="目標")
    below = PlanItemFactory(parent=goal, code="1-1", name="施策")
    paid = ActionItemFactory(
        agreement=agreement,
        title="負担",
        funding="partner_cost",
        due_on=date(2026, 9, 1),
        plan_item=below,
    )
    other = ActionItemFactory(
        title="よその取組", agreement=AgreementFactory(municipality=fukuoka), due_on=None
    )
    other.sub_plan_items.add(goal)
    ActionItemFactory(
        agreement=agreement, title="中止", state="cancelled", cancelled_reason="天候", due_on=None
    )
    url = LISTS["actions"].url
    for query, expected in [
        ({"funding": "partner_cost"}, ["負担"]),
        ({"funding": "none"}, ["よその取組", "中止"]),
        ({"fiscal_year": "2026"}, ["負担"]),
        ({"plan_item": goal.pk}, ["負担", "よその取組"]),
        ({"plan_item": below.pk}, ["負担"]),
        ({"plan": "none", "state": "living"}, ["よその取組"]),
        ({"company": company.pk}, ["負担", "中止"]),
    ]:
        assert labels(viewer_client.get(url, query)) == expected, query
    page = viewer_client.get(url)
    assertContains(page, f'href="{paid.get_absolute_url()}"')
    assertContains(page, "1-1 施策")


def test_measures_are_listed_in_the_order_of_the_plan_in_force(viewer_client, fukuoka):
    plan = PlanFactory(municipality=fukuoka)
    first = PlanItemFactory(plan=plan, code="", name="二番目に登録", level="基本目標")
    second = PlanItemFactory(plan=plan, code="", name="一番下")
    below = PlanItemFactory(parent=first, name="その下", kpi_name="受診率", kpi_target=60)
    over = PlanItemFactory(plan__municipality=fukuoka, plan__state="ended", name="前の計画")
    PlanItemFactory(name="よその計画")
    PlanLinkFactory(plan_item=below, agreement__municipality=fukuoka)
    url = LISTS["plan_items"].url
    for query, expected in [
        ({}, [first.name, below.name, second.name]),
        ({"support": "some"}, [below.name]),
        ({"support": "none"}, [first.name, second.name]),
        ({"kpi": "some"}, [below.name]),
        ({"plan": over.plan_id}, [over.name]),
        ({"scope": "all"}, [first.name, below.name, second.name, over.name]),
        ({"q": "受診"}, [below.name]),
        ({"level": "基本"}, [first.name]),
    ]:
        assert sorted(labels(viewer_client.get(url, query))) == sorted(expected), query
    assert labels(viewer_client.get(url)) == [first.name, below.name, second.name]
    assertContains(viewer_client.get(url), f"/plan-items/{below.pk}/")


def test_totals_lead_to_the_actions_they_count(viewer_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    ActionItemFactory(agreement=agreement, due_on=date(2026, 9, 1), funding="grant")
    ActionItemFactory(agreement=agreement, due_on=date(2026, 9, 1))
    ActionItemFactory(agreement=agreement, due_on=date(2025, 9, 1))
    page = viewer_client.get(reverse("agreements:action-totals"))
    rows = [page.context["whole"], *page.context["by_funding"], *page.context["by_year"]]
    assert len(rows) == 5
    for row in rows:
        assertContains(page, row["list_url"].replace("&", "&amp;"))
        assert len(labels(viewer_client.get(row["list_url"]))) == row["count"]
    narrowed = viewer_client.get(reverse("agreements:action-totals"), {"funding": "grant"})
    assert len(labels(viewer_client.get(narrowed.context["whole"]["list_url"]))) == 1


# -- Columns ------------------------------------------------------------------------------------------
def test_columns_are_chosen_by_the_url_and_keep_the_conditions(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka, ledger_number="福-7", document_number="企第1号")
    response = viewer_client.get(
        AGREEMENTS, {"kind": "comprehensive", "columns": ["document_number", "title"]}
    )
    assertRedirects(response, f"{AGREEMENTS}?kind=comprehensive&columns=document_number,title")
    response = viewer_client.get(response.url)
    assert [each.label for each in response.context["headings"]] == ["協定名称", "文書番号"]
    assertContains(response, "企第1号")
    assertContains(response, '<input type="hidden" name="kind" value="comprehensive">')
    # The chip's link is without the condition, but with the columns.
    assertContains(response, 'href="?columns=document_number%2Ctitle"')


def test_rows_follow_one_another_over_pages_and_filters_stay(viewer_client, fukuoka):
    for number in range(60):
        AgreementFactory(municipality=fukuoka, title=f"協定{number:02}", signed_on=date(2020, 1, 1))
    first = viewer_client.get(AGREEMENTS, {"kind": "comprehensive"})
    second = viewer_client.get(f"{AGREEMENTS}?kind=comprehensive&page={first.context['page_obj'].next}")
    assert len({*labels(first), *labels(second)}) == 60
    assert str(first.context["total"]) == "60"


# -- Saved views --------------------------------------------------------------------------------------
def save(client, **data):
    url = reverse("agreements:view-create", args=["agreements"])
    return client.post(url, {"name": "災害", "query": "kind=disaster&columns=title,kind&page=x", **data})


def test_view_is_saved_opened_shared_renamed_deleted_and_brought_back(editor_client, viewer_client, editor):
    response = save(editor_client)
    view = SavedView.objects.get()
    assertRedirects(response, f"{AGREEMENTS}?kind=disaster&columns=title,kind&view={view.pk}")
    assertNotContains(viewer_client.get(AGREEMENTS), "災害</a>")
    url = reverse("agreements:view-update", args=[view.pk])
    assert viewer_client.get(url).status_code == 404
    editor_client.post(url, {"name": "災害時の協定", "is_shared": "on"})
    assertContains(viewer_client.get(AGREEMENTS), "災害時の協定</a>")
    viewer_client.post(reverse("agreements:view-delete", args=[view.pk]))
    assert SavedView.objects.alive().exists()  # shared is not given away
    response = editor_client.post(reverse("agreements:view-delete", args=[view.pk]), follow=True)
    assertContains(response, "保存した一覧「災害時の協定」を削除しました。")
    assertNotContains(viewer_client.get(AGREEMENTS), "災害時の協定</a>")
    editor_client.post(reverse("agreements:view-restore", args=[view.pk]))
    assertContains(viewer_client.get(AGREEMENTS), "災害時の協定</a>")
    assert view.history.count() == 4


def test_view_with_a_wrong_condition_or_without_a_name_is_not_saved(viewer_client):
    save(viewer_client, query="kind=nonsense")
    response = save(viewer_client, name="")
    assertContains(response, "このフィールドは必須です")
    save(viewer_client, is_shared="on")  # viewers share nothing
    assert list(SavedView.objects.values_list("is_shared", flat=True)) == [False]


def test_default_view_opens_first_and_all_is_one_click_away(editor_client, editor):
    one, other = SavedViewFactory(owner=editor), SavedViewFactory(owner=editor, query="kind=disaster")
    for view in (one, other):
        editor_client.post(
            reverse("agreements:view-update", args=[view.pk]), {"name": "名", "is_default": "on"}
        )
    assert SavedViewUse.objects.filter(is_default=True).count() == 1
    assertRedirects(editor_client.get(AGREEMENTS), f"{AGREEMENTS}?kind=disaster&view={other.pk}")
    response = editor_client.get(AGREEMENTS, {"view": "none"})
    assert response.status_code == 200
    assert response.context["filter"].applied() == []
    assertContains(editor_client.get(f"{AGREEMENTS}?kind=disaster"), 'href="?view=none"')


# -- Export -------------------------------------------------------------------------------------------
def export(client, key="agreements", **data):
    return client.post(
        reverse("agreements:list-export", args=[key]),
        {"format": "xlsx", "scope": "shown", "missing": "ask", **data},
    )


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_export_holds_exactly_the_view_and_is_recorded(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka, title="後", kind="disaster", signed_on=date(2021, 1, 1))
    AgreementFactory(municipality=fukuoka, title="先", kind="disaster", signed_on=date(2020, 1, 1))
    AgreementFactory(municipality=fukuoka, title="別")
    query = "kind=disaster&sort=signed_on&columns=title,signed_on"
    response = export(viewer_client, query=query)
    assert "attachment" in response["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(body(response))).active
    assert [cell.value for cell in sheet["A"]] == ["協定名称", "先", "後"]
    assert sheet.max_column == 2
    event = AuditEvent.objects.filter(kind="export").latest("at")
    assert event.details["件数"] == 2
    assert event.details["条件"] == {"種別": ["災害時応援"]}


@pytest.mark.parametrize("key", KEYS)
def test_every_list_can_be_exported_whole(viewer_client, fukuoka, key):
    make(key, fukuoka)
    response = export(viewer_client, key, format="csv", scope="all")
    head, *lines = csv.reader(io.StringIO(body(response).decode("utf-8-sig"), newline=""))
    assert head == [column.header for column in LISTS[key].table.columns]
    assert lines


def test_export_shows_what_cp932_lacks_before_anything_is_replaced(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka, title="𠮷野との協定")
    response = export(viewer_client, format="cp932", query="columns=title")
    assertContains(response, "𠮷（1か所）→ 〓")
    response = export(viewer_client, format="cp932", query="columns=title", missing="replace")
    assert body(response).decode("cp932") == "協定名称\r\n〓野との協定\r\n"


def test_large_export_is_a_job_with_a_file(
    viewer_client, fukuoka, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(list_export, "AT_ONCE", 2)
    for _ in range(3):
        AgreementFactory(municipality=fukuoka, title="𠮷野との協定")
    with django_capture_on_commit_callbacks(execute=True):
        response = export(viewer_client, format="cp932", query="columns=title")
    job = BackgroundJob.objects.get()
    assertRedirects(response, job.get_absolute_url())
    assert job.state == JobState.DONE
    assertContains(viewer_client.get(job.get_absolute_url()), "𠮷（3か所）→ 〓")
    assert not job.files.exists()
    with django_capture_on_commit_callbacks(execute=True):
        export(viewer_client, format="cp932", query="columns=title", missing="replace")
    job = BackgroundJob.objects.latest("pk")
    kept = job.files.get()
    content = body(viewer_client.get(reverse("agreements:job-file", args=[kept.pk])))
    assert content.decode("cp932").count("〓野") == 3
    assert (job.done, job.total) == (3, 3)


def test_export_of_others_published_agreements_has_no_internal_values(neighbour_client, fukuoka):
    AgreementFactory(municipality=fukuoka, published=True, note="内緒の備考", ledger_number="秘-1")
    AgreementFactory(municipality=fukuoka, title="非公開の協定")
    text = body(export(neighbour_client, format="csv", scope="all", query="scope=all")).decode()
    assert "公開" in text
    assert "内緒" not in text
    assert "秘-1" not in text
    assert "非公開の協定" not in text


def test_list_is_printed_as_it_stands_its_head_on_every_page(viewer_client, fukuoka, print_fonts, text_of):
    for number in range(40):
        AgreementFactory(municipality=fukuoka, title=f"印刷する協定{number:02}", kind="disaster")
    query = "kind=disaster&columns=title,kind,signed_on"
    pdf = body(export(viewer_client, format="pdf", query=query))
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 1
    assert pages[0].mediabox.width > pages[0].mediabox.height
    assert text_of(pdf).count("協定名称") == len(pages)
    assert "種別：災害時応援" in text_of(pdf)
    assert AuditEvent.objects.filter(kind="print").exists()
    refused = export(viewer_client, format="pdf", scope="all")
    assertContains(refused, "紙に収まるのは12列までです")


# -- Words in whatever spelling -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("DX相談会", "ＤＸ"),
        ("ﾃﾞｼﾞﾀﾙ講座", "でじたる"),
        ("髙﨑まつり", "高崎"),
        ("観光マップの作成", "作成 観光"),
        ("観光マップの作成", "「マップの作」 -防災"),
    ],
)
def test_lists_of_parts_find_words_in_whatever_spelling(viewer_client, fukuoka, written, typed):
    agreement = AgreementFactory(municipality=fukuoka)
    ActionItemFactory(agreement=agreement, title=written)
    ActionItemFactory(agreement=agreement, title="観光マップの防災")
    DocumentFactory(agreement=agreement, title=written)
    MeetingFactory(agreement=agreement, summary=written)
    PlanItemFactory(plan__municipality=fukuoka, name=written)
    for key in ("actions", "documents", "meetings", "plan_items"):
        rows = viewer_client.get(LISTS[key].url, {"q": typed}).context["rows"]
        assert len(rows) == 1, key


@pytest.mark.parametrize("key", ["actions", "agreements"])
def test_people_are_found_by_variants_of_their_names(viewer_client, fukuoka, key):
    person = StaffMemberFactory(municipality=fukuoka, name="髙橋　見本")
    agreement = AgreementFactory(municipality=fukuoka, person_in_charge=person)
    ActionItemFactory(agreement=agreement, person_in_charge=person)
    AgreementFactory(municipality=fukuoka)
    rows = viewer_client.get(LISTS[key].url, {"person": "高橋"}).context["rows"]
    assert len(rows) == 1
