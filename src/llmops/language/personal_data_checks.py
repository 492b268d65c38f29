"""Groups of digits: what checksums, the grouping and the words around say they are.

Knows no e-mail, no secrets and no labels; it cannot tell whose number it is, nor whether the number was ever issued.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final, Literal, NamedTuple

Kind = Literal[
    "email", "phone", "card", "inn", "snils", "passport", "account", "oms", "token", "key", "password", "code"
]

# The nearest word decides. «Public» words name numbers that are nobody's secret, and sums.
_WORDS = re.compile(
    r"(?<![а-яa-z])(?=[а-яa-z])(?:"
    r"(?P<public>счета?-?\s?фактур|заказ|тр[еэ]к|артикул|договор|контракт|кбк|бик|огрн|кпп|октмо|окато|окпо|оквэд|уин"
    r"|постановлен|приказ|закон|стать|ст(?![а-я])|дел[оауе](?![а-я])|накладн|чек(?![а-я])|индекс|заявк|обращени|тикет"
    r"|ид(?![а-я])|id(?![a-z])|товар|сумм|цен[аыуе]|стои|бюджет|вклад|кредит|ипотек|депозит|оборот|выручк|прибыл|доход"
    r"|зарплат(?!н)|оклад|штрих|isbn|ean|imei|верси|квитанц|фн(?![а-я])|фп(?![а-я])|фпд|кадастр|билет|рейс|протокол|инвойс"
    r"|платеж|брон[ьи]|посылк|отправлени|промокод|число|просмотр|подписч|населени|купон|тираж|горяч[а-я]+\s+лини)"
    r"|(?P<zagran>загран)"
    r"|(?P<oms>полис|омс(?![а-я])|oms(?![a-z])|енп(?![а-я])|мед[а-я.]*[\s-]?полис)"
    r"|(?P<snils>снил|сн[ие]л?лс|снлис|снис|сниос|snils|страхов[а-я]+\s+(?:номер|свид)|пенсионн[а-я]+\s+(?:номер|свид|страх))"
    r"|(?P<inn>инн(?!о)(?:\s?[/и,]\s?кпп)?|и\.\s?н\.\s?н|inn(?![a-z])|идентификационн|налогов[а-я]+\s+номер|иннн)"
    r"|(?P<passport>пас+п|поспорт|пспорт|пасорт|пачпорт|pass?port|сери[яиюей]|сер\.)"
    r"|(?P<licence>права(?![а-я])|прав(?![а-я])|водител|ву(?![а-я])|в/у|удостоверен)"
    r"|(?P<phone>т[еи]л(?![а-я])|т[еи]?л[еиэ]?ф|тлф|тф(?![а-я])|моб(?![а-я])|мобил|мобл|сот(?![а-я])|сотов|[а-я]{0,4}звон"
    r"|набер|набир|в[оа]т?[сц]ап|whats?\s?app|wa\.me|viber|вайбер|телег|telegram|тг(?![а-я])|tg(?![a-z])|(?<!в\s)связ|контакт(?!ов)"
    r"|трубк|стационарн|пиши(?:те)?(?![а-я])|phone|tel(?![a-z])|mob|симк|факс|смс|sms|(?:мо[йеяи]|наш|личн|рабоч|мамин|папин|домашн|городск|его|ее|свой)[а-я]*"
    r"\s+(?:номер|№)|домашн|городск|номерок|номерочек|т\.)"
    r"|(?P<account>счет|сч(?![а-я])|р/?\\?сч?(?![а-я])|л/?сч?(?![а-я])|к/?сч?(?![а-я])|р\.\s?с|расчетн|лицев|account|iban"
    r"|реквизит)"
    r"|(?P<card>карт[аыеуо]|картк|карточ|card|виз[аыу](?![а-я])|visa|master|мир(?![а-я])|пластик)"
    r")[а-яa-z]*"
)
_SUM_AFTER = re.compile(
    r"\s{0,2}(?:[₽$€£%]|р(?![а-я/])|руб|rub|тыс|тыщ|т\.?\s?р|млн|млрд|трлн|миллион|миллиард|долл|евро|usd|eur|юан|тенге|бакс"
    r"|коп|процент|шт(?![а-я])|штук|чел|раз(?![а-я])|просмотр|подписчик|участник|пользовател|жител|байт|символ|цифр|знак"
    r"|кг|км|метр|лет|год|мес|дн[еия]|день)|,[0-9]{1,2}(?![0-9])|\s?[*×÷^=]\s?[0-9(]"
)
_SUM_BEFORE = re.compile(r"(?:[$€£₽]|[0-9)]\s?[*×÷^=])\s?\Z")
_NUMBER_SIGN = re.compile(r"(?:№|#|номер|no\.?)\s?\Z")
_SENTENCE_END = re.compile(r"[!?]|\.\s+(?=[^\s0-9(+])")
_CLAUSE_END = re.compile(r"[\n;!?0-9]|\.\s")
_GLUED_BEFORE = re.compile(r"[a-z_]\Z|(?<![а-я])[а-я]{1,2}\Z|[a-zа-я][\-/.]\Z")
_GLUED = re.compile(r"[a-z_]|[\-/][a-zа-я]")
_NEXT_NUMBER = re.compile(r"[^0-9]{0,12}[0-9]{3}")
_SUM_SHAPE = re.compile(r"[123](?:[ .]3)+")
_RUN = re.compile(r"[0-9]+(?:[ \n\-._/()№#]{1,4}[0-9]+)*")
_DIGITS = re.compile("[0-9]+")
_SHORT_SUM = re.compile(r"[0-9]{1,3}(?:[ .][0-9]{3}){1,2}")


class Run:
    """Groups of digits in a row with what stands between them, and the words around, looked up once."""

    def __init__(self, num: str, start: int, end: int) -> None:
        self.num = num
        self.groups = [match.span() for match in _DIGITS.finditer(num, start, end)]
        self.gaps = [num[a[1] : b[0]] for a, b in pairwise(self.groups)]
        self.edges = [2, *map(_edge, self.gaps), 2]
        self.shape = []
        for (first, last), gap in zip(self.groups, [*self.gaps, ""], strict=True):
            sign = gap.strip()
            self.shape += [str(last - first), ";" if sign == "." != gap else sign or " "]
        self._before: dict[int, list[tuple[str, int]]] = {}
        self._after: dict[int, str] = {}

    def before(self, start: int) -> list[tuple[str, int]]:
        """Kinds of the words before a place with the distance to it, the nearest last."""
        if start not in self._before:
            found = _WORDS.finditer(self.num, max(0, start - 70), start)
            self._before[start] = [(match.lastgroup or "", start - match.end()) for match in found]
        return self._before[start]

    def after(self, end: int) -> str:
        """Kind of the word after a place, unless the word belongs to the next number."""
        if end not in self._after:
            tail = _CLAUSE_END.split(self.num[end : end + 32], maxsplit=1)[0]
            match = _WORDS.search(self.num, end, end + len(tail))
            owned = match is not None and not _NEXT_NUMBER.match(self.num, match.end())
            self._after[end] = match.lastgroup or "" if match is not None and owned else ""
        return self._after[end]


def _edge(gap: str) -> int:
    """Say how well a gap parts numbers. 0: glued; 1: only a space; 2: a new line or a mark with a space."""
    if gap.isspace():
        return 2 if "\n" in gap or len(gap) > 1 else 1
    if gap in {"/", "(", ")"}:
        return 1
    return 2 if gap[-1] in "№#" or any(sign.isspace() for sign in gap) else 0


class Window:
    """Some neighbouring groups of a run that may be one number; `shape` looks like «1(3)3-2-2»."""

    def __init__(self, run: Run, first: int, last: int) -> None:
        self.run, self.num, self.first, self.last = run, run.num, first, last
        self.start, self.end = run.groups[first][0], run.groups[last][1]
        self.parts = [run.num[start:end] for start, end in run.groups[first : last + 1]]
        self.digits = "".join(self.parts)
        self.shape = "".join(run.shape[2 * first : 2 * last + 1])
        self.plain = first == last
        self.edge = min(run.edges[first], run.edges[last + 1])
        # Groups of three after a first of one to three are how sums are written, most of all with a group of zeros.
        self.sum_like = _SUM_SHAPE.fullmatch(self.shape) is not None
        self.thousands = self.sum_like and "000" in self.parts

    @property
    def plus(self) -> int:
        """Where the plus sign before the number stands, or -1."""
        bare = self.num[max(0, self.start - 3) : self.start].rstrip(" (")
        return max(0, self.start - 3) + len(bare) - 1 if bare.endswith("+") else -1

    @property
    def glued(self) -> bool:
        """Letters stick to the number, as in identifiers and law-case numbers; a Russian word may."""
        return bool(
            _GLUED_BEFORE.search(self.num[max(0, self.start - 3) : self.start]) or _GLUED.match(self.num, self.end)
        )

    @property
    def kind(self) -> str:
        """What the nearest word says; a word after the number counts when there is none before it."""
        words = self.run.before(self.start)
        return words[-1][0] if words else self.run.after(self.end)

    @property
    def says_phone(self) -> bool:
        """A word for a telephone stands before it in the same sentence, or right after it."""
        for kind, distance in reversed(self.run.before(self.start)):
            if kind == "phone":
                return _SENTENCE_END.search(self.num, self.start - distance, self.start) is None
        return self.kind == "phone"

    def public(self, reach: int = 14) -> bool:
        """An order, a contract or a sum is named right before it."""
        return any(kind == "public" and distance <= reach for kind, distance in self.run.before(self.start)[-1:])

    @property
    def sum_unit(self) -> bool:
        """A unit of money, a decimal comma or a formula touches it."""
        before = self.num[max(0, self.start - 4) : self.start]
        return bool(_SUM_AFTER.match(self.num, self.end) or _SUM_BEFORE.search(before))

    @property
    def numbered(self) -> bool:
        """«№» or «номер» stands right before it."""
        return _NUMBER_SIGN.search(self.num[max(0, self.start - 7) : self.start]) is not None

    @property
    def round(self) -> bool:
        """Thousands at the end: a sum."""
        zeros = sum(part.endswith("00") for part in self.parts)
        return self.digits.endswith("00000") or (not self.plain and zeros > len(self.parts) / 2)

    @property
    def bare(self) -> bool:
        """Nothing speaks against a personal number without a word for it."""
        return not (self.edge == 0 or self.glued or self.sum_unit or self.public())


def luhn(digits: str) -> bool:
    """Check a card number (ISO/IEC 7812-1, annex B)."""
    doubled = sum(int("0246813579"[int(digit)]) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[::-2]))) % 10 == 0


def card_brand(digits: str) -> bool:
    """Tell whether the issuer prefix and the length fit a card in use (ISO/IEC 7812-1, payment systems' rules)."""
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        return size in {13, 16, 18, 19}
    if two in {34, 37}:
        return size == 15
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return size == 16
    return (2200 <= four <= 2204 and size >= 16) or two == 50 or 56 <= two <= 69


def inn(digits: str) -> bool:
    """Check an ИНН of 10 or 12 digits (order of ФНС ЕД-7-14/559@, annex on the structure of the number)."""
    if digits.startswith("00"):
        return False
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    for size in (len(digits) - 1,) if len(digits) == 10 else (10, 11):
        total = sum(int(digit) * weight for digit, weight in zip(digits, weights[11 - size :], strict=False))
        if total % 11 % 10 != int(digits[size]):
            return False
    return True


def snils(digits: str) -> bool:
    """Check a СНИЛС (постановление Правления ПФР от 31.07.2006 № 192п); the first numbers have no checksum."""
    if int(digits[:9]) <= 1001998:
        return int(digits[:9]) > 0
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def iban(text: str) -> bool:
    """Check an IBAN without separators (ISO 13616-1, mod 97-10 of ISO/IEC 7064)."""
    moved = (text[4:] + text[:4]).upper()
    return 15 <= len(text) <= 34 and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


# Telephone numbers with the country code (ITU-T E.164): how many digits they have.
_COUNTRIES: Final[dict[str, frozenset[int]]] = {
    code: frozenset(sizes)
    for sizes, codes in (
        ((11,), "7 8 1 993 374 373 371 370 48 33 34 66 382 84 357 46 31 32 41 36 40 976"),
        ((12,), "375 380 998 996 992 994 995 44 90 420 359 91 351 30 81"),
        ((10, 11, 12, 13), "49 43 39 358 62 381 971 972 82 47 372 86"),
    )
    for code in codes.split()
}
_BUDGET = re.compile("182|153|188|392")
# The currency of a bank account stands in its digits 6-8 (положение Банка России 809-П).
_CURRENCY = re.compile("810|643|840|978|156|826|756|392|398|933|974|860|051|944|417|972|934|949|784|344|356|704|980")


def _country_sizes(digits: str) -> frozenset[int]:
    return next((_COUNTRIES[digits[:size]] for size in (3, 2, 1) if digits[:size] in _COUNTRIES), frozenset())


def _toll_free(window: Window) -> bool:
    return window.digits[-10:-7] in {"800", "804"} and window.digits[:-10] in {"", "7", "8"} and not window.sum_like


def _account(window: Window) -> bool:
    known = window.digits[0] in "34" and bool(_CURRENCY.match(window.digits, 5)) and max(map(len, window.parts)) > 3
    return window.kind == "account" or (known and "/" not in window.shape and not window.glued)


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
    return window.edge > 0 and window.kind in {"passport", "licence", "zagran"} and not window.sum_unit


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
    # КБК, a public code, begins with its administrator (приказ Минфина о кодах бюджетной классификации).
    ((20,), None, ".*", lambda w: w.kind == "public" or (w.kind != "account" and bool(_BUDGET.match(w.digits)))),
    ((20,), "account", ".*", _account),
    ((16,), "oms", ".*", lambda w: w.kind == "oms" and w.edge > 0),
    ((16, 19, 18, 17, 15, 14, 13), "card", ".*", _card),
    ((13, 12, 11, 10, 14, 15, 9), "phone", ".*", _phone_plus),
    ((11,), "phone", ".*", _phone_11),
    ((11,), "snils", "11|9[ -]2|3[ -]3[ -]5", lambda w: w.digits > "002" and snils(w.digits) and w.bare),
    ((12, 10), "inn", ".*", lambda w: w.kind == "inn" and inn(w.digits)),
    ((12,), "inn", "12", _inn_bare),
    ((12,), "phone", ".*", lambda w: w.kind == "phone" and 12 in _country_sizes(w.digits)),
    # Moscow and foreign companies' numbers look like mobile telephones without the eight.
    ((10,), "inn", "10", lambda w: w.digits.startswith(("97", "9909")) and not w.kind and _inn_bare(w)),
    ((10,), "passport", _SERIES, _passport_told),
    ((10,), "passport", r"4[ \-_/№]6|2[ \-]2[ \-_/№]6", _passport_bare),
    ((10,), "phone", ".*", _phone_10),
    ((10,), "inn", "10", _inn_bare),
    ((9,), "passport", r"9|2\D{1,3}7", _passport_told),
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
