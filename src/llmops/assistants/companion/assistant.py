"""The companion: an honest program with a persona, a bank of phrases and a memory.

A message is read, remembered and matched to a situation of the bank; one of its lines that was not said lately answers.
Crisis comes before everything. With a backend the bank's answer is what a generator has to beat.
Knows the retriever's and the backend's roles; knows no index.
"""

from __future__ import annotations

import random
import time
import uuid
import zlib
from collections.abc import Mapping

from llmops.assistants.companion import safety, texts
from llmops.assistants.companion.care import Draft, crisis, crisis_goes_on, in_crisis, kind_of
from llmops.assistants.companion.choice import Chooser
from llmops.assistants.companion.facts import asks_to_remember, merge, read_facts, to_forget
from llmops.assistants.companion.generation import Generation
from llmops.assistants.companion.later import later_question
from llmops.assistants.companion.persona import Persona
from llmops.assistants.companion.reading import (
    INJECTION,
    continues,
    greets,
    in_russian,
    is_grave,
    is_injection,
    is_question,
    is_wish,
    plainly,
    says_no,
    says_yes,
    sign_of,
    without_labels,
)
from llmops.assistants.companion.recollection import everything, recall
from llmops.assistants.companion.remembering import remembering
from llmops.assistants.companion.scene import Scene
from llmops.assistants.evidence import evidence
from llmops.assistants.stream import TextStream
from llmops.language.latin import is_latin
from llmops.language.text import clean, sentences, words
from llmops.language.topic import topic_text
from llmops.language.wording import render
from llmops.protocols import Retriever
from llmops.schemas import (
    AssistantName,
    Conversation,
    Entry,
    Finding,
    Hit,
    Line,
    PersonFact,
    Reaction,
    Source,
    Turn,
)

LONGEST = 4000
_LIMIT = 5
_SURE, _SCOPE = 0.4, 0.3  # on held-out messages: three quarters answered, four of five of them rightly
_SURE_TO_TURN, _SCOPE_TO_TURN = 0.8, 0.5
_BEYOND_DOUBT = 0.92
_SURE_OF_CRISIS = 0.7
_SHORT = 4
_PARTS = 4
_ASK_SHARE = 0.75
_LATER_SHARE = 0.2
_GRAVE = frozenset({"sad", "anxious", "upset", "angry", "tired"})
_SMALL = "greetings"
# What only the talk before gives a meaning.
_BARE = frozenset({"small-yes", "small-no", "small-ok", "small-dunno", "small-agree", "small-silence", "small-sigh"})


class CompanionAssistant:
    """Talks.

    Args:
        retriever: Finds situations of the phrase bank.
        personas: Who may speak, by id.
        model: The name of what answers, for the record.
        generation: Lets a backend answer; None leaves the phrase bank alone.
    """

    name: AssistantName = "companion"

    def __init__(
        self, retriever: Retriever, personas: Mapping[str, Persona], model: str, generation: Generation | None = None
    ) -> None:
        self._retriever, self.personas, self.model = retriever, personas, model
        self._generation = generation

    def prepare(self, conversation: Conversation, text: str) -> Turn:
        started = time.perf_counter()
        message = clean(text)
        scene = self._scene(conversation, message)
        draft = self._fixed(scene, message) or self._known(scene) or self._found(scene)
        turn = Turn.model_validate(
            {
                "outcome": "answered",
                "origin": "phrase_bank",
                "facts": scene.facts,
                "resolved": scene.message[:LONGEST],
                **draft,
                "id": uuid.uuid4().hex,
                "conversation_id": conversation.id,
                "assistant": "companion",
                "question": message[:LONGEST],
                "persona": scene.persona.id,
                "retrieve_ms": (time.perf_counter() - started) * 1000,
            }
        )
        return self._generation.prompted(turn, scene.conversation, scene.persona) if self._generation else turn

    def reply(self, turn: Turn) -> TextStream:
        if self._generation and turn.prompt:
            return self._generation.stream(turn, self.personas[turn.persona or ""])
        return TextStream(turn, iter((turn.answer,)), model=self.model)

    def calculate(self, conversation: Conversation, text: str) -> Turn:
        """Prepare a turn for `/calc`: calculations are the finance assistant's."""
        return self.prepare(conversation, f"посчитай мне кредит {text}")

    def describe(self) -> str:
        return f"ситуаций в банке {len(self._retriever.titles)}, персонажей {len(self.personas)}"

    @property
    def banner(self) -> str:
        return "Собеседник. Пишите что угодно; /persona - сменить персонажа, /memory - что он о вас помнит"

    def greeting(self, conversation: Conversation) -> str:
        persona = self._persona(conversation)
        lines = [render(text, persona.voice(conversation.facts)) or "" for text in persona.greeting]
        return lines[zlib.crc32(conversation.id.encode()) % len(lines)]

    def remembered(self, conversation: Conversation) -> list[str]:
        voice = self._persona(conversation).voice(conversation.facts)
        return [render(text, voice) or "" for text in everything(conversation.facts)]

    def named_facts(self, conversation: Conversation, words: str) -> tuple[PersonFact, ...]:
        return to_forget(f"забудь {words}", conversation.facts) or ()

    def _persona(self, conversation: Conversation) -> Persona:
        return self.personas.get(conversation.persona) or next(iter(self.personas.values()))

    def _scene(self, conversation: Conversation, message: str) -> Scene:
        persona = self._persona(conversation)
        plain = INJECTION if is_injection(message) else without_labels(message[:LONGEST])
        russian = in_russian(plain, self._retriever.repair(plain))
        told = plain if plain is not INJECTION else ""
        last = conversation.exchanges[-1] if conversation.exchanges else None
        asked = last.answer if last else ""
        new = read_facts(told, conversation.facts, asked=asked)
        if not new and told and is_latin(told):
            new = read_facts(russian, conversation.facts, asked=asked)
        facts = merge(conversation.facts, new)
        chooser = Chooser(
            persona=persona.id,
            voice=persona.voice(facts),
            said=tuple(exchange.answer for exchange in conversation.exchanges),
            message=russian,
            grave=is_grave(russian),
            chance=random.Random(f"{conversation.id}:{len(conversation.exchanges)}:{last.answer if last else ''}"),
        )
        return Scene(conversation, russian, persona, facts, new, chooser)

    @staticmethod
    def _fixed(scene: Scene, message: str) -> Draft | None:
        """Answer what needs no search: crisis, too many letters, none at all, another language."""
        earlier = " ".join(exchange.question for exchange in scene.conversation.exchanges[-6:])
        if kind := safety.crisis_in(scene.message or message, earlier):
            return crisis(scene, kind)
        if len(message) > LONGEST:
            return {"answer": scene.chooser.choose_text(texts.TOO_LONG), "outcome": "clarify"}
        if sign := sign_of(message):
            return {"answer": scene.chooser.choose_text(texts.NO_WORDS[sign])}
        if not scene.message:
            return {"answer": scene.chooser.choose_text(texts.ENGLISH), "outcome": "clarify"}
        return None

    @staticmethod
    def _known(scene: Scene) -> Draft | None:
        """Answer what is about memory: «запомни», «забудь», «как меня зовут», a name just told."""
        if wish := asks_to_remember(scene.message):
            return remembering(scene, wish)
        if (gone := to_forget(scene.message, scene.conversation.facts)) is not None:
            kept = tuple(fact for fact in scene.conversation.facts if fact not in gone)
            said = scene.chooser.choose_text(texts.FORGOTTEN) if gone else texts.NOTHING_TO_FORGET
            return {"answer": said, "facts": kept}
        if remembered := recall(scene.message, scene.conversation, scene.facts):
            return {"answer": render(remembered, scene.chooser.voice) or ""}
        names = [fact for fact in scene.new if fact.kind == "name"]
        if names and len(words(scene.message)) <= _SHORT * 3:
            lines = texts.RENAMED if any(fact.kind == "name" for fact in scene.conversation.facts) else texts.MEET
            return {"answer": scene.chooser.choose_text(lines)}
        return None

    def _found(self, scene: Scene) -> Draft:
        finding = self._search(scene)
        hit = finding.hits[0] if finding.hits else None
        found = evidence(finding)
        if in_crisis(scene) and not (hit and finding.in_scope >= finding.threshold and hit.score >= _SURE_TO_TURN):
            return found | crisis_goes_on(scene)
        last = self._last_entry(scene)
        if (named := _acknowledged(scene)) and len(words(scene.message)) <= _SHORT:
            return found | self._named(scene, named, last)
        if hit and self._fits(hit, finding, scene):
            return found | self._in_situation(scene, hit.entry, last, hit.score)
        if last and last.reaction:
            return found | self._go_on(scene, last, last.reaction)
        return found | {"answer": self._listen(scene, hit.entry.reaction if hit else None)}

    def _named(self, scene: Scene, named: str, last: Entry | None) -> Draft:
        """Answer a message that only names a pet or a city, and go on with what was before."""
        more = scene.chooser.choose(last.reaction.more) if last and last.reaction else ""
        source = {"sources": (_source(last, 0.0),)} if last else {}
        return source | {"answer": " ".join(filter(None, (named, more)))}

    def _search(self, scene: Scene) -> Finding:
        """Search the whole message; when that is not sure, each of its sentences, and take the surest."""
        if plain := plainly(scene.message):
            return self._retriever.search(plain, _LIMIT)
        asked = topic_text(scene.message)
        context = scene.last.entry_ids if scene.last else ()
        whole = self._retriever.search(asked if words(asked) else scene.message, _LIMIT, context)
        parts = sentences(scene.message)[:_PARTS]
        if _confident(whole) or len(parts) < 2:
            return whole
        found = [self._retriever.search(part, _LIMIT, context) for part in reversed(parts)]
        return max([whole, *found], key=lambda finding: (_confident(finding), finding.in_scope * _top(finding)))

    @staticmethod
    def _fits(hit: Hit, finding: Finding, scene: Scene) -> bool:
        """Tell whether a situation is sure enough; what may go on with the talk before has to be surer."""
        opens = is_question(scene.message) or is_wish(scene.message)
        short = scene.was_asked and len(words(scene.message)) <= _SHORT and not opens
        goes_on = scene.last is not None and (short or continues(scene.message))
        score, scope = (_SURE_TO_TURN, _SCOPE_TO_TURN) if goes_on else (_SURE, _SCOPE)
        if scene.chooser.grave and hit.entry.reaction and hit.entry.reaction.mood not in _GRAVE:
            score = _BEYOND_DOUBT  # nobody in pain is answered with a joke by mistake
        if hit.entry.reaction and hit.entry.reaction.kind == "crisis":
            score, scope = _SURE_OF_CRISIS, _SCOPE_TO_TURN
            if safety.is_figure(scene.message):
                return False
        return finding.in_scope >= max(scope, finding.threshold) and hit.score >= score

    def _last_entry(self, scene: Scene) -> Entry | None:
        ids = scene.last.entry_ids if scene.last else ()
        return self._retriever.entry(ids[0]) if ids else None

    def _in_situation(self, scene: Scene, entry: Entry, last: Entry | None, score: float) -> Draft:
        reaction = entry.reaction
        if reaction is None:
            return {"answer": entry.answer, "sources": (_source(entry, score),)}
        if reaction.kind == "crisis":
            return crisis(scene, kind_of(entry.id))
        if entry.area == _SMALL and last and last.reaction and last.area != _SMALL and entry.id in _BARE:
            return self._go_on(scene, last, last.reaction)
        if entry.id.endswith("-name"):
            introductions = [Line(text=text) for text in scene.persona.introductions]
            reaction = reaction.model_copy(update={"replies": tuple(introductions)})
        reply = scene.chooser.choose(reaction.replies) or scene.chooser.choose(reaction.more)
        if not reply:
            return {"answer": self._listen(scene, reaction), "sources": (_source(entry, score),)}
        answer = " ".join(
            filter(
                None,
                (_greeting(scene, reply), _acknowledged(scene), reply, self._question(scene, entry, reaction, reply)),
            )
        )
        refused: Draft = {"outcome": "refused", "reason": "policy", "origin": "policy"}
        return {
            "answer": answer,
            "sources": (_source(entry, score),),
            **(refused if reaction.kind == "handover" else {}),
        }

    @staticmethod
    def _question(scene: Scene, entry: Entry, reaction: Reaction, reply: str) -> str:
        """Return a question to ask back, or nothing: not after a question, not always, not at a farewell."""
        said, chance = scene.conversation.exchanges, scene.chooser.chance
        if reply.rstrip(" »)").endswith("?") or entry.id.startswith("bye-"):
            return ""
        tired_of = len(said) > 1 and all(exchange.answer.rstrip().endswith("?") for exchange in said[-2:])
        if chance.random() > (_ASK_SHARE / 2 if tired_of else _ASK_SHARE):
            return ""
        if chance.random() < _LATER_SHARE and (later := later_question(scene.facts, entry, scene.chooser)):
            return later
        return scene.chooser.choose(reaction.asks)

    def _go_on(self, scene: Scene, last: Entry, reaction: Reaction) -> Draft:
        """Go on with the situation of before: the message answers our question, or matches nothing."""
        source = {"sources": (_source(last, 0.0),)}
        if is_question(scene.message) and len(words(scene.message)) > 1:
            return {"answer": scene.chooser.choose_text(texts.PUZZLED)}
        lines: tuple[Line, ...] = reaction.more
        if scene.was_asked and says_no(scene.message):
            lines = reaction.no
        elif scene.was_asked and says_yes(scene.message):
            lines = reaction.yes
        if scene.chooser.grave and reaction.mood not in _GRAVE - {"tired"}:
            lines = ()
        said = scene.chooser.choose(lines) or (lines and scene.chooser.choose(reaction.more))
        return source | {"answer": said or self._listen(scene, reaction)}

    @staticmethod
    def _listen(scene: Scene, reaction: Reaction | None) -> str:
        if is_question(scene.message):
            return scene.chooser.choose_text(texts.PUZZLED)
        softly = scene.chooser.grave or (reaction is not None and reaction.mood in _GRAVE)
        return scene.chooser.choose_text(texts.LISTEN_SOFTLY if softly else texts.LISTEN)


def _confident(finding: Finding) -> bool:
    return bool(finding.hits) and finding.in_scope >= _SCOPE and finding.hits[0].score >= _SURE


def _top(finding: Finding) -> float:
    return finding.hits[0].score if finding.hits else 0.0


def _greeting(scene: Scene, reply: str) -> str:
    """Return a greeting for a message that greets before it says what it is about."""
    if not greets(scene.message) or greets(reply) or scene.last is not None:
        return ""
    return "Здравствуйте!" if scene.chooser.voice.polite else "Привет!"


def _acknowledged(scene: Scene) -> str:
    """Return a word about the pet or the city that the message named for the first time."""
    for kind, lines in (("pet", texts.PET_NAMES), ("city", texts.CITY_TOLD)):
        fresh = [
            fact for fact in scene.new if fact.kind == kind and fact.value and fact not in scene.conversation.facts
        ]
        if fresh:
            return scene.chooser.choose_text(line.replace("{value}", fresh[0].value) for line in lines)
    return ""


def _source(entry: Entry, score: float) -> Source:
    return Source(id=entry.id, title=entry.title, score=round(score, 4))
