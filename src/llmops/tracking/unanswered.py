"""Refused questions, gathered into topics: which entries or wordings the base lacks, the most wanted first.

Questions are alike when their vectors, their roots and the entries they came near to are alike; topics are joined
while their mean likeness allows (average linkage). The order in which questions come changes nothing.
Knows recorded turns and the embedder's role; knows no index and no terminal.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from llmops.language.personal_data import LABEL
from llmops.language.stems import STOP_WORDS, stem
from llmops.language.text import words
from llmops.protocols import Embedder
from llmops.schemas import AssistantName, Reason, Retrieved, TurnRecord, Value
from llmops.store.outbox import Outbox

Row = NDArray[np.float32]

# Fitted on 146 questions of 30 topics and on held-out questions of the base, none of which are in the tests. The more
# questions, the nearer lie their topics: the best bound was 0.14 for 70 questions, 0.2 for 200, 0.3 for 1900.
_BOUND, _BOUND_STEP, _BOUND_AT = 0.135, 0.035, 70
_BOUND_RANGE = (0.11, 0.36)
_SHARES = (0.5, 0.4, 0.1)  # of vectors, roots and near entries in a likeness
_CENTRE_SHARE = 0.5
_ROOT = 5  # letters; «слиток» and «слитки», «газификация» and «газифицировать» share a root
_HASHED = 512
_MOST = 5000  # different questions that are compared all with all: 100 MB
_EXAMPLES = 5
_KEY_WORDS = 4
_LONGEST = 300
# Near enough an entry to lack only a wording: likeness to its title, plus its probability and the chance of an answer
# at 0.3 each. Told right of 81 % of single refused questions: 26 held-out ones and 70 of things that the base lacks.
_WORDING_AT, _WORDING_SHARE = 0.78, 0.3
_QUESTION = """
какой какая какое какие каким какую сколько где куда откуда можно нужно надо ли если для при под чем чего кто кому
когда почему зачем делать сделать нет или из от по за до бы мой моя без через после
"""
_QUESTION_WORDS = frozenset(_QUESTION.split())
_WORD = re.compile(r"[а-яёa-z]{3,}")
# What messages have in common just by being messages; without it, all that is not in the base looks alike.
_EVERYDAY = (
    "как выучить английский язык", "какой фильм посмотреть вечером", "почему болит голова", "помоги решить задачу",
    "где отдохнуть летом с детьми", "как посадить помидоры", "кто написал войну и мир", "сколько лет живут кошки",
    "как починить кран", "что подарить маме", "можно ли бегать каждый день", "когда начинается учебный год",
    "чем кормить щенка", "как убрать пятно с дивана", "какая столица у австралии", "расскажи анекдот",
    "переведи слово на немецкий", "как настроить телефон", "что приготовить на ужин", "почему небо синее",
    "где купить билеты в театр", "сколько километров до луны", "как похудеть к лету", "кто выиграл чемпионат мира",
    "как пройти собеседование", "какие витамины пить зимой", "посоветуй хорошую книгу", "как завязать галстук",
    "во сколько закат", "напиши поздравление с днём рождения",
)  # fmt: skip


class Refused(Value):
    """A question that was not answered.

    Args:
        user: Whoever asked: a keyed hash, or whatever tells people apart.
        nearest: Entries that were found and not shown, best first.
        chance: How near the refusal was to an answer: 0 far, 1 at the threshold.
    """

    question: str
    reason: Reason
    user: str = ""
    nearest: tuple[Retrieved, ...] = ()
    chance: float = 0.0


class Topic(Value):
    """Questions about one thing.

    Args:
        out_of_scope: How many of the questions were taken for foreign ones.
        question: The question nearest to all others.
        examples: Other questions, the most frequent first.
        nearest: The entry that the questions come closest to, with its mean probability in 0…1.
        missing: What an author would add: a wording of `nearest`, or an entry.
    """

    size: int
    people: int
    out_of_scope: int
    question: str
    examples: tuple[str, ...] = ()
    key_words: tuple[str, ...] = ()
    nearest: Retrieved | None = None
    missing: Literal["wording", "entry"] = "entry"

    @property
    def foreign(self) -> bool:
        """Most of the questions were taken for foreign ones."""
        return self.out_of_scope * 2 > self.size


class Unanswered(Value):
    """The refused questions of a period by topic.

    Args:
        since: None for all time.
        assistant: None for all of them.
        without_texts: Refusals whose questions were not kept.
    """

    since: datetime | None
    assistant: AssistantName | None
    questions: int
    people: int
    without_texts: int
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """Refusals of one question: all that share its roots."""

    text: str
    roots: tuple[str, ...]
    asked: tuple[Refused, ...]


def gather(outbox: Outbox, embedder: Embedder, *, since: float, assistant: AssistantName | None) -> Unanswered:
    """Read the refused questions of a period and sort them into topics; what the rules forbid is not wanted.

    Args:
        since: Seconds since 1970; 0 for all time.
    """
    refused, without_texts = [], 0
    for body in outbox.bodies("turn", since=since, outcome="refused", assistant=assistant or ""):
        record = TurnRecord.model_validate_json(body)
        item = _refused(record)
        if item is not None:
            refused.append(item)
        elif record.turn.reason != "policy":
            without_texts += 1
    return Unanswered(
        since=datetime.fromtimestamp(since, UTC) if since else None,
        assistant=assistant,
        questions=len(refused),
        people=len({item.user for item in refused}),
        without_texts=without_texts,
        topics=topics(refused, embedder),
    )


def _refused(record: TurnRecord) -> Refused | None:
    turn, guard = record.turn, record.turn.guard
    if turn.reason is None or turn.reason == "policy" or not turn.question:
        return None
    chance = guard.in_scope / guard.threshold if guard and guard.in_scope is not None and guard.threshold else 0.0
    return Refused(
        question=turn.resolved or turn.question,
        reason=turn.reason,
        user=record.user or turn.conversation_id,
        nearest=turn.retrieved,
        chance=chance,
    )


def topics(refused: Sequence[Refused], embedder: Embedder) -> tuple[Topic, ...]:
    """Gather refused questions into topics: the most people first, then the most questions."""
    questions = _distinct(refused)
    if not questions:
        return ()
    weight = _rarity(questions)
    features = _features(questions, weight, embedder)
    first = features[:_MOST]
    bound = _bound(len(first))
    groups = _Linkage(first @ first.T).groups(bound)
    _spread(groups, features, bound)
    found = [_topic([questions[i] for i in group], features[group], weight, embedder) for group in groups]
    return tuple(sorted(found, key=lambda topic: (-topic.people, -topic.size, topic.question)))


def _distinct(refused: Sequence[Refused]) -> list[_Question]:
    """Return different questions, the most frequent first."""
    same: dict[tuple[str, ...], list[Refused]] = defaultdict(list)
    for item in refused:
        if roots := _roots(item.question):
            same[roots].append(item)
    found = []
    for roots, asked in same.items():
        texts = Counter(item.question for item in asked)
        text = min(texts, key=lambda known: (-texts[known], known))
        found.append(_Question(text, roots, tuple(sorted(asked, key=_order))))
    return sorted(found, key=lambda question: (-len(question.asked), question.roots))


def _order(item: Refused) -> tuple[str, float]:
    return item.question, -item.nearest[0].score if item.nearest else 0.0


def _bound(questions: int) -> float:
    """Return the mean likeness at which topics are still joined."""
    low, high = _BOUND_RANGE
    return min(max(_BOUND + _BOUND_STEP * math.log2(questions / _BOUND_AT), low), high)


def _bare(question: str) -> str:
    """Return what is compared of a question: no «[телефон]» and its like, no long tail."""
    return LABEL.sub(" ", question)[:_LONGEST]


def _roots(question: str) -> tuple[str, ...]:
    every = words(_bare(question))
    kept = [word for word in every if word not in STOP_WORDS] or every
    return tuple(sorted({_root(word) for word in kept}))


def _root(word: str) -> str:
    return stem(word)[:_ROOT]


def _rarity(questions: Sequence[_Question]) -> dict[str, float]:
    """Return the weight of each root; few questions are weighed as if there were ten others."""
    known = Counter(root for question in questions for root in question.roots)
    total = len(questions) + 10
    return {root: float(np.log1p(total / count)) for root, count in known.items()}


def _features(questions: Sequence[_Question], weight: dict[str, float], embedder: Embedder) -> Row:
    """Return rows whose products are likenesses."""
    roots = _bags([{root: weight[root] for root in question.roots} for question in questions])
    entries = _bags([{hit.id: hit.score**0.5 for hit in question.asked[0].nearest} for question in questions])
    blocks = (_vectors(questions, embedder), roots, entries)
    return np.hstack([block * np.float32(share**0.5) for block, share in zip(blocks, _SHARES, strict=True)])


def _bags(weights: Sequence[dict[str, float]]) -> Row:
    """Return unit rows of weighted names, hashed into few columns with a sign."""
    rows = np.zeros((len(weights), _HASHED), np.float32)
    for number, weighted in enumerate(weights):
        for name, amount in weighted.items():
            mark = zlib.crc32(name.encode())
            rows[number, mark % _HASHED] += amount if mark >> 31 else -amount
    return _unit(rows)


def _vectors(questions: Sequence[_Question], embedder: Embedder) -> Row:
    """Return unit rows of what the questions do not have in common with any message."""
    vectors = embedder.embed([_bare(question.text) for question in questions], "query")
    known = np.abs(vectors).sum(axis=1, keepdims=True) > 0
    usual = embedder.embed(_EVERYDAY, "query").mean(axis=0)
    share = _CENTRE_SHARE * min(1.0, len(questions) / len(_EVERYDAY))  # a few questions have no common part to take off
    centre = share * vectors.mean(axis=0) + (1 - share) * usual
    return _unit(np.where(known, vectors - centre, np.float32(0)))


def _unit(rows: Row) -> Row:
    unit: Row = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return unit


class _Linkage:
    """Average linkage by chains of nearest neighbours (Murtagh 1983): each step touches one row.

    Args:
        likeness: Overwritten; shape (n, n).
    """

    def __init__(self, likeness: Row) -> None:
        self._likeness = likeness
        np.fill_diagonal(likeness, -np.inf)
        self._closed = np.zeros(len(likeness), np.float32)  # -inf for what is joined to another or complete
        self._members = [[number] for number in range(len(likeness))]

    def groups(self, join_at: float) -> list[list[int]]:
        """Join while the mean likeness is at least `join_at`."""
        for start in range(len(self._members)):
            chain = [start] if self._closed[start] == 0 else []
            while chain:
                self._step(chain, join_at)
        return [sorted(group) for group in self._members if group]

    def _step(self, chain: list[int], join_at: float) -> None:
        last = chain[-1]
        row = self._likeness[last] + self._closed
        near = int(row.argmax())
        if row[near] < join_at:  # joining others brings nothing nearer, so this group is complete
            self._closed[last] = -np.inf
            chain.pop()
        elif len(chain) > 1 and row[chain[-2]] >= row[near]:
            before = chain[-2]
            del chain[-2:]
            self._join(min(before, last), max(before, last))
        else:
            chain.append(near)

    def _join(self, kept: int, gone: int) -> None:
        own, other = len(self._members[kept]), len(self._members[gone])
        mean = (self._likeness[kept] * own + self._likeness[gone] * other) / (own + other)
        mean[kept] = -np.inf
        self._likeness[kept] = mean
        self._likeness[:, kept] = mean
        self._closed[gone] = -np.inf
        self._members[kept] += self._members[gone]
        self._members[gone] = []


def _spread(groups: list[list[int]], features: Row, bound: float) -> None:
    """Put the questions beyond the first `_MOST`, the rarest ones, into the topics of the others."""
    if len(features) <= _MOST:
        return
    centres = np.stack([features[group].mean(axis=0) for group in groups])
    for start in range(_MOST, len(features), 1000):
        likeness = features[start : start + 1000] @ centres.T
        for offset, place in enumerate(likeness.argmax(axis=1)):
            if likeness[offset, place] >= bound:
                groups[place].append(start + offset)
            else:
                groups.append([start + offset])


def _topic(questions: Sequence[_Question], features: Row, weight: dict[str, float], embedder: Embedder) -> Topic:
    asked = [item for question in questions for item in question.asked]
    times = np.array([len(question.asked) for question in questions], np.float32)
    central = features @ (times @ features)  # likeness to all the others, each as often as it was asked
    order = sorted(range(len(questions)), key=lambda i: (-round(float(central[i]), 4), questions[i].text))
    middle = order[0]
    others = sorted(order[1:], key=lambda i: -len(questions[i].asked))
    nearest = _nearest(asked)
    return Topic(
        size=len(asked),
        people=len({item.user for item in asked}),
        out_of_scope=sum(item.reason == "out_of_scope" for item in asked),
        question=questions[middle].text,
        examples=tuple(questions[i].text for i in others[:_EXAMPLES]),
        key_words=_key_words(questions, weight),
        nearest=nearest,
        missing="wording" if nearest and _lacks_wording(questions, asked, nearest, embedder) else "entry",
    )


def _nearest(asked: Sequence[Refused]) -> Retrieved | None:
    """Return the entry with the largest mean probability, which becomes its score."""
    scores: dict[str, float] = defaultdict(float)
    known: dict[str, Retrieved] = {}
    for item in asked:
        for entry in item.nearest:
            scores[entry.id] += entry.score / len(asked)
            known.setdefault(entry.id, entry)
    if not known:
        return None
    best = min(known, key=lambda name: (-round(scores[name], 6), name))
    return known[best].model_copy(update={"score": round(scores[best], 4)})


def _lacks_wording(
    questions: Sequence[_Question], asked: Sequence[Refused], nearest: Retrieved, embedder: Embedder
) -> bool:
    """Tell whether the questions are about an entry that just does not know their words."""
    title = embedder.embed([nearest.title], "passage")[0]
    vectors = embedder.embed([_bare(question.text) for question in questions], "query")
    chance = sum(min(item.chance, 1.0) for item in asked) / len(asked)
    closeness = float((vectors @ title).mean()) + _WORDING_SHARE * (nearest.score + chance)
    return closeness >= _WORDING_AT


def _key_words(questions: Sequence[_Question], weight: dict[str, float]) -> tuple[str, ...]:
    """Return the words that several of these questions share and few others have, in the forms that occur most."""
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for question in questions:
        for word in set(_WORD.findall(_bare(question.text).lower())):
            folded = word.replace("ё", "е")
            if folded not in STOP_WORDS and folded not in _QUESTION_WORDS:
                forms[_root(folded)][word] += 1
    shared = [root for root, count in forms.items() if count.total() > 1]
    best = sorted(shared, key=lambda root: (-forms[root].total() * weight.get(root, 0.0), root))[:_KEY_WORDS]
    return tuple(min(forms[root], key=lambda word: (-forms[root][word], len(word), word)) for root in best)
