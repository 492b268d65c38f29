"""What the calculators of taxes, deductions, pay and family duties say: result, totals, formula, assumption.

Arithmetic and the constants with their sources are `calculators.py`.
"""

from __future__ import annotations

from decimal import Decimal

from llmops.assistants.finance import calculators as sums
from llmops.assistants.finance.calculator_values import (
    MONTHS,
    YEARS,
    Values,
    answer,
    factor,
    money,
    share,
)
from llmops.language.numbers import plural

_TWELVE, _HUNDRED = Decimal(12), Decimal(100)
_ORDINARY = Decimal(13)
_YEARLY = r"в год|годов|за год|ежегодн|за 20\d\d"
_BIG = Decimal(500_000)  # a sum without a period that is above this is a year's income
_STUDY, _CHILD = r"(?:уч[её]|обуч|школ|садик|кружк|секци|универ|вуз)", r"(?:реб|сын|доч|дет)"
DEDUCTION_KINDS = (
    ("iis", r"\bиис|инвестиционн\w+ сч"),
    ("mortgage", r"процент\w* (?:по|за) (?:ипотек|кредит)|ипотечн\w* процент|процент\w*.{0,20}ипотек"),
    ("costly", r"дорогостоящ|\bэко\b|дорог\w+ лечен"),
    ("child_study", rf"{_STUDY}.{{0,30}}{_CHILD}|{_CHILD}.{{0,30}}{_STUDY}"),
    ("housing", r"квартир|жиль|\bдом\b|дома\b|новостройк|комнат|ипотек"),
    ("social", r"лечен|зуб|врач|лекарств|стоматолог|спорт|фитнес|обуч|уч[её]б|учил|курс|анализ|клиник|операци|вуз"),
)  # fmt: skip
_CARRIED = ("housing", "mortgage")
_ASKS_GROSS = r"(?:сколько|как(?:ой|ая|ую)|это) .{0,30}(?:до вычета|до налог|гросс|gross|грязн|(?:нужен|быть) оклад)"
_ASKS_NET = r"(?:сколько|это) .{0,30}(?:чистыми|на руки)|на руки (?:сколько|это|будет)"
_DEDUCTION_TITLES = {
    "iis": "взносы на ИИС",
    "mortgage": "проценты по ипотеке",
    "costly": "дорогостоящее лечение",
    "child_study": "учёба ребёнка",
    "housing": "покупка жилья",
    "social": "лечение, своя учёба, спорт и лекарства",
}


def _bands(parts: list[tuple[Decimal, Decimal]]) -> str:
    return " + ".join(f"{factor(part)} · {share(rate)}" for part, rate in parts)


def _monthly(values: Values, amount: Decimal) -> bool:
    """Tell whether a sum is a month's: it is said, or it is small."""
    if "yearly" in values:
        return False
    return "monthly" in values or (not values.says(_YEARLY) and (amount < _BIG or values.says("зарплат|оклад")))


def income_tax(values: Values) -> str:
    """Answer for the tax on pay: net from gross, gross from net, a month's or a year's."""
    amount = values["net"] if "net" in values else values["gross"]
    if values.says(r"нерезидент"):
        return _flat_tax(amount, sums.NON_RESIDENT_RATE, "Считаю для нерезидента, ставка на весь доход одна.")
    if "net" in values or (values.says(_ASKS_GROSS) and not values.says(_ASKS_NET)):
        return _gross(values, amount)
    rate = values.get("rate")
    if rate and _monthly(values, amount):
        return _flat_tax(amount, rate, "Считаю по названной ставке, без вычетов.")
    if not _monthly(values, amount):
        tax, parts = sums.banded_tax(amount, sums.INCOME_BANDS)
        return answer(
            f"НДФЛ за год - {money(tax)}, на руки {money(amount - tax)} (доход {money(amount)}).",
            f"Формула: {_bands(parts)} = {factor(tax)}.",
            "Ставка растёт только для части дохода выше порога 2,4 млн ₽."
            if len(parts) > 1
            else f"Весь доход в первой ступени, 13 % до 2,4 млн ₽ в год. В месяц на руки около "
            f"{money(sums.rubles((amount - tax) / _TWELVE))}.",
            "Считаю для резидента, без вычетов.",
        )
    return _month_tax(amount)


def _flat_tax(amount: Decimal, rate: Decimal, note: str) -> str:
    tax = sums.rubles(amount * rate / _HUNDRED)
    return answer(
        f"НДФЛ - {money(tax)}, на руки {money(amount - tax)} (с суммы {money(amount)}).",
        f"Формула: {factor(amount)} · {share(rate)} = {factor(tax)}.",
        note,
    )


def _month_tax(amount: Decimal) -> str:
    year, parts = sums.banded_tax(amount * _TWELVE, sums.INCOME_BANDS)
    tax, _ = sums.banded_tax(amount, sums.INCOME_BANDS)
    if len(parts) == 1:
        return _flat_tax(amount, _ORDINARY, "Считаю за месяц для резидента, без вычетов.")
    return answer(
        f"В начале года НДФЛ {money(tax)}, на руки {money(amount - tax)}; доход года перейдёт порог 2,4 млн ₽.",
        f"За год налог {money(year)}, на руки {money(amount * _TWELVE - year)}, в среднем "
        f"{money(sums.rubles((amount * _TWELVE - year) / _TWELVE))} в месяц.",
        f"Формула: {_bands(parts)} = {factor(year)}.",
        "Считаю 12 одинаковых месяцев для резидента, без вычетов.",
    )


def _gross(values: Values, net: Decimal) -> str:
    per_month = _monthly(values, net)
    yearly = net * _TWELVE if per_month else net
    gross = sums.gross_from_net(yearly)
    tax, parts = sums.banded_tax(gross, sums.INCOME_BANDS)
    shown = sums.kopecks(gross / _TWELVE) if per_month else gross
    period = "в месяц" if per_month else "за год"
    formula = (
        f"{factor(net)} / (1 − 0,13)"
        if len(parts) == 1
        else f"за год {factor(gross)} − ({_bands(parts)}) = {factor(yearly)}"
    )
    return answer(
        f"До вычета налога это {money(shown)} {period}, на руки {money(net)}.",
        f"Формула: {formula}.",
        ""
        if len(parts) == 1
        else f"Налог за год {money(tax)}, суммы по месяцам неровные: ставка растёт в течение года.",
        "Считаю для резидента, без вычетов.",
    )


def deduction(values: Values) -> str:
    """Answer for the tax that a deduction gives back."""
    expense, rate = values["expense"], values.get("rate", _ORDINARY)
    kind = next((name for name, pattern in DEDUCTION_KINDS if values.says(pattern)), "social")
    cap = sums.DEDUCTION_CAPS.get(kind)
    base = expense if cap is None else min(expense, cap)
    back, paid = sums.rubles(base * rate / _HUNDRED), _tax_paid(values)
    result = back if paid is None else min(back, paid)
    limited = f", но не больше налога за год, {factor(result)}" if result < back else ""
    return answer(
        f"Вернут {money(result)} ({_DEDUCTION_TITLES[kind]}, расход {money(expense)}).",
        f"Формула: {factor(base)} · {share(rate)} = {factor(back)}{limited}.",
        _cap_note(kind, cap),
        _carry_note(kind in _CARRIED, paid, bool(limited)),
    )


def _tax_paid(values: Values) -> Decimal | None:
    """Return the tax of the year, when it or the salary is named."""
    if "paid" in values:
        return values["paid"]
    return sums.banded_tax(values["salary"] * _TWELVE, sums.INCOME_BANDS)[0] if "salary" in values else None


def _cap_note(kind: str, cap: Decimal | None) -> str:
    if cap is None:
        return "Предела у этого расхода нет."
    return f"Предел вычета - {money(cap)}" + (" на человека за всю жизнь." if kind in _CARRIED else " в год.")


def _carry_note(carried: bool, paid: Decimal | None, limited: bool) -> str:
    if paid is None:
        tail = "остаток переходит на следующие годы" if carried else "остаток на следующий год не переходит"
        return f"Больше НДФЛ, уплаченного за год, не вернут; {tail}."
    if not limited:
        return ""
    return "Остаток вернут в следующие годы." if carried else "Остаток на следующий год не переходит."


def child_deduction(values: Values) -> str:
    """Answer for the standard deduction for children."""
    salary, children = values["salary"], values.whole("children")
    lowered = min(salary, sums.child_deduction(children))
    saved = sums.rubles(lowered * _ORDINARY / _HUNDRED)
    months = min(12, int(sums.CHILD_INCOME_CAP / salary))
    steps = " + ".join(factor(sums.CHILD_STEPS[min(order, 2)]) for order in range(min(children, 4)))
    steps += " + …" if children > 4 else ""
    if not months:
        return answer(
            f"При зарплате {money(salary)} вычета не будет: доход сразу выше {money(sums.CHILD_INCOME_CAP)}.",
            f"Формула: вычет {steps} в месяц дают, пока доход с начала года не больше {factor(sums.CHILD_INCOME_CAP)}.",
        )
    return answer(
        f"Прибавка на руки - {money(saved)} в месяц, за год {money(saved * months)}.",
        f"Вычет действует {plural(months, MONTHS)} в году, пока доход с начала года не больше "
        f"{money(sums.CHILD_INCOME_CAP)}.",
        f"Формула: ({steps}) · 0,13 = {factor(saved)}.",
        "Считаю для одного родителя, дети без инвалидности, зарплата каждый месяц одинаковая и названа до налога.",
    )


def vehicle_tax(values: Values) -> str:
    """Answer for the vehicle tax."""
    power, rate, months = values["power"], values["rate"], values.whole("months", 12)
    tax = sums.vehicle_tax(power, rate, months)
    return answer(
        f"Транспортный налог - {money(tax)}.",
        f"Формула: {factor(power)} л. с. · {factor(rate)} ₽ · {months} / 12 = {factor(tax)}.",
        f"Считаю за {plural(months, MONTHS)} владения, без льгот и без повышения для дорогих машин.",
    )


def sale_tax(values: Values) -> str:
    """Answer for the tax on the sale of housing or a car."""
    kind = "car" if values.says(r"машин|авто|тачк|мотоцикл") else "flat"
    years = plural(sums.SALE_FREE_MONTHS[kind] // 12, YEARS)
    sold = "Машину" if kind == "car" else "Жильё"
    if values.get("owned") >= sums.SALE_FREE_MONTHS[kind]:
        return answer(
            f"Налога нет: {'машина' if kind == 'car' else 'жильё'} у вас {years} или дольше.",
            "Формула: доход освобождён целиком, декларация не нужна.",
        )
    price, bought = values["price"], values.get("bought")
    fixed = sums.SALE_DEDUCTION[kind]
    lowered, name = max((bought, "цена покупки"), (fixed, "вычет"))
    tax = sums.sale_tax(price, lowered)
    base = max(Decimal(0), price - lowered)
    return answer(
        f"Налог с продажи - {money(tax)}." if tax else "Налога с продажи нет.",
        f"Формула: {factor(price)} − {factor(lowered)} ({name}) = {factor(base)}, "
        + (_bands(sums.banded_tax(base, sums.CAPITAL_BANDS)[1]) or "0 · 0,13")
        + ".",
        f"{sold} после {plural(sums.SALE_FREE_MONTHS[kind] // 12, ('года', 'лет', 'лет'))} владения "
        "продают без налога" + (", единственное жильё - после 3 лет." if kind == "flat" else "."),
        "Считаю, что цена в договоре не ниже 70 % кадастровой." if kind == "flat" else "",
    )


def property_tax(values: Values) -> str:
    """Answer for the tax on property or land."""
    base, rate, months = values["base"], values["rate"], values.whole("months", 12)
    tax = sums.rubles(base * rate / _HUNDRED * months / _TWELVE)
    return answer(
        f"Налог - {money(tax)} за {plural(months, MONTHS)}.",
        f"Формула: {factor(base)} · {share(rate)} · {months} / 12 = {factor(tax)}.",
        "Считаю без вычета необлагаемых метров и без льгот.",
    )
