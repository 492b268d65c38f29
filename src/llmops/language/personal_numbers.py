"""Numbers of people in a text: which groups of digits are a telephone, a card, a document or an account.

A table of shapes and checks in the order of trust; the first that takes some groups has them. Knows no e-mail, no
secrets and no labels; it cannot tell whose number it is, nor whether the number was ever issued.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from llmops.language.checksums import card_brand, inn, luhn, snils
from llmops.language.digit_groups import Run, Window

Kind = Literal[
    "email", "phone", "card", "inn", "snils", "passport", "account", "oms", "token", "key", "password", "code"
]

_RUN = re.compile(r"[0-9]+(?:[ \n\-._/()№#]{1,4}[0-9]+)*")
_SHORT_SUM = re.compile(r"[0-9]{1,3}(?:[ .][0-9]{3}){1,2}")
_COUNTRIES: Final[dict[str, frozenset[int]]] = {
    code: frozenset(sizes)
    for sizes, codes in (
        ((11,), "7 8 1 993 374 373 371 370 48 33 34 66 382 84 357 46 31 32 41 36 40 976"),
        ((12,), "375 380 998 996 992 994 995 44 90 420 359 91 351 30 81"),
        ((10, 11, 12, 13), "49 43 39 358 62 381 971 972 82 47 372 86"),
    )
    for code in codes.split()
}
_HOUSEHOLD = re.compile(r"лицев|л/\s?сч?(?![а-я])")
_BUDGET = re.compile("182|153|188|392")
# The currency of a bank account stands in its digits 6-8 (положение Банка России 809-П).
_CURRENCY = re.compile("810|643|840|978|156|826|756|392|398|933|974|860|051|944|417|972|934|949|784|344|356|704|980")


def _country_sizes(digits: str) -> frozenset[int]:
    return next((_COUNTRIES[digits[:size]] for size in (3, 2, 1) if digits[:size] in _COUNTRIES), frozenset())


def _toll_free(window: Window) -> bool:
    return window.digits[-10:-7] in {"800", "804"} and window.digits[:-10] in {"", "7", "8"} and not window.sum_like


def _account_shape(window: Window) -> bool:
    """Balance accounts of banks' clients begin with 3 or 4 and name their currency (положение Банка России 809-П)."""
    known = window.digits[0] in "34" and bool(_CURRENCY.match(window.digits, 5)) and max(map(len, window.parts)) > 3
    return known and "/" not in window.shape and not window.glued


def _account(window: Window) -> bool:
    return window.kind == "account" or _account_shape(window)


def _household_account(window: Window) -> bool:
    """Accounts of flats and services have a word and no shape."""
    named = _HOUSEHOLD.search(window.num, max(0, window.start - 40), window.start)
    return bool(named) and window.kind == "account" and window.edge > 0 and not (window.sum_unit or window.round)


def _public_code(window: Window) -> bool:
    """КБК begins with its administrator (приказ Минфина о кодах бюджетной классификации)."""
    if window.kind == "public":
        return not _account_shape(window)
    return window.kind != "account" and bool(_BUDGET.match(window.digits))


def _card(window: Window) -> bool:
    digits = window.digits
    if digits[0] == "0" or not luhn(digits) or window.thousands or (window.round and not window.plain):
        return False
    if window.kind == "card" and not (window.sum_unit and not window.plain):
        return window.edge > 0 or "/" not in window.shape
    if not card_brand(digits) or len(digits) < 15 or window.edge == 0 or not _CARD_SHAPE.fullmatch(window.shape):
        return False
    years = sum(part[:2] in {"19", "20"} for part in window.parts)
    numbered = window.plain and (window.public() or window.numbered)
    return not (window.round or years > 2 or window.glued or numbered)


def _phone_plus(window: Window) -> bool:
    if window.plus < 0 or window.edge == 0 or window.thousands or (window.sum_like and window.sum_unit):
        return False
    if window.digits[0] != "7" and window.num[window.plus + 1] == " ":  # an addition, not a country
        return False
    sizes = _country_sizes(window.digits)
    return len(window.digits) in sizes if sizes else window.edge == 2 and not (window.sum_like or window.sum_unit)


def _phone_11(window: Window) -> bool:
    digits = window.digits
    if digits[0] not in "78" or window.edge == 0 or window.thousands:
        return False
    if window.says_phone and not window.sum_unit:
        return True
    if window.glued or window.sum_like or not _RUSSIAN_CODE.match(digits):
        return False
    if (window.plain and (window.numbered or window.sum_unit)) or (window.edge == 1 and _ROW.fullmatch(window.shape)):
        return False
    return _RUSSIAN.fullmatch(window.shape) is not None


def _phone_10(window: Window) -> bool:
    if window.digits[0] not in "3489" or window.thousands or window.edge == 0 or window.sum_unit:
        return False
    if window.kind == "phone":
        return True
    if window.sum_like or not window.bare or (window.plain and (window.numbered or window.round)):
        return False
    bracket = window.num[window.start - 1 : window.start] == "(" and window.shape[1] == ")"
    if bracket or _CITY.fullmatch(window.shape):
        return True
    listed = window.round and window.shape in {"3 3 4", "3 4 3"}
    alone = window.digits[0] == "9" and (window.plain or window.edge == 2)
    return alone and not listed and _MOBILE.fullmatch(window.shape) is not None


def _phone_7(window: Window) -> bool:
    told = window.edge == 2 and window.says_phone and (window.kind == "phone" or "-" in window.shape)
    return told and not (window.sum_unit or window.glued)


def _passport_told(window: Window) -> bool:
    told = window.kind in {"passport", "licence", "zagran"} or window.run.after(window.end) == "passport"
    return told and window.edge > 0 and not window.sum_unit


def _passport_bare(window: Window) -> bool:
    """Sums are not grouped by four and six; years and thousands are let be."""
    year = window.digits[:2] in {"19", "20"} and window.shape[0] == "4"
    return window.edge == 2 and not (year or window.digits.endswith("000")) and window.bare


def _inn_bare(window: Window) -> bool:
    """Ten digits pass the checksum by accident once in ten times, twelve once in a hundred."""
    if not inn(window.digits) or window.round or not window.bare or window.public(30):
        return False
    if len(window.digits) == 12:
        return window.kind != "passport"
    return window.kind not in {"passport", "phone"} and not window.numbered and window.edge != 1


_CARD_SHAPE = re.compile(
    r"1[3-9]|4([ \-._/])4\1(?:4\1(?:[1-6]|4\1[1-3])|8)|4[ \-]6[ \-][45]|8[ \-](?:8|4[ \-]4|10)|4[ \-](?:12|8[ \-]4)"
    r"|6[ \-](?:10|12|13|6[ \-]4|4[ \-]6)|\d(?:-\d)+|\d(?:_\d)+"
)
_RUSSIAN_CODE = re.compile("[78][3489]|77|87[0457]")
_RUSSIAN = re.compile(
    r"11|1\D{1,3}(?:10|[3-5]\D{1,3}[2-7](?:\D{1,3}[2-4]){0,3})|4\D[2-7](?:\D[2-4]){0,2}"
    r"|1\D{1,2}[345](?:[ \-)]{1,2}\d)*-\d"
)
_ROW = re.compile(r"\d+(?: \d+)+(?<!2 2)|[\d .]*\.[\d .]*")
_CITY = re.compile(r"3\D3-2-2")
_MOBILE = re.compile(r"10|3\D{1,3}(?:7|3\D4|4\D3|3\D{1,3}2\D{1,3}2|2\D2\D3|2\D3\D2)")
_SERIES = r"10|4\D{1,3}6|2\D2\D{1,3}6|4\D{1,3}3\D3|2\D2\D{1,3}3\D3|2\D8|4\D2\D2\D2|2(?:\D2){4}"


class Rule(NamedTuple):
    """A detector: how the digits are grouped, and a check; without a kind it means «public, leave it whole»."""

    kind: Kind | None
    shape: re.Pattern[str]
    check: Callable[[Window], bool]


# In the order of trust: the first rule that takes a window has it.
_ROWS: Final[tuple[tuple[tuple[int, ...], Kind | None, str, Callable[[Window], bool]], ...]] = (
    ((11,), "snils", ".*", lambda w: w.kind == "snils" and snils(w.digits)),
    ((11,), "snils", "3[ -]3[ -]3[ -]2", lambda w: snils(w.digits) and (w.edge == 2 or "-" in w.shape)),
    ((11,), None, ".*", _toll_free),
    ((10,), None, r"3\D.*", _toll_free),
    ((20,), None, ".*", _public_code),
    ((20,), "account", ".*", _account),
    ((16,), "oms", ".*", lambda w: w.kind == "oms" and w.edge > 0),
    ((16, 19, 18, 17, 15, 14, 13), "card", ".*", _card),
    ((13, 12, 11, 10, 14, 15, 9), "phone", ".*", _phone_plus),
    ((11,), "phone", ".*", _phone_11),
    ((11,), "snils", "11|9[ -]2|3[ -]3[ -]5", lambda w: w.digits > "002" and snils(w.digits) and w.bare),
    ((12, 10), "inn", ".*", lambda w: (w.kind == "inn" or w.column("inn")) and inn(w.digits)),
    ((12,), "inn", "12", _inn_bare),
    ((12,), "phone", ".*", lambda w: w.kind == "phone" and 12 in _country_sizes(w.digits)),
    # Moscow and foreign companies' numbers look like mobile telephones without the eight.
    ((10,), "inn", "10", lambda w: w.digits.startswith(("97", "9909")) and not w.kind and _inn_bare(w)),
    ((10,), "passport", _SERIES, _passport_told),
    ((10,), "passport", r"4[ \-_/№]6|2[ \-]2[ \-_/№]6", _passport_bare),
    ((10,), "phone", ".*", _phone_10),
    ((10,), "inn", "10", _inn_bare),
    ((9,), "passport", r"9|2\D{1,3}7", _passport_told),
    ((12, 11, 10, 9), "account", ".*", _household_account),
    ((7,), "phone", r"7|3\D2\D2|3\D4|2\D2\D3", _phone_7),
)
_BY_SIZE: Final[dict[int, list[Rule]]] = {
    size: [Rule(kind, re.compile(shape, re.DOTALL), check) for sizes, kind, shape, check in _ROWS if size in sizes]
    for size in (20, 16, 19, 18, 17, 15, 14, 13, 12, 11, 10, 9, 7)
}


def _best(run: Run, first: int) -> tuple[Kind | None, Window] | None:
    ends, size = dict[int, int](), 0
    for last in range(first, len(run.groups)):
        size += run.groups[last][1] - run.groups[last][0]
        if size > 20:
            break
        ends[size] = last
    for size, rules in _BY_SIZE.items():
        if size in ends:
            window = Window(run, first, ends[size])
            for rule in rules:
                if rule.shape.fullmatch(window.shape) and rule.check(window):
                    return rule.kind, window
    return None


def number_windows(num: str) -> Iterator[tuple[Kind, Window]]:
    """Find the personal numbers in a folded text."""
    for match in _RUN.finditer(num):
        start, end = match.span()
        if end - start < 7 or (end - start < 12 and _SHORT_SUM.fullmatch(num, start, end)):
            continue
        run, first = Run(num, start, end), 0
        while first < len(run.groups) and end - run.groups[first][0] > 6:
            # A group glued to the one before begins nothing; nor does a place in a long row of one or two digits.
            lone = len(run.groups) > 60 and run.shape[2 * first] in {"1", "2"}
            best = None if lone or run.edges[first] == 0 else _best(run, first)
            first = best[1].last + 1 if best else first + 1
            if best and best[0]:
                yield best[0], best[1]
