"""Documents that are found by their words, as the tests of the word index write them."""

from __future__ import annotations

from typing import ClassVar

from quintet.models import Page, PageQuery
from quintet.store import Entity, Keys, Store
from quintet.store.words import WordIndex

INDEX = WordIndex("documents")
STORE = Store()


class Document(Entity):
    """What the index points to."""

    kind: ClassVar[str] = "document"
    keys: ClassVar[Keys] = Keys("DOC#{id}", "DOC")

    id: str
    fields: list[str]


def save(id: str, fields: list[str]) -> None:
    """Write a document together with its words, as a handler does."""
    old = STORE.get(Document, id=id)
    with INDEX.prepare(id, fields) as change:
        tx = STORE.transaction()
        document = Document(id=id, fields=fields)
        tx.replace(old, document) if old else tx.create(document)
        change.join(tx)
        tx.commit()


def drop(id: str) -> None:
    old = STORE.get(Document, id=id)
    assert old is not None
    with INDEX.remove(id) as change:
        tx = STORE.transaction()
        tx.delete(old)
        change.join(tx)
        tx.commit()


def page(question: str, query: PageQuery | None = None) -> Page[Document]:
    return INDEX.page(
        question,
        query or PageQuery(page_size=100),
        lambda ids: STORE.get_all([Document.ref(id=one) for one in ids]),
        lambda document: document.fields,
    )


def titles(found: Page[Document]) -> list[str]:
    return [document.id for document in found.items]
