"""Where a word index keeps its rows, and what they say about one document.

    a posting       PK WORDS#{space}#{letter}              SK {word}#{rank}#{document}#{generation}
    the head        PK WORDS#{space}#DOCUMENT#{document}   SK HEAD
    a generation    PK WORDS#{space}#DOCUMENT#{document}   SK GENERATION#{id}

A document of few words is in the trusted generation, whose id is empty: its words are in the head and its postings
are always right. The words of any other generation are in a row of its own, which outlives its postings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

from quintet.store.calls import table_call
from quintet.store.codec import decode_item, encode_item
from quintet.store.entity import Key, escape

TRUSTED = ""
HEAD, GENERATION = "HEAD", "GENERATION#"
Ranks = Mapping[str, int]
"""The words of a document, each with 0 when its first field has it, else 1."""


class Posting(NamedTuple):
    """That a document has a word."""

    word: str
    rank: int
    document: str
    generation: str


@dataclass(frozen=True, slots=True)
class Space:
    """The keys of one index."""

    name: str

    def partition(self, word: str) -> str:
        return f"WORDS#{escape(self.name)}#{word[0]}"

    def posting(self, posting: Posting) -> Key:
        word, rank, document, generation = posting
        return Key(self.partition(word), f"{word}#{rank}#{escape(document)}#{generation}")

    def home(self, document: str) -> str:
        return f"WORDS#{escape(self.name)}#DOCUMENT#{escape(document)}"

    def head(self, document: str) -> Key:
        return Key(self.home(document), HEAD)

    def generation(self, document: str, id: str) -> Key:
        return Key(self.home(document), GENERATION + id)


def read_posting(sort_key: str) -> Posting:
    """A posting from its sort key."""
    word, rank, document, generation = sort_key.split("#")
    return Posting(word, int(rank), unquote(document), generation)


@dataclass(slots=True)
class Generation:
    """The words of one generation. A doomed one can never become the current one (again)."""

    id: str
    words: Ranks
    begun_at: int
    doomed: bool = False


@dataclass(slots=True)
class State:
    """What the index knows of one document: the current generation and its words, and others on their way in or out.

    `stamp` changes with every commit that concerns the document; it is None for one that is not indexed.
    """

    stamp: str | None = None
    generation: str = TRUSTED
    words: Ranks = field(default_factory=dict)
    others: list[Generation] = field(default_factory=list)


def read_state(space: Space, document: str) -> State:
    """The state of a document, read consistently from one partition."""
    request: dict[str, Any] = {
        "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": encode_item({":pk": space.home(document)}),
        "ConsistentRead": True,
    }
    rows: list[dict[str, Any]] = []
    while True:
        answer = table_call("Query", **request)
        rows += [decode_item(item) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return _state(rows)
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _state(rows: list[dict[str, Any]]) -> State:
    state, generations = State(), []
    for row in rows:
        if row["SK"] == HEAD:
            state.stamp, state.generation = row["stamp"], row["generation"]
            state.words = unlisted(row["words"])
        else:
            name, doomed = row["SK"].removeprefix(GENERATION), bool(row.get("doomed"))
            generations.append(Generation(name, unlisted(row["words"]), row["begun_at"], doomed))
    for generation in generations:
        if state.stamp is not None and generation.id == state.generation:
            state.words = generation.words
        else:
            state.others.append(generation)
    return state


def listed(words: Ranks) -> str:
    """Words as one text, the ones of the first field behind a `!`."""
    return " ".join(("" if rank else "!") + word for word, rank in sorted(words.items()))


def unlisted(text: str) -> dict[str, int]:
    return {word.removeprefix("!"): 0 if word.startswith("!") else 1 for word in text.split()}
