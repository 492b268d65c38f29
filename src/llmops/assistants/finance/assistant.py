"""The finance assistant: extractive answers, calculators, follow-ups, refusals.

Answers come from entries and calculators alone, so nothing a person types can change them.
Knows the retriever's role; knows no index.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence

from llmops.assistants.evidence import evidence
from llmops.assistants.finance import calculation, texts
from llmops.assistants.stream import TextStream
from llmops.language.stems import STOP_WORDS
from llmops.language.text import clean, sentences, words
from llmops.language.topic import topic_text
from llmops.protocols import Persona, Retriever
from llmops.schemas import (
    AssistantName,
    CalculatorState,
    Conversation,
    Entry,
    Exchange,
    Finding,
    Hit,
    PersonFact,
    Source,
    Turn,
)

LONGEST = 4000
_LIMIT = 5
_SECOND_AT_LEAST = 0.12
_SHORT = 3
_FOREIGN = 0.5
_OWN_TOPIC = 0.75
_PARTS = 3
_OPENING = re.compile(
    r"^(?:а|и|ну а|а если|а как|тогда|а вот|а что|а для|а в|а на|а с|а за|а при|а когда|еще|а еще|или|но|если)\b"
)
_PRONOUN = re.compile(
    r"\b(?:это|этого|этому|этим|эту|этот|эта|эти|туда|там|оттуда|он|она|оно|они|его|ее|их|ему|ей|им|нем|ней|них|нее"
    r"|такой|такая|такое|тогда|столько|сколько максимум|какой срок|до какого числа)\b"
)
_QUESTION_MARK = re.compile(r"(?<=\?)\s+|\s+(?:и еще|а еще|и также|а также|и заодно)\s+")


class FinanceAssistant:
    """Answers about personal finance.

    Args:
        retriever: Finds entries.
        model: The name of what answers, for the record.
    """

    name: AssistantName = "finance"

    def __init__(self, retriever: Retriever, model: str) -> None:
        self._retriever, self.model = retriever, model

    def prepare(self, conversation: Conversation, text: str) -> Turn:
        started = time.perf_counter()
        message = clean(text)
        draft = self._fixed(message) or self._calculated(conversation, message) or self._found(conversation, message)
        known = {
            "id": uuid.uuid4().hex,
            "conversation_id": conversation.id,
            "assistant": "finance",
            "question": message[:LONGEST],
        }
        return Turn.model_validate(
            {
                "resolved": message[:LONGEST],
                "retrieve_ms": (time.perf_counter() - started) * 1000,
                **draft,
                **known,
            }
        )

    def reply(self, turn: Turn) -> TextStream:
        return TextStream(turn, _pieces(turn.answer), model=self.model)

    def calculate(self, conversation: Conversation, text: str) -> Turn:
        """Prepare a turn for `/calc`: whatever is missing is asked for."""
        message = clean(text)
        result = calculation.calculate(message, pending=_pending(conversation), forced=True) if message else None
        draft = (
            _calculation_draft(result)
            if result
            else {"outcome": "clarify", "origin": "calculator", "answer": _catalogue()}
        )
        return Turn.model_validate(
            {
                "id": uuid.uuid4().hex,
                "conversation_id": conversation.id,
                "assistant": "finance",
                "question": message,
                "resolved": message,
                **draft,
            }
        )

    def describe(self) -> str:
        return f"записей в базе {len(self._retriever.titles)}, областей {len(self._retriever.areas)}"

    @property
    def banner(self) -> str:
        return "Консультант по личным финансам. Спрашивайте своими словами"

    @property
    def personas(self) -> Mapping[str, Persona]:
        return {}

    def greeting(self, conversation: Conversation) -> str:
        del conversation
        return ""

    def remembered(self, conversation: Conversation) -> list[str]:
        del conversation
        return []

    def named_facts(self, conversation: Conversation, words: str) -> tuple[PersonFact, ...]:
        del conversation, words
        return ()

    @staticmethod
    def _fixed(message: str) -> dict[str, object] | None:
        """Answer what needs no search: no words, too many words, small talk."""
        if not words(message):
            return {"outcome": "clarify", "origin": "knowledge_base", "answer": texts.NO_WORDS}
        if len(message) > LONGEST:
            return {
                "outcome": "refused",
                "reason": "low_confidence",
                "origin": "knowledge_base",
                "answer": texts.TOO_LONG,
            }
        answer = texts.small_talk(" ".join(words(message)))
        return {"outcome": "clarify", "origin": "knowledge_base", "answer": answer} if answer else None

    def _calculated(self, conversation: Conversation, message: str) -> dict[str, object] | None:
        result = calculation.calculate(message, pending=_pending(conversation)) or calculation.calculate(
            self._retriever.repair(message)
        )
        return _calculation_draft(result) if result else None

    def _found(self, conversation: Conversation, message: str) -> dict[str, object]:
        asked = topic_text(message)  # a telephone at the end of a question is not what it is about
        resolved, finding = self._resolve(conversation, asked if words(asked) else message)
        return {"resolved": resolved, **evidence(finding), **self._decided(message, finding)}

    def _decided(self, message: str, finding: Finding) -> dict[str, object]:
        if finding.policy:
            return {
                "outcome": "refused",
                "reason": "policy",
                "origin": "policy",
                "answer": finding.policy.answer,
            }
        parts = self._parts(message)
        if len(parts) > 1:
            return _answer([hit for hit, _ in parts], texts.SECOND_PART)
        if not finding.hits or finding.in_scope < finding.threshold:
            foreign = finding.foreign >= _FOREIGN or not finding.hits
            return {
                "outcome": "refused",
                "reason": "out_of_scope" if foreign else "low_confidence",
                "origin": "knowledge_base",
                "answer": texts.refusal(foreign=foreign, nearest=[hit.entry.title for hit in finding.hits]),
            }
        return _answer(_shown(finding), texts.BOTH)

    def _resolve(self, conversation: Conversation, message: str) -> tuple[str, Finding]:
        """Search the message, together with the previous question when it makes no sense alone."""
        alone = self._retriever.search(message, _LIMIT)
        previous = _last(conversation)
        if previous is None or alone.policy or not _leans(alone.repaired, alone):
            return message, alone
        joined = f"{previous.resolved or previous.question} {message}"
        together = self._together(joined, message, previous.entry_ids)
        sure_alone = alone.in_scope >= _OWN_TOPIC and alone.hits and alone.hits[0].score >= _OWN_TOPIC
        if (
            together.policy
            or (sure_alone and not _PRONOUN.search(alone.repaired))
            or together.in_scope < together.threshold
        ):
            return message, alone
        return joined, together

    def _together(self, joined: str, message: str, context: Sequence[str]) -> Finding:
        """Search both questions with the weight on the new one, unless that alone leads away to another area."""
        leaning_new = self._retriever.search(f"{joined} {message}", _LIMIT, context=context)
        leaning_old = self._retriever.search(joined, _LIMIT, context=context)
        if not leaning_new.hits or not leaning_old.hits:
            return leaning_new
        new, old = leaning_new.hits[0], leaning_old.hits[0]
        return leaning_old if new.entry.area != old.entry.area and old.score > new.score else leaning_new

    def _parts(self, message: str) -> list[tuple[Hit, Finding]]:
        """Return the best hit of each part of a question that asks two or three different things surely."""
        pieces = [piece for piece in _QUESTION_MARK.split(message) if len(words(piece)) >= _SHORT]
        if not 1 < len(pieces) <= _PARTS:
            return []
        found: list[tuple[Hit, Finding]] = []
        for piece in pieces:
            finding = self._retriever.search(piece, 2)
            sure = (
                finding.hits
                and not finding.policy
                and finding.in_scope >= max(finding.threshold, 0.6)
                and finding.hits[0].score >= 0.5
            )
            if sure and finding.hits[0].entry.id not in {hit.entry.id for hit, _ in found}:
                found.append((finding.hits[0], finding))
        return found


def _last(conversation: Conversation) -> Exchange | None:
    return next((exchange for exchange in reversed(conversation.exchanges) if exchange.entry_ids), None)


def _pending(conversation: Conversation) -> CalculatorState | None:
    return conversation.exchanges[-1].calculation if conversation.exchanges else None


def _leans(repaired: str, alone: Finding) -> bool:
    """Tell whether a message leans on what was said before: it opens with «а», points back, or is very short."""
    if alone.foreign >= _FOREIGN:
        return False
    content = [word for word in words(repaired) if word not in STOP_WORDS]
    return bool(_OPENING.search(repaired)) or bool(_PRONOUN.search(repaired)) or len(content) <= _SHORT


def _shown(finding: Finding) -> list[Hit]:
    """Return the best hit, and the second when it is nearly as likely."""
    first, *others = finding.hits
    close = [hit for hit in others[:1] if first.score - hit.score < finding.both_gap and hit.score >= _SECOND_AT_LEAST]
    return [first, *close]


def _answer(hits: list[Hit], lead: str) -> dict[str, object]:
    others = (
        f"{lead.format(title=hit.entry.title)} {' '.join(sentences(hit.entry.answer)[:_PARTS])}" for hit in hits[1:]
    )
    blocks = [hits[0].entry.answer, *others]
    return {
        "outcome": "answered",
        "origin": "knowledge_base",
        "answer": "\n\n".join(blocks),
        "sources": tuple(_source(hit) for hit in hits),
    }


def _source(hit: Hit) -> Source:
    entry: Entry = hit.entry
    return Source(
        id=entry.id,
        title=entry.title,
        score=round(hit.score, 4),
        as_of=entry.as_of,
        reference=entry.reference,
    )


def _calculation_draft(
    result: calculation.CalculationAnswer | calculation.CalculationQuestion,
) -> dict[str, object]:
    if isinstance(result, calculation.CalculationQuestion):
        return {
            "outcome": "clarify",
            "origin": "calculator",
            "answer": result.text,
            "calculation": result.state,
        }
    source = Source(id="calculator", title=result.title, score=1.0, reference=result.reference)
    return {"outcome": "answered", "origin": "calculator", "answer": result.text, "sources": (source,)}


def _catalogue() -> str:
    rows = [f"· {title}: {example}" for _, title, example in calculation.catalogue()]
    return "Что посчитать? Умею:\n" + "\n".join(rows)


def _pieces(answer: str) -> Iterator[str]:
    """Yield an answer paragraph by paragraph, so that a stop leaves whole thoughts."""
    for number, paragraph in enumerate(answer.split("\n")):
        yield paragraph if number == 0 else "\n" + paragraph
