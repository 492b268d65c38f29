"""Money arithmetic against values worked out independently: in floats, by simulation, or from the statutes' examples."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llmops.assistants.finance.calculators as sums

D = Decimal
principals = st.integers(10_000, 50_000_000).map(D)
rates = st.decimals(min_value=D("0.1"), max_value=D(40), places=1)
terms = st.integers(1, 240)


def test_an_annuity_payment_matches_the_known_value():
    assert sums.annuity_payment(D(500_000), D(18), 36) == D("18076.20")
    assert sums.annuity_payment(D(120_000), D(0), 12) == D("10000.00")


@given(principals, rates, terms)
def test_an_annuity_payment_matches_floats(principal: Decimal, rate: Decimal, months: int):
    i = float(rate) / 1200
    assert float(sums.annuity_payment(principal, rate, months)) == pytest.approx(
        float(principal) * i / (1 - (1 + i) ** -months), abs=0.02
    )


@given(principals, rates, terms)
def test_loan_payments_sum_to_principal_and_interest(principal: Decimal, rate: Decimal, months: int):
    rows = sums.schedule(principal, rate, months)
    interest = sum((due for _, due in rows), D(0))
    assert len(rows) == months
    assert sum((paid for paid, _ in rows), D(0)) == principal + interest
    assert interest == sums.interest_of_annuity(principal, rate, months) or (1 + rate / 1200) ** months > 10_000


@given(principals, rates, terms)
def test_a_loan_of_the_affordable_principal_costs_the_payment(principal: Decimal, rate: Decimal, months: int):
    payment = sums.annuity_payment(principal, rate, months)
    assert sums.annuity_principal(payment, rate, months) == pytest.approx(principal, abs=D(months))


def test_an_enormous_rate_does_not_make_the_interest_drift():
    payment = sums.annuity_payment(D(100_000), D(1000), 600)
    assert sums.interest_of_annuity(D(100_000), D(1000), 600) == payment * 600 - 100_000


@given(principals, rates, st.integers(1, 120))
def test_the_level_payment_repays_the_debt_in_its_term(principal: Decimal, rate: Decimal, months: int):
    done = sums.repaid(principal, rate, sums.annuity_payment(principal, rate, months))
    assert done is not None
    assert months - 1 <= done[0] <= months + 1


def test_a_payment_below_the_interest_never_repays():
    assert sums.repaid(D(1_000_000), D(24), D(20_000)) is None
    assert sums.repaid(D(1_000_000), D(24), D(25_000)) is not None


def test_a_differentiated_loan_matches_the_closed_form():
    first, last, interest = sums.differentiated(D(300_000), D(12), 12)
    assert (first, last) == (D("28000.00"), D("25250.00"))
    assert interest == D(300_000) * D("0.01") * 13 / 2


def test_deposits_match_simple_and_compound_interest():
    assert sums.deposit_income(D(1_000_000), D(16), D(12), capitalised=False) == D("160000.00")
    compound = 100_000 * (1 + 0.12 / 12) ** 12 - 100_000
    assert float(sums.deposit_income(D(100_000), D(12), D(12), capitalised=True)) == pytest.approx(compound, abs=0.01)


def test_effective_and_real_rates_match_their_formulas():
    assert sums.effective_rate(D(12)) == D("12.68")
    assert sums.real_return(D(16), D(8)) == D("7.41")
    assert sums.real_return(D(8), D(8)) == 0


def test_prices_and_buying_power_are_inverse():
    assert sums.future_price(D(10_000), D(8), D(3)) == D("12597.12")
    assert sums.buying_power(D("12597.12"), D(8), D(3)) == D("10000.00")


@given(principals, rates, st.integers(1, 360))
def test_the_goals_payment_reaches_the_goal(goal: Decimal, rate: Decimal, months: int):
    payment = sums.goal_payment(goal, rate, months)
    grown = sums.savings_growth(payment, rate, months)
    step = ((1 + rate / 1200) ** months - 1) / (rate / 1200)
    assert abs(grown - goal) <= step * D("0.01") + D("0.01")


def test_goals_count_what_is_there_already():
    assert sums.goal_payment(D(1_000_000), D(0), 10, D(400_000)) == D("60000.00")
    assert sums.goal_payment(D(1_000), D(0), 10, D(2_000)) == 0
    assert sums.goal_months(D(1_000_000), D(0), D(20_000)) == 50
    assert sums.goal_months(D(10**13), D(0), D(1)) is None


@pytest.mark.parametrize(
    ("income", "tax"),
    [(1_200_000, 156_000), (2_400_000, 312_000), (3_000_000, 402_000), (6_000_000, 882_000), (60_000_000, 11_602_000)],
)
def test_the_income_tax_grows_by_bands(income: int, tax: int):
    assert sums.banded_tax(D(income), sums.INCOME_BANDS)[0] == tax


@given(st.integers(1, 200_000_000))
def test_gross_and_net_income_are_inverse(gross: int):
    tax, _ = sums.banded_tax(D(gross), sums.INCOME_BANDS)
    assert sums.gross_from_net(D(gross) - tax) == pytest.approx(D(gross), abs=D("0.7"))


def test_the_professional_tax_spends_the_bonus():
    assert sums.npd_tax(D(100_000), D(0), D(10_000)) == (D("3000.00"), D("1000.00"))
    assert sums.npd_tax(D(0), D(100_000), D(10_000)) == (D("4000.00"), D("2000.00"))
    assert sums.npd_tax(D(100_000), D(100_000), D(0)) == (D("10000.00"), D("0.00"))


def test_a_microloan_is_cut_at_the_ceiling():
    assert sums.microloan_cost(D(10_000), D("0.8"), 20) == (D("1600.00"), False)
    assert sums.microloan_cost(D(10_000), D("0.8"), 200) == (D("10000.00"), True)


def test_small_taxes_follow_the_statutes_examples():
    assert sums.vehicle_tax(D(150), D(35), 12) == 5250
    assert sums.vehicle_tax(D(150), D(35), 7) == 3063
    assert sums.sale_tax(D(1_200_000), D(1_000_000)) == 26_000
    assert sums.sale_tax(D(900_000), D(1_000_000)) == 0
    assert sums.vat_inside(D(122_000), sums.VAT) == 22_000


@pytest.mark.parametrize(
    ("yearly", "income", "support"),
    [(36_000, 80_000, 36_000), (72_000, 150_000, 36_000), (20_000, 160_000, 5_000), (1_999, 50_000, 0)],
)
def test_the_state_adds_to_long_term_savings_by_income(yearly: int, income: int, support: int):
    assert sums.pds_support(D(yearly), D(income))[0] == support


def test_sole_proprietors_pay_the_fixed_part_and_one_percent():
    assert sums.sole_contributions(D(1_000_000)) == (D(57_390), D("7000.00"))
    assert sums.sole_contributions(D(200_000)) == (D(57_390), D("0.00"))
    assert sums.sole_contributions(D(10**10)) == (D(57_390), D(321_818))


def test_the_simplified_tax_is_at_least_one_percent():
    assert sums.usn_profit(D(2_000_000), D(1_500_000)) == (D(75_000), False)
    assert sums.usn_profit(D(2_000_000), D(3_000_000)) == (D(20_000), True)


def test_the_deduction_for_children_grows_with_their_order():
    assert [sums.child_deduction(children) for children in (1, 2, 3, 4)] == [1_400, 4_200, 10_200, 16_200]
