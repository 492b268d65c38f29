"""The knowledge base itself: its size, its fields, and that the committed output is made of it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from llmops.data.prepare import load, prepare
from llmops.language.patterns import expand
from llmops.language.text import sentences
from llmops.schemas import Corpus
from tests.conftest import REPOSITORY

SOURCE = REPOSITORY / "data" / "source" / "finance"
PROCESSED = REPOSITORY / "data" / "processed" / "final_data.json"


@pytest.fixture(scope="module")
def base() -> Corpus:
    return load(PROCESSED)


@pytest.mark.slow
def test_the_committed_output_is_made_of_the_committed_sources(tmp_path: Path):
    out = tmp_path / "final_data.json"
    report = prepare(SOURCE, out, today=date(2026, 11, 23))
    assert not [problem for problem in report.problems if problem.level != "repaired"]
    assert out.read_bytes() == PROCESSED.read_bytes(), "run: scripts/run prepare-data finance"


def test_there_are_25_areas_of_at_least_20_entries_and_550_in_all(base: Corpus):
    areas = Counter(entry.area for entry in base.entries)
    assert len(areas) == 25
    assert min(areas.values()) >= 20
    assert len(base.entries) >= 550


def test_every_entry_has_wordings_patterns_a_source_and_a_date(base: Corpus):
    for entry in base.entries:
        assert len(entry.questions) >= 20, entry.id
        assert len(entry.patterns) >= 5, entry.id
        assert len(entry.questions) + sum(len(expand(pattern, 12)) for pattern in entry.patterns) >= 60, entry.id
        assert entry.reference, entry.id
        assert entry.as_of, entry.id
        assert entry.facts, entry.id
        assert len(sentences(entry.answer)) >= 2, entry.id
        assert len(entry.answer) <= 1100, entry.id


def test_every_number_of_an_answer_is_a_fact(base: Corpus):
    for entry in base.entries:
        told = re.sub(
            r"\s",
            "",
            " ".join(f"{fact.value}{fact.name}{fact.unit}{fact.since}" for fact in entry.facts) + entry.reference,
        )
        for number in re.findall(r"\d[\d \u00a0\u202f]*(?:,\d+)?", entry.answer):
            bare = re.sub(r"\s", "", number)
            assert bare in told or re.fullmatch(r"20\d\d", bare), f"{entry.id}: {number}"


def test_refusals_and_concepts_are_many(base: Corpus):
    assert len(base.out_of_scope) >= 300
    assert len(base.policy) >= 7
    assert len(base.concepts) >= 300
    assert sum(len(concept.expressions) for concept in base.concepts) >= 1500
    assert len(base.held_out) >= 500


def test_no_held_out_question_is_learnt(base: Corpus):
    learnt = {question.lower() for item in base.classes for question in item.questions}
    assert not [question for held in base.held_out for question in held.questions if question.lower() in learnt]
