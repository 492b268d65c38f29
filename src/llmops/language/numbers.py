"""Reading numbers, money, rates and terms from free Russian text.

«кредит 500к на полтора года под 18» gives 500 000 ₽, 18 months and 18 %. Numbers may be digits, words, or both.
Knows no calculators: it says what was written, not what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

from llmops.language.text import fold

Kind = Literal["money", "percent", "months", "days", "power", "count", "plain"]
Per = Literal["", "day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it measures.

    Args:
        value: In roubles, percent, months, days, horsepower or pieces.
        per: The period a rate or a sum belongs to («в месяц»), empty when none was said.
        start: Where it begins in the folded text; `end` is behind its last character.
    """

    value: Decimal
    kind: Kind
    start: int
    end: int
    per: Per = ""


_UNITS = {
    0: "ноль нуля нулю", 1: "один одна одно одну одного одной одному одним",
    2: "два две двух двум двумя двое двоих двоим", 3: "три трех трем тремя трое троих троим",
    4: "четыре четырех четырем четверо четверых", 5: "пять пяти пятью пятеро пятерых", 6: "шесть шести шестью",
    7: "семь семи семью", 8: "восемь восьми восемью", 9: "девять девяти", 10: "десять десяти десятью",
    11: "одиннадцать одиннадцати", 12: "двенадцать двенадцати", 13: "тринадцать тринадцати",
    14: "четырнадцать четырнадцати", 15: "пятнадцать пятнадцати", 16: "шестнадцать шестнадцати",
    17: "семнадцать семнадцати", 18: "восемнадцать восемнадцати", 19: "девятнадцать девятнадцати",
    20: "двадцать двадцати", 30: "тридцать тридцати", 40: "сорок сорока", 50: "пятьдесят пятидесяти полтинник полтос",
    60: "шестьдесят шестидесяти", 70: "семьдесят семидесяти", 80: "восемьдесят восьмидесяти",
    90: "девяносто девяноста", 100: "сто ста сотка сотку", 200: "двести двухсот", 300: "триста трехсот",
    400: "четыреста четырехсот", 500: "пятьсот пятисот", 600: "шестьсот шестисот", 700: "семьсот семисот",
    800: "восемьсот восьмисот", 900: "девятьсот девятисот",
}  # fmt: skip
_WORDS = {form: Decimal(value) for value, forms in _UNITS.items() for form in forms.split()}
_WORDS |= {
    "полтора": Decimal("1.5"),
    "полторы": Decimal("1.5"),
    "полутора": Decimal("1.5"),
    "пол": Decimal("0.5"),
}
_MULTIPLIERS = (
    (re.compile(r"тыс(?:яч\w*)?|к|k|т|тр|косар\w*|косых|штук[аиу]?|тыщ\w*|рубасов"), Decimal(1000)),
    (re.compile(r"млн|миллион\w*|мио|лям\w*|лимон\w*|м|кк|kk"), Decimal(1_000_000)),
    (re.compile(r"млрд|миллиард\w*|ярд\w*"), Decimal(1_000_000_000)),
)
_ALONE = re.compile(r"лям|миллион|лимон|тысяч[ау]|тыщ[ау]|миллиард|косарь")
_GLUED = re.compile(r"пол(миллиона|ляма|лимона|тысячи|года|месяца)")
_GLUED_MULTIPLIER = {"миллиона": "миллион", "ляма": "миллион", "лимона": "миллион", "тысячи": "тысяча"}
_TOKEN = re.compile(
    r"(?P<date>\d{1,2}\.\d{1,2}\.\d{2,4})"
    r"|(?P<number>(?<![\d.,])(?:[1-9]\d{0,2}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?"
    r"|[1-9]\d{0,2}(?:\.\d{3}){1,}(?![\d.])|[1-9]\d{0,2}(?:,\d{3}){2,}(?![\d,])|\d+(?:[.,]\d+)?))"
    r"|(?P<word>[а-яa-z]+(?:-[а-яa-z]+)*)|(?P<sign>[%₽$€])|(?P<gap>[^\S\n]+)|(?P<other>.)",
    re.DOTALL,
)
_KINDS: tuple[tuple[re.Pattern[str], Kind, Decimal], ...] = (
    (re.compile(r"%|процент\w*|проц|годовых"), "percent", Decimal(1)),
    (re.compile(r"₽|руб\w*|р|деревянных|целковых"), "money", Decimal(1)),
    (re.compile(r"год\w*|лет|г"), "months", Decimal(12)),
    (re.compile(r"мес\w*"), "months", Decimal(1)),
    (re.compile(r"квартал\w*"), "months", Decimal(3)),
    (re.compile(r"дн\w*|день|сут\w*"), "days", Decimal(1)),
    (re.compile(r"недел\w*"), "days", Decimal(7)),
    (re.compile(r"лс|лошад\w*|лошадок|сил\w*"), "power", Decimal(1)),
    (
        re.compile(
            r"дет\w*|реб\w*|человек\w*|раз\w*|квартир\w*|сот\w*|кв|метр\w*|м2|чел|баллов|доллар\w*|бакс\w*|евро|юан\w*|[$€]"
        ),
        "count",
        Decimal(1),
    ),
)
_PERIODS: tuple[tuple[re.Pattern[str], Per], ...] = (
    (re.compile(r"^\W{0,3}(?:(?:в|за|каждый|на) (?:день|сутки)|ежедневно|/ ?день)"), "day"),
    (re.compile(r"^\W{0,3}(?:(?:в|за|каждый) мес\w*|ежемесячно|/ ?мес)"), "month"),
    (re.compile(r"^\W{0,3}(?:(?:в|за|каждый) год|годовых|год\b|ежегодно|/ ?год)"), "year"),
)
_TERM_WORDS = {
    "полгода": (Decimal(6), "months"), "полугода": (Decimal(6), "months"),
    "год": (Decimal(12), "months"), "годик": (Decimal(12), "months"),
    "месяц": (Decimal(1), "months"), "квартал": (Decimal(3), "months"), "неделю": (Decimal(7), "days"),
}  # fmt: skip
_TERM_BEFORE = re.compile(r"(?:на|через|за|сроком|срок) (?:один )?$")
_SKIPPED = re.compile(r"полных|полные|целых|календарных|рабочих|процентных")
_RATE_BEFORE = re.compile(r"(?:под|ставк\w+(?: в)?|процент\w*(?: в)?) $")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup or "other", match.group()
        glued = _GLUED.fullmatch(word) if kind == "word" else None
        if glued and glued.group(1) in _GLUED_MULTIPLIER:
            middle = match.start() + 3
            found.append(_Token("word", "пол", match.start(), middle))
            found.append(_Token("word", _GLUED_MULTIPLIER[glued.group(1)], middle, match.end()))
        elif kind == "word" and "-" in word and all(part in _WORDS or _multiplier(part) for part in word.split("-")):
            at = match.start()
            for part in word.split("-"):
                found.append(_Token("word", part, at, at + len(part)))
                at += len(part) + 1
        elif kind != "gap":
            found.append(_Token(kind, word, match.start(), match.end()))
    return found


def _multiplier(word: str) -> Decimal | None:
    return next((factor for pattern, factor in _MULTIPLIERS if pattern.fullmatch(word)), None)


def _digits(text: str) -> Decimal:
    bare = re.sub(r"[ \u00a0\u202f'’]", "", text)
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+|[1-9]\d{0,2}(,\d{3}){2,}", bare):
        return Decimal(re.sub(r"[.,]", "", bare))
    return Decimal(bare.replace(",", "."))


class _Reader:
    """Walks over tokens and reads one number with its multipliers at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    def numbers(self) -> Iterator[Quantity]:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "number" or (token.kind == "word" and token.text in _WORDS):
                yield self._unit(*self._number())
            elif token.kind == "word" and token.text in _TERM_WORDS and _TERM_BEFORE.search(self.text[: token.start]):
                value, kind = _TERM_WORDS[token.text]
                yield Quantity(value, "months" if kind == "months" else "days", token.start, token.end)
                self.at += 1
            elif token.text == "полгода":
                yield Quantity(Decimal(6), "months", token.start, token.end)
                self.at += 1
            elif token.kind == "word" and _ALONE.fullmatch(token.text):
                yield self._unit(*self._number(Decimal(1)))
            else:
                self.at += 1

    def _step(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _peek(self, ahead: int = 0) -> _Token | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def _number(self, group: Decimal = Decimal(0)) -> tuple[Decimal, bool, int, int]:
        """Read digits or words with their multipliers: value, whether multiplied, start and end.

        Args:
            group: What stands before the first token: one when a multiplier opens the number («миллион»).
        """
        start = self.tokens[self.at].start
        total, scale = Decimal(0), Decimal(10) ** 12
        multiplied, smallest, end = False, Decimal(10) ** 12, start
        while (token := self._peek()) is not None:
            value = (
                _digits(token.text)
                if token.kind == "number"
                else _WORDS.get(token.text)
                if token.kind == "word"
                else None
            )
            if value is not None and not self._continues(value, group, smallest, multiplied):
                break
            if value is not None:
                group += value
                smallest = value if token.kind == "word" and value >= 1 else Decimal(0)
            elif (half := self._half(token)) and group:
                group += half
                self.at += 1
            else:
                factor = self._factor(token, end)
                if factor is None or factor >= scale or group == 0:
                    break
                total, group, scale, multiplied, smallest = (
                    total + group * factor,
                    Decimal(0),
                    factor,
                    True,
                    Decimal(10) ** 12,
                )
            end = self._step().end
            if token.text in ("т", "тр") and (dot := self._peek()) and dot.text == ".":
                end = self._step().end
        return total + self._tail(group, scale), multiplied, start, end

    def _tail(self, group: Decimal, scale: Decimal) -> Decimal:
        """Return what words behind the last multiplier stand for: «миллион двести» is 1 200 000."""
        token = self._peek()
        spoken = scale == 1_000_000 and 100 <= group < 1000 and group % 10 == 0
        said_roubles = token is not None and re.match(r"₽|р\b|руб", token.text)
        return group * 1000 if spoken and not said_roubles else group

    def _continues(self, value: Decimal, group: Decimal, smallest: Decimal, multiplied: bool) -> bool:
        """Tell whether a numeral goes on with the number: «сто пятьдесят» does, «пять сто» and «1 млн 18 %» do not."""
        token, following = self._peek(), self._peek(1)
        word = token is not None and token.kind == "word"
        if group:
            return word and value < smallest and not (smallest == 10 and value < 10)
        counted = following is not None and (_multiplier(following.text) or re.match(r"₽|руб", following.text))
        return word or not multiplied or bool(counted)

    def _half(self, token: _Token) -> Decimal | None:
        following = self._peek(1)
        return Decimal("0.5") if token.text == "с" and following and following.text == "половиной" else None

    def _factor(self, token: _Token, end: int) -> Decimal | None:
        if token.kind != "word":
            return None
        factor = _multiplier(token.text)
        if factor is None:
            return None
        if token.text in ("т", "м", "к", "k"):
            following = self._peek(1)
            if token.text == "м" and (
                token.start > end or (following and following.kind == "number" and following.start == token.end)
            ):
                return None
            if token.text == "т" and token.start - end > 1:
                return None
            if (
                token.text == "к"
                and token.start > end
                and not (following and re.fullmatch(r"₽|руб\w*|под|на|в|по", following.text))
            ):
                return None
        return factor

    def _unit(self, value: Decimal, multiplied: bool, start: int, end: int) -> Quantity:
        """Give a number its kind by the word behind it, else by the words before it."""
        token = self._peek()
        if token and token.text == "л" and (third := self._peek(2)) and third.text == "с":
            self.at += 3
            return Quantity(value, "power", start, third.end)
        if token and _SKIPPED.fullmatch(token.text) and self._peek(1):
            self.at += 1
            token = self._peek()
        for pattern, kind, factor in _KINDS:
            if token and pattern.fullmatch(token.text):
                self.at += 1
                scaled = value * factor if kind in ("months", "days") else value
                return replace(Quantity(scaled, kind, start, token.end), per=self._per(token.end))
        if multiplied:
            return Quantity(value, "money", start, end, self._per(end))
        if value <= 1000 and _RATE_BEFORE.search(self.text[:start]):
            return Quantity(value, "percent", start, end, self._per(end))
        return Quantity(value, "plain", start, end, self._per(end))

    def _per(self, end: int) -> Per:
        return next((per for pattern, per in _PERIODS if pattern.search(self.text[end : end + 24])), "")


def read_quantities(text: str) -> list[Quantity]:
    """Return the quantities of a text in order; years and months of one term («3 года и 6 месяцев») are one quantity.

    Dates are left out. A bare number after «под» is a rate.
    """
    folded = fold(text)
    merged: list[Quantity] = []
    for quantity in _Reader(folded).numbers():
        last = merged[-1] if merged else None
        joined = (
            last
            and last.kind == quantity.kind == "months"
            and re.fullmatch(r"\s*(?:и\s*)?", folded[last.end : quantity.start])
        )
        if last and joined and quantity.value < 12:
            merged[-1] = replace(last, value=last.value + quantity.value, end=quantity.end)
        else:
            merged.append(quantity)
    return merged


def money_text(value: Decimal) -> str:
    """Return a sum as people write it: «1 400 000 ₽», «12 596,48 ₽»."""
    exact = value.quantize(Decimal("0.01"), ROUND_HALF_UP, Context(prec=max(28, value.adjusted() + 6)))
    return f"{number_text(exact)} ₽"


def number_text(value: Decimal) -> str:
    """Return a number with groups of three digits and a decimal comma, without trailing zeros of whole numbers."""
    value = value if value else Decimal(0)
    whole = value == value.to_integral_value()
    plain = f"{value:.0f}" if whole else f"{value:f}"
    head, _, tail = plain.partition(".")
    sign, digits = ("-", head[1:]) if head.startswith("-") else ("", head)
    groups = [digits[max(0, i - 3) : i] for i in range(len(digits), 0, -3)][::-1]
    return sign + " ".join(groups) + (f",{tail}" if tail else "")


def plural(count: Decimal | int, forms: tuple[str, str, str]) -> str:
    """Return a count with its noun: 1 месяц, 2 месяца, 5 месяцев, 1,5 месяца."""
    value = Decimal(count)
    if value != value.to_integral_value():
        return f"{number_text(value.normalize())} {forms[1]}"
    last, ten = int(value % 10), int(value % 100 // 10)
    form = 0 if last == 1 and ten != 1 else 1 if 2 <= last <= 4 and ten != 1 else 2
    return f"{number_text(value)} {forms[form]}"
