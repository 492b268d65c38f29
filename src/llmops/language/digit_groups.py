"""Groups of digits in a text, and the words around them that say whose they are.

Knows no checksums and no rules: it says how digits are grouped and what is named beside them.
"""

from __future__ import annotations

import re
from itertools import pairwise

# The nearest word decides. «Public» words name numbers that are nobody's secret, and sums.
_WORDS = re.compile(
    r"(?<![а-яa-z])(?=[а-яa-z])(?:"
    r"(?P<public>счета?-?\s?фактур|заказ|тр[еэ]к|артикул|договор|контракт|кбк|бик|огрн|кпп|октмо|окато|окпо|оквэд|уин"
    r"|постановлен|приказ|закон|стать|ст(?![а-я])|дел[оауе](?![а-я])|накладн|чек(?![а-я])|индекс|заявк|обращени|тикет"
    r"|ид(?![а-я])|id(?![a-z])|товар|сумм|цен[аыуе]|стои|бюджет|вклад|кредит(?!к)|ипотек|депозит|оборот|выручк|прибыл|доход"
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
    r"|(?P<card>карт[аыеуо]|кредитк|дебетовк|картк|карточ|card|виз[аыу](?![а-я])|visa|master|мир(?![а-я])|пластик)"
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
_DIGITS = re.compile("[0-9]+")


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

    def column(self, kind: str) -> bool:
        """A table's heading names it, and the number stands in a cell."""
        cell = self.num[max(0, self.start - 1) : self.start] in {";", "|", "\t"}
        return cell and any(word == kind for word, _ in self.run.before(self.start))

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
