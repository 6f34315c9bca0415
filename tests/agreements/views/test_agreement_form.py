"""Registering and changing agreements through the form, as a browser without JavaScript does."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from agreements.actions import register
from agreements.choices import ActionState, AgreementKind, AgreementState, EndedReason, PartyRole, Publication
from agreements.models import Agreement, Company, Party
from municipalities.models import StaffMember
from tests.factories import (
    AgreementFactory,
    CompanyFactory,
    DepartmentFactory,
    MunicipalityFactory,
    StaffMemberFactory,
)
from tests.journeys.clerk import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

CREATE = reverse("agreements:agreement-create")
LAWSON_ITEMS = [
    "アジアを見据えた観光振興に関すること",
    "市の環境政策に関すること",
    "地産地消や地域経済の活性化に関すること",
    "地域の安全・安心の確保や災害時の支援に関すること",
    "子育てや青少年育成の支援に関すること",
    "高齢者・障がい者の支援に関すること",
    "その他市政の推進や市民サービスの提供に関すること",
]
LAWSON_TEXT = "\r\n".join(f"({number}) {text}" for number, text in enumerate(LAWSON_ITEMS, start=1))


class PageForm:
    """The registration form as a browser without JavaScript has it on the page; `values` would be sent."""

    def __init__(self, response) -> None:
        (form,) = (form for form in Page(response).forms if "title" in form.names)
        self.values = form.values

    def __getitem__(self, name: str) -> str:
        (value,) = self.values[name]
        return value

    def type(self, **values: Any) -> "PageForm":
        """Fill fields in; `__` stands for `-`."""
        for name, value in values.items():
            self.put(name.replace("__", "-"), value)
        return self

    def put(self, name: str, value: Any) -> "PageForm":
        """Fill one field in; a list gives several values, None takes the field away."""
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = list(value) if isinstance(value, list | tuple) else [str(value)]
        return self


def opened(client, url: str = CREATE) -> PageForm:
    response = client.get(url)
    assert response.status_code == 200
    return PageForm(response)


def sent(client, page: PageForm, url: str = CREATE, **button: str):
    return client.post(url, {**page.values, **button})


def saved(client, page: PageForm, url: str = CREATE) -> Agreement:
    response = sent(client, page, url)
    assert response.status_code == 302, errors_of(response)
    agreement = Agreement.objects.get(pk=int(response.url.strip("/").split("/")[-1]))
    assert response.url == agreement.get_absolute_url()
    return agreement


def errors_of(response) -> dict[str, list[str]]:
    """Error messages by field name as posted; those between rows under the name of the part."""
    registration = response.context["registration"]
    found = {f"{name}": list(messages) for name, messages in registration.form.errors.items()}
    for part, formset in registration.formsets.items():
        if formset.non_form_errors():
            found[part] = list(formset.non_form_errors())
        for row in formset.forms:
            if not formset.is_deleted(row):
                found |= {row.add_prefix(name): list(messages) for name, messages in row.errors.items()}
    return found


def filled(client) -> PageForm:
    """The form with the least that a signed agreement between 福岡市 and a new company needs."""
    CompanyFactory(lawson=True)
    return opened(client).type(
        title="地域共働事業に関する包括連携協定",
        title_kana="ちいききょうどうじぎょうにかんするほうかつれんけいきょうてい",
        signed_on="平成23年4月22日",
        parties__1__name="ローソン",
    )


class TestRegister:
    def test_lawson_with_seven_pasted_items(self, editor, editor_client):
        page = filled(editor_client).type(items_pasted=LAWSON_TEXT)
        agreement = saved(editor_client, page)
        assert agreement.municipality == editor.municipality
        assert agreement.department == editor.department
        assert agreement.created_by == editor
        assert agreement.signed_on == date(2011, 4, 22)
        assert agreement.state == AgreementState.ACTIVE
        assert agreement.backfilled
        assert agreement.publication == Publication.PRIVATE
        assert agreement.ledger_number == "2026-001"
        assert [(item.number, item.text) for item in agreement.cooperation_fields.all()] == list(
            enumerate(LAWSON_ITEMS, start=1)
        )
        assert [(party.label, party.name_as_signed) for party in agreement.parties.all()] == [
            ("甲", "福岡市"),
            ("乙", "株式会社ローソン"),
        ]
        assert agreement in Agreement.objects.matching("観光 ろーそん", editor)

    def test_obuse_with_three_new_companies_one_a_participant(self, neighbour, neighbour_client):
        page = opened(neighbour_client).type(
            title="次世代型インフラの実現に向けた包括連携協定",
            title_kana="じせだいがたいんふらのじつげんにむけたほうかつれんけいきょうてい",
            signed_on="Ｒ２．９．２３",
            parties__1__name="株式会社Goolight",
            parties__1__new_kana="ぐーらいと",
        )
        for row, name, kana, label, role in (
            (2, "自然電力株式会社", "しぜんでんりょく", "丙", PartyRole.SIGNATORY),
            (3, "株式会社シグマクシス", "しぐまくしす", "", PartyRole.PARTICIPANT),
        ):
            page = PageForm(sent(neighbour_client, page, add_row="parties"))
            page.put(f"parties-{row}-name", name).put(f"parties-{row}-new_kana", kana)
            page.put(f"parties-{row}-label", label).put(f"parties-{row}-role", role)
        agreement = saved(neighbour_client, page)
        assert agreement.signed_on == date(2020, 9, 23)
        assert [(party.label, party.name, party.role) for party in agreement.parties.all()] == [
            ("甲", "小布施町", "signatory"),
            ("乙", "株式会社Goolight", "signatory"),
            ("丙", "自然電力株式会社", "signatory"),
            ("", "株式会社シグマクシス", "participant"),
        ]
        assert Company.objects.get(name="自然電力株式会社").name_kana == "しぜんでんりょく"

    def test_two_municipalities_without_labels_and_with_automatic_renewal(self, client):
        sendai, yamagata = MunicipalityFactory(sendai=True), MunicipalityFactory(yamagata=True)
        client.force_login(StaffMemberFactory(manager=True, municipality=sendai))
        page = opened(client).type(
            title="仙台市と山形市との連携に関する協定",
            title_kana="せんだいしとやまがたしとのれんけいにかんするきょうてい",
            kind=AgreementKind.INTERMUNICIPAL,
            signed_on="2016/11/2",
            first_expiry="平成29年3月31日",
            auto_renew="on",
            renewal_months="１２",
            notice_months="1",
            parties__0__label="",
            parties__1__label="",
            parties__1__name="山形市",
        )
        agreement = saved(client, page)
        assert [party.target for party in agreement.parties.all()] == [sendai, yamagata]
        assert (agreement.expires_on, agreement.notice_on) == (date(2027, 3, 31), date(2027, 2, 28))

    def test_planned_agreement(self, editor_client):
        page = filled(editor_client).type(entry="planned", signed_on="")
        agreement = saved(editor_client, page)
        assert agreement.state == AgreementState.PROPOSED
        assert not agreement.backfilled

    def test_taken_over_agreement_of_which_little_is_known(self, editor_client):
        page = filled(editor_client).type(title="", title_kana="", signed_on="")
        assert saved(editor_client, page).title == ""

    def test_taken_over_agreement_that_has_ended(self, editor_client):
        page = filled(editor_client).type(ended_on="令和2年3月31日", ended_reason=EndedReason.MUTUAL)
        agreement = saved(editor_client, page)
        assert (agreement.state, agreement.ended_on) == (AgreementState.ENDED, date(2020, 3, 31))

    def test_actions_name_their_items_and_people(self, editor, editor_client):
        other = DepartmentFactory(municipality=editor.municipality, name="健康課")
        page = filled(editor_client).type(items_pasted=LAWSON_TEXT)
        page = PageForm(sent(editor_client, page, split="items"))
        page = PageForm(sent(editor_client, page, add_row="actions")).type(
            actions__0__title="観光パンフレットの配布",
            actions__0__items="１、(3)",
            actions__0__department=other.pk,
            actions__0__person_in_charge=editor.pk,
            actions__0__partner_in_charge="地域連携部",
            actions__0__starts_on="R8.4.1",
            actions__0__due_on="令和9年3月31日",
            actions__0__state=ActionState.IN_PROGRESS,
        )
        (action,) = saved(editor_client, page).actions.all()
        assert [item.number for item in action.cooperation_fields.all()] == [1, 3]
        assert (action.department, action.person_in_charge) == (other, editor)
        assert (action.starts_on, action.due_on) == (date(2026, 4, 1), date(2027, 3, 31))
        assert (action.state, action.partner_in_charge) == (ActionState.IN_PROGRESS, "地域連携部")

    def test_date_beyond_its_era_is_saved_with_a_notice(self, editor_client):
        page = filled(editor_client).type(first_expiry="平成32年3月31日")
        response = editor_client.post(CREATE, page.values)
        agreement = Agreement.objects.get()
        assert agreement.first_expiry == date(2020, 3, 31)
        (message,) = [str(each) for each in response.wsgi_request._messages if each.level_tag == "warning"]
        assert message.startswith("当初の満了日：")

    def test_parent_is_named_by_its_number(self, editor, editor_client):
        parent = AgreementFactory(municipality=editor.municipality, ledger_number="H23-5")
        assert saved(editor_client, filled(editor_client).type(parent_number="H23-5")).parent == parent

    def test_related_departments(self, editor, editor_client):
        others = [DepartmentFactory(municipality=editor.municipality) for _ in range(2)]
        page = filled(editor_client).put("related_departments", [str(each.pk) for each in others])
        assert set(saved(editor_client, page).related_departments.all()) == set(others)

    def test_nothing_is_written_when_something_fails_midway(self, editor_client, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError("midway")

        page = filled(editor_client).type(
            parties__1__name="株式会社新顔", parties__1__new_kana="しんがお", items_pasted=LAWSON_TEXT
        )
        monkeypatch.setattr(register, "_write_actions", fail)
        with pytest.raises(RuntimeError, match="midway"):
            editor_client.post(CREATE, page.values)
        assert not Agreement.objects.exists()
        assert not Company.objects.filter(name="株式会社新顔").exists()

    def test_number_taken_while_typing_comes_back_as_an_error(self, editor, editor_client, monkeypatch):
        page = filled(editor_client).type(ledger_number="企-1")

        def slow(**kwargs):
            monkeypatch.undo()
            AgreementFactory(municipality=editor.municipality, ledger_number="企-1")
            return register.register_agreement(**kwargs)

        monkeypatch.setattr("agreements.views.agreement_form.register_agreement", slow)
        assert errors_of(sent(editor_client, page)) == {
            "ledger_number": ["この管理番号はすでに使われています。"]
        }


LONG = "あ" * 10_000
CONTROL = "観光\x07振興"
# Typed values -> the field with the error and a part of its message.
WRONG = {
    "month 13": ({"signed_on": "令和2年13月1日"}, "signed_on", "月"),
    "no date": ({"first_expiry": "未定"}, "first_expiry", ""),
    "expiry before signing": ({"first_expiry": "平成22年3月31日"}, "first_expiry", "締結日より前"),
    "effective after expiry": (
        {"effective_on": "R3.4.1", "first_expiry": "R3.3.31"},
        "effective_on",
        "満了日より後",
    ),
    "signed in the future": ({"signed_on": "令和18年4月1日"}, "signed_on", "今日より後"),
    "planned but signed": ({"entry": "planned"}, "signed_on", "締結済み"),
    "planned without a title": ({"entry": "planned", "signed_on": "", "title": ""}, "title", "協定名称"),
    "planned without kana": ({"entry": "planned", "signed_on": "", "title_kana": ""}, "title_kana", "かな"),
    "planned with an end": (
        {"entry": "planned", "signed_on": "", "ended_reason": "mutual"},
        "ended_reason",
        "空欄",
    ),
    "kana in kanji": ({"title_kana": "地域"}, "title_kana", "ひらがな"),
    "renewal without a length": ({"auto_renew": "on"}, "renewal_months", "更新期間"),
    "length without renewal": ({"renewal_months": "12"}, "renewal_months", "自動更新"),
    "no number": ({"auto_renew": "on", "renewal_months": "一年"}, "renewal_months", "数字"),
    "number too large": ({"auto_renew": "on", "renewal_months": "99999"}, "renewal_months", "600"),
    "both notice periods": ({"notice_months": "1", "notice_days": "30"}, "notice_days", "どちらか一方"),
    "end without a reason": ({"ended_on": "R2.3.31"}, "ended_reason", "終了理由"),
    "end before signing": ({"ended_on": "H20.3.31", "ended_reason": "mutual"}, "ended_on", "締結日より前"),
    "long title": ({"title": LONG}, "title", "200"),
    "long purpose": ({"purpose": LONG}, "purpose", "4000"),
    "control character in a line": ({"title": CONTROL}, "title", "制御文字"),
    "control character in a text": ({"note": CONTROL}, "note", "制御文字"),
    "direction override": ({"title": "協定\u202e書"}, "title", "制御文字"),
    "unknown parent": ({"parent_number": "H1-1"}, "parent_number", "H1-1"),
    "empty party": ({"parties-1-name": "", "parties-1-label": "乙"}, "parties-1-name", "削除"),
    "long party": ({"parties-1-name": LONG}, "parties-1-name", "120"),
    "long label": ({"parties-1-label": LONG}, "parties-1-label", "20"),
    "unknown party": ({"parties-1-name": "未知商事"}, "parties-1-name", "登録されていません"),
    "the same party twice": ({"parties-1-name": "福岡市"}, "parties-1-name", "2回"),
    "new party without kana": (
        {"parties-1-name": "未知商事", "parties-1-new_address": "福岡市"},
        "parties-1-new_kana",
        "かな",
    ),
    "new party with a wrong number": (
        {
            "parties-1-name": "未知商事",
            "parties-1-new_kana": "みち",
            "parties-1-new_corporate_number": "１０１０７０１０１９１９５",
        },
        "parties-1-new_corporate_number",
        "検査用数字",
    ),
    "number of another company": (
        {
            "parties-1-name": "未知商事",
            "parties-1-new_kana": "みち",
            "parties-1-new_corporate_number": "2010701019195",
        },
        "parties-1-new_corporate_number",
        "株式会社ローソン",
    ),
    "wrong 法人番号 as a name": ({"parties-1-name": "1010701019195"}, "parties-1-name", "検査用数字"),
    "long item": ({"items-0-text": LONG}, "items-0-text", "2000"),
    "control character in an item": ({"items-0-text": CONTROL}, "items-0-text", "制御文字"),
    "分野 without an item": ({"items-0-categories": ["03"]}, "items-0-text", "連携事項"),
    "action without a title": (
        {"actions-TOTAL_FORMS": "1", "actions-0-due_on": "R9.3.31"},
        "actions-0-title",
        "取組",
    ),
    "action ends before it starts": (
        {
            "actions-TOTAL_FORMS": "1",
            "actions-0-title": "配布",
            "actions-0-starts_on": "R9.4.1",
            "actions-0-due_on": "R9.3.31",
        },
        "actions-0-due_on",
        "開始日より前",
    ),
    "action for an item that is not there": (
        {
            "actions-TOTAL_FORMS": "1",
            "actions-0-title": "配布",
            "items-0-text": "観光",
            "actions-0-items": "1,2",
        },
        "actions-0-items",
        "(2)",
    ),
    "no item numbers": (
        {"actions-TOTAL_FORMS": "1", "actions-0-title": "配布", "actions-0-items": "観光"},
        "actions-0-items",
        "1,3",
    ),
}


class TestWrongInput:
    @pytest.mark.parametrize(("values", "field", "message"), WRONG.values(), ids=WRONG)
    def test_comes_back_with_every_value_and_an_error_at_its_field_and_in_the_summary(
        self, editor_client, values, field, message
    ):
        page = filled(editor_client)
        for name, value in values.items():
            page.put(name, value)
        response = sent(editor_client, page)
        assert response.status_code == 200
        assert not Agreement.objects.exists()
        errors = errors_of(response)
        assert list(errors) == [field] or field in errors
        assert message in "".join(errors[field])
        again = PageForm(response)
        page.put("csrfmiddlewaretoken", None)
        kept = {name: values for name, values in page.values.items() if any(values)}
        assert {name: again.values.get(name) for name in kept} == kept
        html = response.content.decode()
        assert "<title>入力エラー：" in html
        assert f'href="#id_{field}"' in html
        assert f'id="id_{field}"' in html

    def test_unknown_category_is_refused(self, editor_client):
        page = filled(editor_client).type(items__0__text="観光").put("items-0-categories", ["77"])
        response = sent(editor_client, page)
        assert list(errors_of(response)) == ["items-0-categories"]
        assert 'href="#id_items-0-categories_0"' in response.content.decode()

    def test_several_errors_are_told_at_once(self, editor_client):
        page = filled(editor_client).type(
            signed_on="令和2年13月1日", parties__1__name="", items__0__text=LONG, renewal_months="x"
        )
        assert errors_of(sent(editor_client, page)).keys() >= {
            "signed_on",
            "parties-1-name",
            "items-0-text",
            "renewal_months",
        }

    def test_planned_agreement_needs_a_counterpart(self, editor_client):
        page = filled(editor_client).type(entry="planned", signed_on="", parties__1__DELETE="on")
        assert errors_of(sent(editor_client, page)) == {"parties": ["相手方を1者以上入力してください。"]}

    def test_taken_over_agreement_needs_a_title_or_a_counterpart(self, editor_client):
        page = filled(editor_client).type(title="", title_kana="", parties__1__DELETE="on")
        assert list(errors_of(sent(editor_client, page))) == ["title"]

    def test_ledger_number_of_a_deleted_agreement_stays_taken(self, editor, editor_client):
        deleted = AgreementFactory(municipality=editor.municipality, ledger_number="企-1")
        register.delete_agreement(agreement=deleted)
        page = filled(editor_client).type(ledger_number="企-1")
        assert list(errors_of(sent(editor_client, page))) == ["ledger_number"]

    def test_too_many_items_are_refused_and_kept(self, editor_client):
        texts = "\n".join(f"({number}) 第{number}の事項" for number in range(1, 103))
        response = sent(editor_client, filled(editor_client).type(items_pasted=texts))
        assert errors_of(response) == {"items": ["連携事項は100件までです。"]}
        assert PageForm(response)["items-101-text"] == "第102の事項"

    def test_rows_without_their_count_are_refused(self, editor_client):
        page = filled(editor_client).put("parties-TOTAL_FORMS", "many")
        response = sent(editor_client, page)
        assert response.status_code == 200
        assert list(errors_of(response)) == ["parties"]


class TestWithoutScript:
    def test_row_is_added_with_everything_kept_and_nothing_judged(self, editor_client):
        page = filled(editor_client).type(title=LONG, signed_on="令和2年13月1日", parties__1__name="未知")
        response = sent(editor_client, page, add_row="parties")
        again = PageForm(response)
        assert again["parties-TOTAL_FORMS"] == "3"
        assert again["parties-2-label"] == "丙"
        assert (again["title"], again["signed_on"], again["parties-1-name"]) == (
            LONG,
            "令和2年13月1日",
            "未知",
        )
        html = response.content.decode()
        assert "errorlist" not in html
        assert "data-error-summary" not in html

    @pytest.mark.parametrize("part", ["parties", "items", "actions"])
    def test_rows_of_every_part_can_be_added(self, editor_client, part):
        page = filled(editor_client)
        count = int(page[f"{part}-TOTAL_FORMS"])
        again = PageForm(sent(editor_client, page, add_row=part))
        assert again[f"{part}-TOTAL_FORMS"] == str(count + 1)

    def test_pasted_list_becomes_rows_with_suggested_categories(self, editor_client):
        page = filled(editor_client).type(items_pasted=LAWSON_TEXT)
        response = sent(editor_client, page, split="items")
        again = PageForm(response)
        assert [again[f"items-{index}-text"] for index in range(7)] == LAWSON_ITEMS
        assert again["items-TOTAL_FORMS"] == "7"
        assert again["items_pasted"] == ""
        assert [again[f"items-{index}-ORDER"] for index in range(7)] == list("1234567")
        assert again.values["items-0-categories"] == ["03"]
        assert again.values["items-6-categories"] == ["99"]
        assert "候補" in response.content.decode()

    def test_pasted_list_is_appended_to_typed_items(self, editor_client):
        page = filled(editor_client).type(items__0__text="先の事項", items_pasted="・健康\n・防災")
        agreement = saved(editor_client, page)
        assert [item.text for item in agreement.cooperation_fields.all()] == ["先の事項", "健康", "防災"]

    def test_unseen_suggestions_are_not_saved(self, editor_client):
        agreement = saved(editor_client, filled(editor_client).type(items_pasted=LAWSON_TEXT))
        assert not any(item.categories.exists() for item in agreement.cooperation_fields.all())

    def test_items_are_ordered_deleted_and_left_blank(self, editor_client):
        page = filled(editor_client).type(items_pasted="・一\n・二\n・三")
        page = PageForm(sent(editor_client, page, split="items"))
        page = PageForm(sent(editor_client, page, add_row="items"))
        page.type(items__0__ORDER="３", items__1__DELETE="on", items__2__ORDER="1")
        agreement = saved(editor_client, page)
        assert [item.text for item in agreement.cooperation_fields.all()] == ["三", "一"]

    def test_actions_follow_their_items_to_a_new_place(self, editor_client):
        """The numbers in an action are those on the page, not those the items get when they are saved."""
        page = filled(editor_client).type(items_pasted="・一\n・二\n・三")
        page = PageForm(sent(editor_client, page, split="items"))
        page = PageForm(sent(editor_client, page, add_row="actions"))
        page.type(items__0__ORDER="3", items__1__DELETE="on", items__2__ORDER="1")
        page.type(actions__0__title="配布", actions__0__items="1")
        (action,) = saved(editor_client, page).actions.all()
        assert [item.text for item in action.cooperation_fields.all()] == ["一"]
        page.type(actions__0__items="2", parties__1__name="ローソン")
        assert "(2)" in errors_of(sent(editor_client, page))["actions-0-items"][0]

    def test_rows_stop_at_their_limit(self, editor_client):
        page = filled(editor_client)
        for index in range(50):
            page.put(f"parties-{index}-name", f"第{index}")
        page.put("parties-TOTAL_FORMS", "50")
        again = PageForm(sent(editor_client, page, add_row="parties"))
        assert again["parties-TOTAL_FORMS"] == "50"


class TestAccess:
    def test_viewer_may_not_register(self, viewer_client):
        assert viewer_client.get(CREATE).status_code == 403
        assert viewer_client.post(CREATE, {}).status_code == 403

    def test_system_admin_belongs_to_no_municipality_and_may_not_register(self, system_admin_client):
        assert system_admin_client.get(CREATE).status_code == 403

    def test_login_is_required(self, client, db):
        assert client.get(CREATE).status_code == 302

    def test_editor_chooses_only_the_own_department(self, editor, editor_client):
        other = DepartmentFactory(municipality=editor.municipality)
        page = filled(editor_client).type(department=other.pk)
        assert list(errors_of(sent(editor_client, page))) == ["department"]

    def test_manager_chooses_any_department(self, manager, manager_client):
        other = DepartmentFactory(municipality=manager.municipality)
        assert saved(manager_client, filled(manager_client).type(department=other.pk)).department == other

    def test_abolished_department_is_not_offered(self, manager, manager_client):
        gone = DepartmentFactory(municipality=manager.municipality, valid_to=date(2026, 3, 31))
        page = filled(manager_client).type(department=gone.pk)
        assert list(errors_of(sent(manager_client, page))) == ["department"]

    def test_people_and_departments_of_others_are_refused(self, manager_client):
        foreign, stranger = DepartmentFactory(), StaffMemberFactory()
        page = filled(manager_client).type(
            department=foreign.pk,
            person_in_charge=stranger.pk,
            related_departments=[str(foreign.pk)],
            actions__TOTAL_FORMS="1",
            actions__0__title="配布",
            actions__0__department=foreign.pk,
            actions__0__person_in_charge=stranger.pk,
        )
        assert set(errors_of(sent(manager_client, page))) == {
            "department",
            "person_in_charge",
            "related_departments",
            "actions-0-department",
            "actions-0-person_in_charge",
        }

    def test_parent_of_another_municipality_is_unknown(self, editor_client):
        AgreementFactory(ledger_number="H23-5", published=True)
        page = filled(editor_client).type(parent_number="H23-5")
        assert list(errors_of(sent(editor_client, page))) == ["parent_number"]

    def test_fields_that_are_not_in_the_form_are_ignored(self, editor, editor_client):
        foreign = MunicipalityFactory()
        other = StaffMemberFactory(municipality=editor.municipality)
        page = filled(editor_client).type(
            publication=Publication.PUBLISHED,
            published_on="2026-01-01",
            state=AgreementState.DECLINED,
            municipality=foreign.pk,
            version="99",
            created_by=other.pk,
            backfilled="",
            expires_on="2099-01-01",
            deleted_at="2026-01-01",
            id="1",
        )
        agreement = saved(editor_client, page)
        assert agreement.municipality == editor.municipality
        assert (agreement.publication, agreement.published_on) == (Publication.PRIVATE, None)
        assert (agreement.state, agreement.version, agreement.created_by) == ("active", 1, editor)
        assert (agreement.backfilled, agreement.expires_on, agreement.deleted_at) == (True, None, None)


def edit_url(agreement: Agreement) -> str:
    return reverse("agreements:agreement-update", args=[agreement.pk])


@pytest.fixture
def agreement(editor) -> Agreement:
    """One whose text is still open; the lock has tests of its own (test_text_lock)."""
    return AgreementFactory(
        state=AgreementState.NEGOTIATING,
        municipality=editor.municipality,
        department=editor.department,
        whole=True,
        whole__items=("観光の振興", "防災の推進", "健康の増進"),
    )


class TestChange:
    def test_saving_without_a_change_changes_nothing(self, editor_client, agreement):
        parts = lambda: (  # noqa: E731
            list(agreement.parties.values_list("pk", "label", "order", "name_as_signed")),
            list(agreement.cooperation_fields.values_list("pk", "number", "text", "categories__category")),
            list(
                agreement.actions.values_list("pk", "title", "department", "cooperation_fields", "deleted_at")
            ),
        )
        before, row = parts(), Agreement.objects.filter(pk=agreement.pk).values().get()
        saved(editor_client, opened(editor_client, edit_url(agreement)), edit_url(agreement))
        after = Agreement.objects.filter(pk=agreement.pk).values().get()
        assert parts() == before
        assert {key for key in row if row[key] != after[key]} - {"updated_at"} == {"version"}

    def test_change_add_move_and_remove(self, editor_client, agreement):
        url = edit_url(agreement)
        kept = [item.pk for item in agreement.cooperation_fields.all()]
        page = opened(editor_client, url).type(title="新しい名称", items_pasted="・追加の事項")
        page.type(items__0__ORDER="9", items__1__DELETE="on", items__2__text="健康の増進と食育")
        changed = saved(editor_client, page, url)
        assert (changed.title, changed.version) == ("新しい名称", 2)
        assert [(item.text, item.pk in kept) for item in changed.cooperation_fields.all()] == [
            ("健康の増進と食育", True),
            ("観光の振興", True),
            ("追加の事項", False),
        ]
        (action,) = changed.actions.all()
        assert [item.text for item in action.cooperation_fields.all()] == ["観光の振興"]

    def test_emptied_item_asks_instead_of_vanishing(self, editor_client, agreement):
        url = edit_url(agreement)
        response = sent(editor_client, opened(editor_client, url).type(items__0__text=""), url)
        assert list(errors_of(response)) == ["items-0-text"]

    def test_removed_action_is_put_away(self, editor_client, agreement):
        url = edit_url(agreement)
        saved(editor_client, opened(editor_client, url).type(actions__0__DELETE="on"), url)
        assert agreement.actions.get().deleted_at is not None

    def test_name_as_signed_stays_when_the_company_renamed(self, editor_client, agreement):
        company = agreement.parties.get(company__isnull=False).company
        signed = company.name
        Company.objects.filter(pk=company.pk).update(name="改称後株式会社")
        url = edit_url(agreement)
        page = opened(editor_client, url)
        assert page["parties-1-name"] == signed
        saved(editor_client, page, url)
        party = agreement.parties.get(company__isnull=False)
        assert (party.company, party.name_as_signed) == (company, signed)

    def test_state_and_publication_are_not_touched(self, manager_client, agreement):
        Agreement.objects.filter(pk=agreement.pk).update(
            state=AgreementState.SUSPENDED, publication=Publication.PUBLISHED
        )
        url = edit_url(agreement)
        page = opened(manager_client, url).type(state="active", publication="private", entry="planned")
        changed = saved(manager_client, page, url)
        assert (changed.state, changed.publication) == (AgreementState.SUSPENDED, Publication.PUBLISHED)

    def test_end_of_a_taken_over_agreement_can_be_recorded_and_taken_back(self, editor_client, agreement):
        Agreement.objects.filter(pk=agreement.pk).update(backfilled=True, state=AgreementState.ACTIVE)
        url = edit_url(agreement)
        page = opened(editor_client, url).type(ended_on="R8.3.31", ended_reason=EndedReason.EXPIRED)
        assert saved(editor_client, page, url).state == AgreementState.ENDED
        page = opened(editor_client, url).type(ended_on="", ended_reason="")
        assert saved(editor_client, page, url).state == AgreementState.ACTIVE

    def test_end_of_other_agreements_is_not_asked(self, editor_client, agreement):
        assert "ended_on" not in opened(editor_client, edit_url(agreement)).values

    def test_agreement_cannot_hang_on_itself(self, editor, editor_client, agreement):
        child = AgreementFactory(municipality=editor.municipality, parent=agreement)
        url = edit_url(agreement)
        for number in (agreement.ledger_number, child.ledger_number):
            page = opened(editor_client, url).type(parent_number=number)
            assert list(errors_of(sent(editor_client, page, url))) == ["parent_number"]

    def test_abolished_department_and_leaver_stay(self, manager_client, manager, agreement):
        leaver = StaffMemberFactory(municipality=manager.municipality, is_active=False)
        gone = DepartmentFactory(municipality=manager.municipality, valid_to=date(2026, 3, 31))
        Agreement.objects.filter(pk=agreement.pk).update(department=gone, person_in_charge=leaver)
        agreement.related_departments.set([gone])
        agreement.actions.update(department=gone, person_in_charge=leaver)
        url = edit_url(agreement)
        changed = saved(manager_client, opened(manager_client, url), url)
        assert (changed.department, changed.person_in_charge) == (gone, leaver)
        assert list(changed.related_departments.all()) == [gone]
        assert (changed.actions.get().department, changed.actions.get().person_in_charge) == (gone, leaver)

    def test_access(self, viewer_client, neighbour_client, system_admin_client, editor_client, agreement):
        url = edit_url(agreement)
        assert viewer_client.get(url).status_code == 403
        assert neighbour_client.get(url).status_code == 404
        assert system_admin_client.get(url).status_code == 200
        Agreement.objects.filter(pk=agreement.pk).update(publication=Publication.PUBLISHED)
        assert neighbour_client.get(url).status_code == 403
        assert neighbour_client.post(url, {}).status_code == 403
        Agreement.objects.filter(pk=agreement.pk).update(department=DepartmentFactory())
        assert editor_client.get(url).status_code == 403

    def test_deleted_agreement_is_not_found(self, manager_client, agreement):
        register.delete_agreement(agreement=agreement)
        assert manager_client.get(edit_url(agreement)).status_code == 404

    def test_rows_of_other_agreements_are_not_touched(self, manager, manager_client, agreement):
        """A foreign row id does not reach the foreign row: the row becomes a new one here."""
        other = AgreementFactory(municipality=manager.municipality, whole=True)
        item, action = other.cooperation_fields.first(), other.actions.first()
        url = edit_url(agreement)
        page = opened(manager_client, url).type(
            items__0__id=item.pk, items__0__text="奪う", actions__0__id=action.pk, actions__0__title="奪う"
        )
        saved(manager_client, page, url)
        item.refresh_from_db()
        action.refresh_from_db()
        assert item.agreement == action.agreement == other
        assert "奪う" not in (item.text, action.title)


class TestConflict:
    @pytest.fixture
    def pages(self, editor_client, manager_client, agreement):
        """The same form, open on two desks."""
        url = edit_url(agreement)
        return url, opened(editor_client, url), opened(manager_client, url)

    def test_second_is_shown_both_versions_and_nothing_is_lost(
        self, editor, manager, editor_client, manager_client, agreement, pages
    ):
        url, first, second = pages
        saved(manager_client, first_typed := second.type(title="部長の題", note="部長のメモ"), url)
        assert first_typed["version"] == "1"
        response = sent(editor_client, first.type(title="係の題", purpose="係の目的"), url)
        assert response.status_code == 409
        conflict = response.context["conflict"]
        rows = {row.key: (row.mine, row.theirs, row.take) for row in conflict.rows}
        assert rows == {
            "title": ("係の題", "部長の題", False),
            "purpose": ("係の目的", "", False),
            "note": ("", "部長のメモ", True),
        }
        assert conflict.saved_by == f"{manager}（令和8年10月1日 10:00）"
        html = response.content.decode()
        for text in ("係の題", "部長の題", "部長のメモ", str(manager)):
            assert text in html
        agreement.refresh_from_db()
        assert (agreement.title, agreement.version) == ("部長の題", 2)

        again = PageForm(response)
        assert (again["title"], again["version"], again.values["take"]) == ("係の題", "2", ["note"])
        merged = saved(editor_client, again, url)
        assert (merged.title, merged.purpose, merged.note) == ("係の題", "係の目的", "部長のメモ")

    def test_second_save_overwrites_knowingly(self, editor_client, manager_client, pages):
        url, first, second = pages
        saved(manager_client, second.type(title="部長の題", note="部長のメモ"), url)
        response = sent(editor_client, first.type(title="係の題"), url)
        agreement = saved(editor_client, PageForm(response).put("take", None), url)
        assert (agreement.title, agreement.note, agreement.version) == ("係の題", "", 3)

    def test_stored_parts_can_be_taken_over(self, editor_client, manager_client, pages):
        url, first, second = pages
        CompanyFactory(lawson=True)
        saved(
            manager_client,
            second.type(items__1__DELETE="on", items__2__ORDER="0", parties__1__name="ローソン"),
            url,
        )
        response = sent(
            editor_client, first.type(items__0__text="係の事項", actions__0__title="係の取組"), url
        )
        rows = {row.key: row for row in response.context["conflict"].rows}
        assert rows.keys() == {"parties", "items"}
        assert "係の事項" in rows["items"].mine
        assert "防災の推進" not in rows["items"].theirs
        assert "株式会社ローソン" in rows["parties"].theirs
        agreement = saved(editor_client, PageForm(response).put("take", ["items", "parties"]), url)
        assert [item.text for item in agreement.cooperation_fields.all()] == ["健康の増進", "観光の振興"]
        (action,) = agreement.actions.filter(deleted_at=None)
        assert [item.text for item in action.cooperation_fields.all()] == ["観光の振興"]
        assert agreement.parties.filter(company__name="株式会社ローソン").exists()

    def test_taken_values_do_not_slip_past_a_third_save(self, editor_client, manager_client, pages):
        url, first, second = pages
        saved(manager_client, second.type(title="部長の題"), url)
        conflicted = PageForm(sent(editor_client, first.type(title="係の題"), url))
        saved(manager_client, opened(manager_client, url).type(title="部長の再考"), url)
        response = sent(editor_client, conflicted.put("take", ["title"]), url)
        assert response.status_code == 409
        (row,) = response.context["conflict"].rows
        assert (row.mine, row.theirs) == ("係の題", "部長の再考")

    def test_missing_version_never_overwrites(self, editor_client, agreement):
        url = edit_url(agreement)
        for version in (None, "", "x", "-1", "999999999999"):
            page = opened(editor_client, url).type(title="黙って上書き", version=version)
            assert sent(editor_client, page, url).status_code == 409
        agreement.refresh_from_db()
        assert agreement.title != "黙って上書き"

    def test_errors_come_first_and_keep_the_opened_version(self, editor_client, manager_client, pages):
        url, first, second = pages
        saved(manager_client, second.type(title="部長の題"), url)
        response = sent(editor_client, first.type(signed_on="x"), url)
        assert response.status_code == 200
        assert PageForm(response)["version"] == "1"


class TestParties:
    @pytest.mark.parametrize(
        "typed", ["ローソン", "㈱ローソン", "ろーそん", "ﾛｰｿﾝ", "株式会社ローソン", "2010701019195"]
    )
    def test_company_is_found_by_what_people_type(self, editor_client, typed):
        agreement = saved(editor_client, filled(editor_client).type(parties__1__name=typed))
        assert agreement.parties.get(company__isnull=False).name_as_signed == "株式会社ローソン"

    @pytest.mark.parametrize("typed", ["山形市", "山形県山形市", "やまがたし", "062014", "06201"])
    def test_municipality_is_found_by_what_people_type(self, editor_client, typed):
        yamagata = MunicipalityFactory(yamagata=True)
        agreement = saved(editor_client, filled(editor_client).type(parties__1__name=typed))
        assert agreement.parties.get(municipality=yamagata)

    def test_name_wins_over_a_hidden_target_that_disagrees(self, editor_client):
        other = CompanyFactory()
        page = filled(editor_client).type(parties__1__target=f"c:{other.pk}")
        assert not Party.objects.filter(company=other).exists()
        assert saved(editor_client, page).parties.get(company__isnull=False).name == "株式会社ローソン"

    def test_hidden_target_tells_namesakes_apart(self, editor_client):
        _, second = CompanyFactory(name="見本商事株式会社"), CompanyFactory(name="株式会社見本商事")
        page = filled(editor_client).type(parties__1__name="見本商事", parties__1__target=f"c:{second.pk}")
        assert saved(editor_client, page).parties.get(company__isnull=False).company == second

    def test_namesakes_are_offered_to_choose_from(self, editor_client):
        first, second = CompanyFactory(name="見本商事株式会社"), CompanyFactory(name="株式会社見本商事")
        response = sent(editor_client, filled(editor_client).type(parties__1__name="見本商事"))
        assert "2件" in errors_of(response)["parties-1-name"][0]
        page = PageForm(response)
        assert f'value="c:{first.pk}"' in response.content.decode()
        agreement = saved(editor_client, page.type(parties__1__choice=f"c:{second.pk}"))
        assert agreement.parties.get(company__isnull=False).company == second

    def test_choice_made_for_another_name_does_not_count(self, editor_client):
        first, _ = CompanyFactory(name="見本商事株式会社"), CompanyFactory(name="株式会社見本商事")
        response = sent(editor_client, filled(editor_client).type(parties__1__name="見本商事"))
        page = PageForm(response).type(parties__1__choice=f"c:{first.pk}", parties__1__name="ローソン")
        assert saved(editor_client, page).parties.get(company__isnull=False).name == "株式会社ローソン"

    def test_similar_names_are_offered_for_an_unknown_one(self, editor_client):
        company = CompanyFactory(name="株式会社ファミリーマート", name_kana="ふぁみりーまーと")
        response = sent(editor_client, filled(editor_client).type(parties__1__name="ファミリー"))
        page = PageForm(response).type(parties__1__choice=f"c:{company.pk}")
        assert page["parties-1-new_name"] == "ファミリー"
        party = saved(editor_client, page).parties.get(company__isnull=False)
        assert (party.company, party.name_as_signed) == (company, "株式会社ファミリーマート")

    def test_unknown_name_becomes_a_new_company(self, editor_client):
        response = sent(editor_client, filled(editor_client).type(parties__1__name="㈱新顔"))
        page = PageForm(response).type(
            parties__1__new_name="株式会社新顔",
            parties__1__new_kana="しんがお",
            parties__1__new_corporate_number="７１２３-４５６７８９-０１２",
            parties__1__new_address="福岡市中央区",
        )
        saved(editor_client, page)
        company = Company.objects.get(name="株式会社新顔")
        assert (company.corporate_number, company.address) == ("7123456789012", "福岡市中央区")

    def test_new_company_with_the_name_of_another_is_asked_about(self, editor_client):
        page = filled(editor_client).type(parties__1__new_kana="ろーそん")
        response = sent(editor_client, page)
        assert "すでに登録されています" in errors_of(response)["parties-1-name"][0]
        page = PageForm(response).type(parties__1__choice="new")
        saved(editor_client, page)
        assert Company.objects.filter(name_kana="ろーそん").count() == 2

    def test_details_of_a_new_company_are_not_dropped_silently(self, editor_client):
        page = filled(editor_client).type(
            parties__1__new_name="株式会社新顔", parties__1__new_kana="しんがお"
        )
        assert list(errors_of(sent(editor_client, page))) == ["parties-1-new_name"]

    def test_former_name_is_kept_as_signed(self, editor_client):
        company = CompanyFactory(name="見本電鉄株式会社")
        company.former_names.create(name="見本軌道株式会社")
        company.save()
        agreement = saved(editor_client, filled(editor_client).type(parties__1__name="見本軌道"))
        party = agreement.parties.get(company__isnull=False)
        assert (party.company, party.name_as_signed) == (company, "見本軌道株式会社")

    def test_deleted_companies_are_not_found(self, editor_client):
        company = CompanyFactory(name="株式会社消滅", deleted_at="2026-01-01T00:00Z")
        page = filled(editor_client).type(parties__1__name="消滅", parties__1__target=f"c:{company.pk}")
        assert list(errors_of(sent(editor_client, page))) == ["parties-1-name"]

    @pytest.mark.parametrize(
        "target", ["c:", "c:x", "c:99999999999999999999", "m:000000", "x:1", "c:-1", "c:١"]
    )
    def test_nonsense_targets_are_ignored(self, editor_client, target):
        saved(editor_client, filled(editor_client).type(parties__1__target=target))


class TestEndpoints:
    def test_pasted_list_is_split(self, viewer_client):
        response = viewer_client.post(reverse("agreements:split-items"), {"text": "(1) 観光の振興\n(2) 防災"})
        assert response.json() == {
            "items": [{"text": "観光の振興", "suggested": "03"}, {"text": "防災", "suggested": "10"}]
        }

    def test_splitting_too_much_is_refused(self, viewer_client):
        response = viewer_client.post(reverse("agreements:split-items"), {"text": "あ" * 20_001})
        assert response.status_code == 400

    def test_splitting_is_no_page(self, viewer_client):
        assert viewer_client.get(reverse("agreements:split-items")).status_code == 405

    def suggested(self, client, text: str) -> list[str]:
        response = client.get(reverse("agreements:party-suggest"), {"q": text})
        return [result["label"] for result in response.json()["results"]]

    def test_companies_and_municipalities_are_suggested(self, viewer_client):
        MunicipalityFactory(yamagata=True)
        CompanyFactory(lawson=True)
        CompanyFactory(name="山形電気株式会社", name_kana="やまがたでんき")
        assert self.suggested(viewer_client, "やま") == ["山形市", "山形電気株式会社"]
        assert self.suggested(viewer_client, "山") == ["山形市", "山形電気株式会社"]
        assert self.suggested(viewer_client, "山形県山") == ["山形市"]
        assert self.suggested(viewer_client, "ローソ") == ["株式会社ローソン"]
        assert self.suggested(viewer_client, " ") == []
        assert self.suggested(viewer_client, "") == []

    def test_suggestions_name_what_tells_bodies_apart(self, viewer_client):
        MunicipalityFactory(obuse=True)
        response = viewer_client.get(reverse("agreements:party-suggest"), {"q": "小布施"})
        assert response.json() == {
            "results": [
                {
                    "id": "m:205419",
                    "label": "小布施町",
                    "sublabel": "長野県 上高井郡 205419",
                    "group": "自治体",
                }
            ],
            "more": False,
        }

    def test_prefecture_alone_does_not_mean_all_its_municipalities(self, viewer_client):
        MunicipalityFactory(yamagata=True)
        MunicipalityFactory(prefecture="山形県", name="米沢市", name_kana="よねざわし")
        assert self.suggested(viewer_client, "山形") == ["山形市"]
        assert self.suggested(viewer_client, "山形県米") == ["米沢市"]

    def test_suggestions_end_at_twenty(self, viewer_client):
        for _ in range(25):
            CompanyFactory()
        response = viewer_client.get(reverse("agreements:party-suggest"), {"q": "見本"}).json()
        assert (len(response["results"]), response["more"]) == (20, True)

    def test_closed_municipalities_and_deleted_companies_are_not_suggested(self, viewer_client):
        MunicipalityFactory(name="廃止市", closed_on=date(2005, 1, 1))
        CompanyFactory(name="廃止商事", deleted_at="2026-01-01T00:00Z")
        assert self.suggested(viewer_client, "廃止") == []

    def test_suggestions_take_the_same_queries_for_many(self, viewer_client, assert_same_queries):
        assert_same_queries(CompanyFactory, lambda: self.suggested(viewer_client, "見本"))


class TestQueries:
    def test_opening_the_form_takes_the_same_queries_for_many_rows(
        self, editor_client, agreement, assert_same_queries
    ):
        from tests.factories import ActionItemFactory, CooperationFieldFactory, PartyFactory

        def add():
            PartyFactory(agreement=agreement, order=9)
            item = CooperationFieldFactory(agreement=agreement)
            ActionItemFactory(agreement=agreement, cooperation_fields=[item])
            StaffMemberFactory(municipality=agreement.municipality)

        assert_same_queries(add, lambda: opened(editor_client, edit_url(agreement)))

    def test_checking_takes_the_same_queries_for_many_rows(self, editor_client, assert_same_queries):
        page = filled(editor_client).type(title=LONG)
        rows = iter(range(20))

        def add():
            row = next(rows)
            company = CompanyFactory()
            page.put("parties-TOTAL_FORMS", row + 3).put(f"parties-{row + 2}-name", company.name)
            page.put(f"parties-{row + 2}-target", f"c:{company.pk}")
            page.put("items-TOTAL_FORMS", row + 1).put(f"items-{row}-text", "観光")
            page.put("actions-TOTAL_FORMS", row + 1).put(f"actions-{row}-title", "配布")

        assert_same_queries(add, lambda: sent(editor_client, page))


def test_staff_of_the_municipality_only_are_offered(editor, editor_client):
    stranger: StaffMember = StaffMemberFactory()
    html = editor_client.get(CREATE).content.decode()
    assert editor.name in html
    assert stranger.name not in html
