"""What an author is told about a situation: too few lines, «ты» without a fork, a human past, empty words, repeats.

The rules of docs/phrases.md that a program can see. Knows one situation and what was said in others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from llmops.data.companion.bank import MoreSays, Situation
from llmops.language.expressions import any_of
from llmops.language.morphology import parses
from llmops.language.patterns import PatternError, expand
from llmops.language.text import fold, words
from llmops.language.wording import Gender, Voice, is_whole, render

_FEWEST = {"says": 8, "replies": 8, "asks": 1}
_LONGEST = 240
_FEWEST_WORDINGS = 6
_LONG_DASH, _EMOJI = re.compile("[—–]"), re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_ASKS = re.compile(r"\?[»)]*\Z")
_FORK = re.compile(r"[{}\[\]<>|]")
_NAME = re.compile(r"\$(?!имя(?![а-яё]))")
_QUOTED = re.compile(r"«[^«»]*»")
_GENDERED = re.compile(r"<[^<>]*>")
_PAST = re.compile(
    r"(?<![а-яё])ты (?:не |уже |так |тоже |сегодня |вчера )?([а-яё]+л(?:а|ся|ась)?)(?![а-яё])", re.IGNORECASE
)
_INFORMAL = any_of(r"(?:ты|теб[яе]|тобою?|тво(?:й|я|ё|е|и|его|ей|ему|им|их|ими|ю|ём))(?![а-яё])")
_POLITE = any_of(r"(?:вы|вас|вам|вами|ваш(?:а|е|и|его|ей|ему|им|их|ими|у|ем)?)(?![а-яё])")
_EMPTY = any_of(
    r"""
    понимаю (?:твои|ваши|твоё|ваше)|всё будет хорошо|это нормально|главное - не сдава\w+|спасибо, что подели\w+
    очень интересно|я здесь для|каждый день - это|\w*обнимашк\w*|солнышк\w*
    данн(?:ый|ого|ому|ом|ой)(?![а-яё])|осуществ\w+
    """
)
_HUMAN = any_of(
    r"""
    я (?:тоже |сама? |вчера |сегодня |недавно |однажды |как-то )*(?:ел|съел|пил|выпил|ездил|летал)а?(?![а-яё])
    я (?:тоже |сама? |вчера |сегодня |недавно |однажды |как-то )*(?:отдыхал|спал|болел|готовил|варил)а?(?![а-яё])
    я (?:тоже |сама? |вчера |сегодня |недавно |однажды |как-то )*(?:смотрел|гулял|купил)а?(?![а-яё])
    я (?:тоже |же )*(?:человек|живой|живая)(?![а-яё])
    """
)
_WORD = re.compile(r"[А-Яа-яЁё-]+")
_VERB = re.compile(r"(?:шь|шься|и|й|ь|ись|йся|ься)\Z")
_SURE = 0.5
_NO_ADDRESS = frozenset({"будь", "глядь", "знай", "стой"})  # «будь у меня нос», «знай себе»


class Remark(NamedTuple):
    """Something an author should mend.

    Args:
        text: The line it is about, to tell where that stands; empty for the whole situation.
        broken: The bank cannot be used as it is.
    """

    message: str
    text: str = ""
    broken: bool = False


class Ledger:
    """Which wording and which reply stands where, over the whole bank."""

    def __init__(self, personas: Mapping[str, bool]) -> None:
        self.personas = personas
        self._says: dict[str, str] = {}
        self._replies: dict[str, str] = {}
        self.ids: set[str] = set()

    def knows(self, text: str) -> bool:
        """Tell whether some situation, or a held-out message, has this wording."""
        return _key(text) in self._says

    def says(self, text: str, situation: str) -> str:
        """Return the situation that has this wording already; remember it otherwise."""
        return _claim(self._says, _key(text), situation)

    def replies(self, text: str, situation: str) -> str:
        """Return the situation that has this reply already; remember it otherwise."""
        return _claim(self._replies, fold(text), situation)


def _key(text: str) -> str:
    return " ".join(words(text)) or text


def _claim(owners: dict[str, str], key: str, situation: str) -> str:
    known = key in owners
    owner = owners.setdefault(key, situation)
    return owner if known else ""


def remarks(situation: Situation, ledger: Ledger) -> Iterator[Remark]:
    """Yield everything in a situation that its author should mend."""
    if situation.id in ledger.ids:
        yield Remark(f"ситуация «{situation.id}» уже есть", broken=True)
    ledger.ids.add(situation.id)
    for field, fewest in _FEWEST.items():
        if situation.kind == "talk" and len(getattr(situation, field)) < fewest:
            yield Remark(f"{situation.id}: {field} меньше {fewest}")
    for remark in (*_of_says(situation, ledger), *_of_lines(situation, ledger), *_of_personas(situation, ledger)):
        yield remark._replace(message=f"{situation.id}: {remark.message}: {remark.text}")


def more_remarks(more: MoreSays, ledger: Ledger, *, held_out: bool) -> Iterator[Remark]:
    """Yield the wordings that are said elsewhere as well; held-out ones must not be learnt."""
    owner = f"отложенные {more.situation}" if held_out else more.situation
    for text in more.says:
        if other := ledger.says(text, owner):
            yield Remark(f"{more.situation}: так говорят уже в «{other}»: {text}", text)


def _of_says(situation: Situation, ledger: Ledger) -> Iterator[Remark]:
    for text in situation.says:
        if other := ledger.says(text, situation.id):
            yield Remark(f"так говорят уже в «{other}»", text)
        if _FORK.search(text):
            yield Remark("развилка в том, что говорят люди", text)
    for pattern in situation.patterns:
        try:
            if len(expand(pattern, _FEWEST_WORDINGS)) < _FEWEST_WORDINGS:
                yield Remark(f"шаблон даёт меньше {_FEWEST_WORDINGS} формулировок", pattern)
        except PatternError as error:
            yield Remark(f"шаблон не читается, {error}", pattern, broken=True)


def _of_lines(situation: Situation, ledger: Ledger) -> Iterator[Remark]:
    then = situation.then
    for text in (*situation.replies, *situation.asks, *then.yes, *then.no, *then.more):
        if complaint := _line(text, polite=None):
            yield Remark(complaint, text)
    for text in situation.asks:
        if not _ASKS.search(text):
            yield Remark("в asks не вопрос", text)
    talks = situation.kind == "talk"
    for text in situation.replies:
        yield from _of_reply(text, situation.id, ledger, talks=talks)


def _of_personas(situation: Situation, ledger: Ledger) -> Iterator[Remark]:
    for persona, texts in situation.personas.items():
        if persona not in ledger.personas:
            yield Remark("такого персонажа нет", persona)
            continue
        for text in texts:
            if _FORK.search(text):
                yield Remark("развилка в реплике персонажа", text)
            elif complaint := _line(text, polite=ledger.personas[persona]):
                yield Remark(complaint, text)
            yield from _of_reply(text, situation.id, ledger, talks=situation.kind == "talk")


def _of_reply(text: str, identifier: str, ledger: Ledger, *, talks: bool) -> Iterator[Remark]:
    if other := ledger.replies(text, identifier):
        yield Remark(f"этот ответ уже есть в «{other}»", text)
    if talks and _ASKS.search(text):
        yield Remark("вопрос на конце ответа", text)


def _line(text: str, *, polite: bool | None) -> str:
    """Return what is wrong with a line; `polite` is the address of the only persona who says it."""
    faults = (
        ("развилка испорчена", not is_whole(text)),
        (f"длиннее {_LONGEST} знаков", len(text) > _LONGEST),
        ("длинное тире", _LONG_DASH.search(text)),
        ("смайлик", _EMOJI.search(text)),
        ("имя пишется $имя", _NAME.search(text)),
    )
    fault = next((name for name, found in faults if found), "")
    return fault or _of_voices(text, polite=polite)


def _of_voices(text: str, *, polite: bool | None) -> str:
    addresses = (False, True) if polite is None else (polite,)
    genders: tuple[Gender, Gender] = ("male", "female")
    complaints = (
        _said(render(text, Voice(speaker, polite=address, listener="male", name="Саша")) or "", polite=address)
        for address, speaker in product(addresses, genders)
    )
    return next(filter(None, complaints), "") or _of_gender(text, polite=polite)


def _of_gender(text: str, *, polite: bool | None) -> str:
    """Tell that a line takes the gender of the person as known: «ты устал» outside of «<…|…|…>»."""
    said = render(_GENDERED.sub("", text), Voice("male", polite=bool(polite), name="Саша")) or ""
    found = _PAST.search(_QUOTED.sub("", said))
    known = found is not None and any(
        {"VERB", "past", "sing"} <= item.tag.grammemes and "neut" not in item.tag for item in parses(found[1])[:1]
    )
    return f"род человека неизвестен: «{found[0]}»" if known and found else ""


def _said(said: str, *, polite: bool) -> str:
    own = _QUOTED.sub("", said)  # what is quoted is said by somebody else
    faults = (
        ("«{}» без развилки", polite and _INFORMAL.search(own)),
        ("«{}» в обращении на «ты»", not polite and _POLITE.search(own)),
        ("«{}» без развилки", polite and _second_person(own)),
        ("пустые слова «{}»", _EMPTY.search(said)),
        ("человеческий опыт «{}»", _HUMAN.search(own)),
    )
    return next((name.format(found[0]) for name, found in faults if found), "")


def _second_person(said: str) -> re.Match[str] | None:
    """Find a verb that addresses one person as «ты»."""
    return next((found for found in _WORD.finditer(said) if _addresses(found[0].lower())), None)


def _addresses(word: str) -> bool:
    if word in _NO_ADDRESS or not _VERB.search(word):
        return False
    item = parses(word)[0]
    if "VERB" not in item.tag or "sing" not in item.tag or item.score <= _SURE:
        return False
    return "2per" in item.tag or {"impr", "excl"} <= item.tag.grammemes
