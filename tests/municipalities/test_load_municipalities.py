from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from municipalities import master
from municipalities.choices import MunicipalityKind
from municipalities.models import Municipality, MunicipalityFormerName

pytestmark = pytest.mark.django_db

ROWS = master.read(master.MASTER_FILE)
# The prefectures and what the stories need: a whole master in the eyes of the loader, and quick.
FEW = [
    row
    for row in ROWS
    if row.kind == MunicipalityKind.PREFECTURE or row.name in {"小布施町", "福岡市", "仙台市", "山形市"}
]
OBUSE = "205419"
MERGED_ON = date(2027, 4, 1)


@pytest.fixture
def load(tmp_path, capsys):
    """Loads rows as a file and returns what the command said."""

    def run(rows=None, text=None, **options):
        if text is None:
            text = master.to_csv(FEW if rows is None else rows)
        file = tmp_path / "master.csv"
        file.write_text(text, encoding="utf-8")
        call_command("load_municipalities", file=file, **options)
        return capsys.readouterr().out

    return run


def changed(code, **values):
    return [row._replace(**values) if row.code == code else row for row in FEW]


def without(code):
    return [row for row in FEW if row.code != code]


def everything():
    return (
        list(Municipality.objects.values().order_by("pk")),
        list(MunicipalityFormerName.objects.values().order_by("pk")),
        Municipality.history.count(),
    )


def test_the_committed_master_loads_whole(capsys):
    call_command("load_municipalities")
    assert "追加 1,788、改称 0、再開 0、廃止 0、修正 0、変更なし 0" in capsys.readouterr().out
    loaded = Municipality.objects.values_list("code", "kind", "prefecture", "county", "name", "name_kana")
    assert list(loaded) == ROWS
    fukuoka = Municipality.objects.get(code="401307")
    assert fukuoka.prefecture_code == "40"
    assert fukuoka.opened_on is None  # how long it has existed the file does not say
    assert fukuoka.history.get().history_change_reason == "自治体マスタの取り込み"


def test_a_second_load_changes_nothing_in_few_queries(capsys, django_assert_max_num_queries):
    call_command("load_municipalities")
    before = everything()
    capsys.readouterr()
    with django_assert_max_num_queries(3):  # savepoint, select, release
        call_command("load_municipalities")
    assert "追加 0、改称 0、再開 0、廃止 0、修正 0、変更なし 1,788" in capsys.readouterr().out
    assert everything() == before


def test_many_changes_take_as_few_queries_as_one(load):
    load()
    with CaptureQueriesContext(connection) as one:
        load(changed(OBUSE, name="大布施町"))
    load()
    renamed = [row._replace(name=f"新{row.name}") if row.kind != "prefecture" else row for row in FEW]
    with CaptureQueriesContext(connection) as many:
        assert "改称 4" in load(renamed)
    assert len(many) == len(one)


def test_a_renamed_body_keeps_its_old_name(load):
    load()
    said = load(changed(OBUSE, name="北信町", name_kana="ほくしんまち"), date="2027-04-01")
    assert "改称 1" in said
    assert "改称: 205419 長野県上高井郡北信町（旧 小布施町）" in said
    body = Municipality.objects.get(code=OBUSE)
    assert (body.name, body.name_kana) == ("北信町", "ほくしんまち")
    former = body.former_names.get()
    assert (former.name, former.name_kana, former.until) == ("小布施町", "おぶせまち", MERGED_ON)
    assert [h.name for h in body.history.all()] == ["北信町", "小布施町"]


def test_every_old_name_stays(load):
    load()
    load(changed(OBUSE, name="北信町"), date="2027-04-01")
    load(changed(OBUSE, name="小布施町"), date="2028-04-01")
    load(changed(OBUSE, name="北信町"), date="2028-04-01")
    names = MunicipalityFormerName.objects.filter(municipality__code=OBUSE).values_list("name", "until")
    assert set(names) == {
        ("小布施町", MERGED_ON),
        ("北信町", date(2028, 4, 1)),
        ("小布施町", date(2028, 4, 1)),
    }


def test_the_same_rename_loaded_twice_on_a_day_is_kept_once(load):
    load()
    for name in ("北信町", "小布施町", "北信町"):
        load(changed(OBUSE, name=name), date="2027-04-01")
    former = MunicipalityFormerName.objects.filter(municipality__code=OBUSE)
    assert sorted(former.values_list("name", flat=True)) == ["北信町", "小布施町"]


def test_a_corrected_reading_is_no_new_name(load):
    load()
    said = load(changed(OBUSE, name_kana="おぶせちょう", county="下高井郡"))
    assert "改称 0" in said
    assert "修正 1" in said
    body = Municipality.objects.get(code=OBUSE)
    assert (body.name_kana, body.county) == ("おぶせちょう", "下高井郡")
    assert not body.former_names.exists()


def test_a_body_no_longer_in_the_file_is_closed_not_deleted(load):
    load()
    said = load(without(OBUSE), date="令和9年4月1日")
    assert "廃止 1" in said
    assert "廃止: 205419 長野県上高井郡小布施町" in said
    body = Municipality.objects.get(code=OBUSE)
    assert body.closed_on == MERGED_ON
    assert not Municipality.objects.open(on=MERGED_ON).filter(code=OBUSE).exists()
    assert [h.closed_on for h in body.history.all()] == [MERGED_ON, None]


def test_a_closed_body_stays_closed_since_then(load):
    load()
    load(without(OBUSE), date="2027-04-01")
    before = everything()
    said = load(without(OBUSE), date="2028-04-01")
    assert f"廃止 0、修正 0、変更なし {len(FEW) - 1}" in said
    assert everything() == before


def test_closing_is_dated_today_by_default(load, time_machine):
    time_machine.move_to("2027-03-31T15:30:00+00:00")  # past midnight in Japan
    load()
    load(without(OBUSE))
    assert Municipality.objects.get(code=OBUSE).closed_on == MERGED_ON


def test_a_body_that_came_back_is_open_again(load):
    load()
    load(without(OBUSE), date="2027-04-01")
    said = load(changed(OBUSE, name="北信町"), date="2028-04-01")
    assert "改称 1、再開 1" in said
    body = Municipality.objects.get(code=OBUSE)
    assert (body.name, body.closed_on) == ("北信町", None)
    assert body.former_names.get().name == "小布施町"


def test_a_body_with_a_successor_stays_closed_though_the_file_is_older(load):
    load()
    successor = Municipality.objects.get(code="200000")
    Municipality.objects.filter(code=OBUSE).update(closed_on=MERGED_ON, successor=successor)
    before = everything()
    said = load(date="2027-04-02")
    assert "廃止のまま（承継団体があります）: 205419" in said
    assert everything() == before


def test_an_announced_abolition_is_left_alone(load):
    load()
    Municipality.objects.filter(code=OBUSE).update(closed_on=MERGED_ON)
    assert "再開 0" in load(date="2027-03-31")
    assert "廃止 0" in load(without(OBUSE), date="2027-03-31")
    assert Municipality.objects.get(code=OBUSE).closed_on == MERGED_ON


def test_a_body_added_later_was_founded_that_day(load):
    load(without(OBUSE))
    said = load(date="2027-04-01")
    assert "追加: 205419 長野県上高井郡小布施町" in said
    assert Municipality.objects.get(code=OBUSE).opened_on == MERGED_ON


def test_a_body_entered_before_the_first_load_does_not_date_the_others(load):
    Municipality.objects.create(
        code=OBUSE,
        kind="town",
        prefecture_code="20",
        prefecture="長野県",
        name="小布施町",
        name_kana="おぶせまち",
    )
    assert "修正 1" in load()
    assert set(Municipality.objects.values_list("opened_on", flat=True)) == {None}
    assert Municipality.objects.get(code=OBUSE).county == "上高井郡"


def test_a_dry_run_says_it_all_and_saves_nothing(load):
    load()
    before = everything()
    said = load([*without(OBUSE), ROWS[2]], dry_run=True)
    assert "試行・保存していません" in said
    assert "追加: 012025 北海道函館市" in said
    assert "廃止: 205419" in said
    assert everything() == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            master.to_csv(FEW).replace("205419", "205410"),
            "コード 205410 は正しくありません（検査数字が合いません）",
        ),
        (master.to_csv([*FEW, FEW[0]]), "コード 010006 は 2行目と重複しています"),
        (master.to_csv(FEW).replace("name_kana", "kana", 1), "列がありません: name_kana"),
        (master.to_csv(FEW[:-1]), "全国分のファイルが必要です"),
        (master.to_csv(changed(OBUSE, name="あ" * 50 + "町")), "名称: .*40"),
        (master.to_csv(changed(OBUSE, name="小布施\u202e町")), "制御文字"),
    ],
)
def test_a_wrong_file_is_refused_and_changes_nothing(load, text, problem):
    load()
    before = everything()
    with pytest.raises(CommandError, match=problem):
        load(text=text)
    assert everything() == before


def test_a_file_wrong_throughout_names_the_first_problems_and_counts_the_rest(load):
    wrong = [row._replace(name_kana="?") for row in FEW]
    with pytest.raises(CommandError) as caught:
        load(wrong)
    lines = str(caught.value).split("\n")
    assert len(lines) == 22
    assert lines[-1] == f"ほか {len(FEW) - 20}件"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CommandError, match="ファイルを開けません"):
        call_command("load_municipalities", file=tmp_path / "absent.csv")


def test_an_unreadable_date_is_refused(load):
    with pytest.raises(CommandError, match=r"--date: .*日付として読み取れません"):
        load(date="4月ごろ")
    assert not Municipality.objects.exists()


def test_a_body_is_not_closed_before_it_was_founded(load):
    load(without(OBUSE))
    load(date="2027-04-01")
    with pytest.raises(CommandError, match="小布施町: 廃止の日が設置日（令和9年4月1日）より前です"):
        load(without(OBUSE), date="2026-04-01")
    assert Municipality.objects.get(code=OBUSE).closed_on is None
