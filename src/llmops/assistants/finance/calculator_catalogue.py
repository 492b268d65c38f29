"""The table of calculators: what each is called, how it is recognised, what it needs, who answers.

The order matters: the narrower subject stands first. Arithmetic is `calculators.py`; the texts are `calculator_loans.py`,
`calculator_money.py`, `calculator_taxes.py` and `calculator_work.py`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from llmops.assistants.finance import calculator_loans as loans
from llmops.assistants.finance import calculator_money as money
from llmops.assistants.finance import calculator_taxes as taxes
from llmops.assistants.finance import calculator_work as work
from llmops.assistants.finance.calculator_values import Calculator, Slot

_PAY = r"зарплат|\bзп\b|доход|зарабат|заработ|оклад|получа|на руки"
_LENT = r"кредит|ипотек|взя|долг|сумм|за[йе]м|заня|дают|ссуд|остат|квартир"
_HOUSE, _CAR = r"квартир|\bдом\b|\bдома\b|жиль|комнат|дач|участ", r"машин|авто|тачк|мотоцикл"
_PEOPLE = r"(?:физ\w*|людей|частн\w+|граждан)"
_FIRMS = r"(?:юр\w*|компани\w+|фирм\w*|организаци\w+|ооо|ип)\b"
_EARNED = r"(?=.*(?:зарплат|\bзп\b|оклад|доход|месяц|\bгод|преми|получа|зарабат|нерезид|начисл|чисты|грязн|ваканс))"
_FORMULA = "формула сложных процентов"

_money = partial(Slot, kind="money", low=Decimal(1))
_year_rate = partial(Slot, kind="percent", period="rate_year", high=Decimal(1000), before=r"под\s+$|ставк\w*\W*$")
_months = partial(Slot, kind="months", low=Decimal(1), high=Decimal(600))
_days = partial(Slot, kind="days", low=Decimal(1), high=Decimal(3650))
_percent = partial(Slot, kind="percent", low=Decimal("0.001"), high=Decimal(100))
_extra_money = partial(Slot, kind="money", low=Decimal(0), cued=True, optional=True)
_extra_percent = partial(Slot, kind="percent", low=Decimal("0.001"), optional=True)

RATE = _year_rate("rate", question="Под какой процент годовых?")
ANY_RATE = _year_rate("rate", optional=True)
TERM = _months("months", question="На какой срок - сколько месяцев или лет?")
PART_OF_YEAR = _months("months", high=Decimal(12), optional=True)
_FIRST_PAID = r"взнос\w*\W*(?:это |в |на )?$"
DOWN = _extra_money("down", before=_FIRST_PAID, after=r"^ ?(?:\w+ )?(?:перв\w+ |первоначальн\w+ )?взнос")
DOWN_SHARE = _extra_percent("down_share", before=_FIRST_PAID, after=r"^ ?(?:перв\w+ )?взнос", cued=True)
START = _extra_money(
    "start",
    before=r"(?:есть|имею|отложено|накоплено|скоплено|стартов\w+ \w+|начальн\w+ \w+)\W*$",
    after=r"^ ?(?:уже )?(?:есть|накоплен|отложен)",
)
INCOME = _money("income", question="Какой доход в месяц?", before=_PAY, period="per_month")
YEARLY = _money("income", question="Какой доход за год?", before=r"доход|выручк|оборот|заработ", period="per_year")
SALARY = _money("salary", question="Какая зарплата в месяц?", before=_PAY, period="per_month")
CHILDREN = Slot("children", "count", "Сколько детей?", low=Decimal(1), high=Decimal(20))
PUT_ASIDE = _money(
    "payment", question="Сколько будете откладывать в месяц?", before=r"по\s+$|откладыва\w*\W*$", period="monthly"
)
TARGET = _money(
    "target", question="Какую сумму хотите накопить?", before=r"накоп|скоп|соб[ие]р|цел|нужн", period="once"
)

CALCULATORS: tuple[Calculator, ...] = (
    Calculator(
        "early_repayment", "Досрочное погашение", "остаток кредита 1 млн под 15% на 5 лет, внести досрочно 200 тысяч",
        "ГК РФ, ст. 810; закон 353-ФЗ, ст. 11",
        r"досрочн|частичн\w+ погаш|внес\w+ сверх|сократить срок|уменьшить плат", (
            _money("principal", question="Какой остаток долга?", before=r"остат|долг|остал|кредит|ипотек", period="once"),
            _money("extra", question="Сколько внесёте досрочно?", before=r"внес|закин|досроч|погас|сверх|лишн|полож"),
            RATE, _months("months", question="Сколько месяцев или лет осталось платить?"),
        ), loans.early_repayment, r"вклад|страхов",
    ),
    Calculator(
        "loan_term", "За сколько погашу кредит",
        "за сколько погашу кредит 300 тысяч под 20%, если платить 15 тысяч в месяц", "ГК РФ, ст. 809, 819",
        r"(?:за сколько|когда|как (?:быстро|скоро|долго)).{0,40}(?:погаш|погас|выпла|закро|отдам|распла|рассчит|платить)"
        r"|срок.{0,20}если платить|(?:погашу|выплачу|закрою|расплачусь).{0,60}(?:за сколько|как быстро)", (
            _money(
                "payment", question="Сколько будете платить в месяц?", before=r"плат\w*(?: по)?\W*$|по\s+$",
                period="monthly",
            ),
            _money("principal", question="Какая сумма долга?", before=_LENT, period="once"), RATE,
        ), loans.loan_term, r"вклад|накоп",
    ),
    Calculator(
        "affordable_mortgage", "Посильная ипотека", "какую ипотеку потяну с доходом 150 тысяч под 18% на 20 лет",
        "формула аннуитета; ориентир 40 % дохода",
        r"потян|посильн|как(?:ую|ой) .{0,15}(?:ипотек|кредит|заем|сумму).{0,25}(?:дадут|одобр|могу|взять|рассчит|позвол)"
        r"|на какую .{0,25}(?:ипотек|квартир|сумм)\w*.{0,20}(?:рассчит|хватит|замах|могу)", (
            DOWN, _extra_money("payment", before=r"плат\w*(?: по)?\W*$", period="monthly"),
            _money("income", question="Какой доход в месяц?", before=_PAY, unless="payment", period="per_month"),
            RATE, TERM,
        ), loans.affordable, r"вклад",
    ),
    Calculator(
        "microloan", "Микрозаём", "займ 10 000 на 20 дней под 0,8% в день", "Закон 353-ФЗ, ст. 5, ч. 23 и 24",
        r"микроза[йе]м|микрокредит|\bмфо\b|до зарплаты|за[йе]м(?=.*(?:\bдн|день|сут|недел))"
        r"|(?:\bдн|день|сут|недел).*за[йе]м", (
            _money("principal", question="Какая сумма займа?", before=r"за[йе]м|взя|заня", period="once"),
            _days("days", question="На сколько дней?"),
            _extra_percent("rate", period="rate_day", high=Decimal(5)),
        ), loans.microloan, r"просроч|займодав",
    ),
    Calculator(
        "debt_ratio", "Долговая нагрузка (ПДН)", "долговая нагрузка: платежи 30 тысяч, доход 80 тысяч",
        "Закон 353-ФЗ, ст. 5.1", r"\bпдн\b|долгов\w+ нагрузк|закредитован|дол\w+ плат[её]ж\w* (?:в|от) доход", (
            _money(
                "payments", question="Сколько платите по всем кредитам в месяц?", before=r"плат|кредит|отда",
                period="per_month",
            ),
            INCOME,
        ), loans.debt_ratio,
    ),
    Calculator(
        "loan", "Кредит и ипотека", "кредит 500 тысяч на 3 года под 18%", "ГК РФ, ст. 809, 819; формула аннуитета",
        r"кредит|ипотек|ссуд|рассрочк|занять|занял|в долг|за[йе]м|(?:аннуитет|дифференц)\w+ плат", (
            DOWN, DOWN_SHARE,
            _money("principal", question="Какая сумма кредита?", before=_LENT, low=Decimal(100), period="once"),
            RATE, TERM,
        ), loans.loan, r"кредитк|кредитн\w+ карт|вклад|вычет|верн\w+ налог|страховк|рефинанс",
    ),
    Calculator(
        "goal", "Накопить на цель", "накопить 1 млн за 3 года под 12%", _FORMULA,
        r"накоп|скопи|копит|коплю|собрать|отложить",
        (START, TARGET, _months("months", question="За сколько месяцев или лет?"), ANY_RATE), money.goal,
        r"накопительн\w+ (?:сч|пенс|част)|(?:сколько|что) (?:\w+ )?(?:накоплю|скоплю|накопится)|долгосрочн|\bпдс\b"
        r"|пенси|балл|инфляц|вклад",
    ),
    Calculator(
        "goal_time", "За сколько накоплю", "за сколько накоплю 1 млн, если откладывать 20 тысяч в месяц", _FORMULA,
        r"накоп|скоп|копит|коплю|собрать|отложить|собер", (START, PUT_ASIDE, TARGET, ANY_RATE), money.goal_time,
        r"накопительн\w+ (?:пенс|част)|долгосрочн|\bпдс\b|пенси|балл|инфляц",
    ),
    Calculator(
        "savings", "Регулярные сбережения", "откладываю по 10 тысяч в месяц 5 лет под 12%, сколько накоплю", _FORMULA,
        r"откладыва|пополн|накоп|скоп|коплю|копит|инвестир|класть|клас\w+ по|вносить", (
            START, PUT_ASIDE, _months("months", question="Сколько месяцев или лет?"), ANY_RATE,
        ), money.savings, r"кредит|ипотек|долг|\bпдс\b|верн|вычет|пенси|балл|инфляц",
    ),
    Calculator(
        "deposit", "Вклад", "вклад 1 млн под 16% на год с капитализацией", "ГК РФ, ст. 839; НК РФ, ст. 214.2",
        r"вклад(?!ыв)|депозит|накопительн\w+ сч|положи|положу|кладу", (
            _money(
                "principal", question="Какая сумма вклада?", before=r"вклад|депозит|полож|сумм|внес|кладу",
                period="once",
            ),
            RATE, Slot("months", "term", TERM.question, low=Decimal("0.03"), high=Decimal(600)),
        ), money.deposit,
        r"кредит|ипотек|страхов|вычет|\bиис\b|реальн\w* (?:доход|ставк|процент)|с учетом инфляц|эффективн|\bпдс\b",
    ),
    Calculator(
        "deposit_tax", "Налог с процентов по вкладам", "налог с процентов по вкладам, получил 300 тысяч за 2025 год",
        "НК РФ, ст. 214.2, 224", r"налог.*(?:процент|вклад|депозит)|(?:процент|вклад|депозит).*налог", (
            _money(
                "interest", question="Сколько процентов получили за год?", cued=True, after=r"^ ?процент",
                before=r"(?:процент\w*|доход\w*|получил\w*|начислил\w*|заработал\w*|накапал\w*)[^\d]{0,25}$",
            ),
            Slot("year", "year", low=Decimal(2023), high=Decimal(2100), optional=True),
        ), money.deposit_tax, r"кредит|ипотек|вычет|самозанят|прода",
    ),
    Calculator(
        "effective_rate", "Эффективная ставка", "эффективная ставка при 16% с капитализацией", _FORMULA,
        r"эффективн\w+ (?:\w+ )?(?:ставк|доход|процент)|ставк\w+ с (?:учетом )?капитализац",
        (_year_rate("rate", question="Какая номинальная ставка?"),), money.effective_rate, r"кредит|ипотек|\bпск\b",
    ),
    Calculator(
        "real_return", "Реальная доходность", "реальная доходность: ставка 16%, инфляция 8%", "формула Фишера",
        r"реальн\w* (?:доход|ставк|процент)|с учетом инфляц|обго\w+ инфляц|минус инфляц|очищ\w+ от инфляц", (
            _year_rate(
                "inflation", question="Какая инфляция в год, в процентах?", after=r"^ ?инфляц",
                before=r"инфляц\w*\W*(?:в |на |была |будет )?$",
            ),
            _year_rate("rate", question="Какая ставка доходности?"),
        ), money.real_return,
    ),
    Calculator(
        "buying_power", "Что останется от денег", "что останется от 1 млн через 10 лет при инфляции 8%", _FORMULA,
        r"обесцен|покупательн|съест|съела|останется от|реальн\w+ стоимост|потеря\w+ .{0,25}инфляц"
        r"|(?:будут|станут) стоить (?:мои|эти|наши|сто|\d|\w+ (?:тыс|млн|миллион)|деньги)"
        r"|(?:тысяч|миллион|млн|рублей|деньги|накоплени).{0,60}(?:будут|станут) стоить", (
            _money("amount", question="Какая сумма?", period="once"),
            _year_rate("inflation", question="Какая инфляция в год, в процентах?", before=r"инфляц\w*\W*(?:в |на )?$"),
            _months("months", question="Через сколько лет?"),
        ), money.buying_power,
    ),
    Calculator(
        "future_price", "Цена через годы", "цены растут на 8% в год, набор за 10 000, через 3 года", _FORMULA,
        r"цен\w* .{0,20}(?:раст|вырас|подним|увелич)|дорожа|(?:будет|станет) стоить|(?:раст|вырас)\w* в цене"
        r"|инфляц.*(?:цен|сто[ия])|(?:цен|сто[ия]).*инфляц", (
            _money("price", question="Какая цена сейчас?", before=r"за\s+$|сто[ия]\w*\W*$|цен\w*\W*$", period="once"),
            _year_rate("inflation", question="На сколько процентов в год растут цены?"),
            _months("months", question="Через сколько лет?"),
        ), money.future_price, r"кредит|ипотек",
    ),
    Calculator(
        "child_deduction", "Вычет на детей", "вычет на детей: зарплата 60 тысяч, двое детей",
        "НК РФ, ст. 218, п. 1, пп. 4",
        r"вычет\w* (?:на|за) (?:\w+ )?(?:реб|дет|дво|тро)|детск\w+ вычет|стандартн\w+ вычет",
        (SALARY, CHILDREN), taxes.child_deduction, r"уч[её]б|обучен|лечен|кружк|секци",
    ),
    Calculator(
        "deduction", "Налоговый вычет", "вычет за лечение 90 000, сколько вернут", "НК РФ, ст. 219, 219.2, 220",
        r"вычет|верн\w+ .{0,25}(?:налог|ндфл)|(?:налог|ндфл)\w* .{0,25}верн|возврат\w* (?:ндфл|налог|подоходн)", (
            Slot(
                "kind", "word", "За что вычет: жильё, проценты по ипотеке, лечение, учёба, спорт или ИИС?",
                before="|".join(pattern for _, pattern in taxes.DEDUCTION_KINDS),
            ),
            _extra_money(
                "salary", before=r"(?:зарплат\w*|оклад\w*|\bзп|получаю|\bдоход\w*)[^\d]{0,12}$", period="per_month"
            ),
            _extra_money("paid", before=r"(?:уплат\w*|удержа\w*|заплатил\w* (?:налог\w*|ндфл)|ндфл за год)[^\d]{0,15}$"),
            _money("expense", question="Какая сумма расходов?", period="once"),
            _extra_percent("rate", high=Decimal(22)),
        ), taxes.deduction, r"на (?:реб|дет)(?!\w* (?:уч|обуч))|до вычета|после вычета|прода|все равно",
    ),
    Calculator(
        "npd", "Налог самозанятого", "самозанятый: 80 тысяч от людей и 50 тысяч от компаний",
        "Закон 422-ФЗ, ст. 10 и 12",
        r"(?=.*(?:налог|плат|\bнпд|от (?:физ|люд|част|юр|комп|фирм|орг|ооо|ип)|сколько|отда|бонус))"
        r".*(?:самозанят|\bнпд\b|профессиональн\w+ доход)", (
            _extra_money("people", before=rf"от {_PEOPLE}\W*$", after=rf"^ ?(?:\w+ )?от {_PEOPLE}"),
            _extra_money("companies", before=rf"от {_FIRMS}\W*$", after=rf"^ ?(?:\w+ )?от {_FIRMS}"),
            _extra_money(
                "bonus", before=r"бонус\w*\W*(?:остал\w*|есть)?\W*$", after=r"^ ?бонус", high=Decimal(10_000)
            ),
            _money("income", question="Какой доход?", unless="people companies"),
        ), work.npd, r"выкин|кредит|ипотек|\bсебе\b|подарочн|закон|усн|стаж|пенси",
    ),
    Calculator(
        "usn_profit", "УСН «доходы минус расходы»", "УСН доходы минус расходы: доход 2 млн, расходы 1,5 млн",
        "НК РФ, ст. 346.18, 346.20", r"(?:\bусн|упрощ[её]н).*(?:минус|расход)|доход\w* минус расход", (
            _money(
                "expenses", question="Какие расходы за год?", before=r"расход\w*\W*$", after=r"^ ?расход",
                period="per_year",
            ),
            YEARLY, _extra_percent("rate", high=Decimal(15)),
        ), work.usn_profit,
    ),
    Calculator(
        "usn", "УСН «доходы»", "УСН 6%: доход 2 млн за год", "НК РФ, ст. 346.20, 346.21, 430", r"\bусн\b|упрощ[её]н", (
            _extra_money("contributions", before=r"взнос\w*\W*$", after=r"^ ?взнос"), YEARLY,
            _extra_percent("rate", high=Decimal(6)),
        ), work.usn, r"\bаусн\b|ндс|стаж|балл|пенси|долж|долг|банкрот",
    ),
    Calculator(
        "sole_contributions", "Взносы ИП за себя", "взносы ИП при доходе 2 млн", "НК РФ, ст. 430",
        r"взнос\w* .{0,20}(?:\bип\b|за себя|предпринимател)|(?:\bип\b|предпринимател\w*) .{0,30}взнос",
        (YEARLY,), work.sole_contributions, r"патент|работник|стаж|балл|пенси",
    ),
    Calculator(
        "sale_tax", "Налог с продажи", "продал квартиру за 5 млн, купил за 4 млн, какой налог",
        "НК РФ, ст. 217.1, 220, 224",
        rf"(?=.*(?:налог|ндфл))(?:.*прода\w*.*(?:{_HOUSE}|{_CAR})|.*(?:{_HOUSE}|{_CAR}).*прода)", (
            _extra_money(
                "bought", before=r"(?:купил\w*|купле\w+|покуп\w*|приобр\w+|брал\w*|взял\w*|назад)[^\d]{0,25}$"
            ),
            _months(
                "owned", before=r"владе|собственност", after=r"^ ?(?:назад|в собственност|владе)", cued=True,
                optional=True,
            ),
            _money("price", question="За сколько продаёте?", before=r"прода", period="once"),
        ), taxes.sale_tax, r"вычет",
    ),
    Calculator(
        "vehicle_tax", "Транспортный налог", "транспортный налог: 150 лошадей, ставка 35 рублей",
        "НК РФ, ст. 358-362", r"транспортн\w+ налог|налог\w* (?:на|за|с) (?:\w+ )?(?:машин|авто|тачк|мотоц|транспорт)", (
            Slot("power", "power", "Сколько лошадиных сил?", before=r"мощност\w*\W*$", low=Decimal(1), high=Decimal(3000)),
            Slot(
                "rate", "tariff", "Какая ставка в вашем регионе, ₽ за лошадиную силу?", before=r"ставк\w*\W*$|по\s+$",
                after=r"^ ?(?:за|с|на) (?:л|одн|кажд|силу|лошад)", low=Decimal("0.1"), high=Decimal(1000),
            ),
            PART_OF_YEAR,
        ), taxes.vehicle_tax, r"прода",
    ),
    Calculator(
        "property_tax", "Налог на имущество или землю", "налог на квартиру: кадастровая стоимость 4 млн, ставка 0,1%",
        "НК РФ, ст. 394, 406, 408", rf"налог\w* (?:на|за|с) (?:имущ|земл|{_HOUSE})|земельн\w+ налог|кадастров", (
            _money("base", question="Какая кадастровая стоимость?", before=r"кадастр|стоимост|база"),
            _percent("rate", question="Какая ставка налога, в процентах?", high=Decimal(5)), PART_OF_YEAR,
        ), taxes.property_tax, r"прода|вычет|ипотек|кредит",
    ),
    Calculator(
        "pds", "Доплата государства по ПДС", "ПДС: взнос 36 000 в год, доход 70 тысяч в месяц", "Законы 75-ФЗ и 56-ФЗ",
        r"\bпдс\b|долгосрочн\w+ сбереж|софинансир", (
            _money(
                "contribution", question="Сколько вносите за год?", before=r"взнос|внес|внош|вноси|откладыва",
                period="per_year",
            ),
            INCOME,
        ), work.pds, r"вычет|верн",
    ),
    Calculator(
        "vacation_pay", "Отпускные", "отпускные: средняя зарплата 60 тысяч, 14 дней", "ТК РФ, ст. 139", r"отпускн",
        (SALARY, _days("days", question="Сколько дней отпуска?", high=Decimal(365))), work.vacation, r"больничн",
    ),
    Calculator(
        "alimony", "Алименты", "алименты: зарплата 60 тысяч, двое детей", "СК РФ, ст. 81", r"алимент",
        (SALARY, CHILDREN), work.alimony, r"задолж|долг|тверд",
    ),
    Calculator(
        "withholding", "Удержание из зарплаты", "пристав удержит 50% из зарплаты 60 тысяч, сколько останется",
        "ТК РФ, ст. 138; закон 229-ФЗ, ст. 99", r"удерж|пристав|исполнительн\w+ лист",
        (SALARY, _percent("rate", question="Какой процент удерживают?")), work.withholding, r"ндфл|алимент|больничн",
    ),
    Calculator(
        "delay_penalty", "Неустойка за просрочку", "неустойка: цена 30 000, 1% в день, 40 дней",
        "Закон 2300-1, ст. 23, 23.1, 28", r"неустойк|просроч|\bпен[ия]\b", (
            _money("price", question="Какая цена товара или услуги?", before=r"цен|сто[ия]|за|товар"),
            _percent("rate", question="Сколько процентов в день?", period="rate_day", high=Decimal(10)),
            _days("days", question="Сколько дней просрочки?"),
        ), work.delay_penalty, r"кредит|ипотек|\bмфо\b|за[йе]м|налог|взнос|алимент|жкх|коммунал",
    ),
    Calculator(
        "vat", "НДС", "выделить НДС 22% из 122 000", "НК РФ, ст. 164", r"\bндс\b",
        (_money("amount", question="С какой суммы?"), _extra_percent("rate", high=Decimal(100))), work.vat,
        r"\bусн\b|упрощ|лимит|оборот|попал|заработ|доход|площадк|появит",
    ),
    Calculator(
        "income_tax", "НДФЛ и зарплата на руки", "сколько на руки с оклада 100 тысяч", "НК РФ, ст. 210, 224",
        rf"(?:{_EARNED}|(?=^.{{0,40}}$)).*(?:ндфл|подоходн|чистыми|грязными)|до вычета|гросс|gross"
        r"|налог\w* (?:с|на|со) (?:\w+ )?(?:зарплат|зп\b|доход|оклад|преми)"
        r"|на руки.*(?:оклад|зарплат|\bзп\b|налог)|(?:оклад|зарплат|\bзп\b|налог).*на руки", (
            _extra_money(
                "net", before=r"(?:на руки|чистыми)(?: (?:получаю|выходит|дают|хочу|приходит))?\W*$",
                after=r"^ ?(?:в месяц |рублей )?(?:на руки|чистыми)(?! (?:сколько|это|будет))",
            ),
            _money("gross", question="Какая сумма дохода?", unless="net"), _extra_percent("rate", high=Decimal(35)),
        ), taxes.income_tax,
        r"(?<!до )вычет\w* (?:за|на|по)\b|самозанят|\bнпд\b|усн|вклад|процентов|прода|квартир|однушк|отпуск|дивиденд"
        r"|кредит|ипотек|верн|возврат|больнич|подар|выигр|алимент|отступн|уволи|соглашени|вручил|или на руки|инвестиц|\bиис\b",
    ),
    Calculator(
        "percent_of", "Процент от числа", "сколько будет 15% от 80 000", "арифметика",
        r"(?:%|процент\w*)\s*(?:от|с|со|из)\b", (
            _percent("rate", question="Сколько процентов?", high=Decimal(10_000)),
            _money(
                "amount", question="От какого числа?", before=r"(?:от|с|со|из)\s+(?:суммы |числа )?$", cued=True,
                low=Decimal("0.01"),
            ),
        ), money.percent_of,
    ),
)  # fmt: skip

BY_NAME = {calculator.name: calculator for calculator in CALCULATORS}
