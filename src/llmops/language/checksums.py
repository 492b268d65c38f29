"""Check digits of cards, tax and pension numbers and international accounts.

Pure functions of digits; knows no text around them.
"""

from __future__ import annotations


def luhn(digits: str) -> bool:
    """Check a card number (ISO/IEC 7812-1, annex B)."""
    doubled = sum(int("0246813579"[int(digit)]) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[::-2]))) % 10 == 0


def card_brand(digits: str) -> bool:
    """Tell whether the issuer prefix and the length fit a card in use (ISO/IEC 7812-1, payment systems' rules)."""
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        return size in {13, 16, 18, 19}
    if two in {34, 37}:
        return size == 15
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return size == 16
    return (2200 <= four <= 2204 and size >= 16) or two == 50 or 56 <= two <= 69


def inn(digits: str) -> bool:
    """Check an ИНН of 10 or 12 digits (order of ФНС ЕД-7-14/559@, annex on the structure of the number)."""
    if digits.startswith("00"):
        return False
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    for size in (len(digits) - 1,) if len(digits) == 10 else (10, 11):
        total = sum(int(digit) * weight for digit, weight in zip(digits, weights[11 - size :], strict=False))
        if total % 11 % 10 != int(digits[size]):
            return False
    return True


def snils(digits: str) -> bool:
    """Check a СНИЛС (постановление Правления ПФР от 31.07.2006 № 192п); the first numbers have no checksum."""
    if int(digits[:9]) <= 1001998:
        return int(digits[:9]) > 0
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def iban(text: str) -> bool:
    """Check an IBAN without separators (ISO 13616-1, mod 97-10 of ISO/IEC 7064)."""
    moved = (text[4:] + text[:4]).upper()
    return 15 <= len(text) <= 34 and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


# Telephone numbers with the country code (ITU-T E.164): how many digits they have.
