"""An inverted word index: documents found by the words of their texts, exactly as their last commit left them.

Every word of a document is a tiny item, so a search reads the postings of its words and nothing else; see
`postings` for the rows and `rewording` for how they change together with their document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from quintet.models.pages import Page, Paging
from quintet.store import cursors
from quintet.store.calls import batch_get, table_call
from quintet.store.codec import encode_item
from quintet.store.folding import needles, rank_of, ranked
from quintet.store.postings import TRUSTED, Space, State, read_posting, read_state, unlisted
from quintet.store.rewording import Change

__all__ = ["Change", "WordIndex"]

T = TypeVar("T")

_Hits = dict[str, dict[str, int]]
"""By document and generation: the rank of the hit."""


class WordIndex:
    """The words of one space, such as `products`. Newest first means that document ids sort by time (UUIDv7)."""

    def __init__(self, space: str) -> None:
        self._space = Space(space)

    def prepare(self, document: str, fields: Sequence[str], *, new: bool = False) -> Change:
        """Get a document's new words ready; hits in the first field rank before those in the others.

        One small Query, which a `new` document, whose id was only just made, does not need; when more than sixty
        words change, also the bulk of the writing. `join` the change to the transaction that writes the document,
        and `finish` it (see `Change`). Of a long text the first words count (`folding.MOST_TERMS`).
        """
        words = ranked(fields)
        state = State() if new else read_state(self._space, document)
        return Change(self._space, document, state, words).write_ahead()

    def remove(self, document: str) -> Change:
        """Like `prepare`, for a document that goes or is no longer to be found."""
        return self.prepare(document, [])

    def page(
        self,
        question: str,
        query: Paging,
        load: Callable[[Sequence[str]], Iterable[T | None]],
        texts: Callable[[T], Sequence[str]],
    ) -> Page[T]:
        """One page of the documents that have every word of `question`, as they are when they are loaded.

        A word matches what begins with it. Documents whose first field has all the words come first, then newest
        first. `load` gives the documents of ids, `texts` the fields a document was prepared with, none when it is not
        to be found: what was changed while the postings were read is held against the question once more. Cursors are
        places in the order, good for the same words.
        """
        wanted = needles(question)
        scope = f"words|{self._space.name}|{' '.join(sorted(wanted))}"
        found = cursors.cut(self._ordered(wanted), query, scope, _place)
        loaded = [document for document in load([hit for hit, _ in found.items]) if document is not None]
        shown = [document for document in loaded if rank_of(ranked(texts(document)), wanted) is not None]
        total = (found.total or 0) - (len(found.items) - len(shown))
        return Page(shown, total, found.page, found.page_size, found.next_cursor)

    def search(self, question: str, offset: int = 0, limit: int = 20) -> tuple[list[str], int]:
        """Ids of documents that have every word of `question` at once, and how many there are of them.

        Like `page`, for callers that do not load the documents: those shown are held against the index's own lists of
        their words, one batch more for a question of several words.
        """
        wanted = needles(question)
        found = self._ordered(wanted)
        shown = [document for document, _ in found[offset : offset + limit]]
        kept = self._verified(shown, wanted) if len(wanted) > 1 else shown
        return kept, len(found) - (len(shown) - len(kept))

    def matches(self, question: str) -> list[str]:
        """All ids in the order of `page`, for callers that load and filter all of them; see `holds`."""
        return list(self.places(question))

    def places(self, question: str) -> dict[str, str]:
        """All ids in the order of `page`, each with its place in it, for callers that page with `cursors.cut`."""
        return {hit[0]: _place(hit) for hit in self._ordered(needles(question))}

    @staticmethod
    def holds(question: str, fields: Sequence[str]) -> bool:
        """Whether a document with these fields has every word of `question`."""
        wanted = needles(question)
        return bool(wanted) and rank_of(ranked(fields), wanted) is not None

    def _ordered(self, wanted: Sequence[str]) -> list[tuple[str, int]]:
        """Documents whose postings were met for every needle, each with its rank, in the order they are shown."""
        hits: _Hits = {}
        for number, needle in enumerate(wanted):
            found = self._hits(needle)
            hits = _both(hits, found) if number else found
            if not hits:
                return []
        return sorted(self._settled(hits, wanted), key=_place, reverse=True)

    def _verified(self, documents: Sequence[str], wanted: Sequence[str]) -> list[str]:
        """Those of some documents whose words, read at one moment, are all that is wanted."""
        homes = {self._space.home(document): document for document in documents}
        keys = [self._space.head(document).attributes() for document in documents]
        right = set()
        for head in batch_get(keys, consistent=True, ProjectionExpression="PK, generation, words"):
            document = homes[head["PK"]["S"]]
            trusted = head["generation"]["S"] == TRUSTED
            has = unlisted(head["words"]["S"]) if trusted else read_state(self._space, document).words
            if rank_of(has, wanted) is not None:
                right.add(document)
        return [document for document in documents if document in right]

    def _hits(self, needle: str) -> _Hits:
        """Documents that have a word beginning with `needle`, with the best rank of such a word."""
        request: dict[str, Any] = {
            "KeyConditionExpression": "PK = :pk AND begins_with(SK, :sk)",
            "ExpressionAttributeValues": encode_item({":pk": self._space.partition(needle), ":sk": needle}),
            "ProjectionExpression": "SK",
            "ConsistentRead": True,
        }
        found: _Hits = defaultdict(dict)
        while True:
            answer = table_call("Query", **request)
            for item in answer["Items"]:
                _, rank, document, generation = read_posting(item["SK"]["S"])
                ranks = found[document]
                ranks[generation] = min(ranks.get(generation, 1), rank)
            if "LastEvaluatedKey" not in answer:
                return found
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _settled(self, hits: _Hits, wanted: Sequence[str]) -> Iterable[tuple[str, int]]:
        """The documents that count, each with its rank.

        Trusted postings are right as they are. For other documents the head tells which generation counts; when
        that one was switched to while the postings were being read, the document's own list of words decides.
        """
        doubtful = [document for document, ranks in hits.items() if TRUSTED not in ranks]
        current = self._generations(doubtful) if doubtful else {}
        for document, ranks in hits.items():
            generation = current.get(document, TRUSTED)
            if generation in ranks:
                yield document, ranks[generation]
            elif document in current:
                rank = rank_of(read_state(self._space, document).words, wanted)
                if rank is not None:
                    yield document, rank

    def _generations(self, documents: Sequence[str]) -> dict[str, str]:
        homes = {self._space.home(document): document for document in documents}
        keys = [self._space.head(document).attributes() for document in documents]
        heads = batch_get(keys, consistent=True, ProjectionExpression="PK, generation")
        return {homes[head["PK"]["S"]]: head["generation"]["S"] for head in heads}


def _both(first: _Hits, second: _Hits) -> _Hits:
    """Documents in both, with the worse rank of generations in both: a generation has all words of its document."""
    return {
        document: {g: max(rank, second[document][g]) for g, rank in ranks.items() if g in second[document]}
        for document, ranks in first.items()
        if document in second
    }


def _place(hit: tuple[str, int]) -> str:
    """Where a hit stands, the greatest first."""
    document, rank = hit
    return f"{1 - rank}{document}"
