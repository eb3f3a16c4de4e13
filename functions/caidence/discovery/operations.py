"""Finding creators and learning about them, for credits."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caidence.access.callers import DiscoveryReader
from caidence.discovery import filters, ledger, profiles, upstream
from caidence.discovery.accounts import ENRICH, POST_DETAILS, SEARCH_RESULT, Bill, credits_of
from caidence.discovery.filters import Count, Filters, Percent, Query, Word
from caidence.discovery.ledger import INSUFFICIENT, NO_ACCOUNT
from caidence.discovery.profiles import UNDER_WAY
from caidence.discovery.purchases import bought, entitled, noted
from caidence.discovery.upstream import BUSY, FAILED, NOT_CONFIGURED
from caidence.service import api
from quintet.api.errors import Problem
from quintet.models import Length, Line
from quintet.models.text import clean_line
from quintet.providers import influencers_club
from quintet.providers.influencers_club import ContentType, Found, Mode, Platform, Told

REFUSALS = [NO_ACCOUNT, INSUFFICIENT, FAILED, NOT_CONFIGURED, BUSY]


def _plain(handle: str) -> str:
    handle = clean_line(handle.removeprefix("@"))
    if not handle:
        raise ValueError("must name a creator")
    return handle


Handle = Annotated[
    Line, Length(1, 200), AfterValidator(_plain), Field(description="The creator's name there, with or without @")
]
PostId = Annotated[Line, Length(1, 200), Field(description="The platform's own id of the post, not its address")]
Limit = Annotated[int, Field(ge=1, le=50, description="Creators to show")]
PageNumber = Annotated[int, Field(ge=1, le=10_000, description="Page, from 1")]


class SearchQuery(BaseModel):
    """What to search by. Each overrules the body's filter of its name; a name that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    platform: Annotated[Platform | None, Field(description="instagram when absent")] = None
    ai_search: Annotated[Query | None, Field(description="A niche or a topic in words")] = None
    min_followers: Count | None = None
    max_followers: Count | None = None
    min_engagement: Annotated[Percent | None, Field(description="Percent")] = None
    location: Annotated[Word | None, Field(description="A place that the classifier of locations lists")] = None
    has_brand_deals: bool | None = None
    is_verified: bool | None = None
    limit: Annotated[Limit | None, Field(description="10 when absent")] = None
    page: Annotated[PageNumber | None, Field(description="1 when absent")] = None


class SearchBody(BaseModel):
    """A search in words, and filters. A filter that nobody knows is refused before anything is spent."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    query: Query | None = None
    filters: Filters | None = None


class SimilarQuery(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    platform: Platform
    handle: Handle
    min_followers: Count | None = None
    max_followers: Count | None = None
    limit: Limit = 10
    page: PageNumber = 1


class EnrichQuery(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    platform: Platform
    handle: Handle
    mode: Mode = "raw"


class PostQuery(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    platform: Annotated[Platform, Field(description="instagram, tiktok or youtube: the others' posts are not known")]
    post_id: PostId
    content_type: Annotated[ContentType, Field(description="`audio` is not for youtube")] = "data"


class CreatorReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    platform: Platform
    handle: str
    name: str | None
    followers: int | None
    engagement_rate: Annotated[float | None, Field(description="Percent")]
    picture_url: str | None

    @classmethod
    def of(cls, creator: influencers_club.Creator) -> Self:
        return cls.model_validate(creator, from_attributes=True)


class SearchReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    results: list[CreatorReply]
    total: Annotated[int, Field(description="Of the whole search, as the service counts")]
    page: int
    limit: int
    credits_used: float
    credits_remaining: float


class EnrichReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    profile: Annotated[
        dict[str, Any],
        Field(
            description="The same names on every platform: `handle`, `name`, `biography`, `followers`, `following`,"
            " `posts`, `engagement_rate`, `is_verified`, `location`, `picture_url`; full mode adds `email`, `growth`,"
            " `posting_frequency`, `connections`. `details` is the service's own answer."
        ),
    ]
    mode: Mode
    cached: Annotated[bool, Field(description="Bought within the last 24 hours, so free this time")]
    credits_used: float
    credits_remaining: float


class PostReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    post: dict[str, Any]
    content_type: ContentType
    credits_used: float
    credits_remaining: float


@api.post(
    "/discovery/search",
    errors=REFUSALS,
    needs={"table:write"},
    idempotent=True,
    example={"query": "vegan cooking", "filters": {"number_of_followers": {"min": 10_000}, "hashtags": ["vegan"]}},
)
def search(query: SearchQuery, caller: DiscoveryReader, body: SearchBody | None = None) -> SearchReply:
    """Search for creators

    Costs 0.01 credits for each creator returned; what the page may cost at most is held meanwhile.
    """
    user_id = entitled(caller)
    upstream.require_configured()
    given = _given(query, body)
    platform: Platform = given.get("platform") or "instagram"
    limit, page = given.get("limit") or 10, given.get("page") or 1
    wanted = _sent(platform, given, body)
    found, cost, balance = bought(
        user_id,
        "search",
        limit * SEARCH_RESULT,
        lambda: influencers_club.search(platform, wanted, page, limit),
        lambda found: Bill(cost=len(found.creators) * SEARCH_RESULT, results=len(found.creators), upstream=found.cost),
    )
    return _reply(found, page, limit, cost, balance)


@api.post("/discovery/similar", errors=REFUSALS, needs={"table:write"}, idempotent=True)
def similar(query: SimilarQuery, caller: DiscoveryReader) -> SearchReply:
    """Find creators like one that is named

    Free for whoever has a credit account.
    """
    user_id = entitled(caller)
    upstream.require_configured()
    wanted = _sent(query.platform, query.model_dump(include={"min_followers", "max_followers"}), None)
    balance = ledger.account_of(user_id).balance
    found = upstream.asked(
        lambda: influencers_club.similar(query.platform, query.handle, wanted, query.page, query.limit)
    )
    after = noted(user_id, "similar", Bill(cost=0, results=len(found.creators), upstream=found.cost))
    return _reply(found, query.page, query.limit, 0, balance if after is None else after)


@api.post("/discovery/enrich", errors=[*REFUSALS, UNDER_WAY], needs={"table:write"}, idempotent=True)
def enrich(query: EnrichQuery, caller: DiscoveryReader) -> EnrichReply:
    """Enrich a creator's profile

    `raw` costs 0.03 credits. `full` costs 1 and adds e-mail, growth, posting frequency and platform connections. The
    same again within 24 hours is free; while it is being bought, the same again waits for it.
    """
    user_id = entitled(caller)
    upstream.require_configured()
    key = profiles.key_of(query.platform, query.handle, query.mode)
    balance = ledger.account_of(user_id).balance
    profile, cost = profiles.bought(user_id, key), 0
    if profile is None:
        profile, cost, balance = _bought_profile(user_id, query, key)
    return EnrichReply(
        profile=profile,
        mode=query.mode,
        cached=cost == 0,
        credits_used=credits_of(cost),
        credits_remaining=credits_of(balance),
    )


@api.post("/discovery/post-details", errors=REFUSALS, needs={"table:write"}, idempotent=True)
def get_post_details(query: PostQuery, caller: DiscoveryReader) -> PostReply:
    """Get the figures of a post, its comments, its transcript or its audio

    Costs 0.03 credits.
    """
    user_id = entitled(caller)
    upstream.require_configured()
    if query.platform not in ("instagram", "tiktok", "youtube"):
        raise _unfit("platform", "must be instagram, tiktok or youtube")
    if query.platform == "youtube" and query.content_type == "audio":
        raise _unfit("content_type", "audio is not known of youtube")
    told, cost, balance = bought(
        user_id,
        "post-details",
        POST_DETAILS,
        lambda: influencers_club.post_details(query.platform, query.post_id, query.content_type),
        lambda told: Bill(cost=POST_DETAILS, results=1, upstream=told.cost),
    )
    return PostReply(
        post=told.content,
        content_type=query.content_type,
        credits_used=credits_of(cost),
        credits_remaining=credits_of(balance),
    )


def _given(query: SearchQuery, body: SearchBody | None) -> dict[str, Any]:
    """What was said by the documented names: the query's over the body's filters, and these over its `query`."""
    named = body.filters.model_dump(include=set(filters.DOCUMENTED)) if body and body.filters else {}
    if body is not None and named.get("ai_search") is None:
        named["ai_search"] = body.query
    return named | query.model_dump(exclude_none=True)


def _sent(platform: Platform, given: dict[str, Any], body: SearchBody | None) -> dict[str, Any]:
    try:
        return filters.sent(platform, given, body.filters if body else None)
    except filters.UnfitFilter as unfit:
        raise _unfit(unfit.name, unfit.reason) from None


def _unfit(name: str, reason: str) -> Exception:
    return api.errors.invalid(details=[Problem(name, f"{name} {reason}", ("query", name), "value_error")])


def _bought_profile(user_id: str, query: EnrichQuery, key: dict[str, str]) -> tuple[dict[str, Any], int, int]:
    """The profile, what it cost and the balance then; free where a call at the same moment buys it."""
    price, worded = ENRICH[query.mode], dict[str, Any]()

    def call() -> Told:
        told = influencers_club.enrich(query.platform, query.handle, query.mode)
        worded.update(profiles.worded(query.platform, query.handle, query.mode, told.content))
        return told

    with profiles.claimed(user_id, key) as found:
        if found is not None:
            return found, 0, ledger.account_of(user_id).balance
        _, cost, balance = bought(
            user_id,
            "enrich",
            price,
            call,
            lambda told: Bill(cost=price, results=1, upstream=told.cost),
            lambda tx: profiles.keep(tx, user_id, key, worded),
        )
    return worded, cost, balance


def _reply(found: Found, page: int, limit: int, cost: int, balance: int) -> SearchReply:
    return SearchReply(
        results=[CreatorReply.of(creator) for creator in found.creators],
        total=found.total,
        page=page,
        limit=limit,
        credits_used=credits_of(cost),
        credits_remaining=credits_of(balance),
    )
