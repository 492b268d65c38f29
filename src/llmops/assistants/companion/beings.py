"""Who lives around a person: pets and relatives with their names, read from what is told.

«у меня кот Барсик», «дочку зовут Аня», «завели щенка, назвали Бубликом». Beings of others («у соседа кот») are left
out. Knows words and their forms; knows no conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmops.language.morphology import is_name, lemma, parses, reading
from llmops.schemas import PersonFact

SPECIES = {
    "кот": "кот", "котик": "кот", "котёнок": "котёнок", "кошка": "кошка", "кошечка": "кошка", "собака": "собака",
    "собачка": "собака", "пёс": "пёс", "пёсик": "пёс", "щенок": "щенок", "попугай": "попугай",
    "попугайчик": "попугай", "хомяк": "хомяк", "хомячок": "хомяк", "крыса": "крыса", "крыска": "крыса",
    "кролик": "кролик", "свинка": "свинка", "шиншилла": "шиншилла", "черепаха": "черепаха", "черепашка": "черепаха",
    "рыбка": "рыбка", "ящерица": "ящерица", "геккон": "геккон", "игуана": "игуана", "улитка": "улитка",
    "канарейка": "канарейка", "конь": "конь", "лошадь": "лошадь", "ёж": "ёж", "ёжик": "ёж", "змея": "змея",
    "хорёк": "хорёк", "мышь": "мышь", "мышка": "мышь", "ворон": "ворон", "коза": "коза", "корова": "корова",
    "такса": "такса", "овчарка": "овчарка", "лабрадор": "лабрадор", "мопс": "мопс", "корги": "корги",
    "хаски": "хаски", "шпиц": "шпиц", "питомец": "питомец",
}  # fmt: skip
RELATIVES = {
    "муж": "муж", "супруг": "муж", "жена": "жена", "супруга": "жена", "сын": "сын", "сынок": "сын", "сынишка": "сын",
    "дочь": "дочь", "дочка": "дочь", "доча": "дочь", "брат": "брат", "братик": "брат", "сестра": "сестра",
    "сестрёнка": "сестра", "мама": "мама", "мать": "мама", "папа": "папа", "отец": "папа", "бабушка": "бабушка",
    "дедушка": "дедушка", "дед": "дедушка", "внук": "внук", "внучка": "внучка", "племянник": "племянник",
    "племянница": "племянница", "тётя": "тётя", "дядя": "дядя", "подруга": "подруга", "друг": "друг",
    "парень": "парень", "девушка": "девушка", "жених": "жених", "невеста": "невеста", "коллега": "коллега",
    "начальник": "начальник", "начальница": "начальница", "сосед": "сосед", "соседка": "соседка",
}  # fmt: skip
_SENTENCE = re.compile(r"[.!?;\n]+")
_TOKEN = re.compile(r"[«\"']?[А-ЯЁа-яёA-Za-z]+(?:-[А-ЯЁа-яёA-Za-z]+)*[»\"']?|[,:—–-]")
_CALLED = frozenset(
    {
        "зовут",
        "звать",
        "кличка",
        "кличке",
        "имя",
        "имени",
        "назвали",
        "назвал",
        "назвала",
        "назовём",
        "назову",
        "звали",
        "зовём",
    }
)
_CORRECTED = re.compile(
    r"(?:вру|ошиб|перепутал|точнее|вернее|оговорил|не\s+[А-ЯЁ][а-яё]+,\s+а)[^\n]*"
    r"(?:[Мм]о(?:я|й|ю|его|ей)|[Нн]аш[ау]?|[Зз]овут|\bа)\s*[-—–:]?\s*([А-ЯЁ][а-яё]+)",
)
_BETWEEN = frozenset(
    {
        "у",
        "меня",
        "нас",
        "по",
        "его",
        "её",
        "ее",
        "их",
        "которого",
        "которую",
        ",",
        ":",
        "—",
        "–",
        "-",
        "это",
        "моего",
        "мою",
        "наш",
        "нашу",
        "нашего",
        "моя",
        "мой",
        "просто",
    }
)
_OWN = frozenset(
    {
        "мой",
        "моя",
        "моё",
        "мои",
        "моего",
        "мою",
        "моей",
        "моему",
        "моим",
        "наш",
        "наша",
        "нашего",
        "нашу",
        "наши",
        "меня",
        "нас",
        "завёл",
        "завела",
        "завели",
    }
)
_FAR = 6
_QUOTES = "«»\"'"


def beings(text: str, known: tuple[PersonFact, ...]) -> Iterator[PersonFact]:
    """Yield pets and relatives that a message names; «его зовут …» names the being spoken of last."""
    nameless = [fact for fact in known if fact.kind in {"pet", "relative"} and not fact.value]
    for sentence in _SENTENCE.split(text):
        tokens = _TOKEN.findall(sentence)
        found = list(_in_sentence(tokens))
        yield from found
        nameless += [fact for fact in found if not fact.value]
        if not found and nameless and (name := _called_later(tokens)):
            fact = nameless.pop()
            yield fact.model_copy(update={"value": name})


def corrected(text: str, known: tuple[PersonFact, ...]) -> Iterator[PersonFact]:
    """Yield the right name of the pet that was named last: «ой, вру, моя - Ириска»."""
    found = _CORRECTED.search(text)
    pets = [fact for fact in known if fact.kind == "pet" and fact.value]
    if found and pets:
        yield pets[-1].model_copy(update={"value": to_nominative(found[1]), "instead": pets[-1].value})


def kin_of(word: str) -> tuple[str, str] | None:
    """Return the kind of fact and the plain noun of a word for a pet or a relative, in any form."""
    plain = word.strip(_QUOTES)
    for form in {lemma(plain), plain.lower()}:
        if form in SPECIES:
            return "pet", SPECIES[form]
        if form in RELATIVES:
            return "relative", RELATIVES[form]
    return None


def _in_sentence(tokens: list[str]) -> Iterator[PersonFact]:
    for place, token in enumerate(tokens):
        kin = kin_of(token)
        if kin is None or _of_another(tokens[:place]) or _plural(token):
            continue
        name = _name_near(tokens, place)
        own = name or any(word.lower() in _OWN for word in tokens[max(0, place - _FAR) : place])
        if name or (own and kin[0] == "pet"):
            yield PersonFact.model_validate({"kind": kin[0], "about": kin[1], "value": name})


def _plural(token: str) -> bool:
    item = parses(token.strip(_QUOTES))[0]
    return "plur" in item.tag and "sing" not in item.tag


def _of_another(before: list[str]) -> bool:
    """Tell whether «у соседа», «у подруги» stands before: then the being is not the person's own."""
    lowered = [word.lower() for word in before]
    for place, word in enumerate(lowered[:-1]):
        if word == "у" and lowered[place + 1] not in {"меня", "нас"}:
            return True
    return bool(lowered) and lowered[-1] in {"твой", "твоя", "твоего", "твою", "ваш", "ваша", "вашу", "чужой", "чужая"}


def _name_near(tokens: list[str], place: int) -> str:
    """Return the name that follows a being, or stands before it after «зовут»; empty when there is none."""
    called = False
    for token in tokens[place + 1 : place + 1 + _FAR]:
        word = token.lower()
        if word in _CALLED:
            called = True
        elif word not in _BETWEEN:
            if name := _as_name(token, called=called):
                return name
            if not called and "ADJF" not in parses(word.strip(_QUOTES))[0].tag:
                break
    before = [token.lower() for token in tokens[:place]]
    if called or not before or not any(word in _CALLED for word in before[-2:]):
        return ""
    return next((name for token in tokens[place + 1 : place + 3] if (name := _as_name(token, called=True))), "")


def _called_later(tokens: list[str]) -> str:
    """Return the name of «его зовут Барсик», «зовут Барсик», «кличка - Барсик»."""
    lowered = [token.lower() for token in tokens]
    for place, word in enumerate(lowered):
        if word in _CALLED and not {"меня", "тебя", "вас"} & set(lowered[max(0, place - 2) : place + 2]):
            for token in tokens[place + 1 : place + 4]:
                if token.lower() not in _BETWEEN:
                    return _as_name(token, called=True)
    return ""


def _as_name(token: str, *, called: bool) -> str:
    """Return a name in the nominative; a word with a small letter is a name only after «зовут»."""
    quoted, word = token[:1] in _QUOTES, token.strip(_QUOTES)
    if len(word) < 2 or not word[:1].isalpha():
        return ""
    if word[:1].islower() and not quoted and not (called and (is_name(word) or "NOUN" in parses(word)[0].tag)):
        return ""
    if kin_of(word) and not is_name(word) and word[:1].islower():
        return ""
    return to_nominative(word)


def to_nominative(word: str) -> str:
    """Return a name in the nominative: «Барсика», «Бубликом» → «Барсик», «Бублик»."""
    capital = word[:1].upper() + word[1:]
    if reading(word, "nomn", "Name") or (not word.isascii() and "nomn" in parses(word)[0].tag):
        return capital
    item = next((item for item in parses(word) if "NOUN" in item.tag and "sing" in item.tag), None)
    form = item.inflect({"nomn"}) if item else None
    return form.word.capitalize() if form else capital
