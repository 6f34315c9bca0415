import pytest

from agreements.models import ActionItem, Agreement
from municipalities import change_log
from tests.factories import AgreementFactory, DepartmentFactory

pytestmark = pytest.mark.django_db


def entries(row, start=1, end=100):
    return change_log.entries(row.history.all(), start, end)


def words(entry):
    return {change.label: (change.old, change.new) for change in entry.changes}


def test_change_log_tells_what_a_row_began_with():
    agreement = AgreementFactory(title="観光の協定", auto_renew=False)
    (entry,) = entries(agreement)
    told = words(entry)
    assert entry.kind == "登録"
    assert told["協定名称"] == ("", "観光の協定")
    assert told["締結日"] == ("", "令和6年4月1日")
    assert told["自治体"] == ("", str(agreement.municipality))
    assert told["自動更新"] == ("", "いいえ")
    assert "目的" not in told


def test_change_log_tells_only_what_changed_newest_first():
    agreement = AgreementFactory(title="旧", note="覚え")
    agreement.title = "新"
    agreement.save()
    agreement.note = ""
    agreement.auto_renew, agreement.renewal_months = True, 12
    agreement.save()
    assert [words(entry) for entry in entries(agreement)[:2]] == [
        {"自動更新": ("いいえ", "はい"), "更新期間（月）": ("", "12"), "備考（内部用）": ("覚え", "")},
        {"協定名称": ("旧", "新")},
    ]


def test_change_log_leaves_blank_for_blank_out():
    agreement = AgreementFactory()
    Agreement.objects.filter(pk=agreement.pk).update(title="裏で変更")
    agreement.save()
    assert words(entries(agreement)[0]) == {}


def test_change_log_tells_relations_by_name_also_deleted_ones():
    kept, deleted = DepartmentFactory(name="観光課"), DepartmentFactory(name="環境課")
    agreement = AgreementFactory(municipality=kept.municipality, department=kept)
    agreement.related_departments.set([kept, deleted])
    agreement.related_departments.set([kept])
    agreement.department = None
    agreement.save()
    gone = f"（削除済み {deleted.pk}）"
    deleted.delete()
    told = [words(entry) for entry in entries(agreement)[:3]]
    assert told == [
        {"主担当課": ("観光課", "")},
        {"関係課": (f"観光課、{gone}", "観光課")},
        {"関係課": ("", f"観光課、{gone}")},
    ]


def test_change_log_tells_many_to_many_once_a_row():
    agreement = AgreementFactory(whole=True)
    action = ActionItem.objects.get()
    action.cooperation_fields.set(agreement.cooperation_fields.all())
    newest = entries(action)[0]
    assert words(newest) == {
        "連携事項": (
            "(1) 観光の振興に関すること",
            "(1) 観光の振興に関すること、(2) その他地域の活性化に関すること",
        )
    }


def test_change_log_pages_fit_together():
    agreement = AgreementFactory(title="名称0")
    for number in range(1, 6):
        agreement.title = f"名称{number}"
        agreement.save()
    whole = [words(entry) for entry in entries(agreement)]
    pages = [words(entry) for start in (1, 3, 5) for entry in entries(agreement, start, start + 1)]
    assert pages == whole
    assert entries(agreement, 0, 0) == []


def test_change_log_compares_records_of_several_models_with_few_queries(django_assert_max_num_queries):
    agreements = [AgreementFactory(whole=True) for _ in range(4)]
    records = [agreement.history.first() for agreement in agreements]
    records += [action.history.first() for action in ActionItem.objects.all()]
    with django_assert_max_num_queries(8):
        told = change_log.compare([(record, None) for record in records])
    assert len(told) == 8
