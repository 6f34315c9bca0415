"""すり合わせ as pure values: the same rules as the diagnosis, differences between rounds, versions."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.diagnosis import Cost, Expectation, Item, Snapshot, diagnose
from agreements.domain.expectations import (
    WORKSHEET_RULES,
    FilledRow,
    RoundState,
    confirmation_blockers,
    diff,
    has_e03,
    mismatches,
    opening_blockers,
    settled,
    version_hash,
)

TODAY = date(2026, 10, 1)
costs = st.sampled_from([None, *Cost])
words = st.text(max_size=5)
expectations = st.builds(
    Expectation,
    item=st.integers(1, 3),
    own_expects=words,
    partner_expects=words,
    partner_expects_order=st.booleans(),
    own_cost=costs,
    partner_cost=costs,
    cost_note=st.sampled_from(["", "別途協議"]),
    procurement=words,
    not_to_do=words,
    own_confirmed_on=st.none() | st.dates(date(2020, 1, 1), TODAY),
    partner_confirmed_on=st.none() | st.dates(date(2020, 1, 1), TODAY),
)
ITEMS = [Item(key=key, text=f"事項{key}", label=f"({key})") for key in (1, 2, 3)]
rows = st.lists(
    st.builds(
        FilledRow,
        key=st.integers(1, 6),
        label=st.just("(1)"),
        values=st.dictionaries(st.sampled_from(["②", "③", "⑦"]), st.text(max_size=3)),
    ),
    unique_by=lambda row: row.key,
)
values = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(expectations, max_size=3))
def test_mismatches_are_the_findings_of_the_diagnosis(found):
    snapshot = Snapshot(items=tuple(ITEMS), expectations=tuple(found))
    ids = {rule.id for rule in WORKSHEET_RULES}
    diagnosis = diagnose(snapshot, TODAY)
    expected = {(f.rule, f.subject, f.message) for f in diagnosis.findings if f.rule in ids}
    assert {(f.rule, f.subject, f.message) for f in mismatches(ITEMS, found, today=TODAY)} == expected
    assert has_e03(ITEMS, found) == diagnosis.blocks_approval


@given(costs, costs, st.booleans())
def test_sides_are_treated_alike(one, other, is_settled):
    def row(own, partner):
        return [Expectation(item=1, own_cost=own, partner_cost=partner)]

    assert has_e03(ITEMS, row(one, other)) == has_e03(ITEMS, row(other, one))


@given(expectations, st.sampled_from(list(Cost)))
def test_one_agreed_cost_leaves_only_the_order_open(expectation, cost):
    agreed = settled(expectation, cost)
    open_order = expectation.partner_expects_order and not expectation.procurement.strip()
    items = [Item(key=expectation.item, text="")]
    assert has_e03(items, [agreed]) == open_order
    assert settled(expectation, None) == expectation
    blockers = confirmation_blockers(agreed, label="(1)", agreed_wording="合意した")
    assert [each.code for each in blockers] == (["e03"] if open_order else [])


def test_confirmation_needs_a_wording():
    blockers = confirmation_blockers(Expectation(item=1), label="(1)", agreed_wording=" ")
    assert [each.code for each in blockers] == ["no_wording"]


@pytest.mark.parametrize(
    ("state", "own", "partner", "codes"),
    [
        (RoundState.FILLING, True, True, []),
        (RoundState.FILLING, False, True, ["own_missing"]),
        (RoundState.FILLING, True, False, ["partner_missing"]),
        (RoundState.OPENED, True, True, ["not_filling"]),
        (RoundState.CANCELLED, True, True, ["not_filling"]),
        (RoundState.CONFIRMED, True, True, ["not_filling"]),
    ],
)
def test_opening_needs_both_sides_once(state, own, partner, codes):
    blockers = opening_blockers(state, own_submitted=own, partner_arrived=partner)
    assert [each.code for each in blockers] == codes


@given(rows)
def test_nothing_changed_is_no_difference(before):
    assert diff(before, before) == []


@given(rows, rows)
def test_differences_tell_the_way_from_one_round_to_the_next(before, after):
    found = diff(before, after)
    rebuilt = {row.key: dict(row.values) for row in before}
    for change in found:
        if change.kind == "削除":
            del rebuilt[change.key]
            continue
        row = rebuilt.setdefault(change.key, {})
        row.update({field.name: field.after for field in change.fields})

    def said(values):
        return {name: text for name, text in values.items() if text}

    assert {key: said(row) for key, row in rebuilt.items()} == {row.key: said(row.values) for row in after}
    back = {
        (change.key, f.name): (f.after, f.before) for change in diff(after, before) for f in change.fields
    }
    assert back == {(change.key, f.name): (f.before, f.after) for change in found for f in change.fields}


@given(values, values)
def test_version_names_the_values_whatever_the_order_of_keys(one, other):
    assert (version_hash(one) == version_hash(other)) == (one == other)
    if isinstance(one, dict):
        assert version_hash(dict(reversed(one.items()))) == version_hash(one)
