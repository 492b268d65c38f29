"""Training talks: situations of the bank strung together, in the voice of a persona, with a person of some kind.

One number makes one talk, so the order of training needs no memory. Knows no tokens.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from llmops.assistants.companion.persona import Persona
from llmops.backends.dialogue import introduction
from llmops.language.wording import Voice, render
from llmops.schemas import Message
from llmops.training.language_model.acquaintance import Acquaintance, Known, meet, name_fact, stranger_fact
from llmops.training.language_model.bank import Bank, Situation, spoken

_OPEN_QUESTION = re.compile(
    r"(?:^|[,.-] |\b(?:а|и|но) )(?:(?:на|в|с|о|об|про|за|от|из|до|под|у) )?(?:что|чего|чем|чему|чём|как|какой|какая"
    r"|какое|какие|каким|какую|какого|где|куда|откуда|кто|кого|кому|кем|ком|когда|сколько|почему|зачем|чья|чей|чьё)\b",
    re.IGNORECASE,
)
_YES = (
    "да",
    "Да",
    "ага",
    "да, было дело",
    "ну да",
    "конечно",
    "угу",
    "да, есть такое",
    "Да, именно так",
    "было",
    "естественно",
)
_NO = ("нет", "Нет", "неа", "не", "нет пока", "ещё нет", "да нет, вроде", "Нет, не было", "пока что нет", "совсем нет")
_MORE = (
    "даже не знаю", "по-разному", "сложно сказать", "не помню уже", "всё сразу", "как обычно", "да так, ничего",
    "Надо подумать", "потом расскажу", "ну, так себе", "с утра ещё", "вчера", "одна", "один", "с друзьями", "немного",
)  # fmt: skip
_WHO = ("ты кто?", "Как тебя зовут?", "а ты вообще кто", "Представься, пожалуйста", "Как вас зовут?", "расскажи о себе")
_HELLO = ("привет", "Привет!", "здравствуйте", "Здравствуй", "Добрый вечер!", "доброе утро", "хай", "Приветствую")
_WITH_EXAMPLES = 0.35
_LONGEST = 14  # situations in a talk


class Composer:
    """Makes talks out of a bank for some personas."""

    def __init__(self, bank: Bank, personas: Sequence[Persona]) -> None:
        self._bank = bank
        self._personas = tuple(personas)

    def talk(self, number: int, seed: int) -> list[Message]:
        """Return the talk of this number: an introduction, then the person and the companion in turns."""
        chance = random.Random(f"{seed}-{number}")
        persona, person = chance.choice(self._personas), meet(chance)
        voice = person.voice(persona.gender, polite=persona.address == "вы")
        said: list[str] = []
        if chance.random() < _WITH_EXAMPLES:
            target = chance.choice(self._bank.situations)
            said += self._examples(target, persona, voice, chance)
            for _ in range(chance.randrange(3)):
                said += self._block(persona, person, voice, chance)
            said += self._situation(target, persona, voice, chance)
            return [*_head(persona, person, voice, chance), *_messages(said)]
        if chance.random() < 0.15:
            said += [chance.choice(_HELLO), chance.choice(persona.greeting)]
        for _ in range(min(_LONGEST, 1 + int(chance.expovariate(0.4)))):
            said += self._block(persona, person, voice, chance)
        return [*_head(persona, person, voice, chance), *_messages(said)]

    def about(self, situation: Situation, *, says: str | None, reply: str | None, number: int) -> list[Message]:
        """Return a talk of two lines about one situation, for validation; None is any that the bank has."""
        chance = random.Random(f"validation-{number}")
        persona, person = self._personas[number % len(self._personas)], meet(chance)
        voice = person.voice(persona.gender, polite=persona.address == "вы")
        answers = spoken(situation.replies, persona, voice) or [situation.replies[0].text]
        answer = render(reply, voice) if reply else None
        said = [says or chance.choice(situation.says or situation.wordings), answer or chance.choice(answers)]
        return [*_head(persona, person, voice, chance), *_messages(said)]

    def _examples(self, target: Situation, persona: Persona, voice: Voice, chance: random.Random) -> list[str]:
        """Return exchanges that a prompt shows before the talk itself, those of the situation at hand last."""
        near = [chance.choice(self._bank.situations) for _ in range(chance.randrange(3))]
        said = []
        for situation in (*near, target):
            replies = spoken(situation.replies, persona, voice)
            for reply in chance.sample(replies, min(len(replies), chance.randint(1, 4))):
                said += [_says(situation, chance), reply]
        return said

    def _block(self, persona: Persona, person: Acquaintance, voice: Voice, chance: random.Random) -> list[str]:
        draw = chance.random()
        if draw < 0.06:
            return _memory(person, voice, chance)
        if draw < 0.09:
            return [chance.choice(_WHO), chance.choice(persona.introductions)]
        if draw < 0.11 and self._bank.stray and self._bank.foreign:
            answers = spoken(self._bank.stray, persona, voice)
            return [_typed(chance.choice(self._bank.foreign), chance), chance.choice(answers)] if answers else []
        return self._situation(chance.choice(self._bank.situations), persona, voice, chance)

    def _situation(self, situation: Situation, persona: Persona, voice: Voice, chance: random.Random) -> list[str]:
        replies = spoken(situation.replies, persona, voice)
        if not replies:
            return []
        asks = spoken(situation.asks, persona, voice)
        said = [_says(situation, chance), chance.choice(replies)]
        if asks and chance.random() < 0.6:
            question = chance.choice(asks)
            said[-1] += f" {question}"
            said += _answered(situation, question, persona, voice, chance) if chance.random() < 0.7 else []
        elif chance.random() < 0.4:
            others = [reply for reply in replies if reply != said[1]] or replies
            said += [_says(situation, chance), chance.choice(others)]
        return said


def _answered(situation: Situation, question: str, persona: Persona, voice: Voice, chance: random.Random) -> list[str]:
    """Return the person's answer to a question and what is said to it."""
    kind = "more" if _OPEN_QUESTION.search(question) else chance.choice(("yes", "no", "more"))
    lines = spoken(getattr(situation, kind), persona, voice)
    if not lines:
        return []
    texts = {"yes": _YES, "no": _NO, "more": _MORE}[kind]
    answer = _says(situation, chance) if kind == "more" and chance.random() < 0.5 else chance.choice(texts)
    return [answer, chance.choice(lines)]


def _memory(person: Acquaintance, voice: Voice, chance: random.Random) -> list[str]:
    """Return a question about a fact with its answer; a fact that is not known is asked for, or told first."""
    known = [*person.facts, *([name_fact(person.name)] if person.name else [])]
    if known and chance.random() < 0.6:
        fact = chance.choice(known)
        return [chance.choice(fact.asked), _rendered(fact.told, voice)]
    fact = stranger_fact(chance)
    if any(fact.unknown == item.unknown for item in known):
        return []
    if chance.random() < 0.4:
        return [chance.choice(fact.asked), _rendered(fact.unknown, voice)]
    thanks = chance.choice(("Буду помнить.", "Хорошо, это я запомню.", "Принято к сведению."))
    return [chance.choice(fact.said), thanks, chance.choice(fact.asked), _rendered(fact.told, voice)]


def _head(persona: Persona, person: Acquaintance, voice: Voice, chance: random.Random) -> list[Message]:
    """Return the introduction; now and then there is none, or it tells the persona's manner too."""
    draw = chance.random()
    if draw < 0.1:
        return []
    facts: list[Known] = [*([name_fact(person.name)] if person.name else []), *person.facts]
    text = introduction(
        persona.name,
        persona.title,
        polite=persona.address == "вы",
        listener=person.listener,
        known=[_rendered(fact.told, voice) for fact in facts],
        manner=persona.manner if draw < 0.3 else "",
    )
    return [Message(role="system", content=text)]


def _messages(said: Sequence[str]) -> list[Message]:
    return [Message(role="assistant" if place % 2 else "user", content=text) for place, text in enumerate(said)]


def _says(situation: Situation, chance: random.Random) -> str:
    """Return one way to say it; hand-written wordings come up as often as expanded ones."""
    own = situation.says and (not situation.wordings or chance.random() < 0.6)
    return _typed(chance.choice(situation.says if own else situation.wordings), chance)


def _typed(text: str, chance: random.Random) -> str:
    """Return a text as people type it: small letters, no full stop, «е» for «ё»."""
    if chance.random() < 0.3:
        text = text.lower()
    elif chance.random() < 0.3:
        text = text[:1].upper() + text[1:]
    if chance.random() < 0.3:
        text = text.rstrip(".!")
    elif text[-1:].isalpha() and chance.random() < 0.2:
        text += "."
    return text.replace("ё", "е").replace("Ё", "Е") if chance.random() < 0.3 else text


def _rendered(text: str, voice: Voice) -> str:
    return render(text, voice) or text
