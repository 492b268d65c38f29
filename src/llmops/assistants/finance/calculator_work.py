"""What the calculators of business, pay and family duties say: result, totals, formula, assumption.

Arithmetic and the constants with their sources are `calculators.py`.
"""

from __future__ import annotations

from decimal import Decimal

from llmops.assistants.finance import calculators as sums
from llmops.assistants.finance.calculator_values import (
    DAYS,
    Values,
    answer,
    factor,
    money,
    percent,
    share,
)
from llmops.language.numbers import plural

_HUNDRED = Decimal(100)
_ORDINARY = Decimal(13)
_PEOPLE = r"физ|людей|люд[яи]|частн|граждан|\b4 ?%"
_COMPANIES = r"юр|компан|фирм|организац|\bооо\b|\b6 ?%"
_NO_BONUS = "Считаю без бонуса: если стартовые 10 000 ₽ не потрачены, ставки будут 3 % и 4 %."


def npd(values: Values) -> str:
    """Answer for the professional-income tax."""
    people, companies = values.get("people"), values.get("companies")
    if "income" in values and not people and not companies:
        income = values["income"]
        if values.says(_COMPANIES):
            companies = income
        elif values.says(_PEOPLE):
            people = income
        else:
            return _npd_either(income)
    spent = values.says(r"бонус\w*\b[^.?!]{0,25}(?:потра|использ|законч|кончил|нет\b)|без бонус")
    bonus = Decimal(0) if spent else values.get("bonus")
    tax, used = sums.npd_tax(people, companies, bonus)
    formula = " + ".join(
        f"{factor(part)} · {share(rate)}"
        for part, rate in ((people, sums.NPD_PERSON), (companies, sums.NPD_COMPANY))
        if part
    )
    return answer(
        f"Налог самозанятого - {money(tax)}, останется {money(people + companies - tax)}.",
        f"Формула: {formula}{f' − бонус {factor(used)}' if used else ''} = {factor(tax)}.",
        f"Бонус уменьшил налог на {money(used)}." if used else "" if spent else _NO_BONUS,
    )


def _npd_either(income: Decimal) -> str:
    people, companies = (
        sums.npd_tax(income, Decimal(0), Decimal(0))[0],
        sums.npd_tax(Decimal(0), income, Decimal(0))[0],
    )
    return answer(
        f"Налог самозанятого с {money(income)} - {money(people)}, если платили люди, "
        f"и {money(companies)}, если компании или ИП.",
        f"Формула: {factor(income)} · 0,04 = {factor(people)} либо {factor(income)} · 0,06 = {factor(companies)}.",
        _NO_BONUS,
    )


def pds(values: Values) -> str:
    """Answer for the state's addition to long-term savings."""
    yearly, income = values["contribution"], values["income"]
    support, step = sums.pds_support(yearly, income)
    best = sums.PDS_CEILING * step
    if not support:
        return answer(
            f"Доплаты не будет: за год нужно внести не меньше {money(sums.PDS_LEAST)}.",
            f"Формула: взнос {factor(yearly)} < {factor(sums.PDS_LEAST)}.",
        )
    return answer(
        f"Государство добавит {money(support)} за год.",
        f"Формула: {factor(yearly)} / {factor(step)}, но не больше {factor(sums.PDS_CEILING)} = {factor(support)}.",
        f"При доходе {money(income)} в месяц пропорция 1:{factor(step)}, для максимума внесите {money(best)} за год.",
        "Доход считают до вычета НДФЛ.",
    )


def usn_profit(values: Values) -> str:
    """Answer for the simplified tax on income less expenses."""
    income, expenses, rate = values["income"], values["expenses"], values.get("rate", sums.USN_PROFIT)
    tax, least = sums.usn_profit(income, expenses, rate)
    return answer(
        f"Налог на УСН «доходы минус расходы» - {money(tax)}.",
        f"Формула: доход · 1 % = {factor(income)} · 0,01: обычный налог меньше этого минимума."
        if least
        else f"Формула: ({factor(income)} − {factor(expenses)}) · {share(rate)} = {factor(tax)}.",
        "Взносы входят в расходы, отдельно налог не уменьшают.",
    )


def usn(values: Values) -> str:
    """Answer for the simplified tax on income."""
    income, rate = values["income"], values.get("rate", sums.USN_INCOME)
    fixed, extra = sums.sole_contributions(income)
    paid = values.get("contributions", fixed + extra)
    tax, staff = (
        sums.rubles(income * rate / _HUNDRED),
        values.says(r"(?<!без )(?:работник|сотрудник)|\bооо\b"),
    )
    lowered = min(paid, tax / 2 if staff else tax)
    left = sums.rubles(tax - lowered)
    return answer(
        f"Налог на УСН «доходы» - {money(tax)}, после вычета взносов к уплате {money(left)}.",
        f"Формула: {factor(income)} · {share(rate)} − {factor(lowered)} = {factor(left)}.",
        "" if "contributions" in values else f"Взносы ИП за себя за 2026 год - {money(paid)}.",
        "С работниками взносы уменьшают налог не больше чем вдвое." if staff else "Считаю для ИП без работников.",
    )


def sole_contributions(values: Values) -> str:
    """Answer for a sole proprietor's contributions for himself."""
    income = values["income"]
    fixed, extra = sums.sole_contributions(income)
    cut = ", но не больше предела" if extra == sums.SOLE_CAP else ""
    formula = (
        f"{factor(fixed)} + ({factor(income)} − {factor(sums.SOLE_THRESHOLD)}) · 0,01{cut}" if extra else factor(fixed)
    )
    return answer(
        f"Взносы ИП за себя за 2026 год - {money(fixed + extra)}.",
        f"Из них {money(fixed)} фиксированные и {money(extra)} - 1 % с дохода выше {money(sums.SOLE_THRESHOLD)}.",
        f"Формула: {formula}.",
        "Считаю за полный год; фиксированную часть платят до 28 декабря, 1 % - до 1 июля следующего года.",
    )


def alimony(values: Values) -> str:
    """Answer for alimony as a share of pay."""
    salary, children = values["salary"], values.whole("children")
    part = sums.ALIMONY[min(children, 3) - 1]
    name = ("1/4", "1/3", "1/2")[min(children, 3) - 1]
    result = sums.kopecks(salary * part)
    return answer(
        f"Алименты на {plural(children, ('ребёнка', 'детей', 'детей'))} - {money(result)} в месяц ({name}).",
        f"Останется {money(salary - result)}.",
        f"Формула: {factor(salary)} · {name} = {factor(result)}.",
        "Считаю, что зарплата названа после НДФЛ; суд может изменить долю.",
    )


def withholding(values: Values) -> str:
    """Answer for what a bailiff keeps back of pay."""
    salary, rate = values["salary"], values["rate"]
    result = sums.kopecks(salary * rate / _HUNDRED)
    return answer(
        f"Удержат {money(result)}, останется {money(salary - result)}.",
        f"Формула: {factor(salary)} · {share(rate)} = {factor(result)}.",
        "Считаю, что зарплата названа после НДФЛ.",
        "Обычный предел удержаний - 50 %, по алиментам и возмещению вреда - 70 %."
        if rate > sums.WITHHOLDING_CAP
        else "",
    )


def vat(values: Values) -> str:
    """Answer for value-added tax inside a sum or on top of it."""
    amount, rate = values["amount"], values.get("rate", sums.VAT)
    inside, added = sums.vat_inside(amount, rate), sums.kopecks(amount * rate / _HUNDRED)
    taken = f"НДС внутри {money(amount)} - {money(inside)}, без него {money(amount - inside)}."
    put = f"НДС сверху {money(amount)} - {money(added)}, вместе {money(amount + added)}."
    take_formula = f"Формула: {factor(amount)} · {factor(rate)} / {factor(100 + rate)} = {factor(inside)}."
    put_formula = f"Формула: {factor(amount)} · {share(rate)} = {factor(added)}."
    note = f"Ставка {percent(rate)}."
    if values.says(r"без ндс|начисли|сверху|добав|накин|плюс ндс") and not values.says("сколько.{0,20}без ндс"):
        return answer(put, put_formula, note)
    if values.says(r"выдел|в том числе|с ндс|включа|вычл|внутри|без ндс|вытащ"):
        return answer(taken, take_formula, note)
    return answer(taken, take_formula, put, put_formula, note)


def vacation(values: Values) -> str:
    """Answer for holiday pay."""
    pay, days = values["salary"], values.whole("days")
    day = sums.kopecks(pay / sums.VACATION_DAYS)
    result = sums.kopecks(pay / sums.VACATION_DAYS * days)
    tax = sums.rubles(result * _ORDINARY / _HUNDRED)
    return answer(
        f"Отпускные за {plural(days, DAYS)} - {money(result)}, на руки после НДФЛ {money(result - tax)}.",
        f"Формула: {factor(pay)} / 29,3 · {days} = {factor(result)}, день стоит {money(day)}.",
        "Считаю, что год отработан полностью, а зарплата средняя за 12 месяцев и до налога.",
    )


def delay_penalty(values: Values) -> str:
    """Answer for a seller's penalty for every day of delay."""
    price, rate, days = values["price"], values["rate"], values.whole("days")
    full = sums.kopecks(price * rate / _HUNDRED * days)
    result = min(full, price)
    return answer(
        f"Неустойка за {plural(days, DAYS)} - {money(result)}.",
        f"Формула: {factor(price)} · {share(rate)} · {days} = {factor(full)}"
        + (", но не больше цены." if full > price else "."),
        "Для потребителя неустойка не больше цены товара или услуги; суд может её уменьшить.",
    )
