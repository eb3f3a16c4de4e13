"""An inverted word index: documents found by the words of their texts, exactly as their last commit left them.

Every word of a document is a tiny item, so a search reads the postings of its words and nothing else; see
`postings` for the rows and `rewording` for how they change together with their document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from quintet.store.calls import batch_get, table_call
from quintet.store.codec import encode_item
from quintet.store.folding import needles, ranked
from quintet.store.postings import TRUSTED, Ranks, Space, State, listed, read_posting, read_state
from quintet.store.rewording import Change

__all__ = ["Change", "WordIndex"]

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
        and `finish` it (see `Change`). Raises ValueError for a text whose distinct words exceed 380 KB.
        """
        words = ranked(fields)
        listed(words)
        state = State() if new else read_state(self._space, document)
        return Change(self._space, document, state, words).write_ahead()

    def remove(self, document: str) -> Change:
        """Like `prepare`, for a document that goes or is no longer to be found."""
        return self.prepare(document, [])

    def search(self, question: str, offset: int = 0, limit: int = 20) -> tuple[list[str], int]:
        """Ids of documents that have every word of `question`, and the exact number of all of them.

        A word matches what begins with it. Documents whose first field has all the words come first, then newest
        first. A question without words finds nothing. Reads the postings of all its words, whatever `limit` is.
        """
        found = self.matches(question)
        return found[offset : offset + limit], len(found)

    def matches(self, question: str) -> list[str]:
        """All ids that `search` pages through, for callers that filter further."""
        wanted = needles(question)
        hits: _Hits = {}
        for number, needle in enumerate(wanted):
            found = self._hits(needle)
            hits = _both(hits, found) if number else found
            if not hits:
                return []
        by_id = sorted(self._settled(hits, wanted), reverse=True)
        return [document for document, _ in sorted(by_id, key=lambda hit: hit[1])]

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
                rank = _rank(read_state(self._space, document).words, wanted)
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


def _rank(words: Ranks, wanted: Sequence[str]) -> int | None:
    """The rank of a document with these words; None when it lacks one that is wanted."""
    found = [min((r for word, r in words.items() if word.startswith(needle)), default=None) for needle in wanted]
    return None if None in found else max(rank for rank in found if rank is not None)
