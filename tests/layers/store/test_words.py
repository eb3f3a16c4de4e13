"""The word index against a brute-force search of the same documents, whatever is written and wherever a writer dies."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from quintet.errors import ApiError
from quintet.models.ids import new_id
from quintet.models.time import frozen
from quintet.net import aws
from quintet.settings import Settings, settings
from quintet.store import rewording
from quintet.store.folding import LONGEST_PIECE, LONGEST_WORD, MOST_TERMS, fold, needles, ranked, words
from quintet.store.postings import listed
from quintet.store.words import WordIndex
from tests.layers.store.documents import INDEX, STORE, Document, drop, page, save, titles
from tests.support.aws import in_threads, system
from tests.support.calls import crashing, recorded

pytestmark = pytest.mark.dynamodb


def brute_force(documents: dict[str, list[str]], question: str) -> list[str]:
    """What a search must find, from the definition alone."""
    asked = words(question)

    def has_all(text: str) -> bool:
        return all(any(word.startswith(one) for word in words(text)) for one in asked)

    found = [key for key, fields in documents.items() if asked and has_all("\n".join(fields))]
    return sorted(sorted(found, reverse=True), key=lambda key: not has_all(documents[key][0]))


def rows(*, heads: bool = False) -> set[str]:
    """Sort keys of all postings and generations in the table."""
    found = aws.client("dynamodb").scan(TableName=settings().table)["Items"]
    return {item["SK"]["S"] for item in found if item["PK"]["S"].startswith("WORDS#")} - (set() if heads else {"HEAD"})


@contextmanager
def small_transactions(most: int) -> Iterator[None]:
    """Let fewer postings fit into a transaction, so that short texts take the way of long ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rewording, "MOST_IN_TRANSACTION", most)
        yield


def test_case_accents_and_punctuation_do_not_matter(table: Settings) -> None:
    doc = new_id()
    save(doc, ["Café-Größe «PRO»", "snake_case İstanbul ﬁne"])
    for question in ("cafe", "CAFÉ grösse", "pro", "case", "istanbul", "fine", "gro caf"):
        assert INDEX.search(question) == ([doc], 1), question
    assert INDEX.search("afe") == ([], 0)
    assert INDEX.search("cafe latte") == ([], 0)
    assert INDEX.search("  --  ") == ([], 0)


def test_name_matches_come_first_then_the_newest(table: Settings) -> None:
    first, second, third, fourth = (new_id() for _ in range(4))
    save(first, ["Laptop Pro", "a machine"])
    save(second, ["Sleeve", "for a laptop pro"])
    save(third, ["Laptop", "the pro one"])
    save(fourth, ["Laptop Professional", ""])
    assert INDEX.search("laptop pro") == ([fourth, first, third, second], 4)
    assert INDEX.search("laptop pro", offset=1, limit=2) == ([first, third], 4)
    assert INDEX.search("laptop pro", offset=9) == ([], 4)


def test_spaces_do_not_see_each_other_and_ids_may_hold_anything(table: Settings) -> None:
    other = WordIndex("documents#DOCUMENT")
    save("a#b%~!", ["odd"])
    assert INDEX.search("odd") == (["a#b%~!"], 1)
    assert other.search("odd") == ([], 0)


def test_a_small_change_is_two_calls_and_a_search_one_per_word(table: Settings) -> None:
    doc = new_id()
    save(doc, ["Laptop Pro 15", "grey"])
    with recorded() as calls:
        save(doc, ["Laptop Pro 16", "grey"])
    assert calls.names == ["GetItem", "Query", "TransactWriteItems"]
    (written,) = calls.of("TransactWriteItems")
    assert len(written.params["TransactItems"]) == 4, "document, head, one posting less and one more"
    with recorded() as calls:
        assert INDEX.search("pro laptop 16") == ([doc], 1)
    assert calls.names == ["Query"] * 3 + ["BatchGetItem"], "the words of what is shown are looked at once more"
    with recorded() as calls:
        assert titles(page("pro laptop 16")) == [doc]
    assert calls.names == ["Query"] * 3 + ["BatchGetItem"], "which here is the loading of the documents"
    with recorded() as calls:
        INDEX.search("pro")
    assert calls.names == ["Query"]


def test_a_text_longer_than_a_transaction_is_found_by_every_word_and_only_after_its_commit(table: Settings) -> None:
    doc, text = new_id(), " ".join(f"w{n}x" for n in range(500))
    with INDEX.prepare(doc, ["Novel", text]) as change:
        assert INDEX.search("w7x") == ([], 0)
        tx = STORE.transaction()
        tx.create(Document(id=doc, fields=["Novel", text]))
        change.join(tx)
        assert len(tx) <= 4
        tx.commit()
        assert INDEX.search("w7x w499x novel") == ([doc], 1)
    save(doc, ["Novel", text.replace("w7x", "replaced")])
    assert [INDEX.search(q)[1] for q in ("w7x", "replaced", "w499x")] == [0, 1, 1]
    save(doc, ["Novel", " ".join(f"other{n}" for n in range(300))])
    assert [INDEX.search(q)[1] for q in ("w499x", "replaced", "other299")] == [0, 0, 1]
    save(doc, ["Poem", "short"])
    assert [INDEX.search(q)[1] for q in ("other299", "novel", "poem short")] == [0, 0, 1]
    assert len(rows()) == 2, "nothing is left of the long texts"
    drop(doc)
    assert INDEX.search("poem") == ([], 0)
    assert rows(heads=True) == set()


def test_leaves_room_for_the_caller_whatever_changes(table: Settings) -> None:
    def text(prefix: str, count: int) -> list[str]:
        return [" ".join(f"{prefix}{n}" for n in range(count))]

    doc = new_id()
    for fields in (text("a", 60), text("b", 60), text("c", 61), text("c", 90), text("d", 60), text("e", 30), [""]):
        with recorded() as calls:
            save(doc, fields)
        most = max(len(call.params["TransactItems"]) for call in calls.of("TransactWriteItems"))
        assert most <= 64, fields
        assert INDEX.search(fields[0][:3])[1] == (1 if fields[0] else 0)


def test_an_aborted_change_leaves_nothing_behind(table: Settings) -> None:
    doc = new_id()
    save(doc, ["kept"])
    before = rows()
    with pytest.raises(RuntimeError), INDEX.prepare(doc, [" ".join(f"w{n}" for n in range(200))]):
        raise RuntimeError
    assert rows() == before
    assert INDEX.search("w1") == ([], 0)


def test_of_a_long_text_the_first_words_are_found(table: Settings) -> None:
    doc, long = new_id(), " ".join(f"w{n}x" for n in range(3 * MOST_TERMS))
    with recorded() as calls:
        save(doc, ["Novel", long, "epilogue"])
    assert len(calls.of("BatchWriteItem")) == MOST_TERMS / 25
    assert [INDEX.search(word)[1] for word in ("novel", "w0x", f"w{MOST_TERMS - 2}x")] == [1, 1, 1]
    for word in (f"w{MOST_TERMS - 1}x", "epilogue"):
        assert INDEX.search(word)[1] == 0
        assert not INDEX.holds(word, ["Novel", long, "epilogue"])
        assert titles(page(word)) == []
    save(doc, ["Novel", "short"])
    assert len(rows()) == 2, "all of the long text's rows are gone"


@pytest.mark.parametrize("letter", ["a", "\u0939", "\U00010480", "\u4e2d"])
def test_the_words_of_a_document_fit_into_an_item_in_any_script(letter: str) -> None:
    long = " ".join(f"{n:05d}{letter * LONGEST_WORD}" for n in range(2 * MOST_TERMS))
    assert len(listed(ranked([long])).encode()) < 390_000


def test_no_more_of_a_long_text_is_cut_into_terms_than_counts() -> None:
    han = "".join(map(chr, range(0x4E00, 0x4E00 + 20_000)))
    assert list(ranked([han])) == [han[n : n + LONGEST_PIECE] for n in range(MOST_TERMS)]


def test_of_two_changes_prepared_side_by_side_one_is_refused(table: Settings) -> None:
    doc = new_id()
    save(doc, ["one"])
    first, second = INDEX.prepare(doc, ["two"]), INDEX.prepare(doc, ["three"])
    for change in (first, second):
        tx = STORE.transaction()
        change.join(tx)
        if change is first:
            tx.commit()
        else:
            with pytest.raises(ApiError, match="changed by someone else"):
                tx.commit()
        change.finish()
    assert INDEX.search("two") == ([doc], 1)
    assert INDEX.search("three") == ([], 0)


def test_a_switch_while_a_search_reads_hides_nothing(table: Settings) -> None:
    """Between the two Queries of one search the document changes from a short to a long text; both have the words."""
    doc = new_id()
    save(doc, ["alpha beta"])
    reads = 0

    def change_between(params: dict[str, Any]) -> None:
        nonlocal reads
        if "begins_with" in params.get("KeyConditionExpression", ""):
            reads += 1
            if reads == 2:
                save(doc, ["alpha beta", " ".join(f"w{n}" for n in range(100))])

    with crashing("Query", change_between):
        assert INDEX.search("alpha beta") == ([doc], 1)


TEXT = st.text(alphabet="abÀB ßé-_1ⅷłı'ẞ", max_size=12)


@given(TEXT | st.text(max_size=20))
def test_folding_is_idempotent_and_a_text_is_found_by_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert set(needles(text)) <= set(ranked([text]))
    assert set(words(text)) <= set(ranked([text])) or not text.isascii()
    spaced = text.replace("'", " ")
    assert all(any(one.startswith(word) for one in needles(spaced)) for word in words(spaced) if word.isascii())


WORDS = st.sampled_from(["ab", "abc", "b", "bc", "c", "Cä", "d1", "d2", "e"])
FIELDS = st.lists(st.lists(WORDS, max_size=5).map(" ".join), min_size=1, max_size=2)


class Died(BaseException):
    """The process ended here."""


def save_and_die(doc: str, fields: list[str], step: int, *, heard: bool) -> bool:
    """Write a document in a process that dies at its n-th call, before or after DynamoDB has done it."""
    count = 0

    def die(params: dict[str, Any]) -> None:
        nonlocal count
        count += 1
        if count > step or (count == step and not heard):
            raise Died

    try:
        with crashing("*", die):
            save(doc, fields)
    except Died:
        return True
    return False


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("before", [["short"], [" ".join(f"b{n}" for n in range(30))]])
@pytest.mark.parametrize("after", [["brief"], [" ".join(f"a{n}" for n in range(30))]])
def test_a_writer_may_die_at_any_call(table: Settings, before: list[str], after: list[str], heard: bool) -> None:
    def consistent(doc: str) -> None:
        document = STORE.get(Document, id=doc)
        assert document is not None
        for fields in (before, after):
            expected = [doc] if fields == document.fields else []
            assert INDEX.matches(fields[0]) == expected

    for step in range(1, 20):
        doc = new_id()
        with frozen() as clock, small_transactions(9):
            save(doc, before)
            died = save_and_die(doc, after, step, heard=heard)
            consistent(doc)
            clock.advance(seconds=rewording.WRITER_LIFE + 1)
            save(doc, ["at last"])
        assert sorted(rows()) == [f"at#0#{doc}#", f"last#0#{doc}#"], f"died at call {step}"
        drop(doc)
        if not died:
            return
    pytest.fail("a write has fewer calls than that")


def test_a_writer_that_was_taken_for_dead_cannot_commit(table: Settings) -> None:
    doc = new_id()
    save(doc, ["short"])
    with frozen() as clock:
        slow = INDEX.prepare(doc, [" ".join(f"w{n}" for n in range(100))])
        clock.advance(seconds=rewording.WRITER_LIFE + 1)
        INDEX.prepare(doc, ["never committed"]).finish()
        tx = STORE.transaction()
        slow.join(tx)
        with pytest.raises(ApiError, match="changed by someone else"):
            tx.commit()
    assert INDEX.search("short") == ([doc], 1)
    assert rows() == {f"short#0#{doc}#"}


class IndexMachine(RuleBasedStateMachine):
    """Any sequence of writes, removals and deaths, checked against the documents that are really in the table."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._stack.enter_context(system("demo"))
        self._stack.enter_context(small_transactions(3))
        self.clock = self._stack.enter_context(frozen())
        self.known: list[str] = []

    def teardown(self) -> None:
        self._stack.close()

    @initialize(target=ids)
    def first(self) -> str:
        return self._new()

    @rule(target=ids)
    def another(self) -> str:
        return self._new()

    def _new(self) -> str:
        self.known.append(new_id())
        return self.known[-1]

    @rule(id=ids, fields=FIELDS)
    def write(self, id: str, fields: list[str]) -> None:
        save(id, fields)

    @rule(id=ids)
    def remove(self, id: str) -> None:
        if STORE.get(Document, id=id):
            drop(id)

    @rule(id=ids, fields=FIELDS, step=st.integers(1, 9), heard=st.booleans())
    def die_writing(self, id: str, fields: list[str], step: int, heard: bool) -> None:
        save_and_die(id, fields, step, heard=heard)

    @rule(id=ids, fields=FIELDS)
    def clear_up(self, id: str, fields: list[str]) -> None:
        """After the longest life of a writer, one more change removes every trace of dead ones."""
        self.clock.advance(seconds=rewording.WRITER_LIFE + 1)
        save(id, fields)
        assert sum(row.startswith("GENERATION#") for row in rows_of(id)) <= 1
        expected = len(set(words(" ".join(fields))))
        assert len([row for row in rows() if f"#{id}#" in row]) == expected

    @invariant()
    def finds_what_is_there(self) -> None:
        documents = {
            document.id: document.fields
            for document in STORE.get_all([Document.ref(id=known) for known in self.known])
            if document
        }
        for question in ("a", "ab", "b", "ab b", "c ab", "ca d", "d", "d1 e", "b bc abc"):
            expected = brute_force(documents, question)
            assert INDEX.search(question, limit=100) == (expected, len(expected)), question


def rows_of(id: str) -> list[str]:
    answer = aws.client("dynamodb").query(
        TableName=settings().table,
        KeyConditionExpression="PK = :pk",
        ExpressionAttributeValues={":pk": {"S": f"WORDS#documents#DOCUMENT#{id}"}},
    )
    return [item["SK"]["S"] for item in answer["Items"]]


TestAnySequence = IndexMachine.TestCase
TestAnySequence.settings = hypothesis_settings(
    max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_concurrent_edits_of_one_document_leave_one_of_them(table: Settings) -> None:
    doc = new_id()
    texts = [["start"], *([f"edit{n} " + " ".join(f"e{n}w{k}" for k in range(2 + 40 * n))] for n in range(6))]
    save(doc, texts[0])
    conflicts: list[str] = []

    def edit(number: int) -> None:
        for _ in range(20):
            try:
                save(doc, texts[1 + number])
                return
            except ApiError as error:
                conflicts.append(error.code)

    assert in_threads(6, edit) == [None] * 6
    assert set(conflicts) <= {"conflict"}
    final = STORE.get(Document, id=doc)
    assert final is not None
    for fields in texts:
        expected = [doc] if fields == final.fields else []
        assert INDEX.search(fields[0].split()[0]) == (expected, len(expected))
    save(doc, ["last"])
    assert [row for row in rows() if doc in row] == [f"last#0#{doc}#"], json.dumps(sorted(rows()), indent=1)
