"""What the agent does: enhance a description, draft a campaign, devise a strategy and keep it."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.agent.drafting import drafted
from caidence.agent.enhancing import enhanced
from caidence.agent.handover import Brief, Draft
from caidence.agent.strategies import MarketingStrategy, Wish, devised, size_of
from caidence.envelope import Id
from caidence.projects.entities import Project, keep, organization_for
from caidence.reading.phrases import short
from caidence.service import api
from caidence.wording import capital
from quintet.answers import Prompt, answered
from quintet.api import Reply
from quintet.models import Length, Text

ENHANCE = Prompt("caidence", "enhance.v1", max_tokens=1800, seconds=15, rules="rules.v1")
LONGEST = 5000
"""Characters of a description."""
MOST_ASSETS = 20_000
"""Characters of assets as JSON."""


class Description(BaseModel):
    model_config = ConfigDict(defer_build=True)

    text: Annotated[Text, Length(1, LONGEST)]


class Enhanced(BaseModel):
    model_config = ConfigDict(defer_build=True)

    enhanced_text: Annotated[Text, Length(1, 3 * LONGEST)]


def _small(assets: Any) -> Any:
    if size_of(assets) > MOST_ASSETS:
        message = f"must have at most {MOST_ASSETS} characters as JSON"
        raise ValueError(message)
    return assets


class StrategyRequest(Wish):
    """What a strategy is wished for. `assets` is whatever there is to work with: names, links, a list, an object."""

    assets: Annotated[Any, AfterValidator(_small)] = None
    organization_id: Annotated[Id | None, Field(description="Of the project; the caller's own when absent")] = None


class StrategyReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    project_id: str
    strategy: MarketingStrategy


@api.post("/agent/enhance_description", needs={"model"}, example={"text": "We want to sell our new juice to runners."})
def enhance_description(body: Description, caller: User) -> Reply[Enhanced]:
    """Make a campaign description livelier

    Its facts stay as they are. `X-Answer-Source` says who rewrote it: the language model, or rules of good style.
    """
    return answered(ENHANCE, Enhanced, {"text": body.text}, lambda: Enhanced(enhanced_text=enhanced(body.text)))


@api.post(
    "/agent/draft_campaign",
    needs={"model"},
    example={
        "goal": "Sell 500 crates within six weeks",
        "product": "Sol Citrus cold-pressed juice",
        "audience": "Young runners in Berlin",
    },
)
def draft_campaign(body: Brief, caller: User) -> Reply[Draft]:
    """Draft a campaign as two plans to choose between

    A researcher, a strategist and a creative work one after the other, each with what the one before hands over.
    `X-Answer-Source` is `model` when the language model played all three roles, else `fallback`.
    """
    draft, headers = drafted(body)
    return Reply(draft, headers=headers)


@api.post(
    "/agent/generate",
    errors=[ORGANIZATION_NOT_FOUND],
    needs={"model", "table:write"},
    idempotent=True,
    example={
        "role": "Brand manager",
        "project_type": "Product launch",
        "objective": "Win 2,000 subscribers for the tasting club within three months",
        "assets": ["mailing list of 5,000", "film of the grove"],
    },
)
def generate(body: StrategyRequest, caller: User) -> Reply[StrategyReply]:
    """Devise a marketing strategy and keep it as a project

    The project's description is the strategy as a text. `X-Answer-Source` says who devised it: the language model, or
    rules of planning.
    """
    organization_id = organization_for(caller, body.organization_id)
    strategy, headers = devised(body)
    project = Project(
        place=organization_id or caller.id,
        organization_id=organization_id,
        name=f"{capital(short(body.project_type))}: {short(body.objective, 80)}",
        description=strategy.as_text(),
        project_type=body.project_type,
        objective=body.objective,
        owner_id=caller.id,
    )
    keep(project, caller)
    return Reply(StrategyReply(project_id=project.id, strategy=strategy), headers=headers)
