"""The categories and brands an import needs: found by name, made when missing, looked up once."""

from collections.abc import Sequence

from storefront.catalog.brand_store import create_brand
from storefront.catalog.category_store import create_category
from storefront.catalog.taxonomy import Brand, Category, sort_key
from storefront.service import store


class Places:
    """What one import knows of categories and brands. Names are the same when they differ in case or accents only."""

    def __init__(self) -> None:
        self._brands: dict[str, str] | None = None
        self._categories: dict[tuple[str | None, str], Category] | None = None

    def brand(self, name: str) -> str:
        """The id of the brand with this name; "" for no name."""
        if not name:
            return ""
        if self._brands is None:
            self._brands = {brand.sort: brand.id for brand in store.each(Brand, "gsi2")}
        key = sort_key(name)
        if key not in self._brands:
            self._brands[key] = create_brand({"name": name}, None).id
        return self._brands[key]

    def category(self, path: Sequence[str]) -> str:
        """The id of the category at the end of a path of names from the top; "" for no path.

        Raises the API errors of making a category, such as `category_too_deep`.
        """
        if self._categories is None and path:
            self._categories = {(found.parent_id, found.sort): found for found in store.each(Category, "gsi2")}
        parent: Category | None = None
        for name in path:
            assert self._categories is not None
            key = (parent.id if parent else None, sort_key(name))
            if key not in self._categories:
                self._categories[key] = create_category({"name": name}, parent, None)
            parent = self._categories[key]
        return parent.id if parent else ""
