"""What the calculators of savings, deposits and prices say: result, totals, formula, assumption.

Arithmetic is `calculators.py`; which text asks for what is `calculator_catalogue.py`.
"""

from __future__ import annotations

from datetime import date
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
    term,
)
from llmops.language.numbers import plural

_TWELVE, _HUNDRED = Decimal(12), Decimal(100)
_MORE_THAN_CENTURY = "больше ста лет"


def deposit(values: Values) -> str:
    """Answer for a deposit with the tax on its interest."""
    principal, rate, months = values["principal"], values["rate"], values["months"]
    capitalised = values.says("капитализ|сложн") and not values.says("без капитализ|без сложн")
    interest = sums.deposit_income(principal, rate, months, capitalised=capitalised)
    days = (months * 365 / _TWELVE).to_integral_value()
    whole = months == months.to_integral_value()
    how_long = term(months) if whole else plural(days, DAYS)
    if capitalised:
        formula = f"{factor(principal)} · (1 + {factor(sums.monthly(rate))})^{factor(months)} − {factor(principal)}"
    else:
        period = f"{factor(months)} / 12" if whole else f"{factor(days)} / 365"
        formula = f"{factor(principal)} · {share(rate)} · {period}"
    return answer(
        f"Проценты - {money(interest)}, в конце будет {money(principal + interest)} "
        f"({money(principal)} на {how_long} под {percent(rate)}).",
        _interest_tax_line(interest),
        f"Формула: {formula}.",
        "Считаю с ежемесячной капитализацией." if capitalised else "Считаю без капитализации, проценты в конце срока.",
    )


def free_interest(year: int) -> tuple[int, Decimal]:
    """Return the year and its free interest; the last known year stands for those that follow."""
    known = year if year in sums.FREE_INTEREST else max(sums.FREE_INTEREST)
    return known, sums.FREE_INTEREST[known]


def _interest_tax_line(interest: Decimal) -> str:
    year, free = free_interest(date.today().year)
    if interest <= free:
        head = f"Налога нет: процентов меньше необлагаемых {money(free)} за {year} год."
    else:
        tax, _ = sums.banded_tax(interest - free, sums.CAPITAL_BANDS)
        head = f"Налог - {money(tax)}: 13 % с процентов сверх необлагаемых {money(free)} за {year} год."
    return f"{head} Эта сумма одна на все вклады за год."


def deposit_tax(values: Values) -> str:
    """Answer for the tax on a year's interest."""
    interest = values["interest"]
    year, free = free_interest(int(values.get("year", date.today().year)))
    taxed = max(Decimal(0), interest - free)
    tax, parts = sums.banded_tax(taxed, sums.CAPITAL_BANDS)
    rates = " + ".join(f"{factor(part)} · {share(rate)}" for part, rate in parts) or "0 · 0,13"
    return answer(
        f"Налог с процентов за {year} год - {money(tax)}." if tax else f"Налога с процентов за {year} год нет.",
        f"Необлагаемая сумма {money(free)} - одна на все вклады за год, облагается {money(taxed)}.",
        f"Формула: {factor(interest)} − {factor(free)} → {rates} = {factor(tax)}.",
        "Декларация не нужна: ФНС пришлёт уведомление, платить до 1 декабря следующего года.",
    )


def effective_rate(values: Values) -> str:
    """Answer for the rate with capitalisation."""
    rate = values["rate"]
    periods, name = next(
        (
            (count, word)
            for pattern, count, word in (
                ("ежедневн|каждый день", 365, "ежедневной"),
                ("кварт", 4, "ежеквартальной"),
                ("раз в год|ежегодн", 1, "ежегодной"),
            )
            if values.says(pattern)
        ),
        (12, "ежемесячной"),
    )
    result = sums.effective_rate(rate, periods)
    return answer(
        f"Эффективная ставка - {percent(result)} годовых при {name} капитализации и ставке {percent(rate)}.",
        f"Формула: ((1 + r / m)^m − 1) · 100 = ((1 + {share(rate)} / {periods})^{periods} − 1) · 100.",
        "Считаю, что проценты не снимаете целый год.",
    )


def goal(values: Values) -> str:
    """Answer how much to put aside."""
    target, months, rate, start = (
        values["target"],
        values.whole("months"),
        values.get("rate"),
        values.get("start"),
    )
    payment, i = sums.goal_payment(target, rate, months, start), factor(sums.monthly(rate))
    if payment == 0:
        return answer(
            f"Откладывать не нужно: {money(start)} под {percent(rate)} за {term(months)} дорастут до {money(target)}.",
            f"Формула: {factor(start)} · (1 + {i})^{months} ≥ {factor(target)}.",
        )
    if rate:
        formula = f"({factor(target)} − {factor(start)} · (1 + {i})^{months}) · {i} / ((1 + {i})^{months} − 1)"
    else:
        formula = f"({factor(target)} − {factor(start)}) / {months}" if start else f"{factor(target)} / {months}"
    return answer(
        f"Откладывайте {money(payment)} в месяц, чтобы за {term(months)} накопить {money(target)}.",
        f"Своих денег уйдёт {money(start + payment * months)}." if rate else "",
        f"Формула: {formula}.",
        f"Считаю со ставкой {percent(rate)} и ежемесячной капитализацией." if rate else "Считаю без процентов.",
    )


def goal_time(values: Values) -> str:
    """Answer how long to put aside."""
    target, payment, rate, start = (
        values["target"],
        values["payment"],
        values.get("rate"),
        values.get("start"),
    )
    months = sums.goal_months(target, rate, payment, start)
    how_long = _MORE_THAN_CENTURY if months is None else f"за {term(months)}" if months else "уже сейчас"
    growth = f" · (1 + {factor(sums.monthly(rate))})" if rate else ""
    return answer(
        f"Если откладывать {money(payment)} в месяц, {money(target)} накопите {how_long}."
        if months is not None
        else f"Если откладывать {money(payment)} в месяц, копить {money(target)} придётся {how_long}.",
        f"Внесёте {money(start + payment * months)}." if months else "",
        f"Формула: каждый месяц накоплено{growth} + {factor(payment)}, начиная с {factor(start)}, до {factor(target)}.",
        f"Считаю со ставкой {percent(rate)} и ежемесячной капитализацией." if rate else "Считаю без процентов.",
    )


def savings(values: Values) -> str:
    """Answer what regular savings grow to."""
    payment, months, rate, start = (
        values["payment"],
        values.whole("months"),
        values.get("rate"),
        values.get("start"),
    )
    total, own = sums.savings_growth(payment, rate, months, start), start + payment * months
    i = factor(sums.monthly(rate))
    if rate:
        formula = f"{factor(payment)} · ((1 + {i})^{months} − 1) / {i}"
        formula += f" + {factor(start)} · (1 + {i})^{months}" if start else ""
    else:
        formula = f"{factor(payment)} · {months}" + (f" + {factor(start)}" if start else "")
    return answer(
        f"За {term(months)} накопите {money(total)}.",
        f"Ваших денег в них {money(own)}, процентов {money(total - own)}.",
        f"Формула: {formula}.",
        f"Считаю, что вносите в конце месяца под {percent(rate)} с ежемесячной капитализацией."
        if rate
        else "Считаю без процентов; назовите ставку, и я прибавлю их.",
    )


def future_price(values: Values) -> str:
    """Answer for a price after years."""
    price, inflation, years = values["price"], values["inflation"], values["months"] / _TWELVE
    result = sums.future_price(price, inflation, years)
    return answer(
        f"Через {term(values['months'])} это будет стоить {money(result)}.",
        f"Сейчас {money(price)}, подорожание {money(result - price)}.",
        f"Формула: цена · (1 + рост)^лет = {factor(price)} · (1 + {share(inflation)})^{factor(years)}.",
        f"Считаю, что цены растут одинаково, на {percent(inflation)} в год.",
    )


def buying_power(values: Values) -> str:
    """Answer for what inflation leaves of a sum."""
    amount, inflation, years = values["amount"], values["inflation"], values["months"] / _TWELVE
    result = sums.buying_power(amount, inflation, years)
    return answer(
        f"Через {term(values['months'])} на {money(amount)} купите столько, сколько сейчас на {money(result)}.",
        f"Инфляция съест {money(amount - result)}.",
        f"Формула: сумма / (1 + инфляция)^лет = {factor(amount)} / (1 + {share(inflation)})^{factor(years)}.",
        f"Считаю, что деньги лежат без процентов, а цены растут на {percent(inflation)} в год.",
    )


def real_return(values: Values) -> str:
    """Answer for the return over inflation."""
    rate, inflation = values["rate"], values["inflation"]
    result = sums.real_return(rate, inflation)
    meaning = "деньги растут быстрее цен" if result > 0 else "деньги растут медленнее цен" if result < 0 else "поровну"
    return answer(
        f"Реальная доходность {percent(result).replace('-', '−')} в год: {meaning}.",
        f"Формула: ((1 + r) / (1 + π) − 1) · 100 = ((1 + {share(rate)}) / (1 + {share(inflation)}) − 1) · 100.",
        "Налог с процентов не учитываю.",
    )


def percent_of(values: Values) -> str:
    """Answer for a percentage of a number."""
    rate, amount = values["rate"], values["amount"]
    result = sums.kopecks(amount * rate / _HUNDRED)
    return answer(
        f"{percent(rate)} от {factor(amount)} - это {factor(result)}.",
        f"Формула: {factor(amount)} · {share(rate)} = {factor(result)}.",
    )
