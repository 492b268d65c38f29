"""What the calculators of borrowing say: result, totals, formula, assumption.

Arithmetic and the constants with their sources are `calculators.py`.
"""

from __future__ import annotations

from decimal import Decimal

from llmops.assistants.finance import calculators as sums
from llmops.assistants.finance.calculator_values import (
    DAYS,
    MONTHS,
    Values,
    answer,
    factor,
    money,
    percent,
    share,
    term,
)
from llmops.language.numbers import plural

_HUNDRED = Decimal(100)


def _borrowed(values: Values) -> tuple[Decimal, str]:
    """Return the loan less the down payment, and how it came about."""
    price = values["principal"]
    down = values.get("down") or price * values.get("down_share") / _HUNDRED
    if not 0 < down < price:
        return price, ""
    return price - down, f"Кредит - {money(price - down)}: {money(price)} минус взнос {money(down)}."


def loan(values: Values) -> str:
    """Answer for a loan: annuity, differentiated, or both."""
    principal, how = _borrowed(values)
    rate, months = values["rate"], values.whole("months")
    both = values.says(r"сравни|аннуитет.*дифф|дифф.*аннуитет|оба варианта")
    shown = [_annuity, _differentiated] if both else [_differentiated if values.says("дифф?ер") else _annuity]
    parts = [kind(principal, rate, months) for kind in shown]
    return answer(
        how,
        *(result for result, _ in parts),
        f"Формула: {'; '.join(formula for _, formula in parts)}.",
        "Считаю без страховок и комиссий, проценты начисляются ежемесячно.",
    )


def _annuity(principal: Decimal, rate: Decimal, months: int) -> tuple[str, str]:
    payment = sums.annuity_payment(principal, rate, months)
    interest = sums.interest_of_annuity(principal, rate, months)
    i = factor(sums.monthly(rate))
    formula = f"сумма · i / (1 − (1 + i)^(−n)) = {factor(principal)} · {i} / (1 − (1 + {i})^(−{months}))"
    return (
        f"Ежемесячный платёж - {money(payment)} ({money(principal)} на {term(months)} под {percent(rate)}).\n"
        f"Переплата {money(interest)}, всего {money(principal + interest)}.",
        formula if rate else f"сумма / n = {factor(principal)} / {months}",
    )


def _differentiated(principal: Decimal, rate: Decimal, months: int) -> tuple[str, str]:
    first, last, interest = sums.differentiated(principal, rate, months)
    i = factor(sums.monthly(rate))
    return (
        f"Дифференцированный платёж: первый {money(first)}, последний {money(last)}.\n"
        f"Переплата {money(interest)}, всего {money(principal + interest)}.",
        f"сумма / n + остаток · i, сначала {factor(principal)} / {months} + {factor(principal)} · {i}",
    )


def loan_term(values: Values) -> str:
    """Answer in how many months a payment repays a debt."""
    principal, rate, payment = values["principal"], values["rate"], values["payment"]
    done = sums.repaid(principal, rate, payment)
    if done is None:
        least = sums.kopecks(principal * sums.monthly(rate))
        return answer(
            f"Платежом {money(payment)} такой долг не погасить: одних процентов за первый месяц {money(least)}.",
            f"Формула: проценты за месяц = {factor(principal)} · {factor(sums.monthly(rate))}.",
            "Нужен платёж заметно больше этой суммы.",
        )
    months, interest = done
    return answer(
        f"Кредит {money(principal)} под {percent(rate)} при платеже {money(payment)} вы погасите за {term(months)}"
        + (f" ({plural(months, MONTHS)})." if months > 12 else "."),
        f"Переплата {money(interest)}, всего {money(principal + interest)}.",
        f"Формула: каждый месяц остаток · (1 + {factor(sums.monthly(rate))}) − {factor(payment)}, пока не станет 0.",
        "Считаю, что платёж ежемесячный, без страховок и комиссий.",
    )


def early_repayment(values: Values) -> str:
    """Answer for an early payment: a shorter term, or a smaller payment."""
    balance, rate, months, extra = (
        values["principal"],
        values["rate"],
        values.whole("months"),
        values["extra"],
    )
    interest = sums.interest_of_annuity(balance, rate, months)
    if extra >= balance:
        return answer(
            f"Этой суммы хватит закрыть весь долг {money(balance)}, сбережёте до {money(interest)} процентов.",
            f"Формула: остаток {factor(balance)} − {factor(extra)} ≤ 0.",
        )
    left, payment = balance - extra, sums.annuity_payment(balance, rate, months)
    lower = sums.annuity_payment(left, rate, months)
    lower_saved = max(Decimal(0), interest - sums.interest_of_annuity(left, rate, months))
    done = sums.repaid(left, rate, payment)
    shorter = ""
    if done:
        shorter = (
            f"Если сократить срок: платёж остаётся {money(payment)}, платить {term(done[0])} вместо {term(months)}, "
            f"экономия на процентах {money(max(Decimal(0), interest - done[1]))}."
        )
    return answer(
        shorter,
        f"Если уменьшить платёж: {money(lower)} вместо {money(payment)}, экономия {money(lower_saved)}.",
        f"Формула: новый долг {factor(balance)} − {factor(extra)} = {factor(left)}, дальше аннуитет "
        f"под {factor(sums.monthly(rate))} в месяц.",
        "Считаю, что платежи равные и деньги вносите в день платежа.",
    )


def microloan(values: Values) -> str:
    """Answer for a microloan within the legal ceilings."""
    principal, days, rate = (
        values["principal"],
        values.whole("days"),
        values.get("rate", sums.MICROLOAN_DAILY_CAP),
    )
    interest, cut = sums.microloan_cost(principal, rate, days)
    assumed = "" if "rate" in values else f"Ставку беру предельную, {percent(rate)} в день."
    over = rate > sums.MICROLOAN_DAILY_CAP
    return answer(
        f"Проценты - {money(interest)}, вернуть нужно {money(principal + interest)} "
        f"({money(principal)} на {plural(days, DAYS)}).",
        f"Формула: {factor(principal)} · {share(rate)} · {days}"
        + (", но не больше 100 % суммы займа." if cut else f" = {factor(interest)}."),
        f"Ставка выше законного предела 0,8 % в день, такой заём МФО выдать не вправе. {assumed}".strip()
        if over
        else assumed,
        "По договорам до года с 1 апреля 2026 года переплата не больше 100 % суммы, вместе с пенями.",
    )


def affordable(values: Values) -> str:
    """Answer for the largest loan that an income bears."""
    rate, months, down = values["rate"], values.whole("months"), values.get("down")
    payment = values.get("payment") or sums.kopecks(values["income"] * sums.AFFORDABLE_SHARE / _HUNDRED)
    principal, i = sums.annuity_principal(payment, rate, months), factor(sums.monthly(rate))
    formula = f"{factor(payment)} · (1 − (1 + {i})^(−{months})) / {i}" if rate else f"{factor(payment)} · {months}"
    return answer(
        f"Посильный кредит - {money(principal)}: платёж {money(payment)}, срок {term(months)}, ставка {percent(rate)}.",
        f"С первым взносом {money(down)} это жильё за {money(principal + down)}." if down else "",
        f"Формула: {formula}.",
        "" if "payment" in values else f"Считаю, что на платёж уходит {percent(sums.AFFORDABLE_SHARE)} дохода.",
    )


def debt_ratio(values: Values) -> str:
    """Answer for the share of payments in income."""
    payments, income = values["payments"], values["income"]
    result = sums.kopecks(payments / income * _HUNDRED)
    alarm = result > sums.DEBT_RATIO_ALARM
    return answer(
        f"Долговая нагрузка - {percent(result)} дохода.",
        f"Формула: платежи / доход · 100 = {factor(payments)} / {factor(income)} · 100.",
        "Это больше 50 %: банк обязан предупредить о риске и, скорее всего, откажет."
        if alarm
        else "Это не больше 50 %, порога, с которого банк обязан предупреждать о риске.",
    )
