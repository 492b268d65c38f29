"""Recognising a request to compute, filling a calculator's slots from it, and asking for what is missing.

Knows slots and quantities; what is computed is `calculator_catalogue.py`. When in doubt it says nothing: a rule that
merely holds numbers belongs to the knowledge base.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from llmops.assistants.finance.calculator_catalogue import BY_NAME, CALCULATORS
from llmops.assistants.finance.calculator_filling import Seen, accepted, filled, look, missing, within
from llmops.assistants.finance.calculator_values import Calculator, Slot, Values, money, percent
from llmops.language.numbers import number_text, plural
from llmops.language.text import fold
from llmops.schemas import CalculatorState


@dataclass(frozen=True, slots=True)
class CalculationAnswer:
    """A finished calculation."""

    text: str
    title: str
    reference: str


@dataclass(frozen=True, slots=True)
class CalculationQuestion:
    """One clarifying question, and what is known so far."""

    text: str
    state: CalculatorState


Calculation = CalculationAnswer | CalculationQuestion

_INFINITIVE = r"(?:посчитать|рассчитать|подсчитать|вычислить)"
_IMPERATIVE = re.compile(
    r"\b(?:посчитай|считай|рассчитай|подсчитай|сосчитай|вычисли|прикинь)(?:те)?\b|\bкалькулятор\b"
    rf"|(?:помоги|хочу|нужно|надо|можешь|можете|давай|сможешь|попробуй)\w*\b.{{0,20}}\b{_INFINITIVE}"
)
_EXPLICIT = re.compile(
    rf"^{_INFINITIVE}\b|"
    r"\bсколько (?:выйдет|получится)|как(?:ой|ова|ая) (?:будет|выйдет|получится) (?:плат|переплат|налог|ежемесячн)"
)
_RULE = re.compile(  # questions about rules, which merely hold numbers
    r"\bли\b|\bправда\b|через сколько|максим|минимальн|предел|лимит|порог|застрахова|почему|зачем|что такое|что значит"
    r"|что за\b|законн|грозит|отлича|разниц|до скольк|\bкуда\b|\bгде\b|\bкто\b|\bчем\b (?!за )|срок давности|формул"
    r"|(?:с|до|от) как(?:ой|ого|их)\b|какая (?:\w+ )?ставка|какой (?:\w+ )?процент|на сколько процентов"
    r"|сколько процентов (?!я |получ|набеж|накап|выйд|начисл|будет (?:по|на))"
    rf"|\bкак (?!быстро|скоро|долго|измен|{_INFINITIVE})|когда (?!погаш|выплач|закро|накоп)|что будет|что делать"
    r"|не (?:отда|верн|плати)|отказ|штраф|документ|справк|положен|(?:имею|имеет) право|вправе|обязан|могут|бесплатно"
    r"|\bможно\b(?! (?:накоп|скоп|взять|позвол))|нужно указ|мошенн|сто\w+ брать|выгодн|если не\b|не могу|посовет|смысл"
    r"|лопн|банкрот|отозва|лиценз|за какие|какие год|(?:это )?(?:ид[её]т|входит|подпадает) (?:в|под)\b|учтут|считается"
)
_WANTED = re.compile(r"сколько|как(?:ой|ая|ую|ова|ов|ие)\b|во что|сравни|как (?:быстро|скоро|долго|измен)|когда")
_UNSURE = re.compile(r"не знаю|не помню|без понятия|\bхз\b|затрудня|не уверен")
_FILLERS = frozenset(
    [
        "под",
        "на",
        "по",
        "за",
        "в",
        "с",
        "и",
        "а",
        "ну",
        "около",
        "примерно",
        "где-то",
        "пусть",
        "будет",
        "это",
        "даже",
        "давай",
        "давайте",
        "наверное",
        "допустим",
        "скажем",
        "ставка",
        "ставку",
        "срок",
        "сумма",
        "сумму",
        "процент",
        "процента",
        "процентов",
        "годовых",
        "рублей",
        "рубля",
        "месяц",
        "месяца",
        "месяцев",
        "год",
        "лет",
        "года",
        "день",
        "дней",
        "дня",
        "у",
        "меня",
        "мне",
        "всего",
        "ровно",
        "вот",
        "зарплата",
        "зп",
        "доход",
        "оклад",
        "плачу",
        "платеж",
        "взнос",
        "от",
        "до",
        "того",
        "что-то",
        "вроде",
        "порядка",
        "лошадей",
        "сил",
        "ребенка",
        "детей",
        "ребенок",
        "лечение",
        "учебу",
        "учеба",
        "жилье",
        "квартиру",
        "квартира",
        "иис",
        "ипотеку",
        "ипотеки",
        "спорт",
        "проценты",
        "ипотеке",
    ]
)
_OTHERWISE = {"percent": "Какую ставку взять?", "months": "Какой срок взять?", "year": "За какой год?"}
_BLANKS = re.compile(r"\s+")
_LONGEST = 1000
_TEXT, _TEXT_LENGTH = "text", 400
_YEARS_AT_MOST = 10
_TALKATIVE, _SHORT_REPLY = 6, 2


def catalogue() -> list[tuple[str, str, str]]:
    """Return the calculators as (name, Russian title, example phrase)."""
    return [(calculator.name, calculator.title, calculator.example) for calculator in CALCULATORS]


def calculate(
    text: str, *, pending: CalculatorState | None = None, forced: bool = False
) -> CalculationAnswer | CalculationQuestion | None:
    """Compute what a message asks for, ask for what is missing, or return None when it asks for no computation.

    Args:
        pending: The calculation that the previous question was about; a bare reply fills its missing slot.
        forced: The person called the calculators explicitly, so whatever is missing is asked for.
    """
    folded = _BLANKS.sub(" ", fold(text[:_LONGEST])).strip()
    if len(text) > _LONGEST or not folded:
        return None
    seen, year = look(folded)
    fresh = _fresh(folded, seen, year, forced=forced)
    if pending is None or (isinstance(fresh, CalculationAnswer) and fresh.title != _title(pending)):
        return fresh
    return _continued(folded, seen, pending) or fresh


# ── recognising


def _fresh(folded: str, seen: list[Seen], year: Decimal | None, *, forced: bool) -> Calculation | None:
    imperative = forced or _IMPERATIVE.search(folded) is not None
    if not imperative and _RULE.search(folded):
        return None
    explicit = imperative or _EXPLICIT.search(folded) is not None
    candidates = [
        (calculator, filled(calculator, folded, seen, year, loose=forced))
        for calculator in CALCULATORS
        if re.search(calculator.subject, folded) and not re.search(calculator.unlike, folded)
    ]
    for calculator, values in candidates:
        if missing(calculator, values) is None and (explicit or _asks(folded, seen)):
            return _finished(calculator, values)
    if not candidates or not _may_ask(folded, seen, explicit=explicit, forced=forced):
        return None
    calculator, values = max(candidates, key=lambda pair: _share(*pair))
    slot = missing(calculator, values)
    return _question(calculator, values, slot) if slot else None


def _may_ask(folded: str, seen: list[Seen], *, explicit: bool, forced: bool) -> bool:
    """Tell whether an incomplete request is clear enough to ask for the rest."""
    if forced:
        return True
    imperative = _IMPERATIVE.search(folded) is not None
    short = len(_other_words(folded, seen)) <= _TALKATIVE
    return explicit and not _RULE.search(folded) and short and (imperative or bool(seen))


def _asks(folded: str, seen: list[Seen]) -> bool:
    """Tell whether a text asks for a figure, or is little more than its numbers and their names."""
    return _WANTED.search(folded) is not None or len(_other_words(folded, seen)) <= _TALKATIVE


def _other_words(folded: str, seen: list[Seen]) -> list[str]:
    rest = folded
    for one in reversed(seen):
        rest = rest[: one.quantity.start] + " " + rest[one.quantity.end :]
    return [word for word in re.findall(r"[а-яa-z][а-яa-z-]*", rest) if word not in _FILLERS]


def _share(calculator: Calculator, values: Values) -> float:
    wanted = [slot for slot in calculator.slots if not slot.optional]
    return sum(slot.name in values for slot in wanted) / len(wanted)


# ── the reply to a question


def _continued(folded: str, seen: list[Seen], pending: CalculatorState) -> Calculation | None:
    """Fill the slot that was asked about from a bare reply; None when the message is something else."""
    calculator = BY_NAME.get(pending.calculator)
    slot = next((one for one in calculator.slots if one.name == pending.missing), None) if calculator else None
    if calculator is None or slot is None:
        return None
    before = pending.known.get(_TEXT, "")
    values = Values(f"{before} {folded}".strip(), _numbers(pending.known))
    if _UNSURE.search(folded) and not seen:
        return _question(calculator, replace(values, text=before), slot, "Подойдёт и примерное значение. ")
    if len(_other_words(folded, seen)) > _SHORT_REPLY or _RULE.search(folded) or "?" in folded:
        return None
    found = _reply(slot, values.text if slot.kind == "word" else folded, seen)
    if found is None:
        return _question(calculator, replace(values, text=before), slot, "Не понял ответа. ") if seen else None
    numbers = {**_rest(calculator, slot, seen), **values.numbers, slot.name: found}
    return _finished(calculator, replace(values, numbers=numbers))


def _title(pending: CalculatorState) -> str:
    calculator = BY_NAME.get(pending.calculator)
    return calculator.title if calculator else ""


def _reply(slot: Slot, text: str, seen: list[Seen]) -> Decimal | None:
    if slot.kind == "word":
        return Decimal(1) if re.search(slot.before, text) else None
    free = replace(slot, period="" if slot.period in ("once", "monthly", "rate_day") else slot.period)
    for one in seen:
        value = accepted(free, one, cued=True, bare=True, loose=True)
        if value is not None:
            years = slot.kind in ("months", "term") and one.quantity.kind == "plain" and value <= _YEARS_AT_MOST
            return value * 12 if years else value
    return None


def _rest(calculator: Calculator, asked: Slot, seen: list[Seen]) -> Mapping[str, Decimal]:
    """Return what else a reply says, besides the slot asked about: «под 18 на 3 года»."""
    if len(seen) < 2:
        return {}
    others = replace(calculator, slots=tuple(slot for slot in calculator.slots if slot.name != asked.name))
    own = next((one for one in seen if accepted(asked, one, cued=True, bare=True, loose=True) is not None), None)
    return filled(others, "", [one for one in seen if one is not own], None, loose=False).numbers


def _numbers(known: Mapping[str, str]) -> dict[str, Decimal]:
    numbers: dict[str, Decimal] = {}
    for name, value in known.items():
        try:
            if name != _TEXT:
                numbers[name] = Decimal(value)
        except InvalidOperation:
            continue
    return numbers


# ── results


def _finished(calculator: Calculator, values: Values) -> Calculation:
    """Compute when everything is there and sensible, otherwise ask."""
    for slot in calculator.slots:
        if slot.name in values and slot.kind != "word" and not within(slot, values[slot.name]):
            kept = {name: value for name, value in values.numbers.items() if name != slot.name}
            return _question(calculator, replace(values, numbers=kept), slot, f"{_limits(slot)} ")
    slot_left = missing(calculator, values)
    if slot_left is not None:
        return _question(calculator, values, slot_left)
    try:
        return CalculationAnswer(calculator.answer(values), calculator.title, calculator.reference)
    except ArithmeticError:
        first = next(slot for slot in calculator.slots if not slot.optional)
        return _question(calculator, replace(values, numbers={}), first, "Числа слишком велики, такое не посчитать. ")


def _question(calculator: Calculator, values: Values, slot: Slot, lead: str = "") -> CalculationQuestion:
    known = {name: str(value) for name, value in values.numbers.items()}
    known[_TEXT] = values.text[:_TEXT_LENGTH]
    asked = slot.question or _OTHERWISE.get(slot.kind, "Какую сумму взять?")
    return CalculationQuestion(
        f"{lead}{asked}", CalculatorState(calculator=calculator.name, known=known, missing=slot.name)
    )


def _limits(slot: Slot) -> str:
    """Say between what and what a slot can be."""
    shown = {"money": money, "percent": percent, "months": _months, "term": _months, "days": _days}
    say = shown.get(slot.kind, number_text)
    return f"Такое значение не подходит: беру от {say(slot.low)} до {say(slot.high)}."


def _months(months: Decimal) -> str:
    if months < 1:
        return "1 дня"
    years, rest = divmod(months, 12)
    return plural(months, ("месяца", "месяцев", "месяцев")) if rest else plural(years, ("года", "лет", "лет"))


def _days(days: Decimal) -> str:
    return plural(days, ("дня", "дней", "дней"))
