"""What a person tells of oneself, read from a message: name, city, work, likes, plans.

Careful rather than greedy: a fact that is not sure is not a fact. Numbers of cards and documents are never facts.
Pets and relatives are read in `beings`. Knows no conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmops.assistants.companion.beings import beings, corrected, kin_of, to_nominative
from llmops.assistants.companion.fact_signs import (
    AGE,
    ASKED_OWN,
    ASKED_PET,
    BETTER,
    BIRTHDAY,
    CITY,
    CUT,
    DISLIKES,
    EVENT,
    EVENTS,
    FAVOURITE,
    FLAGS,
    FORGET,
    FORGET_KINDS,
    HOBBY,
    HOBBY_IS,
    IDLE,
    INTENT,
    LIKES,
    LIKES_BACKWARDS,
    NAME_INSIDE,
    NAME_TAIL,
    NEED_OBJECT,
    NOT_NAME,
    PUPIL,
    QUESTION,
    REMEMBER,
    SENTENCES,
    STRONG_NAME,
    STUDY,
    TRADE,
    UNSAFE,
    WEAK_NAME,
    WHO,
    WORD,
    WORK_AS,
    WORK_AT,
)
from llmops.assistants.companion.trades import TRADES
from llmops.language.latin import russian_name
from llmops.language.morphology import is_name, is_place, lemma, name_gender, nominative, own_gender, parses, reading
from llmops.language.personal_data import find_personal
from llmops.schemas import FactKind, PersonFact

_LONGEST = 80
_KEPT = 8
_SINGLE: frozenset[FactKind] = frozenset({"name", "gender", "age", "birthday", "city", "work", "study"})


def read_facts(text: str, known: tuple[PersonFact, ...], *, asked: str = "") -> tuple[PersonFact, ...]:
    """Return what a message tells.

    Args:
        known: Earlier facts; «лучше Александра» is a name only after a name.
        asked: What the companion said last; after «как зовут?» a bare name is a name.
    """
    text = " ".join(part for part in SENTENCES.split(text) if not QUESTION.search(part))
    found = [fact for rule in _RULES for fact in rule(text)]
    found += beings(text, known)
    found += corrected(text, known)
    found += _renamed(text, known, found)
    found += _answered(text, asked, found)
    return tuple(
        fact
        for fact in found
        if len(fact.value) <= _LONGEST and not UNSAFE.search(fact.value + fact.about) and not find_personal(fact.value)
    )


def asks_to_remember(message: str) -> str:
    """Return what «запомни: …» asks to keep; «?» when it does not say what; empty when nothing is asked."""
    found = REMEMBER.match(message)
    return (UNSAFE.sub("", found[1]).strip(" .!,") or "?") if found else ""


def to_forget(message: str, known: tuple[PersonFact, ...]) -> tuple[PersonFact, ...] | None:
    """Return the facts that «забудь …» names; None when the message asks no such thing."""
    found = FORGET.match(message)
    if not found:
        return None
    for words, kinds in FORGET_KINDS:
        if re.search(words, found[1], FLAGS):
            return tuple(fact for fact in known if kinds == "*" or fact.kind in kinds.split())
    named = tuple(fact for fact in known if fact.value and fact.value.lower() in found[1].lower())
    return named or None


def merge(known: Iterable[PersonFact], new: Iterable[PersonFact]) -> tuple[PersonFact, ...]:
    """Add new facts to known ones: later ones win where a person has one of a kind, the oldest of many are dropped."""
    facts = list(known)
    for fact in new:
        if (
            fact.kind == "pet"
            and not fact.value
            and any(old.kind == "pet" and old.about == fact.about for old in facts)
        ):
            continue  # «мой кот» is the one that has a name
        kept = [old for old in facts if not _replaces(fact, old)]
        lasting = fact.lasting or any(old.lasting for old in facts if _replaces(fact, old))
        same = [old for old in kept if old.kind == fact.kind]
        if fact.kind not in _SINGLE and len(same) >= _KEPT:
            kept.remove(same[0])
        facts = [*kept, fact.model_copy(update={"lasting": lasting})]
    return tuple(facts)


def _replaces(new: PersonFact, old: PersonFact) -> bool:
    if new.kind != old.kind:
        return False
    if new.kind in _SINGLE:
        return True
    if new.kind == "pet":
        return new.about == old.about and old.value in {"", new.value, new.instead}
    if new.kind in {"relative", "favourite"}:
        return new.about == old.about
    return new.value.lower() == old.value.lower()


def _names(text: str) -> Iterator[PersonFact]:
    for found in STRONG_NAME.finditer(text):
        word, tail = found[1], found[2] or ""
        if word[0].isupper() or is_name(word):
            second = tail if tail and NAME_TAIL & set(str(parses(tail)[0].tag).replace(",", " ").split()) else ""
            yield from _named(" ".join(filter(None, (word, second))))
    for found in NAME_INSIDE.finditer(text):
        if found[1][0].isupper() or is_name(found[1]):
            yield from _named(found[1])
    for found in WEAK_NAME.finditer(text):
        if found[1][0].isupper() and (is_name(found[1]) or (found[1].isascii() and "'m" in found[0].lower())):
            yield from _named(found[1])


def _named(name: str) -> Iterator[PersonFact]:
    first, _, rest = name.partition(" ")
    value = " ".join(filter(None, (russian_name(to_nominative(first)), rest)))
    yield PersonFact(kind="name", value=value)
    if gender := name_gender(value.split(" ")[0]):
        yield PersonFact(kind="gender", value=gender)


def _answered(text: str, asked: str, found: list[PersonFact]) -> Iterator[PersonFact]:
    """Take a bare word as the name that was asked for: the person's own, or that of a pet."""
    bare = re.fullmatch(rf"\W*(?:я|это|его\s+зовут|её\s+зовут)?\s*({WORD})\W*", text, FLAGS)
    own, pet = ASKED_OWN.search(asked), ASKED_PET.search(asked)
    if not bare or not (own or pet) or any(fact.kind in {"name", "pet"} and fact.value for fact in found):
        return
    if own:
        if is_name(bare[1]) or bare[1][0].isupper():
            yield from _named(bare[1])
    elif NOT_NAME.fullmatch(bare[1]) is None:
        kin = next(
            (kin for word in re.findall(r"[а-яё]+", asked.lower()) if (kin := kin_of(word)) and kin[0] == "pet"), None
        )
        yield PersonFact(kind="pet", about=kin[1] if kin else "питомец", value=to_nominative(bare[1]))


def _renamed(text: str, known: tuple[PersonFact, ...], found: list[PersonFact]) -> Iterator[PersonFact]:
    """«Хотя нет, лучше Александра» after a name was given, in this message or before."""
    if not any(fact.kind == "name" for fact in (*known, *found)):
        return
    for better in BETTER.finditer(text):
        if better[1][0].isupper() and (is_name(better[1]) or is_name(to_nominative(better[1]))):
            yield from _named(better[1])


def _gender(text: str) -> Iterator[PersonFact]:
    if gender := own_gender(text):
        yield PersonFact(kind="gender", value=gender)


def _city(text: str) -> Iterator[PersonFact]:
    for found in CITY.finditer(text):
        preposition = next((group for group in found.groups()[:-1] if group), "")
        name = _place_name(found[found.lastindex or 0], preposition)
        if name:
            yield PersonFact(kind="city", value=name, about="на" if preposition.lower() == "на" else "в")


def _place_name(phrase: str, preposition: str) -> str:
    """Return a place in the nominative: «Нижнем Новгороде» → «Нижний Новгород»; empty when it is no place."""
    first, _, second = phrase.partition(" ")
    if second and "ADJF" not in parses(first)[0].tag:
        second = ""
    known = is_place(second or first) or (second and first[0].isupper())
    if not known and (first[0].islower() or is_name(first)):
        return ""
    case = {"из": "gent", "": "nomn"}.get(preposition.lower(), "loct")
    if not second:
        return _capital(nominative(first, case))
    noun = nominative(second, case)
    item, target = reading(first, "ADJF", case), reading(noun, "NOUN", "nomn")
    form = item.inflect({"nomn", "sing", str(target.tag.gender)}) if item and target and target.tag.gender else None
    return f"{_capital(form.word if form else first)} {_capital(noun)}"


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _work(text: str) -> Iterator[PersonFact]:
    as_found = WORK_AS.search(text)
    after = re.findall(r"[а-яё-]+", as_found[1].lower()) if as_found else []
    trade = next((item for word in after if (item := reading(word, "NOUN", "ablt", "anim"))), None)
    if trade and (form := trade.inflect({"nomn"})):
        yield PersonFact(kind="work", value=form.word, about="кем")
    elif at_found := WORK_AT.search(text):
        yield PersonFact(kind="work", value=_short(at_found[1]), about="где")
    for found in TRADE.finditer(text):
        named = next((word for word in reversed(found[1].lower().split()) if lemma(word) in TRADES), None)
        if named and "nomn" in parses(named)[0].tag:
            yield PersonFact(kind="work", value=named, about="кем")


def _study(text: str) -> Iterator[PersonFact]:
    if found := STUDY.search(text):
        yield PersonFact(kind="study", value=_short(found[1]), about="учёба")
    elif found := PUPIL.search(text):
        yield PersonFact(kind="study", value=found[1].lower() if found[1] else f"в {found[2]} классе", about="учёба")


def _age(text: str) -> Iterator[PersonFact]:
    if (found := AGE.search(text)) and 4 <= int(found[1]) <= 110:
        yield PersonFact(kind="age", value=found[1])
    if found := BIRTHDAY.search(text):
        yield PersonFact(kind="birthday", value=found[1].lower())


def _hobbies(text: str) -> Iterator[PersonFact]:
    for found in FAVOURITE.finditer(text):
        yield PersonFact(kind="favourite", about=nominative(found[1].lower()), value=_short(found[2]))
    for found in HOBBY.finditer(text):
        phrase = _short(found[1])
        if phrase.lower() not in NEED_OBJECT:
            yield PersonFact(kind="hobby", value=phrase[:1].lower() + phrase[1:])
    if found_is := HOBBY_IS.search(text):
        yield PersonFact(kind="hobby", value=_short(found_is[1]), about="хобби")


def _likes(text: str) -> Iterator[PersonFact]:
    for found in LIKES_BACKWARDS.finditer(text):
        if reading(found[1], "NOUN", "accs"):
            yield PersonFact(kind="likes", value=found[1].lower())
    for kind, pattern in (("likes", LIKES), ("dislikes", DISLIKES)):
        for found in pattern.finditer(text):
            phrase = _short(found[1])
            if phrase and not WHO & {phrase.lower().split()[0]}:
                yield PersonFact.model_validate({"kind": kind, "value": phrase})


def _plans(text: str) -> Iterator[PersonFact]:
    for found in EVENT.finditer(text):
        body = found[2].strip()
        heads = {lemma(word) for word in re.findall(r"[а-яё]+", body.lower())[:4]}
        first = parses(re.findall(r"[А-ЯЁа-яё]+", body)[0])[0].tag if re.search(r"[А-ЯЁа-яё]", body) else ""
        if heads & EVENTS or ("VERB" in first and "1per" in first):
            yield PersonFact(kind="plan", value=f"{found[1].lower()} {_short(body)}")
    for found in INTENT.finditer(text):
        if found[2].lower() not in IDLE and not text[: found.start()].rstrip().lower().endswith("не"):
            yield PersonFact(kind="plan", value=_short(found[1]).lower(), about="намерение")


def _short(phrase: str) -> str:
    return CUT.sub("", phrase.strip()).strip(' -—–:«»"')


_RULES = (_names, _gender, _city, _work, _study, _age, _hobbies, _likes, _plans)
