"""Writing categories: place, slug and everything below in one transaction."""

from functools import partial
from typing import Any

from quintet.models import new_id, now
from quintet.store import STALE, Transaction, equals, exists
from storefront.catalog.category_tree import MOST_BELOW, TOO_LARGE, carried, complete, placed, same_place
from storefront.catalog.slugs import change_slug, create_named
from storefront.catalog.taxonomy import Category, sort_key
from storefront.service import store


def below(category: Category, limit: int | None = None) -> list[Category]:
    """The categories below one, in the order of their paths: one Query, eventually consistent."""
    if not category.children:
        return []
    return store.query(Category, "gsi2", begins=f"{category.path}/", limit=limit).items


def create_category(fields: dict[str, Any], parent: Category | None, slug: str | None) -> Category:
    """A new category below `parent`; without a slug it gets a free one made from its name.

    Raises `slug_exists`, `category_too_deep`, and `conflict` when the parent moved meanwhile.
    """
    made, moment = new_id(), now()
    kept = {"id": made, "sort": sort_key(fields["name"]), "created_at": moment, "updated_at": moment, **fields}
    category = placed(Category(slug="", path=made, **kept), parent)
    if parent is None:
        return create_named(category, slug)
    return create_named(category, slug, partial(_count_child, parent=parent))


def change_category(old: Category, fields: dict[str, Any], parent: Category | None) -> Category:
    """`old` with other fields and the parent given, those below it carried along.

    Raises `slug_exists`, `category_cycle`, `category_too_deep`, `category_too_large`, and `conflict` when someone
    else changed the tree meanwhile.
    """
    named = {**fields, "sort": sort_key(fields["name"]), "updated_at": now()}
    new = placed(old.model_copy(update=named), parent)
    tx = store.transaction()
    tx.replace(old, new)
    change_slug(tx, old, new)
    if new.parent_id != old.parent_id:
        if parent is not None:
            _count_child(tx, parent)
        if old.parent_id is not None:
            tx.update(Category.key(id=old.parent_id), add={"children": -1}, where=[exists()], refused=STALE)
    if not same_place(old, new):
        for before, after in carried(old, new, _all_below(old)):
            tx.replace(before, after)
    tx.commit()
    return new


def _all_below(category: Category) -> list[Category]:
    found = below(category, limit=MOST_BELOW + 1)
    if len(found) > MOST_BELOW:
        raise TOO_LARGE()
    if not complete(category, found):  # the index has not caught up with a change made a moment ago
        raise STALE()
    return found


def _count_child(tx: Transaction, parent: Category) -> None:
    """The parent has one child more, and must still be where the child was told it is."""
    place = {"path": parent.path, "hidden": parent.hidden, "active": parent.active}
    where = [equals(name, value) for name, value in place.items()]
    tx.update(parent.own_key(), add={"children": 1}, where=where, refused=STALE)
