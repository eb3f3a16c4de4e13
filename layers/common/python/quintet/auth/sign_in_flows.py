"""Sign-ins under way at a provider: what belongs to a `state` from the consent address to the callback, once.

Item (access pattern): the sign-in under way with a state    OAUTH#<provider>#<hash of the state> / FLOW

A flow belongs to the provider that it was begun with: no other provider's callback finds it, so nobody can be made to
trade one provider's code at another (RFC 9700, section 4.4). The code belongs to the flow by the verifier and the nonce
that are kept here and leave the system only as hashes.

    challenge = Challenge.new()
    sign_in_flows.begin("google", state, challenge)
    challenge = sign_in_flows.end("google", state)       # raises UnknownFlow
"""

from __future__ import annotations

import hashlib
from typing import ClassVar, Final

from quintet.auth.code_flow import Challenge
from quintet.models.time import epoch
from quintet.store import Entity, Keys, Store, equals

LIFETIME: Final = 600
"""Seconds that a sign-in may take from the consent address to the callback."""


class UnknownFlow(Exception):
    """No sign-in with this state is under way: it is foreign, was used, or took too long."""


class Flow(Entity):
    """A sign-in under way, by the hash of its state."""

    kind: ClassVar[str] = "sign_in_flow"
    keys: ClassVar[Keys] = Keys("OAUTH#{provider}#{digest}", "FLOW")

    provider: str
    digest: str
    nonce: str
    verifier: str
    expires_at: int


def begin(provider: str, state: str, challenge: Challenge) -> None:
    """Remember that a sign-in with `state` is under way; the same state again starts over. One write."""
    flow = Flow(provider=provider, digest=_digest(state), nonce=challenge.nonce, verifier=challenge.verifier,
                expires_at=epoch() + LIFETIME)  # fmt: skip
    tx = Store().transaction()
    tx.put(flow)
    tx.commit()


def end(provider: str, state: str) -> Challenge:
    """Take the sign-in that belongs to `state`; only one caller ever gets it. Raises UnknownFlow."""
    store = Store()
    flow = store.get(Flow, provider=provider, digest=_digest(state))
    if flow is None:
        raise UnknownFlow
    store.delete(flow, [equals("nonce", flow.nonce)], lambda _: UnknownFlow())
    if flow.expires_at <= epoch():
        raise UnknownFlow
    return Challenge(flow.nonce, flow.verifier)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
