"""The tree of categories: where a category lies, and what moving or hiding it does to those below. Pure rules."""

from collections.abc import Sequence

from quintet.errors import ErrorType
from storefront.catalog.taxonomy import Category, is_shown

DEEPEST = 10
"""Levels of the tree; keeps paths far below DynamoDB's 1024 bytes of sort key."""
MOST_BELOW = 90
"""Categories that can change place with the one above them: what fits into one transaction with the rest."""

CYCLE = ErrorType(409, "category_cycle", "A category cannot lie below itself")
TOO_DEEP = ErrorType(409, "category_too_deep", f"Categories can be nested {DEEPEST} levels deep")
TOO_LARGE = ErrorType(
    409,
    "category_too_large",
    f"A category with more than {MOST_BELOW} others below it cannot be moved, hidden or shown at once",
)


def placed(category: Category, parent: Category | None) -> Category:
    """`category` directly below `parent`, or at the top. Raises `category_cycle` and `category_too_deep`."""
    if parent is None:
        return category.model_copy(update={"parent_id": None, "path": category.id, "hidden": False})
    if category.id in ancestry(parent):
        raise CYCLE()
    path = f"{parent.path}/{category.id}"
    _check_depth(path)
    return category.model_copy(update={"parent_id": parent.id, "path": path, "hidden": not is_shown(parent)})


def ancestry(category: Category) -> list[str]:
    """The ids from the top of the tree down to this category."""
    return category.path.split("/")


def same_place(one: Category, other: Category) -> bool:
    """Whether those below the category keep their path and stay hidden or shown when one becomes the other."""
    return one.path == other.path and is_shown(one) == is_shown(other)


def carried(old: Category, new: Category, below: Sequence[Category]) -> list[tuple[Category, Category]]:
    """Everything `below` a category before and after it changed its place; what stays as it is is left out.

    Raises `category_too_deep` when the deepest of them would lie too deep.
    """
    now = {old.path: new}
    moves: list[tuple[Category, Category]] = []
    for category in sorted(below, key=lambda c: c.path):
        above = now[category.path.rpartition("/")[0]]
        path = f"{above.path}/{category.id}"
        _check_depth(path)
        moved = category.model_copy(update={"path": path, "hidden": not is_shown(above)})
        now[category.path] = moved
        if (moved.path, moved.hidden) != (category.path, category.hidden):
            moves.append((category, moved))
    return moves


def complete(root: Category, below: Sequence[Category]) -> bool:
    """Whether `below` is everything below `root`, going by how many children each one has."""
    found: dict[str | None, int] = {}
    for category in below:
        found[category.parent_id] = found.get(category.parent_id, 0) + 1
    known = {root.id, *(category.id for category in below)}
    return set(found) <= known and all(found.get(c.id, 0) == c.children for c in (root, *below))


def shown_below(root: Category, below: Sequence[Category]) -> list[str]:
    """The ids of a category and of all public ones below it."""
    return [root.id, *(category.id for category in below if is_shown(category))]


def _check_depth(path: str) -> None:
    if path.count("/") >= DEEPEST:
        raise TOO_DEEP()
