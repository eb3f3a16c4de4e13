"""Money: a whole number of minor units with its currency, and arithmetic that loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

# ISO 4217 list one (2026-01-01), the codes that money is paid in: no metals, funds or test codes.
_TWO_DIGITS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(_THREE_DIGITS.split(), 3),
}
"""Each currency code with the number of decimal digits its minor unit stands for."""

MAX_AMOUNT = 2**53 - 1
"""The largest amount a JSON reader in JavaScript still holds exactly."""


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in one sum."""


def _known_currency(code: str) -> str:
    code = code.upper()
    if code not in EXPONENTS:
        raise ValueError("must be an ISO 4217 currency code, such as USD")
    return code


Currency = Annotated[str, AfterValidator(_known_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]
"""A model field holding an ISO 4217 code; lower case is accepted and stored upper."""


class Money(BaseModel):
    """An amount in minor units (cents for USD, yen for JPY) and its ISO 4217 currency.

    Immutable. Every operation answers another Money of the same currency; mixing currencies raises
    CurrencyMismatch, and a result beyond MAX_AMOUNT raises ValueError.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    amount: Annotated[
        int,
        Field(strict=True, ge=-MAX_AMOUNT, le=MAX_AMOUNT, description="In minor units", examples=[99999]),
    ]
    currency: Annotated[Currency, Field(description="ISO 4217 code", examples=["USD"])]

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in that currency."""
        return cls(amount=0, currency=currency)

    @classmethod
    def sum(cls, parts: Iterable[Money], currency: str) -> Money:
        """The sum of the parts, all in `currency`; zero when there are none."""
        total = cls.zero(currency)
        for part in parts:
            total += part
        return total

    def __add__(self, other: Money) -> Money:
        return self._with(self.amount + self._comparable(other))

    def __sub__(self, other: Money) -> Money:
        return self._with(self.amount - self._comparable(other))

    def __neg__(self) -> Money:
        return self._with(-self.amount)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._comparable(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._comparable(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._comparable(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._comparable(other)

    def times(self, quantity: int) -> Money:
        """This amount `quantity` times."""
        return self._with(self.amount * quantity)

    def percent(self, rate: Decimal) -> Money:
        """`rate` per cent of this amount, rounded once, half away from zero: 8.75 % of 99999 is 8750."""
        share = (Decimal(self.amount) * rate / 100).quantize(Decimal(1), ROUND_HALF_UP)
        return self._with(int(share))

    def allocate(self, weights: Sequence[int | Decimal]) -> list[Money]:
        """Split into one part per weight, in proportion, so that the parts add up to the whole.

        Largest remainder: each part gets its share rounded towards zero, and the units left over go
        one each to the parts with the largest fractions, the first among equals. Raises ValueError
        for a negative weight, and when weights that are all zero (or none) should carry an amount.
        """
        if any(weight < 0 for weight in weights):
            raise ValueError("weights must not be negative")
        total = sum(Fraction(weight) for weight in weights)
        if total == 0:
            if self.amount:
                raise ValueError("an amount needs a weight above zero to be allocated to")
            return [self] * len(weights)
        size, sign = abs(self.amount), 1 if self.amount >= 0 else -1
        shares = [Fraction(weight) * size / total for weight in weights]
        parts = [int(share) for share in shares]
        by_fraction = sorted(range(len(parts)), key=lambda index: parts[index] - shares[index])
        for index in by_fraction[: size - sum(parts)]:
            parts[index] += 1
        return [self._with(sign * part) for part in parts]

    def decimal(self) -> Decimal:
        """The amount in major units: 99999 USD is 999.99, 500 JPY is 500."""
        return Decimal(self.amount).scaleb(-EXPONENTS[self.currency])

    def __str__(self) -> str:
        return f"{self.decimal():,} {self.currency}"

    def _with(self, amount: int) -> Money:
        if not -MAX_AMOUNT <= amount <= MAX_AMOUNT:
            raise ValueError("the amount is too large")
        return Money.model_construct(amount=amount, currency=self.currency)

    def _comparable(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
        return other.amount
