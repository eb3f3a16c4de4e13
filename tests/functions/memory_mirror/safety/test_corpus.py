"""Recall and false alarms of the safety rules over the phrases, per kind and language: printed, and held to floors.

`tuned` phrases were at hand when the lexicons were written, `held` ones were never used to adjust them: the held
figures are what to expect of words nobody thought of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from memory_mirror.safety import Kind, assess
from tests.functions.memory_mirror.safety.phrases import LANGUAGES, Phrase, all_phrases, phrases

TUNED_RECALL, HELD_RECALL, FALSE_ALARMS = 0.95, 0.85, 0.05
SPLITS = ("tuned", "held")


@cache
def judged(phrase: Phrase) -> Kind:
    return assess(phrase.text).kind


def test_the_corpus_is_as_large_as_it_claims() -> None:
    found = list(all_phrases())
    assert len(found) >= 1300
    assert len({phrase.text for phrase in found}) == len(found)
    for language in LANGUAGES:
        tags = Counter(phrase.tag for phrase in phrases(language))
        kinds = Counter(phrase.kind for phrase in phrases(language))
        assert set(tags) == {"danger", "calm", "negated", "past", "quoted", "lyrics", "figurative"}, language
        assert set(kinds) == set(Kind), language
        assert sum(phrase.split == "held" for phrase in phrases(language)) >= len(phrases(language)) / 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_dangers_that_the_lexicon_was_written_for_are_found(language: str) -> None:
    dangers = [phrase for phrase in phrases(language) if phrase.is_danger and phrase.split == "tuned"]
    missed = [phrase.text for phrase in dangers if judged(phrase) is Kind.NONE]
    assert len(missed) <= len(dangers) * (1 - TUNED_RECALL), missed
    called_otherwise = [phrase.text for phrase in dangers if judged(phrase) not in (Kind.NONE, phrase.kind)]
    assert len(called_otherwise) <= len(dangers) * 0.05, called_otherwise


@pytest.mark.parametrize("language", LANGUAGES)
def test_talk_without_danger_raises_no_alarm(language: str) -> None:
    calm = [phrase for phrase in phrases(language) if not phrase.is_danger and phrase.split == "tuned"]
    alarms = [phrase.text for phrase in calm if judged(phrase) is not Kind.NONE]
    assert len(alarms) <= len(calm) * FALSE_ALARMS, alarms


def test_phrases_nobody_tuned_for_are_told_apart_over_all_languages() -> None:
    held = [phrase for phrase in all_phrases() if phrase.split == "held"]
    dangers, calm = [p for p in held if p.is_danger], [p for p in held if not p.is_danger]
    recall = sum(judged(p) is not Kind.NONE for p in dangers) / len(dangers)
    alarms = sum(judged(p) is not Kind.NONE for p in calm) / len(calm)
    assert recall >= HELD_RECALL
    assert alarms <= 0.08


def test_the_figures_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    report = "\n".join(table())
    with capsys.disabled():
        print("\n" + report)
    assert "held" in report


def table() -> list[str]:
    """Recall of each kind (found as any danger / phrases) and false alarms of each tag, a column a language."""
    lines = []
    for split in SPLITS:
        lines.append(f"safety floor, {split} phrases".ljust(30) + "".join(f"{name:>9}" for name in (*LANGUAGES, "all")))
        for kind in [one for one in Kind if one is not Kind.NONE]:
            lines.append(_row(f"  recall {kind}", split, _of(kind=kind)))
        lines.append(_row("  recall, all dangers", split, lambda p: p.is_danger))
        for tag in ("calm", "negated", "past", "quoted", "lyrics", "figurative"):
            lines.append(_row(f"  false alarms, {tag}", split, _of(tag=tag)))
        lines.append(_row("  false alarms, all", split, lambda p: not p.is_danger))
    return lines


def _of(kind: str = "", tag: str = "") -> Callable[[Phrase], bool]:
    return lambda phrase: phrase.kind == kind if kind else phrase.tag == tag


def _row(title: str, split: str, wanted: Callable[[Phrase], bool]) -> str:
    cells = []
    for languages in (*((name,) for name in LANGUAGES), LANGUAGES):
        chosen = [p for name in languages for p in phrases(name) if p.split == split and wanted(p)]
        found = sum(judged(p) is not Kind.NONE for p in chosen)
        cells.append(f"{found}/{len(chosen)}".rjust(9))
    return title.ljust(30) + "".join(cells)
