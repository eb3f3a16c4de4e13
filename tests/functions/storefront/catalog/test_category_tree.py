"""The tree of categories after any move: paths and what is hidden follow from the parents alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.errors import ApiError
from quintet.models import now
from storefront.catalog.category_tree import DEEPEST, ancestry, carried, complete, placed, shown_below
from storefront.catalog.taxonomy import Category, is_shown

MOMENT = now()


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Category]:
    """Some categories, each below an earlier one or at the top."""
    tree: dict[str, Category] = {}
    for number in range(draw(st.integers(1, 14))):
        parent = draw(st.sampled_from([None, *reversed(tree.values())]))
        made = Category(
            id=f"c{number}", name="C", sort="c", slug=f"c{number}", path="", active=draw(st.booleans()),
            created_at=MOMENT, updated_at=MOMENT,
        )  # fmt: skip
        if parent and len(ancestry(parent)) == DEEPEST:
            parent = None
        if parent:
            tree[parent.id].children += 1
        tree[made.id] = placed(made, parent and tree[parent.id])
    return tree


def below(tree: dict[str, Category], root: Category) -> list[Category]:
    return [category for category in tree.values() if category.path.startswith(root.path + "/")]


def parents_of(tree: dict[str, Category], category: Category) -> list[Category]:
    """Everything above a category, by its parents' ids alone."""
    found: list[Category] = []
    while category.parent_id is not None:
        category = tree[category.parent_id]
        found.append(category)
    return found


def height(tree: dict[str, Category], root: Category) -> int:
    """Levels from a category down to the lowest below it."""
    lowest = max(len(ancestry(category)) for category in (root, *below(tree, root)))
    return lowest - len(ancestry(root)) + 1


def check(tree: dict[str, Category]) -> None:
    for category in tree.values():
        above = parents_of(tree, category)
        assert ancestry(category) == [*(found.id for found in reversed(above)), category.id]
        assert category.hidden == any(not found.active for found in above)
        assert is_shown(category) == (category.active and not category.hidden)


@given(trees(), st.data())
@settings(max_examples=100, deadline=None)
def test_any_move_or_change_of_activity_keeps_the_tree_whole(tree: dict[str, Category], data: st.DataObject) -> None:
    check(tree)
    for _ in range(data.draw(st.integers(1, 4))):
        old = tree[data.draw(st.sampled_from(sorted(tree)))]
        parent = data.draw(st.sampled_from([None, *tree.values()]))
        wanted = old.model_copy(update={"active": data.draw(st.booleans())})
        inside = parent is not None and (parent.id == old.id or parent in below(tree, old))
        if inside:
            with pytest.raises(ApiError, match="below itself"):
                placed(wanted, parent)
            continue
        if (len(ancestry(parent)) if parent else 0) + height(tree, old) > DEEPEST:
            with pytest.raises(ApiError, match="10 levels"):
                carried(old, placed(wanted, parent), below(tree, old))
            continue
        new = placed(wanted, parent)
        moves = carried(old, new, below(tree, old))
        assert all((before.path, before.hidden) != (after.path, after.hidden) for before, after in moves)
        tree |= {category.id: category for category in (new, *(after for _, after in moves))}
        check(tree)


@given(trees(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_missing_category_is_noticed(tree: dict[str, Category], data: st.DataObject) -> None:
    root = tree[data.draw(st.sampled_from(sorted(tree)))]
    found = below(tree, root)
    assert complete(root, found)
    if found:
        missing = data.draw(st.sampled_from(found))
        assert not complete(root, [category for category in found if category is not missing])


@given(trees())
@settings(max_examples=50, deadline=None)
def test_a_listing_takes_in_what_is_shown_below(tree: dict[str, Category]) -> None:
    for root in tree.values():
        expected = [root.id, *(category.id for category in below(tree, root) if is_shown(category))]
        assert shown_below(root, below(tree, root)) == expected
