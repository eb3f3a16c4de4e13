"""What monitors and people who open the root address read. Public, and without a round trip."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from caidence.service import api
from quintet.answers import asking
from quintet.providers import language_model
from quintet.providers.errors import NotConfigured


class AiStatus(BaseModel):
    """`available` unless no model is configured, or this process has just found it failing again and again; then
    everything that asks it answers from its fallback."""

    model_config = ConfigDict(defer_build=True)

    status: Literal["available", "unavailable", "not_configured"]
    provider: Literal["bedrock"] | None
    answers: Literal["model", "fallback"]


class Health(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: Literal["ok"] = "ok"
    version: str
    ai: AiStatus


class Welcome(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str


@api.get("//health")
def check() -> Health:
    """That the platform is up, its version, and the state of the AI service"""
    return Health(version=api.version, ai=_ai())


@api.get("//")
def welcome() -> Welcome:
    """A welcome to whoever opens the root address"""
    return Welcome(message=f"Welcome to the {api.title} API")


def _ai() -> AiStatus:
    try:
        circuit = asking.breaker.circuit(language_model.model_id())
    except NotConfigured:
        return AiStatus(status="not_configured", provider=None, answers="fallback")
    if circuit.opened is not None:
        return AiStatus(status="unavailable", provider="bedrock", answers="fallback")
    return AiStatus(status="available", provider="bedrock", answers="model")
