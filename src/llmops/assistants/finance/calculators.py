"""Money arithmetic: loans, deposits, goals, taxes. Decimal throughout, sums rounded to kopecks.

Every function is pure and returns a result with its formula. Knows no texts of the user; reading them is
`calculation.py`. Sources of rates and limits stand at their constants.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

KOPECK = Decimal("0.01")
RUBLE = Decimal(1)
_TWELVE, _HUNDRED = Decimal(12), Decimal(100)
_STEADY, _LONGEST = Decimal(10_000), 1200

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
# НК РФ, ст. 214.2, п. 1: 1 000 000 ₽ × the largest key rate on the first days of the months of the year.
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


def differentiated(principal: Decimal, rate: Decimal, months: int) -> tuple[Decimal, Decimal, Decimal]:
    """Return the first payment, the last payment and the whole interest of equal shares of principal."""
    i, share = monthly(rate), principal / months
    total = sum((kopecks(i * (principal - share * k)) for k in range(months)), Decimal(0))
    return kopecks(share + principal * i), kopecks(share + share * i), total


def schedule(principal: Decimal, rate: Decimal, months: int) -> list[tuple[Decimal, Decimal]]:
    """Return each month's payment and the interest in it; the last payment clears what rounding left."""
    i, payment, left = monthly(rate), annuity_payment(principal, rate, months), principal
    rows: list[tuple[Decimal, Decimal]] = []
    for month in range(months):
        due = kopecks(left * i)
        paid = left + due if month == months - 1 else min(payment, left + due)
        rows.append((paid, due))
        left -= paid - due
    return rows


def interest_of_annuity(principal: Decimal, rate: Decimal, months: int) -> Decimal:
    """Return the overpayment of an annuity loan repaid in time.

    A rounded payment drifts from the exact one by (1 + i)^n kopecks; where that is much, the drift is left out.
    """
    if (1 + monthly(rate)) ** months > _STEADY:
        return annuity_payment(principal, rate, months) * months - principal
    return sum((due for _, due in schedule(principal, rate, months)), Decimal(0))


def repaid(principal: Decimal, rate: Decimal, payment: Decimal) -> tuple[int, Decimal] | None:
    """Return the months and the interest of a debt paid off by equal payments; None when they do not cover it."""
    i, months, interest = monthly(rate), 0, Decimal(0)
    if payment <= kopecks(principal * i):
        return None
    while principal > 0 and months < _LONGEST:
        due = kopecks(principal * i)
        interest, months = interest + due, months + 1
        principal -= min(payment - due, principal)
    return (months, interest) if principal <= 0 else None


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
        if months > _LONGEST:
            return None
    return months


def future_price(price: Decimal, inflation: Decimal, years: Decimal) -> Decimal:
    """Return a price after years of equal inflation: P·(1 + π)^t."""
    with localcontext() as context:
        context.prec = 40
        return kopecks(price * (1 + inflation / _HUNDRED) ** years)


def buying_power(amount: Decimal, inflation: Decimal, years: Decimal) -> Decimal:
    """Return what a sum will buy after years of equal inflation, in money of today: S / (1 + π)^t."""
    with localcontext() as context:
        context.prec = 40
        return kopecks(amount / (1 + inflation / _HUNDRED) ** years)


def savings_growth(payment: Decimal, rate: Decimal, months: int, start: Decimal = Decimal(0)) -> Decimal:
    """Return what equal payments at the end of every month grow to with monthly capitalisation."""
    i = monthly(rate)
    grown = start * (1 + i) ** months
    return kopecks(grown + (payment * months if i == 0 else payment * ((1 + i) ** months - 1) / i))


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


# 75-ФЗ (договор долгосрочных сбережений) и 56-ФЗ: income bound in roubles a month, roubles of saver per one of state.
PDS_STEPS = ((Decimal(80_000), Decimal(1)), (Decimal(150_000), Decimal(2)), (Decimal("Infinity"), Decimal(4)))
PDS_CEILING, PDS_LEAST = Decimal(36_000), Decimal(2_000)  # the same laws, roubles a year


def pds_support(yearly: Decimal, income: Decimal) -> tuple[Decimal, Decimal]:
    """Return the state's yearly addition to long-term savings, and the roubles one must save per rouble of it."""
    step = next(step for bound, step in PDS_STEPS if income <= bound)
    return (kopecks(min(PDS_CEILING, yearly / step)) if yearly >= PDS_LEAST else Decimal("0.00")), step


def gross_from_net(net: Decimal) -> Decimal:
    """Return the yearly income before tax that leaves `net` after the progressive tax (inverse of the scale)."""
    lower, kept = Decimal(0), Decimal(0)
    for upper, rate in INCOME_BANDS:
        share = 1 - rate / _HUNDRED
        if net <= kept + (upper - lower) * share:
            return kopecks(lower + (net - kept) / share)
        kept, lower = kept + (upper - lower) * share, upper
    raise ArithmeticError("the last band is endless")


# НК РФ, ст. 218, п. 1, пп. 4: roubles a month for the first, the second, and every further child; yearly income cap.
CHILD_STEPS = (Decimal(1_400), Decimal(2_800), Decimal(6_000))
CHILD_INCOME_CAP = Decimal(450_000)


def child_deduction(children: int) -> Decimal:
    """Return the standard deduction for children a month."""
    return sum((CHILD_STEPS[min(order, 2)] for order in range(children)), Decimal(0))


# НК РФ, ст. 220, п. 3, пп. 1 (housing) и п. 4 (mortgage interest); ст. 219, п. 2 (social); ст. 219.2 (ИИС).
DEDUCTION_CAPS = {
    "housing": Decimal(2_000_000),
    "mortgage": Decimal(3_000_000),
    "social": Decimal(150_000),
    "child_study": Decimal(110_000),
    "iis": Decimal(400_000),
}

SOLE_FIXED, SOLE_CAP = Decimal(57_390), Decimal(321_818)  # НК РФ, ст. 430, 2026 год: fixed part, cap of the 1 % part
SOLE_THRESHOLD = Decimal(300_000)  # НК РФ, ст. 430, п. 1.2
USN_INCOME, USN_PROFIT = Decimal(6), Decimal(15)  # НК РФ, ст. 346.20
USN_MINIMUM = Decimal(1)  # НК РФ, ст. 346.18, п. 6


def sole_contributions(income: Decimal) -> tuple[Decimal, Decimal]:
    """Return the fixed contributions of a sole proprietor for 2026 and the 1 % of what is above the threshold."""
    return SOLE_FIXED, min(SOLE_CAP, kopecks(max(Decimal(0), income - SOLE_THRESHOLD) / _HUNDRED))


def usn_profit(income: Decimal, expenses: Decimal, rate: Decimal = USN_PROFIT) -> tuple[Decimal, bool]:
    """Return the tax on income less expenses, and whether it is the minimum of 1 % of income."""
    tax, least = max(Decimal(0), income - expenses) * rate / _HUNDRED, income * USN_MINIMUM / _HUNDRED
    return rubles(max(tax, least)), least > tax


# НК РФ, ст. 220, п. 2, пп. 1: deduction instead of the expenses; ст. 217.1 и 217, п. 17.1: free after these months.
SALE_DEDUCTION = {"flat": Decimal(1_000_000), "car": Decimal(250_000)}
SALE_FREE_MONTHS = {"flat": 60, "car": 36}


def sale_tax(price: Decimal, lowered: Decimal) -> Decimal:
    """Return the tax on a sale: the price less expenses or deduction, 13 % and 15 % above 2.4 million a year."""
    return banded_tax(max(Decimal(0), price - lowered), CAPITAL_BANDS)[0]


ALIMONY = (Decimal(1) / 4, Decimal(1) / 3, Decimal(1) / 2)  # СК РФ, ст. 81, п. 1
WITHHOLDING_CAP = Decimal(50)  # ТК РФ, ст. 138; 229-ФЗ, ст. 99 (70 % for alimony and harm), percent
VACATION_DAYS = Decimal("29.3")  # ТК РФ, ст. 139
VAT, VAT_REDUCED = Decimal(22), Decimal(10)  # НК РФ, ст. 164 (22 % since 01.01.2026)
DEBT_RATIO_ALARM = Decimal(50)  # 353-ФЗ, ст. 5.1: above it the lender warns, percent
AFFORDABLE_SHARE = Decimal(40)  # no law: a prudent share of income for the payment, percent


def vat_inside(total: Decimal, rate: Decimal) -> Decimal:
    """Return the value-added tax that a sum already holds: S·r / (100 + r)."""
    return kopecks(total * rate / (_HUNDRED + rate))
