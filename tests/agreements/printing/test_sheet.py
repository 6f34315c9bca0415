import dataclasses
import io
import json
from datetime import date
from pathlib import Path

import pypdf
import pytest
from django.apps import apps

from agreements.choices import (
    ActionState,
    AgreementKind,
    AgreementState,
    EndedReason,
    FieldCategory,
    PartyRole,
)
from agreements.models import Agreement, CompanySubmission, ExpectationAnswer, ExpectationRow
from agreements.printing import renderer
from agreements.printing.page_choices import PageChoices
from agreements.printing.sheet import SheetData, build_sheet, print_sheet, render_sheet
from agreements.printing.sheet_actions import MAX_ACTIONS
from agreements.printing.sheet_review import MAX_FINDINGS
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyContactFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    DiagnosisResponseFactory,
    MunicipalityFactory,
    PartyFactory,
    PlanFactory,
    PlanItemFactory,
    PlanLinkFactory,
    ProgressEntryFactory,
    StaffMemberFactory,
)
from tests.factories.worksheets import OWN_SECRET, PARTNER_SECRET, filled_round, opened_round, payload

TODAY = date(2026, 10, 1)
FACTS = json.loads(
    (Path(apps.get_app_config("agreements").path) / "data" / "real_agreements.json").read_text("utf-8")
)["agreements"]
KINDS = {kind.label: kind for kind in AgreementKind}


def real_agreement(fact: dict) -> Agreement:
    """One of the published agreements, as the ledger of its first municipality holds it."""
    bodies = [
        MunicipalityFactory(code=body["code"], prefecture_code=body["code"][:2], name=body["name"])
        for body in fact["municipalities"]
    ]
    agreement = AgreementFactory(
        municipality=bodies[0],
        title=fact["title"] or "",
        title_kana=fact.get("title_kana") or "",
        kind=KINDS[fact["kind"]],
        signed_on=date.fromisoformat(fact["signed_on"]),
        effective_on=None,
        first_expiry=fact["first_expiry"] and date.fromisoformat(fact["first_expiry"]),
        auto_renew=fact.get("auto_renew", False),
        renewal_months=fact.get("renewal_months"),
        notice_months=fact.get("notice_months"),
        purpose=fact.get("purpose") or "",
    )
    roles = {role.label: role for role in PartyRole}
    parties = [*zip(bodies, fact["municipalities"], strict=True), *((None, one) for one in fact["companies"])]
    for order, (body, party) in enumerate(parties, start=1):
        company = None
        if body is None:
            company = CompanyFactory(name=party["name"], corporate_number=party.get("corporate_number"))
        PartyFactory(
            agreement=agreement,
            municipality=body,
            company=company,
            label=party["label"],
            role=roles[party["role"]],
            order=order,
        )
    items = [CooperationFieldFactory(agreement=agreement, text=text) for text in fact["items"] or ()]
    for action in fact.get("actions", ()):
        ActionItemFactory(
            agreement=agreement, title=action["title"], cooperation_fields=[items[action["item"] - 1]]
        )
    return Agreement.objects.get(pk=agreement.pk)


@pytest.fixture
def agreement(fukuoka) -> Agreement:
    return AgreementFactory(
        municipality=fukuoka,
        ledger_number="企-2011-3",
        title="地域共働事業に関する包括連携協定",
        title_kana="ちいききょうどうじぎょう",
        signed_on=date(2011, 4, 22),
    )


@pytest.fixture
def sheet_of(agreement, manager):
    """The data of the agreement's sheet, read anew; for a manager of 福岡市, internal, today."""

    def build(**options) -> SheetData:
        arguments = {"user": manager, "today": TODAY, "internal": True, **options}
        return build_sheet(Agreement.objects.get(pk=agreement.pk), **arguments)

    return build


# -- The real agreements --------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["title"] or "untitled")
@pytest.mark.parametrize("internal", [True, False], ids=["internal", "external"])
def test_real_agreement_prints_whole_and_verbatim(fact, internal, text_of):
    agreement = real_agreement(fact)
    user = StaffMemberFactory(manager=True, municipality=agreement.municipality, name="髙﨑 𠮷子")
    pdf = print_sheet(agreement, user=user, today=TODAY, internal=internal)
    text = text_of(pdf)
    for expected in (
        *(fact["items"] or ["連携事項は登録されていません。"]),
        *(action["title"] for action in fact.get("actions", ())),
        *(party["name"] for party in [*fact["municipalities"], *fact["companies"]]),
        fact["title"] or "（名称未登録）",
        fact.get("purpose") or "",
        "髙﨑 𠮷子",
        "印刷 令和8年10月1日",
    ):
        assert expected in text
    document = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(document.pages) <= 2
    assert f"1 / {len(document.pages)}" in text
    assert ("内部用" in text) is internal
    assert ("部長" in text) is internal


@pytest.mark.django_db
def test_sendai_and_yamagata_renew_by_themselves():
    fact = next(fact for fact in FACTS if fact["title"] == "仙台市と山形市との連携に関する協定")
    agreement = real_agreement(fact)
    user = StaffMemberFactory(manager=True, municipality=agreement.municipality)
    sheet = build_sheet(agreement, user=user, today=TODAY, internal=True)
    assert [(party.label, party.name) for party in sheet.parties] == [("", "仙台市"), ("", "山形市")]
    assert sheet.terms.signed_on == "平成28年11月2日"
    assert sheet.terms.first_expiry == "平成29年3月31日"
    assert sheet.terms.current_expiry == "令和9年3月31日（10回更新）"
    assert sheet.terms.notice == "令和9年2月28日（満了の1か月前）"
    assert sheet.terms.renewal == "自動更新（1年ごと）"


# -- Parties --------------------------------------------------------------------------------------------
def test_party_shows_the_name_signed_and_the_name_of_today(agreement, sheet_of):
    company = CompanyFactory(
        lawson=True,
        postal_code="141-8643",
        address="東京都品川区大崎",
        representative_title="代表取締役",
        representative_name="髙﨑 太郎",
    )
    PartyFactory(agreement=agreement, company=company, name_as_signed="株式会社旧ローソン")
    (party,) = sheet_of().parties
    assert (party.label, party.name, party.name_now) == ("乙", "株式会社旧ローソン", "株式会社ローソン")
    assert party.number == "法人番号 2010701019195"
    assert party.address == "〒141-8643\n東京都品川区大崎"
    assert party.signatory == "代表取締役\n髙﨑 太郎"
    assert party.role == "締結者"


def test_signatory_of_the_day_comes_before_todays_representative(agreement, sheet_of):
    company = CompanyFactory(representative_title="社長", representative_name="今の人")
    PartyFactory(agreement=agreement, company=company, signatory_title="前社長", signatory_name="その日の人")
    assert sheet_of().parties[0].signatory == "前社長\nその日の人"


def test_municipality_party_shows_code_and_prefecture(agreement, sheet_of, obuse):
    PartyFactory(agreement=agreement, municipality=obuse, label="", role=PartyRole.PARTICIPANT)
    (party,) = sheet_of().parties
    assert (party.number, party.address, party.role) == (
        "団体コード 205419",
        "長野県上高井郡小布施町",
        "参加者",
    )


# -- Terms ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("terms", "internal", "renewal", "notice"),
    [
        ({}, True, "", ""),
        ({"notice_months": 1}, True, "", "令和9年2月28日（満了の1か月前）"),
        ({"notice_days": 30}, False, "", "令和9年3月1日（満了の30日前）"),
        ({"auto_renew": True, "renewal_months": 6}, True, "自動更新（6か月ごと）", None),
        ({"auto_renew": True, "renewal_months": 24}, True, "自動更新（2年ごと）", None),
        ({"first_expiry": date(2027, 3, 31)}, True, "", "令和8年12月31日（規定なし。内部の目安 90日前）"),
        ({"first_expiry": date(2027, 3, 31)}, False, "", "規定なし"),
    ],
)
def test_terms_in_words(agreement, sheet_of, terms, internal, renewal, notice):
    if terms:
        terms = {"first_expiry": date(2027, 3, 31), **terms}
    Agreement.objects.filter(pk=agreement.pk).update(**terms)
    found = sheet_of(internal=internal).terms
    assert found.renewal == renewal
    if notice is not None:
        assert found.notice == notice


def test_terms_of_an_ended_agreement_stopped_on_its_last_day(agreement, sheet_of):
    Agreement.objects.filter(pk=agreement.pk).update(
        state=AgreementState.ENDED,
        ended_on=date(2020, 6, 30),
        ended_reason=EndedReason.MUTUAL,
        first_expiry=date(2019, 3, 31),
        auto_renew=True,
        renewal_months=12,
        notice_months=1,
    )
    terms = sheet_of().terms
    assert terms.current_expiry == "令和3年3月31日（2回更新）"
    assert terms.notice == ""
    assert terms.ended == "令和2年6月30日　合意解除"


# -- Items and actions ----------------------------------------------------------------------------------
def test_items_carry_categories_goals_and_their_number_of_actions(agreement, sheet_of):
    first = CooperationFieldFactory(
        agreement=agreement, text="観光", categories=[FieldCategory.TOURISM, FieldCategory.REGION]
    )
    CooperationFieldFactory(agreement=agreement, text="その他", categories=[])
    for _ in range(3):
        ActionItemFactory(agreement=agreement, cooperation_fields=[first])
    ActionItemFactory(agreement=agreement, cooperation_fields=[first], deleted_at="2026-04-01T00:00Z")
    one, other = sheet_of().items
    assert (one.number, one.text, one.action_count) == (1, "観光", 3)
    assert one.categories == "地域活性化・まちづくり・移住定住\n観光・シティプロモーション・国際"
    assert one.sdgs == "8・11・12・17"
    assert dataclasses.astuple(other) == (2, "その他", "", "", 0, "")


def test_actions_of_the_fiscal_year_come_by_urgency(agreement, sheet_of):
    def action(title, state=ActionState.PLANNED, starts=None, due=None):
        ActionItemFactory(agreement=agreement, title=title, state=state, starts_on=starts, due_on=due)

    action("済み", ActionState.DONE, due=date(2026, 5, 1))
    action("期限なし")
    action("年度末", due=date(2027, 3, 31))
    action("残り", ActionState.IN_PROGRESS, due=date(2025, 12, 1))
    action("昨年度に完了", ActionState.DONE, due=date(2026, 3, 31))
    action("来年度", starts=date(2027, 4, 1))
    year = sheet_of().actions
    assert year.label == "令和8年度"
    assert [line.title for line in year.lines] == ["残り", "年度末", "期限なし", "済み"]
    assert [line.is_overdue for line in year.lines] == [True, False, False, False]
    assert year.more == 0


def test_sheet_shows_the_first_actions_and_the_number_of_the_others(agreement, sheet_of, text_of):
    ActionItemFactory.create_batch(MAX_ACTIONS + 3, agreement=agreement)
    sheet = sheet_of()
    assert (len(sheet.actions.lines), sheet.actions.more) == (MAX_ACTIONS, 3)
    assert "ほか3件" in text_of(render_sheet(sheet))


def test_action_line_names_both_sides(agreement, sheet_of, manager):
    fields = [CooperationFieldFactory(agreement=agreement) for _ in range(2)]
    department = DepartmentFactory(municipality=agreement.municipality, name="観光課")
    ActionItemFactory(
        agreement=agreement,
        department=department,
        person_in_charge=manager,
        partner_in_charge="営業部",
        due_on=date(2026, 9, 30),
        cooperation_fields=fields,
    )
    (line,) = sheet_of().actions.lines
    assert line.items == "(1)(2)"
    assert line.department == f"観光課\n{manager.name}"
    assert (line.partner, line.due, line.state, line.is_overdue) == ("営業部", "令和8年9月30日", "計画", True)


# -- What is internal -----------------------------------------------------------------------------------
@pytest.fixture
def full(agreement, manager) -> Agreement:
    """An agreement of 福岡市 with everything that must not leave the municipality."""
    company = CompanyFactory(lawson=True)
    PartyFactory(agreement=agreement, company=company)
    CompanyContactFactory(
        company=company, municipality=agreement.municipality, name="窓口の人", phone="092-1"
    )
    CompanyContactFactory(company=company, municipality=MunicipalityFactory(), name="他市の窓口")
    CompanyContactFactory(
        company=company,
        municipality=agreement.municipality,
        name="前の窓口",
        ended_on=date(2026, 3, 31),
    )
    agreement.related_departments.add(
        DepartmentFactory(municipality=agreement.municipality, name="関係する課")
    )
    ActionItemFactory(agreement=agreement, title="内々の取組")
    Agreement.objects.filter(pk=agreement.pk).update(
        document_number="企第123号", note="内緒の備考", retention=10, person_in_charge=manager
    )
    return Agreement.objects.get(pk=agreement.pk)


INTERNAL = ["内部用", "窓口の人", "092-1", "企第123号", "内緒の備考", "関係する課", "10年", "起案"]


def printed(text_of, agreement, user, *, internal) -> str:
    return text_of(print_sheet(agreement, user=user, today=TODAY, internal=internal))


def test_internal_sheet_has_the_internal_blocks_of_its_own_municipality(full, manager, text_of):
    text = printed(text_of, full, manager, internal=True)
    assert [word for word in INTERNAL if word not in text] == []
    assert "内々の取組" in text
    assert "他市の窓口" not in text
    assert "前の窓口" not in text


def test_external_sheet_has_none_of_them(full, manager, text_of):
    text = printed(text_of, full, manager, internal=False)
    assert [word for word in INTERNAL if word in text] == []
    assert "内々の取組" in text


@pytest.mark.parametrize("internal", [True, False])
def test_another_municipality_gets_neither_internal_blocks_nor_actions(full, neighbour, text_of, internal):
    text = printed(text_of, full, neighbour, internal=internal)
    assert [word for word in [*INTERNAL, "内々の取組", full.department.name] if word in text] == []
    assert full.title in text


def test_approval_boxes_are_those_of_the_municipality(full, manager, text_of):
    pdf = print_sheet(
        full, user=manager, today=TODAY, internal=True, choices=PageChoices(boxes=("担当", "課長", "市長"))
    )
    assert "担当 課長 市長" in text_of(pdf)
    none = print_sheet(full, user=manager, today=TODAY, internal=True, choices=PageChoices())
    assert "起案" not in text_of(none)


# -- What the municipality thinks of it: internal ---------------------------------------------------------
@pytest.fixture
def worked(full, manager) -> Agreement:
    """An agreement with money, a plan, a worksheet both sides have seen, and an answered finding."""
    item = CooperationFieldFactory(agreement=full, text="健康教室の開催に関すること")
    CooperationFieldFactory(agreement=full, text="観光の振興に関すること")
    plan = PlanFactory(municipality=full.municipality)
    ActionItemFactory(
        agreement=full,
        title="健康教室",
        cooperation_fields=[item],
        due_on=date(2027, 3, 31),
        target_value=120,
        target_unit="人",
        funding="shared",
        budget_thousands=1200,
        plan_item=PlanItemFactory(plan=plan, code="52401", name="健康づくりの施策"),
    )
    ProgressEntryFactory(action=full.actions.get(title="健康教室"), on=date(2026, 9, 1), value=90)
    PlanLinkFactory(agreement=full, plan_item=PlanItemFactory(plan=plan, code="1", name="全体の施策"))
    opened_round(full, manager, kinds=["order"])
    ExpectationRow.objects.filter(round__agreement=full).update(not_to_do="営業名簿の提供")
    DiagnosisResponseFactory(
        agreement=full, rule="V02", reason="来月に会う約束がある", given_on=date(2026, 9, 1), by=manager
    )
    return Agreement.objects.get(pk=full.pk)


ONLY_INTERNAL = [
    "要協議",
    "52401 健康づくりの施策",
    "1 全体の施策",
    "120人",
    "90人（75％）",
    "分担",
    "1,200千円",
    OWN_SECRET,
    PARTNER_SECRET,
    "将来の受注",
    "有償（上限300,000円）",
    "営業名簿の提供",
    "市は無償、相手方は有償と考えています。",
    "来月に会う約束がある",
    "連携事項(2)",
]


def test_internal_sheet_says_how_the_agreement_stands(worked, manager, text_of):
    text = printed(text_of, worked, manager, internal=True)
    assert [word for word in ONLY_INTERNAL if word not in text] == []


def test_internal_sheet_of_a_usual_agreement_has_two_pages(worked, manager):
    pdf = print_sheet(worked, user=manager, today=TODAY, internal=True)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 2


@pytest.mark.parametrize("audience", ["partner", "neighbour", "neighbour asking for all"])
def test_nobody_else_learns_of_it(worked, manager, neighbour, text_of, audience):
    user = manager if audience == "partner" else neighbour
    text = printed(text_of, worked, user, internal=audience == "neighbour asking for all")
    forbidden = [*ONLY_INTERNAL, "診断", "双方の期待", "施策", "財源", "目標"]
    assert [word for word in forbidden if word in text] == []
    assert "健康教室の開催に関すること" in text


def test_sheet_tells_nothing_of_a_closed_worksheet(worked, manager, sheet_of, text_of):
    worked.expectation_rounds.update(state="confirmed")
    closed = filled_round(worked, manager)
    CompanySubmission.objects.filter(round=closed).update(payload=payload(closed, expects="まだ秘密"))
    ExpectationAnswer.objects.filter(row__round=closed).update(expects="まだ封の中")
    sheet = sheet_of()
    assert sheet.expectations.label.startswith("第1回")
    assert sheet.expectations.lines[0].partner == f"{PARTNER_SECRET}\n［将来の受注］"
    text = text_of(render_sheet(sheet))
    assert "まだ秘密" not in text
    assert "まだ封の中" not in text


def test_findings_that_say_the_same_are_one_line_and_the_rest_is_counted(worked, sheet_of):
    for number in range(3):
        CooperationFieldFactory(agreement=worked, text=f"第{number}の分野に関すること")
    review = sheet_of().review
    assert [bool(line.response) for line in review.lines] == [*[False] * MAX_FINDINGS, True]
    assert review.more > 0
    without_action = next(line for line in review.lines if line.rule == "C02")
    assert without_action.about == "連携事項(2)(3)(4)(5)"
    assert without_action.points == "−36.0"
    assert [grade.axis for grade in review.grades] == ["総合", "明確さ", "すり合わせ", "活動"]


def test_ended_agreement_has_grades_but_no_list_of_findings(agreement, sheet_of, text_of):
    Agreement.objects.filter(pk=agreement.pk).update(
        state=AgreementState.ENDED, ended_on=date(2020, 6, 30), ended_reason=EndedReason.MUTUAL
    )
    sheet = sheet_of()
    assert {grade.grade for grade in sheet.review.grades} == {"対象なし"}
    assert "診断の指摘" not in text_of(render_sheet(sheet))


# -- Untrusted and awkward text -------------------------------------------------------------------------
def filled(value, text: str):
    """`value` with `text` in every string inside it."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(filled(each, text) for each in value)
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **{name: filled(each, text) for name, each in fields.items()})
    return value


@pytest.mark.parametrize(
    "text",
    [
        "<img src=file:///etc/passwd>",
        '"><link rel=attachment href="file:///etc/passwd">',
        "</title><style>@import 'http://127.0.0.1:9/';</style>",
        "{{ settings.SECRET_KEY }}{% include 'x' %}",
        "url(file:///etc/passwd)",
        "&lt;&#x41;&amp;'\"",
        "]]><!-- -->",
    ],
)
def test_markup_in_any_field_prints_as_it_was_typed(full, manager, text_of, monkeypatch, text):
    sheet = build_sheet(full, user=manager, today=TODAY, internal=True)
    read = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(str(path)) or real(path))
    pdf = render_sheet(filled(sheet, text))
    document = pypdf.PdfReader(io.BytesIO(pdf))
    assert "/etc/passwd" not in read
    assert not document.attachments
    assert document.metadata.title == f"協定シート　{text}"
    assert text.replace(" ", "") in text_of(pdf).replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "連携協定の取組を進める。" * 333,
        "W" * 4000,
        "が\u0301" * 2000,
        "\u202e\u200b逆\x00" * 1000,
        "一\n" * 2000,
    ],
    ids=["Japanese", "one word", "combining", "invisible", "lines"],
)
def test_longest_text_a_field_takes_prints_to_its_end(full, manager, text_of, text):
    sheet = build_sheet(full, user=manager, today=TODAY, internal=True)
    end = "終わりの印"
    sheet = dataclasses.replace(
        sheet,
        purpose=text + end,
        terms=dataclasses.replace(sheet.terms, renewal_text=text + end),
        responsibility=dataclasses.replace(sheet.responsibility, note=text + end),
    )
    assert text_of(render_sheet(sheet)).count(end) == 3


def test_many_items_repeat_the_header_and_leave_no_row_alone(full, manager):
    for number in range(1, 61):
        CooperationFieldFactory(agreement=full, text=f"第{number}の事項に関すること")
    pdf = print_sheet(full, user=manager, today=TODAY, internal=True)
    pages = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    with_items = [text for text in pages if "の事項に関すること" in text]
    assert len(with_items) > 2
    for text in with_items:
        assert "連携事項（原文）" in text
        assert text.count("の事項に関すること") > 1


def test_missing_type_prints_as_geta(agreement, manager, text_of):
    Agreement.objects.filter(pk=agreement.pk).update(title="外字\ue000の協定")
    assert "外字〓の協定" in printed(text_of, Agreement.objects.get(pk=agreement.pk), manager, internal=True)


def test_empty_agreement_looks_intended(fukuoka, manager, text_of):
    bare = AgreementFactory(municipality=fukuoka, draft=True, title="", title_kana="", department=None)
    text = printed(text_of, bare, manager, internal=True)
    assert "None" not in text
    for sentence in (
        "（名称未登録）",
        "当事者は登録されていません。",
        "令和8年度の取組は登録されていません。",
    ):
        assert sentence in text


# -- Speed ----------------------------------------------------------------------------------------------
def test_queries_do_not_grow_with_the_sheet(full, manager, assert_same_queries):
    def add_row():
        company = CompanyFactory()
        PartyFactory(agreement=full, company=company, order=9)
        CompanyContactFactory(company=company, municipality=full.municipality)
        item = CooperationFieldFactory(
            agreement=full, categories=[FieldCategory.TOURISM, FieldCategory.HEALTH]
        )
        ActionItemFactory(agreement=full, cooperation_fields=[item], person_in_charge=manager)

    assert_same_queries(
        add_row,
        lambda: build_sheet(Agreement.objects.get(pk=full.pk), user=manager, today=TODAY, internal=True),
    )


def test_second_look_at_the_same_sheet_comes_from_the_cache(full, manager, monkeypatch):
    first = print_sheet(full, user=manager, today=TODAY, internal=True)
    monkeypatch.setattr(renderer, "_lay_out", lambda *args: pytest.fail("laid out again"))
    assert print_sheet(full, user=manager, today=TODAY, internal=True) == first
