"""Fitting and telling quality on held-out questions: one half fits, the other half tells.

Knows legs and a corpus; knows no files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmops.retrieval.fitting import fit_look, fit_scope, operating_point
from llmops.retrieval.head import softmax
from llmops.retrieval.layout import Fitted
from llmops.retrieval.learning import is_held
from llmops.retrieval.signals import (
    LOOK_FEATURES,
    SCOPE_FEATURES,
    Legs,
    Signals,
    read_signals,
    scope_chance,
    scope_features,
)
from llmops.schemas import Corpus

_START_LOOK = np.array([1.0, 0.5, 0.5, 2.0, 0.0, 0.0, 0.0, 0.0, 0.5], dtype=np.float32)
_DEFAULT_SCOPE_THRESHOLD = 0.5
_NOT_FOUND = 99

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Probe:
    """A question for fitting or telling quality: the class that is right, -1 for a foreign message."""

    text: str
    label: int


def _probes(corpus: Corpus) -> tuple[list[_Probe], list[_Probe]]:
    """Return the questions to fit on and those to tell quality by; each kind of wording falls into both."""
    place = {entry.id: number for number, entry in enumerate(corpus.entries)}
    fit: list[_Probe] = []
    tell: list[_Probe] = []
    known = [held for held in corpus.held_out if held.entry in place]
    for turn, held in enumerate(known):
        for number, text in enumerate(held.questions):
            (fit, tell)[(turn + number) % 2].append(_Probe(text, place[held.entry]))
    extra = [
        (rule_number + len(corpus.entries), text)
        for rule_number, rule in enumerate(corpus.policy)
        for text in rule.questions
        if is_held(text)
    ]
    extra += [(-1, text) for text in corpus.out_of_scope if is_held(text)]
    for number, (label, text) in enumerate(extra):
        (fit, tell)[number % 2].append(_Probe(text, label))
    return fit, tell


def fit_and_tell(corpus: Corpus, legs: Legs, repair: Callable[[str], str]) -> Fitted:
    """Fit the second look and the refusal on one half of the held-out questions, tell quality by the other."""
    fit, tell = ([(probe, read_signals(repair(probe.text), legs)) for probe in half] for half in _probes(corpus))
    look = fit_look(
        [(signals.look, _right(signals, probe.label)) for probe, signals in fit if signals and probe.label >= 0],
        _START_LOOK,
    )
    first_rule = len(corpus.entries)
    rows = [
        (scope_features(s, softmax(s.look @ look), legs, first_rule), p.label)
        for p, s in fit
        if s and p.label < first_rule
    ]
    if rows and any(label < 0 for _, label in rows) and any(label >= 0 for _, label in rows):
        scope = fit_scope(np.stack([row for row, _ in rows]), np.array([label >= 0 for _, label in rows]))
        chances = [(scope_chance(row, scope), label) for row, label in rows]
        threshold, _, _ = operating_point(
            np.array([c for c, label in chances if label >= 0]),
            np.array([c for c, label in chances if label < 0]),
        )
    else:
        scope = np.zeros(len(SCOPE_FEATURES) + 1, np.float32)
        scope[0], scope[-1], threshold = 4.0, -1.0, _DEFAULT_SCOPE_THRESHOLD
    return _told(corpus, legs, tell, look, scope, threshold)


def _right(signals: Signals, label: int) -> int:
    places = np.flatnonzero(signals.candidates == label)
    return int(places[0]) if len(places) else -1


def _told(
    corpus: Corpus,
    legs: Legs,
    tell: list[tuple[_Probe, Signals | None]],
    look: Row,
    scope: Row,
    threshold: float,
) -> Fitted:
    ranks: dict[str, list[int]] = defaultdict(list)
    refused, asked, answered, foreign = 0, 0, 0, 0
    first_rule = len(corpus.entries)
    for probe, signals in tell:
        if probe.label >= first_rule:
            continue
        scores = softmax(signals.look @ look) if signals else np.zeros(1, np.float32)
        inside = (
            signals is not None and scope_chance(scope_features(signals, scores, legs, first_rule), scope) >= threshold
        )
        if probe.label < 0:
            foreign, answered = foreign + 1, answered + inside
            continue
        asked, refused = asked + 1, refused + (not inside)
        place = _right(signals, probe.label) if signals else -1
        ranks[corpus.entries[probe.label].area].append(
            int((scores > scores[place]).sum()) if place >= 0 else _NOT_FOUND
        )
    every = np.array([rank for area in ranks.values() for rank in area])
    return Fitted(
        look=dict(zip(LOOK_FEATURES, map(float, look), strict=True)),
        scope=dict(zip((*SCOPE_FEATURES, "1"), map(float, scope), strict=True)),
        threshold=threshold,
        both_gap=0.35,
        false_refusals=refused / asked if asked else 0.0,
        false_answers=answered / foreign if foreign else 0.0,
        hit_at_1=_mean(every == 0),
        hit_at_3=_mean(every < 3),
        mrr=_mean(1 / (1 + every)),
        held_out=len(every),
        by_area={
            area: (float(np.mean(np.array(r) == 0)), float(np.mean(1 / (1 + np.array(r)))), len(r))
            for area, r in sorted(ranks.items())
        },
    )


def _mean(values: NDArray[np.bool_] | NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
