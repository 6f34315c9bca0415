"""協定書案 in the browser: compose, edit, compare, restore, lock; the clause library behind it."""

import io
from datetime import UTC, date, datetime

import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from agreements.actions.agreement_texts import change_text, compose_text, restore_text
from agreements.actions.clauses import add_usual_clauses
from agreements.actions.obliterate import obliterate
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.text_lock import TextLocked
from agreements.choices import AgreementState
from agreements.domain.clauses import LABELS
from agreements.domain.legal_references import LEDGER_NAMES
from agreements.domain.legal_text import Article, LegalText, Signatory
from agreements.models import Clause, TextVersion
from agreements.printing.renderer import PrintError
from agreements.views.clauses import PLACEHOLDERS
from municipalities.models import AuditEvent
from tests.conftest import client_of
from tests.factories import AgreementFactory, ClauseFactory, TextVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(editor):
    return AgreementFactory(
        whole=True,
        draft=True,
        state=AgreementState.NEGOTIATING,
        municipality=editor.municipality,
        department=editor.department,
        title="健康づくりに関する協定",
        purpose="健康づくりを進めること",
    )


@pytest.fixture
def version(agreement):
    return TextVersionFactory(agreement=agreement)


def url(name: str, *args) -> str:
    return reverse(f"agreements:{name}", args=[each.pk for each in args])


def posted(client, agreement) -> dict[str, str]:
    """What the edit page would send if nobody touched it."""
    context = client.get(url("agreement-text-update", agreement)).context
    draft = context["draft"]
    data = {name: draft.form[name].value() or "" for name in draft.form.fields}
    for formset in draft.formsets:
        data[f"{formset.prefix}-TOTAL_FORMS"] = str(len(formset.forms))
        data[f"{formset.prefix}-INITIAL_FORMS"] = "0"
        for row in formset.forms:
            for name in row.fields:
                if name != "DELETE":
                    data[row.add_prefix(name)] = row[name].value() or ""
    return data


# -- Compose --------------------------------------------------------------------------------------------
def test_text_is_composed_of_the_ticked_clauses(editor_client, agreement):
    start = url("agreement-text-start", agreement)
    assert "条項ひな形がまだありません" in editor_client.get(start).content.decode()
    assert editor_client.post(start, {"usual": "1"}).status_code == 302
    form = editor_client.get(start).context["form"]
    ticked = form["clauses"].value()
    secrecy = str(Clause.objects.get(kind="secrecy").pk)
    assert secrecy not in ticked
    response = editor_client.post(start, {"clauses": [*ticked, secrecy], "base": "0"}, follow=True)
    version = TextVersion.objects.get()
    assert (version.number, version.created_by.pk) == (1, int(editor_client.session["_auth_user_id"]))
    headings = [article.heading for article in version.text.articles]
    assert headings == [
        "目的",
        "連携事項",
        "協議の実施",
        "費用負担",
        "秘密の保持",
        "有効期間",
        "疑義の決定",
    ]
    html = response.content.decode()
    assert "健康づくりを進めることを目的とする。" in html
    assert "（未記入：満了日）" in html
    assert "第6条（有効期間）" in html


def test_composing_again_keeps_the_edited_text_as_a_version(editor_client, agreement, version):
    ClauseFactory(municipality=agreement.municipality, heading="費用")
    start = url("agreement-text-start", agreement)
    form = editor_client.get(start).context["form"]
    data = {"clauses": form["clauses"].value()}
    editor_client.post(start, data | {"base": "0"})  # opened before the first version was made
    assert TextVersion.objects.count() == 1
    editor_client.post(start, data | {"base": "1"})
    assert [each.number for each in TextVersion.objects.all()] == [1, 2]


def test_without_a_ticked_clause_nothing_is_composed(editor_client, agreement):
    add_usual_clauses(municipality=agreement.municipality)
    response = editor_client.post(url("agreement-text-start", agreement), {"base": "0"})
    assert "条項を1つ以上選んでください。" in response.content.decode()
    assert not TextVersion.objects.exists()


def test_composing_over_a_version_can_be_undone(editor_client, agreement, version):
    clause = ClauseFactory(municipality=agreement.municipality)
    start = url("agreement-text-start", agreement)
    page = editor_client.post(start, {"clauses": [str(clause.pk)], "base": "1"}, follow=True)
    editor_client.post(page.context["undo"]["url"])
    assert TextVersion.objects.get(number=3).text == version.text


def test_the_own_address_is_the_one_signed_with_last_time(manager, agreement):
    own = agreement.municipality.name
    signed = LegalText(
        signatories=(Signatory("甲", "福岡市中央区天神1", own), Signatory("乙", "東京都", "乙社"))
    )
    TextVersionFactory(agreement__municipality=agreement.municipality, text=signed)
    made = compose_text(agreement=agreement, clauses=[], by=manager, base=0)
    assert [each.address for each in made.text.signatories] == ["福岡市中央区天神1", ""]


# -- Edit -----------------------------------------------------------------------------------------------
def test_saving_makes_the_next_version_with_its_numbers_put_right(editor_client, agreement, version):
    data = posted(editor_client, agreement)
    data["articles-1-text"] = "費用は協議する。\n(5) 会場の費用\n9 {条:目的}のため、{協定名称}により定める。"
    response = editor_client.post(url("agreement-text-update", agreement), data | {"note": "費用を直した"})
    assert response.status_code == 302
    new = TextVersion.objects.get(number=2)
    assert (new.note, new.origin, new.created_by_id) == ("費用を直した", "edited", int(new.created_by_id))
    assert new.text.articles[1].text == (
        "費用は協議する。\n　(1)　会場の費用\n2　{条:目的}のため、健康づくりに関する協定により定める。"
    )
    assert version.text.articles[1] != new.text.articles[1]


def test_saving_what_is_there_makes_no_version(editor_client, agreement, version):
    response = editor_client.post(
        url("agreement-text-update", agreement), posted(editor_client, agreement), follow=True
    )
    assert "変更はありませんでした。" in response.content.decode()
    assert TextVersion.objects.count() == 1


def test_articles_are_moved_added_and_removed_without_a_script(editor_client, agreement, version):
    clause = ClauseFactory(municipality=agreement.municipality, heading="連携", text="{当事者}は、連携する。")
    edit = url("agreement-text-update", agreement)
    data = posted(editor_client, agreement)
    data["articles-0-heading"] = "目的と理念"
    data["articles-1-text"] = "費用は協議する。"
    page = editor_client.post(edit, data | {"add_clause": "1", "clause": str(clause.pk)})
    rows = page.context["draft"].articles.forms
    assert [row["heading"].value() for row in rows] == ["目的と理念", "費用", "連携"]
    assert rows[2]["text"].value() == "甲及び乙は、連携する。"
    annex = ClauseFactory(municipality=agreement.municipality, kind="annex", heading="特記事項", text="甲は")
    page = editor_client.post(edit, data | {"add_clause": "1", "clause": str(annex.pk)})
    assert [row["heading"].value() for row in page.context["draft"].annexes.forms] == ["特記事項"]
    page = editor_client.post(edit, data | {"add_row": "annexes"})
    assert len(page.context["draft"].annexes.forms) == 1
    assert page.context["draft"].articles.forms[0]["heading"].value() == "目的と理念"
    data |= {
        "articles-TOTAL_FORMS": "3",
        "articles-0-ORDER": "3",
        "articles-1-DELETE": "on",
        "articles-2-heading": "（連携）",
        "articles-2-text": "連携する。",
        "articles-2-ORDER": "1",
        "annexes-TOTAL_FORMS": "1",
        "annexes-0-label": "別表",
        "annexes-0-text": "一覧",
    }
    assert editor_client.post(edit, data).status_code == 302
    text = TextVersion.objects.get(number=2).text
    assert [article.heading for article in text.articles] == ["連携", "目的と理念"]
    assert [(annex.label, annex.text) for annex in text.annexes] == [("別表", "一覧")]


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"articles-1-text": "{条:解除}による。"}, "articles", "「{条:解除}」が指す先がありません。"),
        ({"articles-1-text": "{満了期}まで"}, "articles", "「{満了期}」という差込み項目はありません。"),
        ({"articles-1-text": "第9条のとおり"}, "articles", "「第9条」はありません（第2条までです）。"),
        ({"articles-0-text": "前条のとおり"}, "articles", "「前条」が指す先がありません。"),
        ({"articles-1-text": "ア　細目"}, "articles", "の上に"),
        ({"articles-1-text": ""}, "articles", "本文を入力してください。"),
        ({"closing": "本書{"}, "form", "組が合っていません"),
        ({"title": ""}, "form", "このフィールドは必須です"),
    ],
)
def test_what_would_print_wrongly_is_said_at_its_field_and_kept(
    editor_client, agreement, version, change, place, words
):
    data = posted(editor_client, agreement) | change
    response = editor_client.post(url("agreement-text-update", agreement), data)
    assert response.status_code == 200
    assert TextVersion.objects.count() == 1
    draft = response.context["draft"]
    (name,) = change
    if place == "articles":
        row, field = draft.articles.forms[int(name.split("-")[1])], "text"
    else:
        row, field = draft.form, name
    assert words in "".join(row.errors[field]) or "入力してください" in "".join(row.errors[field])
    assert row[field].value() == change[name]
    assert "error-summary" in response.content.decode()


def test_who_saves_second_sees_both_texts_and_loses_nothing(editor_client, manager, agreement, version):
    data = posted(editor_client, agreement)
    colleague = client_of(manager)
    theirs = posted(colleague, agreement) | {"articles-1-text": "費用は甲が負担する。"}
    assert colleague.post(url("agreement-text-update", agreement), theirs).status_code == 302
    data["articles-1-text"] = "費用は乙が負担する。"
    response = editor_client.post(url("agreement-text-update", agreement), data)
    assert response.status_code == 409
    html = response.content.decode()
    assert "第2版とあなたの入力" in html
    assert "費用は乙が負担する。" in html
    assert response.context["form"]["base"].value() == "2"
    assert TextVersion.objects.count() == 2
    again = editor_client.post(url("agreement-text-update", agreement), data | {"base": "2"})
    assert again.status_code == 302
    assert [each.text.articles[1].text for each in TextVersion.objects.order_by("number")][1:] == [
        "費用は甲が負担する。",
        "費用は乙が負担する。",
    ]


# -- Versions -------------------------------------------------------------------------------------------
def test_an_older_version_comes_back_as_the_next_and_that_can_be_undone(editor_client, agreement, version):
    changed = LegalText(title="改めた協定書", articles=(Article("目的", "改めた。"),))
    second = TextVersionFactory(agreement=agreement, text=changed)
    restore = url("agreement-text-restore", version)
    editor_client.post(restore, {"base": "1"})  # somebody made the second version meanwhile
    assert TextVersion.objects.count() == 2
    page = editor_client.post(restore, {"base": "2"}, follow=True)
    third = TextVersion.objects.get(number=3)
    assert (third.text, third.origin, third.restored_from) == (version.text, "restored", version)
    undo = page.context["undo"]["url"]
    editor_client.post(undo)
    assert TextVersion.objects.get(number=4).text == second.text


def test_two_versions_are_compared_word_by_word(viewer_client, agreement, version):
    text = version.text
    TextVersionFactory(
        agreement=agreement,
        text=LegalText(text.title, text.preamble, (text.articles[0],), text.closing, text.signatories),
    )
    html = viewer_client.get(url("agreement-text-compare", agreement)).content.decode()
    assert "第1版と第2版の比較" in html
    assert "元の第2条（費用）" in html
    assert "1か所が変わります" in html
    same = viewer_client.get(url("agreement-text-compare", agreement), {"old": "x", "new": "99"})
    assert same.status_code == 200


def test_the_page_says_where_the_text_departs_from_the_ledger(viewer_client, agreement, version):
    html = viewer_client.get(url("agreement-text", agreement)).content.decode()
    assert "台帳と違うところ" in html
    assert "台帳の連携事項(1)が、そのままの文言では入っていません。" in html
    assert viewer_client.get(url("agreement-text", agreement), {"version": "9"}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_versions(editor_client, agreement, assert_same_queries):
    visits = [url("agreement-text", agreement), agreement.get_absolute_url()]

    def visit():
        for each in visits:
            editor_client.get(each)

    assert_same_queries(lambda: TextVersionFactory(agreement=agreement), visit)


# -- Lock -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [AgreementState.APPROVING, AgreementState.ACTIVE])
def test_from_the_approval_on_nobody_writes_the_text(manager, agreement, version, state):
    agreement.state = state
    agreement.save()
    client = client_of(manager)
    for name in ("agreement-text-start", "agreement-text-update"):
        assert client.get(url(name, agreement)).status_code == 302
    page = client.get(url("agreement-text", agreement))
    assert "文面は変更できません" in page.content.decode()
    # An amendment may have moved the ledger on: what was signed need not follow it.
    assert bool(page.context["departures"]) == (state == AgreementState.APPROVING)
    with pytest.raises(TextLocked):
        change_text(agreement=agreement, text=LegalText(title="別"), by=manager, base=1)
    with pytest.raises(TextLocked):
        compose_text(agreement=agreement, clauses=[], by=manager, base=1)
    client.post(url("agreement-text-restore", version), {"base": "1"})
    assert TextVersion.objects.count() == 1


def test_a_transcript_is_corrected_with_a_reason(manager, agreement):
    agreement.state, agreement.backfilled, agreement.signed_on = (
        AgreementState.ACTIVE,
        True,
        date(2016, 11, 2),
    )
    agreement.save()
    add_usual_clauses(municipality=agreement.municipality)
    compose_text(agreement=agreement, clauses=list(Clause.objects.all()), by=manager, base=0)
    client = client_of(manager)
    data = posted(client, agreement) | {"title": "実物の名称"}
    response = client.post(url("agreement-text-update", agreement), data)
    assert response.context["form"].errors["note"]
    response = client.post(url("agreement-text-update", agreement), data | {"note": "原本と照合した"})
    assert response.status_code == 302
    with pytest.raises(ChangedMeanwhile):
        change_text(agreement=agreement, text=LegalText(title="別"), by=manager, base=1, note="x")


def test_disposal_leaves_no_version_behind(agreement, version, manager):
    restore_text(version=version, by=manager, base=1)
    with transaction.atomic():
        obliterate([agreement])
    assert not TextVersion.objects.exists()
    assert not TextVersion.history.exists()


# -- Paper and file -------------------------------------------------------------------------------------
def test_print_and_file_are_recorded(viewer_client, agreement, version, print_fonts):
    pdf = viewer_client.get(url("agreement-text-print", agreement), {"version": "1"})
    assert pdf["Content-Type"] == "application/pdf"
    text = viewer_client.get(url("agreement-text-download", agreement))
    assert text.content.decode("utf-8-sig").startswith("【案 第1版】\r\n\r\n見本の協定書\r\n")
    kinds = list(AuditEvent.objects.values_list("kind", flat=True).order_by("sequence"))
    assert kinds[-2:] == ["print", "export"]
    archived = viewer_client.get(url("agreement-text-print", agreement), {"archive": "1"})
    assert list(pypdf.PdfReader(io.BytesIO(archived.content)).attachments) == ["agreement-text.json"]
    assert "PDF/A-3" in str(AuditEvent.objects.order_by("sequence").last().details)
    assert "第1版" in text["Content-Disposition"] or "utf-8''" in text["Content-Disposition"]


def test_a_printout_that_fails_says_so(viewer_client, agreement, version, monkeypatch):
    def fail(*_args, **_options):
        raise PrintError("PDF を作れませんでした。")

    monkeypatch.setattr("agreements.views.agreement_text.print_agreement_text", fail)
    page = viewer_client.get(url("agreement-text-print", agreement), follow=True)
    assert "PDF を作れませんでした。" in page.content.decode()
    assert not AuditEvent.objects.filter(kind="print").exists()


def test_the_page_of_the_agreement_leads_to_its_text(viewer_client, editor_client, agreement):
    page = editor_client.get(agreement.get_absolute_url()).content.decode()
    assert url("agreement-text-start", agreement) in page
    assert (
        url("agreement-text-start", agreement)
        not in viewer_client.get(agreement.get_absolute_url()).content.decode()
    )
    agreement.history.update(history_date=datetime(2026, 1, 1, tzinfo=UTC))  # registered long before
    TextVersionFactory(agreement=agreement)
    page = editor_client.get(agreement.get_absolute_url()).content.decode()
    for name in ("agreement-text", "agreement-text-print", "agreement-text-update"):
        assert url(name, agreement) in page
    assert "協定書案に未記入のところが" in page
    assert "協定書案（第1版）" in page  # the story


# -- The library ----------------------------------------------------------------------------------------
@pytest.fixture
def clause(fukuoka):
    return ClauseFactory(municipality=fukuoka, heading="費用負担")


def fields(client, clause, **change) -> dict[str, str]:
    form = client.get(url("clause-update", clause)).context["form"]
    return {name: form[name].value() for name in form.fields} | change


def test_clauses_are_added_ordered_retired_and_brought_back(editor_client, clause):
    data = {"kind": "other", "use": "optional", "heading": "（特則）", "text": "{甲}は、\n(3) 次の事項"}
    assert editor_client.post(reverse("agreements:clause-create"), data).status_code == 302
    added = Clause.objects.get(heading="特則")
    assert added.text == "{甲}は、\n　(1)　次の事項"
    editor_client.post(url("clause-move", added), {"direction": "up"})
    listed = reverse("agreements:clause-list")
    assert editor_client.get(listed).context["in_use"] == [added, clause]
    editor_client.post(url("clause-retire", clause))
    page = editor_client.get(listed)
    assert page.context["retired"] == [clause]
    editor_client.post(page.context["undo"]["url"])
    assert editor_client.get(listed).context["in_use"] == [added, clause]


def test_the_help_names_every_placeholder():
    said = "".join(name for name, _meaning in PLACEHOLDERS)
    assert [name for name in LEDGER_NAMES if name not in LABELS and f"{{{name}}}" not in said] == []


def test_our_own_clauses_come_once_and_only_those_that_are_missing(manager_client, fukuoka, clause):
    for _ in range(2):
        manager_client.post(reverse("agreements:clause-usual"))
    kinds = list(Clause.objects.filter(municipality=fukuoka).values_list("kind", flat=True))
    assert kinds.count("purpose") == 1
    assert kinds.count("term") == 2
    assert Clause.objects.get(municipality=fukuoka, kind="cost") == clause


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{満了期}まで", "「{満了期}」という差込み項目はありません。"),
        ("{甲は", "組が合っていません"),
        ("{条:目的}による", "「{条:目的}」の見出しをもつ条項ひな形がありません。"),
        ("(1) 号だけ", "の上に"),
    ],
)
def test_a_clause_that_would_print_wrongly_is_refused_at_its_text(editor_client, clause, text, words):
    data = fields(editor_client, clause, text=text)
    response = editor_client.post(url("clause-update", clause), data)
    assert words in "".join(response.context["form"].errors["text"])
    assert response.context["form"]["text"].value() == text
    assert Clause.objects.get().text == clause.text


def test_the_admin_too_refuses_a_clause_that_would_print_wrongly(clause):
    clause.text = "{満了期}\nア　細目"
    with pytest.raises(ValidationError) as refusal:
        clause.full_clean()
    assert len(refusal.value.message_dict["text"]) == 2


def test_who_saves_a_clause_second_is_told(editor_client, manager_client, clause):
    data = fields(editor_client, clause, text="費用は後で決める。")
    theirs = fields(manager_client, clause, text="費用は甲が負担する。")
    assert manager_client.post(url("clause-update", clause), theirs).status_code == 302
    response = editor_client.post(url("clause-update", clause), data)
    assert response.status_code == 409
    html = response.content.decode()
    assert "費用は甲が負担する。" in html
    assert "費用は後で決める。" in html
    data["seen"] = response.context["form"]["seen"].value()
    assert editor_client.post(url("clause-update", clause), data).status_code == 302


def test_the_clause_list_needs_as_many_queries_for_many(editor_client, fukuoka, assert_same_queries):
    assert_same_queries(
        lambda: ClauseFactory(municipality=fukuoka),
        lambda: editor_client.get(reverse("agreements:clause-list")),
    )
