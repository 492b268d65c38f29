"""Money arithmetic: loans, deposits, goals, taxes. Decimal throughout, sums rounded to kopecks.

Every function is pure and returns a result with its formula. Knows no texts of the user; reading them is
`calculation.py`. Sources of rates and limits stand at their constants.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

KOPECK = Decimal("0.01")
RUBLE = Decimal(1)
_TWELVE, _HUNDRED = Decimal(12), Decimal(100)

# НК РФ, ст. 224, п. 1 (scale of labour and business income since 2025): upper bound of the band, rate in percent.
INCOME_BANDS = (
    (Decimal(2_400_000), Decimal(13)),
    (Decimal(5_000_000), Decimal(15)),
    (Decimal(20_000_000), Decimal(18)),
    (Decimal(50_000_000), Decimal(20)),
    (Decimal("Infinity"), Decimal(22)),
)
# НК РФ, ст. 224, п. 1.1 (deposits, securities, sale of property since 2025).
CAPITAL_BANDS = ((Decimal(2_400_000), Decimal(13)), (Decimal("Infinity"), Decimal(15)))
NON_RESIDENT_RATE = Decimal(30)  # НК РФ, ст. 224, п. 3
# НК РФ, ст. 217.2: 1 000 000 ₽ × the largest key rate on the first days of the months of the year.
FREE_INTEREST = {
    2023: Decimal(150_000),
    2024: Decimal(210_000),
    2025: Decimal(210_000),
    2026: Decimal(160_000),
}
NPD_PERSON, NPD_COMPANY = Decimal(4), Decimal(6)  # 422-ФЗ, ст. 10
NPD_BONUS = Decimal(10_000)  # 422-ФЗ, ст. 12
MICROLOAN_DAILY_CAP = Decimal("0.8")  # 353-ФЗ, ст. 5, ч. 23
MICROLOAN_COST_CAP = Decimal(100)  # 353-ФЗ, ст. 5, ч. 24, contracts up to a year since 01.04.2026, percent of the sum


def kopecks(value: Decimal) -> Decimal:
    """Round a sum half up to kopecks."""
    return value.quantize(KOPECK, ROUND_HALF_UP)


def rubles(value: Decimal) -> Decimal:
    """Round a tax half up to whole roubles (НК РФ, ст. 52, п. 6)."""
    return value.quantize(RUBLE, ROUND_HALF_UP)


def monthly(rate: Decimal) -> Decimal:
    """Return the monthly share of a yearly rate in percent."""
    return rate / _HUNDRED / _TWELVE


def annuity_payment(principal: Decimal, rate: Decimal, months: int) -> Decimal:
    """Return the level monthly payment: P·i / (1 − (1 + i)^−n), rounded to kopecks."""
    i = monthly(rate)
    if i == 0:
        return kopecks(principal / months)
    return kopecks(principal * i / (1 - (1 + i) ** -months))


def annuity_principal(payment: Decimal, rate: Decimal, months: int) -> Decimal:
    """Return the loan that a level payment repays."""
    i = monthly(rate)
    if i == 0:
        return kopecks(payment * months)
    return kopecks(payment * (1 - (1 + i) ** -months) / i)


def annuity_months(principal: Decimal, rate: Decimal, payment: Decimal) -> int | None:
    """Return the number of months in which a payment repays the loan, None when it does not cover the interest."""
    i = monthly(rate)
    if payment <= principal * i:
        return None
    if i == 0:
        return int((principal / payment).to_integral_value("ROUND_CEILING"))
    months = 0
    while principal > 0 and months < 1200:
        principal = kopecks(principal * (1 + i)) - payment
        months += 1
    return months


def differentiated(principal: Decimal, rate: Decimal, months: int) -> tuple[Decimal, Decimal, Decimal]:
    """Return the first payment, the last payment and the whole interest of equal shares of principal."""
    i, share = monthly(rate), principal / months
    total = sum((kopecks(i * (principal - share * k)) for k in range(months)), Decimal(0))
    return kopecks(share + principal * i), kopecks(share + share * i), total


def interest_of_annuity(principal: Decimal, rate: Decimal, months: int) -> Decimal:
    """Return the overpayment of an annuity loan repaid in time."""
    i, payment, left, paid = monthly(rate), annuity_payment(principal, rate, months), principal, Decimal(0)
    for _ in range(months):
        due = kopecks(left * i)
        paid += due
        left -= payment - due
    return paid


def balance_after(principal: Decimal, rate: Decimal, months: int, paid: int) -> Decimal:
    """Return the debt after `paid` level payments."""
    i, payment = monthly(rate), annuity_payment(principal, rate, months)
    for _ in range(paid):
        principal -= payment - kopecks(principal * i)
    return max(principal, Decimal(0))


def deposit_income(principal: Decimal, rate: Decimal, months: Decimal, *, capitalised: bool) -> Decimal:
    """Return the interest of a deposit.

    Args:
        months: May be fractional (days / 365 · 12).
        capitalised: Interest is added to the sum every month, otherwise paid at the end.
    """
    i = monthly(rate)
    with localcontext() as context:
        context.prec = 40
        grown = principal * (1 + i) ** months if capitalised else principal * (1 + i * months)
    return kopecks(grown - principal)


def effective_rate(rate: Decimal, periods: int = 12) -> Decimal:
    """Return the yearly rate in percent that monthly capitalisation gives: ((1 + r/m)^m − 1)·100."""
    return kopecks(((1 + rate / _HUNDRED / periods) ** periods - 1) * _HUNDRED)


def goal_payment(goal: Decimal, rate: Decimal, months: int, start: Decimal = Decimal(0)) -> Decimal:
    """Return the sum to put aside at the end of every month to reach a goal."""
    i = monthly(rate)
    left = goal - start * (1 + i) ** months
    if left <= 0:
        return Decimal("0.00")
    return kopecks(left / months if i == 0 else left * i / ((1 + i) ** months - 1))


def goal_months(goal: Decimal, rate: Decimal, payment: Decimal, start: Decimal = Decimal(0)) -> int | None:
    """Return the number of monthly payments until a goal is reached; None when it takes over a hundred years."""
    i, months = monthly(rate), 0
    while start < goal:
        start = kopecks(start * (1 + i)) + payment
        months += 1
        if months > 1200:
            return None
    return months


def future_price(price: Decimal, inflation: Decimal, years: Decimal) -> Decimal:
    """Return a price after years of equal inflation: P·(1 + π)^t."""
    with localcontext() as context:
        context.prec = 40
        return kopecks(price * (1 + inflation / _HUNDRED) ** years)


def real_return(rate: Decimal, inflation: Decimal) -> Decimal:
    """Return the yearly gain in goods in percent (Fisher): ((1 + r)/(1 + π) − 1)·100."""
    return kopecks(((1 + rate / _HUNDRED) / (1 + inflation / _HUNDRED) - 1) * _HUNDRED)


def banded_tax(
    income: Decimal, bands: tuple[tuple[Decimal, Decimal], ...]
) -> tuple[Decimal, list[tuple[Decimal, Decimal]]]:
    """Return a progressive tax in whole roubles, and each band's share of income with its rate."""
    parts: list[tuple[Decimal, Decimal]] = []
    lower = Decimal(0)
    for upper, rate in bands:
        if income > lower:
            parts.append((min(income, upper) - lower, rate))
        lower = upper
    return rubles(sum((share * rate / _HUNDRED for share, rate in parts), Decimal(0))), parts


def npd_tax(from_people: Decimal, from_companies: Decimal, bonus_left: Decimal) -> tuple[Decimal, Decimal]:
    """Return the professional-income tax and the bonus it used up (1 % of people's, 2 % of companies' income)."""
    full = from_people * NPD_PERSON / _HUNDRED + from_companies * NPD_COMPANY / _HUNDRED
    used = min(bonus_left, from_people / _HUNDRED + from_companies * 2 / _HUNDRED)
    return kopecks(full - used), kopecks(used)


def microloan_cost(principal: Decimal, daily_rate: Decimal, days: int) -> tuple[Decimal, bool]:
    """Return the interest of a microloan, and whether the legal ceiling on overpayment cut it."""
    interest = kopecks(principal * daily_rate / _HUNDRED * days)
    ceiling = kopecks(principal * MICROLOAN_COST_CAP / _HUNDRED)
    return min(interest, ceiling), interest > ceiling


def vehicle_tax(power: Decimal, rate: Decimal, months: int) -> Decimal:
    """Return the vehicle tax: power · rate · months/12 (НК РФ, ст. 361–362), whole roubles."""
    return rubles(power * rate * months / _TWELVE)


# Закон о ПДС: 75-ФЗ, ст. 36.41-2 (co-financing): income bound in roubles a month, roubles of saver per rouble of state.
PDS_STEPS = ((Decimal(80_000), Decimal(1)), (Decimal(150_000), Decimal(2)), (Decimal("Infinity"), Decimal(4)))
PDS_CEILING = Decimal(36_000)


def pds_support(yearly: Decimal, income: Decimal) -> tuple[Decimal, Decimal]:
    """Return the state's yearly addition to long-term savings, and the roubles one must save per rouble of it."""
    step = next(step for bound, step in PDS_STEPS if income <= bound)
    return (kopecks(min(PDS_CEILING, yearly / step)) if yearly >= 2000 else Decimal("0.00")), step
