"""The slots that several calculators share: a sum, a rate, a term, an income, a first payment.

Knows no particular calculator.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from llmops.assistants.finance.calculator_values import Slot

PAY = r"зарплат|\bзп\b|доход|зарабат|заработ|оклад|получа|на руки"
NO_NUMBER = r"\w*\b(?:$|\W+[а-я])"  # the word does not belong to the next number

a_sum = partial(Slot, kind="money", low=Decimal(1))
_RATE_CUE = r"под\s+$|ставк\w*\W*$"
a_rate = partial(Slot, kind="percent", period="rate_year", high=Decimal(1000), before=_RATE_CUE)
a_term = partial(Slot, kind="months", low=Decimal(1), high=Decimal(600))
in_days = partial(Slot, kind="days", low=Decimal(1), high=Decimal(3650))
a_share = partial(Slot, kind="percent", low=Decimal("0.001"), high=Decimal(100))
extra_sum = partial(Slot, kind="money", low=Decimal(0), cued=True, optional=True)
extra_share = partial(Slot, kind="percent", low=Decimal("0.001"), optional=True)

RATE = a_rate("rate", question="Под какой процент годовых?")
ANY_RATE = a_rate("rate", optional=True)
TERM = a_term("months", question="На какой срок - сколько месяцев или лет?")
PART_OF_YEAR = a_term("months", high=Decimal(12), optional=True)
_FIRST_PAID = r"взнос\w*\W*(?:это |в |на )?$"
_FIRST_AFTER = r"^ ?(?:\w+ )?(?:перв\w+ |первоначальн\w+ )?взнос" + NO_NUMBER
DOWN = extra_sum("down", before=_FIRST_PAID, after=_FIRST_AFTER)
DOWN_SHARE = extra_share("down_share", before=_FIRST_PAID, after=_FIRST_AFTER, cued=True)
START = extra_sum(
    "start",
    before=r"(?:есть|имею|отложено|накоплено|скоплено|стартов\w+ \w+|начальн\w+ \w+)\W*$",
    after=r"^ ?(?:уже )?(?:есть|накоплен|отложен)" + NO_NUMBER,
)
INCOME = a_sum("income", question="Какой доход в месяц?", before=PAY, period="per_month")
YEARLY = a_sum("income", question="Какой доход за год?", before=r"доход|выручк|оборот|заработ", period="per_year")
SALARY = a_sum("salary", question="Какая зарплата в месяц?", before=PAY, period="per_month")
CHILDREN = Slot("children", "count", "Сколько детей?", low=Decimal(1), high=Decimal(20))
PUT_ASIDE = a_sum(
    "payment", question="Сколько будете откладывать в месяц?", before=r"по\s+$|откладыва\w*\W*$", period="monthly"
)
TARGET = a_sum("target", question="Какую сумму хотите накопить?", before=r"накоп|скоп|соб[ие]р|цел|нужн", period="once")
