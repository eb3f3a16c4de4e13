"""What lists are asked by: how many rows to pass over and to show, and in which order."""

from quintet.models import OffsetQuery


class ListQuery(OffsetQuery):
    """The query parameters of a list. A list with an order of its own says which there are:

    class PostQuery(ListQuery):
        sort: Literal["created_at", "-created_at", "likes", "-likes"] = "-created_at"
    """

    sort: str = "-created_at"

    @property
    def by(self) -> str:
        """The field whose order is asked for."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")
