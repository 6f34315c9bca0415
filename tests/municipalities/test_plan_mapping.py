from hypothesis import given
from hypothesis import strategies as st

from municipalities.plan_mapping import Node, Reason, similarity, suggest


def told(old, new):
    return {key: (found.key, found.reason) for key, found in suggest(old, new).items()}


def test_code_comes_first_then_the_same_name_then_a_similar_one():
    old = [
        Node("a", "1-1", "健康づくり"),
        Node("b", "", "観光の振興"),
        Node("c", "9", "子育て支援の充実"),
        Node("d", "", "防災"),
    ]
    new = [
        Node(1, "１-１", "いのちと健康"),
        Node(2, "", "観光の　振興"),
        Node(3, "3", "子育て支援の更なる充実"),
        Node(4, "", "デジタル"),
    ]
    assert told(old, new) == {"a": (1, Reason.CODE), "b": (2, Reason.NAME), "c": (3, Reason.SIMILAR)}


def test_same_level_decides_between_equal_codes():
    new = [Node(1, "1", "暮らし", depth=0), Node(2, "1", "健康", depth=1)]
    assert told([Node("a", "1", "別の名前", depth=1)], new) == {"a": (2, Reason.CODE)}


names = st.text(alphabet="健康観光子育て防災12 　", max_size=8)


@given(names, names)
def test_similarity_is_symmetric_and_bounded(one, other):
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


@given(st.lists(names, max_size=6), st.lists(names, max_size=6))
def test_suggestions_name_new_nodes_only_and_a_plan_maps_to_itself(one, other):
    old = [Node(f"old{number}", "", name) for number, name in enumerate(one)]
    new = [Node(f"new{number}", "", name) for number, name in enumerate(other)]
    keys = {node.key for node in new}
    assert all(found.key in keys for found in suggest(old, new).values())
    assert set(suggest(old, old)) == {node.key for node in old}
