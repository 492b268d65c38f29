"""What is remembered of a person, said back: answers to «как меня зовут?», to «напомни», and the whole list.

What was not told is said so, never guessed. Lines carry the forks of `language.wording`. Knows no situations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from llmops.assistants.companion.beings import kin_of
from llmops.language.expressions import any_of
from llmops.language.morphology import inflect, lemma, nominative, parses, to_second_person
from llmops.language.stems import STOP_WORDS, stem
from llmops.language.text import words
from llmops.schemas import Conversation, Exchange, PersonFact

_FLAGS = re.IGNORECASE
_ASKS = any_of(
    r"""
    [^?]*\?|напомни\w*|помни(?:шь|те)|вспомни\w*|проверк\w+ памяти|не забыл\w*|угадай|скажи|назови|повтори
    как|где|кем|сколько|когда|кто|что|какой|какая|какое|в каком|how|what
    """
)
_REMIND = any_of(
    r"""
    напомни\w*|помни(?:шь|те)|вспомни\w*|проверк\w+ памяти|не забыл\w*|вылетело
    я (?:тебе |вам )?(?:говорил|рассказывал|упоминал|писал)[аи]?
    """
)
_PAST = any_of(
    r"""
    (?:что|где|куда|кого|чего|кому|с кем) (?:\w+ )?я (?:\w+ )?[а-яё]+л[аи]?(?:с[ья])?(?![а-яё])
    (?:как\w*|когда|сколько|о чём|почему) (?:\w+ )?я (?:\w+ )?[а-яё]+л[аи]?(?:с[ья])?(?![а-яё])
    """
)
_MINE = any_of(
    r"""
    как\w+ (?:\w+ )?(?:у меня|мо(?:й|я|ё|е|и|его|ей|ю))(?![а-яё])
    (?:что|кто|где|сколько|когда|о чём) (?:\w+ )?(?:у меня|мо(?:й|я|ё|е|и))(?![а-яё])
    """
)
_QUESTIONS = {
    "name": any_of(
        r"""
        как (?:же )?меня зовут|меня как зовут|мо[её] имя|имя мо[её]|ко мне обращаться|как (?:ты )?меня (?:зва|называ)\w+
        кто я так\w+|знаешь,? кто я|меня (?:\S+ )?величать|величать меня|как\w+ у меня имя|как (?:ты )?меня назы\w+
        what(?:'s| is) my name|how \S+ my name
        """
    ),
    "city": any_of(
        r"""
        как\w+ город\w* (?:\w+ )?(?:я|мы) (?:\w+ )?жив|где (?:\w+ )?(?:я|мы) (?:\w+ )?жив
        откуда я(?![а-яё])|я откуда|мой (?:родной )?город
        из какого (?:я )?города|я жив\w+ где|в каком (?:\w+ )?я (?:\w+ )?городе
        в каком городе (?:\w+ )?(?:я|мы)(?![а-яё])
        """
    ),
    "work": any_of(
        r"""
        кем (?:же )?я (?:работаю|тружусь)|где (?:же )?я (?:работаю|тружусь)|мо[яеё] (?:професси|работ)\w*\?
        кто я по профессии
        """
    ),
    "study": any_of(r"(?:где|на кого|на каком \w+|в каком классе) (?:же )?я (?:\w+ )?учусь"),
    "age": any_of(r"сколько мне (?:лет|годков)|мой возраст|мне сколько лет"),
    "birthday": any_of(r"когда (?:у меня |мой )?(?:день рождения|родил)|мой день рождения"),
    "hobby": any_of(
        r"""
        (?:как\w+ у меня |мо[её] |у меня (?:за )?)хобби|чем (?:же )?я (?:\w+ )?(?:увлека|занима)\w+
        мо[её] увлечени\w+
        """
    ),
    "likes": any_of(
        r"(?:что|кого|какую?|какое|какие|какой) (?:\w+ )?(?:я (?:больше всего )?(?:люблю|обожаю)|мне нравится)"
    ),
    "dislikes": any_of(r"(?:что|кого|чего) (?:\w+ )?я (?:не люблю|ненавижу|терпеть не)"),
    "plan": any_of(
        r"""
        (?:что|куда|какие|какой) (?:\w+ )?(?:у меня )?(?:я )?(?:планир|собира|хоте?л|завтра|запланир|мечта)\w*
        что у меня (?:завтра|скоро|на)|мо[ийя] план|куда я (?:еду|лечу|иду|собира\w+)|когда (?:у меня|я)
        """
    ),
}
_NAMED = re.compile(r"зовут|звать|кличк|\bимя\b|имена|имени|именам|кто\s+так", _FLAGS)
_FAVOURITE = re.compile(r"мо(?:й|я|ё|е|и|ю)\s+любим\w+\s+([а-яё]+)|у\s+меня\s+любим\w+\s+([а-яё]+)", _FLAGS)
_ALL = any_of(
    r"""
    что (?:ты |вы )?(?:обо? мне|про меня) (?:ты |вы )?(?:знаешь|знаете|помнишь|помните|запомнил\w*)
    (?:обо мне|про меня) что|что (?:ты )?(?:знаешь|помнишь) (?:обо мне|про меня)|расскажи обо? мне
    помнишь (?:хоть )?что-нибудь обо? мне
    """
)
_UNKNOWN = {
    "name": "Имени пока не знаю: о нём речи не было. Как {тебя|вас} зовут?",
    "city": "Про город речи не было, поэтому не знаю. Откуда {ты|вы}?",
    "work": "Про работу речи ещё не было, не знаю. {Расскажи|Расскажите}, чем {занимаешься|занимаетесь}?",
    "study": "Про учёбу речи ещё не было, не знаю. {Расскажешь|Расскажете}?",
    "age": "Возраста не знаю: о нём речи не было, а угадывать не стану. Сколько {тебе|вам} лет?",
    "birthday": "Даты пока не знаю. Когда {у тебя|у вас} день рождения?",
    "hobby": "Про увлечения речи ещё не было, не знаю. {Расскажи|Расскажите}, что {любишь|любите} делать?",
    "likes": "Об этом речи ещё не было, не знаю. {Расскажи|Расскажите}, что {тебе|вам} по душе?",
    "dislikes": "Об этом речи ещё не было, не знаю. А что {тебе|вам} не по душе?",
}
_KNOWN: dict[str, Callable[[PersonFact], str]] = {
    "name": lambda fact: f"{{Тебя|Вас}} зовут {fact.value}",
    "city": lambda fact: f"{{Ты живёшь|Вы живёте}} {where(fact)}",
    "age": lambda fact: f"{{Тебе|Вам}} {fact.value}",
    "birthday": lambda fact: f"День рождения у {{тебя|вас}} {fact.value}",
    "study": lambda fact: f"{{Ты учишься|Вы учитесь}} {fact.value}" if " " in fact.value else f"{{Ты|Вы}} {fact.value}",
    "work": lambda fact: (
        f"{{Ты работаешь|Вы работаете}} {fact.value if fact.about == 'где' else inflect(fact.value, 'ablt')}"
    ),
    "hobby": lambda fact: _second("", fact.value) if fact.about != "хобби" else f"{{Твоё|Ваше}} хобби - {fact.value}",
    "likes": lambda fact: f"{{Ты любишь|Вы любите}} {fact.value}",
    "dislikes": lambda fact: f"{{Ты не любишь|Вы не любите}} {fact.value}",
    "plan": lambda fact: _second("У {тебя|вас} в планах: " if fact.about != "намерение" else "", fact.value),
    "pet": lambda fact: (
        f"{fact.about.capitalize()} {fact.value}" if fact.value else f"У {{тебя|вас}} есть {fact.about}"
    ),
    "relative": lambda fact: f"{fact.about.capitalize()} - {fact.value}",
    "favourite": lambda fact: f"{fact.about.capitalize()} по душе: {fact.value}",
    "note": lambda fact: _second("В памяти по {твоей|вашей} просьбе: ", fact.value),
}


def where(fact: PersonFact) -> str:
    """Return «в Иркутске»."""
    preposition = fact.about
    if preposition == "в" and re.match(r"[ВФвф][бвгджзклмнпрстфхцчшщ]", fact.value):
        preposition = "во"
    return f"{preposition} {inflect(fact.value, 'loct')}"


def _second(lead: str, phrase: str) -> str:
    """Return a phrase of the person's own with a fork for «ты» and «вы»."""
    informal, formal = to_second_person(phrase, polite=False), to_second_person(phrase, polite=True)
    if not lead:
        return f"{{Ты {informal}|Вы {formal}}}"
    return f"{lead}{informal if informal == formal else f'{{{informal}|{formal}}}'}"


def told(fact: PersonFact) -> str:
    """Return a fact as a sentence without its full stop."""
    return _KNOWN[fact.kind](fact)


def everything(facts: tuple[PersonFact, ...]) -> list[str]:
    """Return all that is known, a sentence a fact; the gender is kept to itself."""
    return [told(fact) + "." for fact in facts if fact.kind != "gender"]


def recall(message: str, conversation: Conversation, facts: tuple[PersonFact, ...]) -> str | None:
    """Answer a question about what the person told; None when the message asks no such thing."""
    if not _ASKS.search(message):
        return None
    if _ALL.search(message):
        known = everything(facts)
        return " ".join(["Вот что помню.", *known]) if known else _NOTHING
    said = list(
        dict.fromkeys([*_of_person(message, facts), *_of_beings(message, facts), *_of_favourites(message, facts)])
    )
    if said:
        return _join([*said, _EVENING] if _ADVICE.search(message) and "хобби" in message.lower() else said)
    if _REMIND.search(message) or _PAST.search(message):
        return _quoted(message, conversation) or (_NOT_FOUND if _REMIND.search(message) else None)
    return _quoted(message, conversation) if _MINE.search(message) else None


_NOTHING = "Пока ничего: мы только начали. {Расскажи|Расскажите} о себе, и будет что помнить."


_ADVICE = re.compile(r"посоветуй|чем\s+заняться|что\s+поделать|как\s+провести", _FLAGS)
_EVENING = "Вот и план на вечер: час за этим занятием, без спешки и без телефона под рукой"


_NOT_FOUND = "Такого в нашем разговоре не нахожу, а выдумывать не стану. {Напомнишь|Напомните}?"


def _join(said: list[str]) -> str:
    return " ".join(text if text[-1] in ".?!" else text + "." for text in said)


def _of_person(message: str, facts: tuple[PersonFact, ...]) -> Iterator[str]:
    for kind, question in _QUESTIONS.items():
        if not question.search(message) or (kind == "name" and _is_of_being(message)):
            continue
        known = [fact for fact in facts if fact.kind == kind]
        if not known and kind == "hobby":
            known = [fact for fact in facts if fact.kind == "likes"]
        if known:
            yield from (told(fact) for fact in known[-3:])
        elif kind in _UNKNOWN and not _PAST.search(message):
            yield _UNKNOWN[kind]


def _is_of_being(message: str) -> bool:
    """Tell whether «моё имя»-like words are all about somebody else («имя моей собаки»)."""
    return bool(re.search(r"имя\s+мо(?:его|ей)\s+[а-яё]+", message, _FLAGS)) and "меня" not in words(message)


def _of_beings(message: str, facts: tuple[PersonFact, ...]) -> Iterator[str]:
    if not _NAMED.search(message):
        return
    for word in re.findall(r"[а-яё]+", message.lower()):
        kin = kin_of(word)
        if kin is None:
            continue
        known = [fact for fact in facts if fact.kind == kin[0] and _same_being(fact.about, kin[1]) and fact.value]
        if known:
            yield f"{kin[1].capitalize()} у {{тебя|вас}} - {' и '.join(fact.value for fact in known)}"
        elif re.search(r"\b(?:мо|наш|у\s+меня)", message, _FLAGS):
            yield _unknown_being(kin[1])


_FAMILIES = (
    {"кот", "кошка", "котёнок"},
    {"собака", "пёс", "щенок", "такса", "овчарка", "лабрадор", "мопс", "корги", "хаски", "шпиц"},
)


def _same_being(known: str, asked: str) -> bool:
    if asked == "питомец":
        return True
    return known == asked or any({known, asked} <= family for family in _FAMILIES)


def _unknown_being(noun: str) -> str:
    gender = str(parses(noun)[0].tag.gender)
    pronoun = "её" if gender == "femn" else "его"
    return f"Про {inflect(noun, 'accs')} речи ещё не было, не знаю. Как {pronoun} зовут?"


def _of_favourites(message: str, facts: tuple[PersonFact, ...]) -> Iterator[str]:
    for found in _FAVOURITE.finditer(message):
        noun = nominative((found[1] or found[2]).lower())
        known = [fact for fact in facts if fact.kind == "favourite" and lemma(fact.about) == lemma(noun)]
        if known:
            yield f"{{Твой выбор|Ваш выбор}}: {known[-1].value}"
        else:
            yield f"Про любимое ({noun}) речи ещё не было, не знаю. {{Расскажешь|Расскажете}}?"


def _quoted(message: str, conversation: Conversation) -> str | None:
    """Find the earlier message that shares the most of its words with the question, and quote it."""
    asked = {stem(word) for word in words(message) if word not in STOP_WORDS and len(word) > 2} - _ASKING
    best: tuple[int, Exchange] | None = None
    for exchange in conversation.exchanges:
        common = len(asked & {stem(word) for word in words(exchange.question)})
        if common and exchange.question.strip()[-1:] != "?" and (best is None or common >= best[0]):
            best = (common, exchange)
    if best is None:
        return None
    return f"Об этом было сказано так: «{_clip(best[1].question)}»."


_ASKING = {stem(word) for word in words("напомни помнишь вспомни говорил рассказывал скажи какой какая какое")}


def _clip(text: str, limit: int = 160) -> str:
    flat = " ".join(text.split()).rstrip(".")
    return flat if len(flat) <= limit else flat[: limit - 1].rsplit(" ", 1)[0] + "…"
