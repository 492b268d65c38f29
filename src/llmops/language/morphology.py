"""Russian morphology by pymorphy3: lemmas, cases, persons, and the gender that a text gives away.

The dictionary is opened at the first call (0.1 s, 20 MB). Knows no facts and no persona.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer
    from pymorphy3.analyzer import Parse

    from llmops.language.wording import Gender

Case = Literal["nomn", "gent", "datv", "accs", "ablt", "loct"]

_WORD = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
_SURE = 0.05
_GENDERS: dict[str, Gender] = {"masc": "male", "femn": "female"}
_NOT_ME = frozenset({"он", "она", "оно", "они", "мы", "вы", "ты", "кто", "что", "это", "который", "которая"})
_NEAR = 4


@cache
def _analyzer() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer  # noqa: PLC0415 - half of the turns need no dictionary

    return MorphAnalyzer()


@lru_cache(maxsize=16384)
def parses(word: str) -> tuple[Parse, ...]:
    """Return the readings of a word, the likeliest first."""
    return tuple(_analyzer().parse(word.lower()))


def lemma(word: str) -> str:
    """Return the dictionary form of the likeliest reading."""
    return str(parses(word)[0].normal_form)


def reading(word: str, *grammemes: str) -> Parse | None:
    """Return the likeliest reading that has all these grammemes."""
    wanted = set(grammemes)
    return next((item for item in parses(word) if wanted <= item.tag.grammemes and item.score > _SURE), None)


def is_name(word: str) -> bool:
    """Tell whether a word can be a person's first name."""
    return any("Name" in item.tag and item.score > _SURE for item in parses(word))


def is_place(word: str) -> bool:
    """Tell whether a word can be a place on the map."""
    return any("Geox" in item.tag for item in parses(word))


def name_gender(name: str) -> Gender | None:
    """Return the gender of a first name; None when both are used («Саша») or it is unknown."""
    found = {str(item.tag.gender) for item in parses(name) if "Name" in item.tag and "nomn" in item.tag}
    known = [_GENDERS[gender] for gender in found if gender in _GENDERS]
    return known[0] if len(known) == 1 and "ms-f" not in found else None


def inflect(phrase: str, case: Case) -> str:
    """Return a nominative noun phrase in another case, word by word; what is not declined stays.

    Adjectives before the first noun agree with it; everything after the first noun stays («пирог с яблоками»).
    """
    if case == "nomn":
        return phrase
    words = phrase.split(" ")
    place = next((i for i, word in enumerate(words) if _noun(word) is not None), None)
    if place is None:
        return phrase
    noun = _noun(words[place])
    assert noun is not None
    changed = [_agree(word, noun, case) for word in words[:place]]
    return " ".join([*changed, _decline(words[place], noun, case), *words[place + 1 :]])


def _noun(word: str) -> Parse | None:
    if not _WORD.fullmatch(word) or "ADJF" in parses(word)[0].tag:
        return None
    return reading(word, "NOUN", "nomn")


def _decline(word: str, noun: Parse, case: Case) -> str:
    form = noun.inflect({case})
    return _like(word, form.word) if form else word


def _agree(word: str, noun: Parse, case: Case) -> str:
    item = reading(word, "ADJF", "nomn")
    number = "plur" if "plur" in noun.tag else "sing"
    wanted = {case, number} | ({str(noun.tag.gender)} if number == "sing" and noun.tag.gender else set())
    if case == "accs":
        wanted.add(str(noun.tag.animacy or "inan"))
    form = item.inflect(wanted) if item else None
    return _like(word, form.word) if form else word


def _like(pattern: str, word: str) -> str:
    """Return a word with the capitals of another."""
    return "-".join(
        part.capitalize() if sample[:1].isupper() else part
        for part, sample in zip(word.split("-"), _stretched(pattern, word), strict=True)
    )


def _stretched(pattern: str, word: str) -> list[str]:
    samples, count = pattern.split("-"), word.count("-") + 1
    return (samples + [samples[-1]] * count)[:count]


def nominative(word: str, *grammemes: str) -> str:
    """Return a noun in the nominative, its number and capitals kept; the word itself when that cannot be told."""
    item = reading(word, "NOUN", *grammemes)
    if item is None or "nomn" in item.tag:
        return word
    form = item.inflect({"nomn"})
    return _like(word, form.word) if form else word


def to_second_person(phrase: str, *, polite: bool) -> str:
    """Turn the first-person verbs and possessives of a phrase to the listener: «вяжу свои шарфы» → «вяжешь …»."""
    return _WORD.sub(lambda word: _second(word[0], polite=polite), phrase)


_PRONOUNS = {
    "я": ("ты", "вы"),
    "меня": ("тебя", "вас"),
    "мне": ("тебе", "вам"),
    "мной": ("тобой", "вами"),
    "мой": ("твой", "ваш"),
    "моя": ("твоя", "ваша"),
    "моё": ("твоё", "ваше"),
    "мое": ("твоё", "ваше"),
    "мои": ("твои", "ваши"),
    "моего": ("твоего", "вашего"),
    "моей": ("твоей", "вашей"),
    "моему": ("твоему", "вашему"),
    "моим": ("твоим", "вашим"),
    "моих": ("твоих", "ваших"),
    "мою": ("твою", "вашу"),
    "моими": ("твоими", "вашими"),
    "моём": ("твоём", "вашем"),
    "моем": ("твоём", "вашем"),
}


def _second(word: str, *, polite: bool) -> str:
    if pair := _PRONOUNS.get(word.lower()):
        return _like(word, pair[polite])
    item = parses(word)[0]
    if "VERB" in item.tag and "1per" in item.tag and "sing" in item.tag:
        form = item.inflect({"2per", "plur" if polite else "sing"})
        return _like(word, form.word) if form else word
    if polite and "VERB" in item.tag and "past" in item.tag and "sing" in item.tag:
        form = item.inflect({"plur"})
        return _like(word, form.word) if form else word
    return word


def own_gender(text: str) -> Gender | None:
    """Return the gender in which a person speaks of oneself («я устала», «сегодня ходил»); None when it is not told."""
    for sentence in re.split(r"[.!?;\n]+|,\s+(?:а|но|что|когда|потому)\s", text):
        found = [word.lower() for word in _WORD.findall(sentence)]
        gender = _sentence_gender(found)
        if gender:
            return gender
    return None


def _sentence_gender(words: list[str]) -> Gender | None:
    """Look near «я», and at verbs without any subject at the beginning of a sentence."""
    if "я" in words:
        place = words.index("я")
        near = words[place + 1 : place + 1 + _NEAR] + words[max(0, place - 2) : place]
    elif words and not _has_subject(words):
        near = words[:_NEAR]
    else:
        return None
    for word, following in zip(near, [*near[1:], ""], strict=True):
        if word in _NOT_ME:
            return None
        item = parses(word)[0]
        if _tells_gender(item, following, words):
            told = reading(word, "ADJS", "sing") or item
            if "sing" in told.tag and str(told.tag.gender) in _GENDERS:
                return _GENDERS[str(told.tag.gender)]
    return None


def _tells_gender(item: Parse, following: str, words: list[str]) -> bool:
    """Tell whether a word near «я» agrees with it: «устала», «рада», «готова», «одна», «я такая», «я студентка»."""
    if ("VERB" in item.tag and "past" in item.tag) or "ADJS" in item.tag or "PRTS" in item.tag:
        return True
    if "я" in words and reading(item.word, "ADJS", "sing"):  # «рада» is also a council
        return True
    if "я" not in words or words[words.index("я") + 1 : words.index("я") + 2] != [item.word]:
        return False
    if "ADJF" in item.tag and "nomn" in item.tag:
        return not following or "NOUN" not in parses(following)[0].tag
    return "NOUN" in item.tag and {"nomn", "femn", "anim"} <= item.tag.grammemes and "ms-f" not in item.tag


def _has_subject(words: list[str]) -> bool:
    """Tell whether a sentence may have a subject other than its speaker."""
    for before, word in zip(["", *words], words, strict=False):
        if word in _NOT_ME:
            return True
        item = parses(word)[0]
        if before and "PREP" in parses(before)[0].tag:
            continue
        if ("NOUN" in item.tag or "NPRO" in item.tag) and "nomn" in item.tag:
            return True
    return False
