"""Numbers told in parts: «карта 5536, дальше 9183, потом 4853 и 0929».

The parts are one number when a word joins them and, put together, they are what a word before them says or what a
checksum confirms. Knows no labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmops.language.checksums import card_brand, inn, luhn, snils
from llmops.language.personal_numbers import Kind

_JOIN = (
    r"(?:а|и|ну|еще|это|дальше|далее|потом|затем|после|цифры|первые|последние|конец|начало|контрольн[а-я]+|число"
    r"|четыре|остальное|тире|плюс)"
)
_PART = r"[0-9]+(?:[ \-][0-9]+)*"
_GAP = rf"[\s,:;.\-]{{1,3}}(?:{_JOIN}(?![а-я])[\s,:;.\-]{{1,3}}){{1,3}}"
_TOLD = re.compile(rf"(?<![0-9]){_PART}(?:(?:{_GAP}|,\s){_PART})*{_GAP}{_PART}(?:(?:{_GAP}|,\s){_PART})*(?![0-9])")
_TELLING = re.compile("дальше|далее|потом|затем|последние|контрольн")
_AROUND_CHARS = 60
_WORDS: dict[Kind, re.Pattern[str]] = {
    "oms": re.compile("полис|омс|енп"),
    "phone": re.compile("телефон|(?<![а-я])тел(?![а-я])|мобил|звони|набира"),
    "passport": re.compile("паспорт|серия"),
}


def dictated_numbers(low: str) -> Iterator[tuple[Kind, int, int]]:
    """Find such numbers in a folded text: kind, start and end of all the parts together."""
    for word in _TELLING.finditer(low):
        from_, to = max(0, word.start() - _AROUND_CHARS), word.end() + _AROUND_CHARS
        for match in _TOLD.finditer(low, from_, to):
            digits = re.sub("[^0-9]", "", match[0])
            before = low[max(0, match.start() - _AROUND_CHARS) : match.start()]
            kind = _kind(digits, before) if match.start() < word.start() < match.end() else None
            if kind:
                yield kind, *match.span()


def _kind(digits: str, before: str) -> Kind | None:
    size = len(digits)
    if size == 16 and _WORDS["oms"].search(before):
        return "oms"
    if size == 16 and luhn(digits) and card_brand(digits):
        return "card"
    if size in {10, 12} and "инн" in before and inn(digits):
        return "inn"
    if size == 11 and snils(digits) and "снил" in before:
        return "snils"
    if (size == 11 and digits[0] in "78") or (size == 10 and digits[0] == "9"):
        return "phone" if _WORDS["phone"].search(before) else None
    return "passport" if size == 10 and _WORDS["passport"].search(before) else None
