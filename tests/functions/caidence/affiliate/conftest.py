"""What tests of affiliate links ask often."""

from __future__ import annotations

from typing import Any

from caidence.affiliate.figures import performances
from caidence.creators.entities import Creator
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import BASE
from tests.functions.caidence.creators.conftest import CREATORS

CONVERSIONS = f"{BASE}/affiliate/conversions"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Mobile Safari/604.1"
LAPTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)


def code_of(client: Client, creator: Creator, **body: Any) -> str:
    """The affiliate code of a creator."""
    answer = client.post(f"{CREATORS}/{creator.id}/affiliate", body or None)
    assert answer.status == 200, answer
    code: str = answer.body["affiliate_code"]
    return code


def opened(client: Client, code: str, agent: str | None = PHONE, ip: str = "203.0.113.9", **headers: str) -> Answer:
    """What somebody without a token is answered who opens a link."""
    sent = headers | ({"User-Agent": agent} if agent is not None else {})
    return client.as_caller(None).get(f"/r/{code}", headers=sent, ip=ip)


def figures(creator: Creator) -> dict[str, Any]:
    return performances([creator.id])[0].model_dump()


def summed(clicks: int = 0, conversions: int = 0, revenue: int = 0, commission: int = 0, rate: float = 0) -> Any:
    return {
        "clicks": clicks, "conversions": conversions, "conversion_rate": rate, "revenue": revenue,
        "commission_earned": commission,
    }  # fmt: skip
