"""What creators can be searched by: the service's own filters, and the documented names that stand for some of them.

The service ignores a filter that it does not know, and bills the whole search. So every name is known here, and any
other is refused before anything is spent. Source: the public discovery filters of Influencers Club.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, model_validator

from quintet.models import Entries, Length, Line
from quintet.models.text import clean_line
from quintet.providers.influencers_club import FOLLOWERS, Platform


def plain_handle(handle: str) -> str:
    """A creator's name without the @ before it. Raises ValueError where nothing is left."""
    handle = clean_line(handle.removeprefix("@"))
    if not handle:
        raise ValueError("must name a creator")
    return handle


Word = Annotated[Line, Length(1, 200)]
Words = Annotated[list[Word], Field(min_length=1, max_length=100)]
Query = Annotated[Line, Length(3, 150)]
Handle = Annotated[Line, Length(1, 200), AfterValidator(plain_handle)]
Handles = Annotated[list[Handle], Field(min_length=1, max_length=10_000)]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10_000_000_000)]


class Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)


class Range(Strict):
    """At least `min`, at most `max`; `gte` and `lte` are taken for them, too."""

    min: Annotated[Number | None, Field(validation_alias=AliasChoices("min", "gte"))] = None
    max: Annotated[Number | None, Field(validation_alias=AliasChoices("max", "lte"))] = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        return self


class Growth(Strict):
    growth_percentage: Number | None = None
    time_range_months: Annotated[int | None, Field(ge=1, le=120)] = None


class AudienceGender(Strict):
    type: Word | None = None
    min_pct: Percent | None = None


class AudiencePlace(Strict):
    name: Word | None = None
    type: Word | None = None
    min_pct: Percent | None = None


class AudienceLanguage(Strict):
    language_abbr: Word | None = None
    min_pct: Percent | None = None


class AudienceAge(Strict):
    range: Word | None = None
    min_pct: Percent | None = None


class AudienceInterest(Strict):
    name: Word | None = None
    min_pct: Percent | None = None


class Audience(Strict):
    location: Annotated[list[AudiencePlace] | None, Field(max_length=50)] = None
    gender: AudienceGender | None = None
    language: Annotated[list[AudienceLanguage] | None, Field(max_length=50)] = None
    age: Annotated[list[AudienceAge] | None, Field(max_length=50)] = None
    interests: Annotated[list[AudienceInterest] | None, Field(max_length=50)] = None
    brands: Words | None = None
    brand_categories: Words | None = None
    credibility: Literal["bad", "low", "normal", "good", "high", "best"] | None = None


Presence = Literal[
    "has_amazonaffiliates", "has_anchor", "has_applemusic", "has_bandcamp", "has_behance", "has_buymeacoffee",
    "has_cameo", "has_canva", "has_clubhouse", "has_community", "has_discord", "has_dribbble", "has_etsy",
    "has_facebook", "has_fiverr", "has_github", "has_gofundme", "has_goodreads", "has_instagram", "has_kakao",
    "has_kickstarter", "has_kofi", "has_linkedin", "has_linktree", "has_medium", "has_onlyfans", "has_patreon",
    "has_phone", "has_pinterest", "has_podcast", "has_redbubble", "has_shopify", "has_shopltk", "has_snapchat",
    "has_soundcloud", "has_spotify", "has_spring", "has_streamlabs", "has_substack", "has_telegram", "has_tiktok",
    "has_tumblr", "has_twitch", "has_twitter", "has_udemy", "has_viber", "has_vimeo", "has_vk", "has_weebly",
    "has_whatsApp", "has_wix", "has_youtube",
]  # fmt: skip
"""Where else a creator is."""


class ProviderFilters(Strict):
    """The service's own filters. One that belongs to another platform alone is refused."""

    # who they are
    type: Word | None = None
    gender: Word | None = None
    profile_language: Words | None = None
    exclude_private_profile: bool | None = None
    creator_has: Annotated[dict[Presence, bool], Entries(60)] | None = None
    audience: Audience | None = None
    exclude_handles: Handles | None = None
    exclude_role_based_emails: bool | None = None
    exclude_list: Annotated[list[Count] | None, Field(min_length=1, max_length=100)] = None
    exclude_default_list: bool | None = None
    exclude_all_lists: bool | None = None

    # how far they reach
    number_of_followers: Range | None = None
    number_of_subscribers: Range | None = None
    followers: Range | None = None
    engagement_percent: Range | None = None
    follower_growth: Growth | None = None
    subscriber_growth: Growth | None = None
    income: Range | None = None
    posting_frequency: Annotated[Number | None, Field(ge=0)] = None
    subscription_price: Range | None = None
    average_likes: Range | None = None
    average_comments: Range | None = None
    average_views: Range | None = None
    average_video_downloads: Range | None = None
    average_views_on_long_videos: Range | None = None
    average_views_on_shorts: Range | None = None
    average_views_for_reels: Range | None = None
    average_stream_views: Range | None = None
    average_stream_duration: Range | None = None
    avg_views_last_30_days: Range | None = None
    median_views_long: Range | None = None
    maximum_views_count: Range | None = None

    # how much they make
    number_of_videos: Range | None = None
    video_count: Range | None = None
    number_of_posts: Range | None = None
    number_of_photos: Range | None = None
    number_of_likes: Range | None = None
    number_of_tweets: Range | None = None
    tweets_count: Range | None = None
    shorts_percentage: Range | None = None
    reels_percent: Range | None = None
    long_video_duration: Range | None = None
    streamed_hours_last_30_days: Range | None = None
    streams_count_last_30_days: Range | None = None

    # what they speak of
    keywords_in_bio: Words | None = None
    exclude_keywords_in_bio: Words | None = None
    keywords_in_captions: Words | None = None
    keywords_not_in_captions: Words | None = None
    keywords_in_description: Words | None = None
    keywords_not_in_description: Words | None = None
    keywords_in_video_description: Words | None = None
    keywords_not_in_video_description: Words | None = None
    keywords_in_video_titles: Words | None = None
    keywords_not_in_video_titles: Words | None = None
    keywords_in_tweets: Words | None = None
    keywords_not_in_tweets: Words | None = None
    video_description: Words | None = None
    not_video_description: Words | None = None
    tweets: Words | None = None
    hashtags: Words | None = None
    not_hashtags: Words | None = None
    topics: Words | None = None
    games_played: Words | None = None
    brands: Words | None = None
    link_in_bio: Words | None = None
    not_link_in_bio: Words | None = None
    links_from_description: Words | None = None
    links_from_video_description: Words | None = None

    # what they have and do
    has_link_in_bio: bool | None = None
    has_shorts: bool | None = None
    has_podcast: bool | None = None
    has_videos: bool | None = None
    has_live_videos: bool | None = None
    has_live_streams: bool | None = None
    has_community_posts: bool | None = None
    has_free_account: bool | None = None
    has_courses: bool | None = None
    has_membership: bool | None = None
    has_merch: bool | None = None
    has_tik_tok_shop: bool | None = None
    has_done_brand_deals: bool | None = None
    promotes_affiliate_links: bool | None = None
    does_live_streaming: bool | None = None
    streams_live: bool | None = None
    is_monetizing: bool | None = None
    is_twitch_partner: bool | None = None


class Filters(ProviderFilters):
    """The filters of a search's body: the service's own, and the documented names of the query beside them."""

    platform: Platform | None = None
    ai_search: Query | None = None
    min_followers: Count | None = None
    max_followers: Count | None = None
    min_engagement: Percent | None = None
    location: Annotated[Word | Words | None, Field(description="A place, or several of which one must fit")] = None
    has_brand_deals: bool | None = None
    is_verified: bool | None = None
    limit: Annotated[int | None, Field(ge=1, le=50)] = None
    page: Annotated[int | None, Field(ge=1, le=10_000)] = None


_ALONE: Final[Mapping[Platform, tuple[str, ...]]] = {
    "instagram": ("average_views_for_reels", "reels_percent"),
    "youtube": (
        "average_views_on_long_videos", "average_views_on_shorts", "has_community_posts", "has_shorts",
        "long_video_duration", "median_views_long", "shorts_percentage", "subscriber_growth", "topics",
    ),
    "tiktok": ("average_video_downloads", "has_tik_tok_shop"),
    "twitter": ("keywords_in_tweets", "keywords_not_in_tweets", "number_of_tweets", "tweets", "tweets_count"),
    "twitch": ("games_played", "is_twitch_partner"),
    "onlyfans": ("has_free_account", "subscription_price"),
}  # fmt: skip
"""Filters of one platform alone, by what they speak of. Elsewhere the service ignores them, and bills the whole search;
of the other filters it does not say where they apply."""
_FOLLOWERS: Final = ("number_of_followers", "number_of_subscribers", "followers")
"""What the service calls a creator's audience, by platform."""


class UnfitFilter(Exception):
    """A filter that makes no sense on a platform or beside another: `names` are what it may have been given by."""

    def __init__(self, names: tuple[str, ...], reason: str) -> None:
        super().__init__(f"{names[0]} {reason}")
        self.names, self.reason = names, reason


DOCUMENTED = frozenset(Filters.model_fields) - frozenset(ProviderFilters.model_fields)


def sent(platform: Platform, given: Mapping[str, Any], provider: ProviderFilters | None = None) -> dict[str, Any]:
    """The filters as the service takes them, the documented names over its own. Raises UnfitFilter."""
    own = provider.model_dump(exclude_none=True, exclude=set(DOCUMENTED)) if provider else {}
    found = {name: value for name, value in own.items() if value != {}}
    for other, names in _ALONE.items():
        for name in names:
            if name in found and other != platform:
                raise UnfitFilter((name,), f"is nothing that {platform} can be searched by, but {other}")
    if given.get("min_engagement") is not None:
        found["engagement_percent"] = {**found.get("engagement_percent", {}), "min": given["min_engagement"]}
        if _is_crossed(found["engagement_percent"]):
            raise UnfitFilter(("min_engagement", "engagement_percent"), "is above the most engagement")
    if given.get("location"):
        place = given["location"]
        found["location"] = [place] if isinstance(place, str) else list(place)
    renamed = {"has_brand_deals": "has_done_brand_deals", "is_verified": "is_verified", "ai_search": "ai_search"}
    found |= {theirs: given[ours] for ours, theirs in renamed.items() if given.get(ours) is not None}
    return _with_followers(platform, given, found)


def _with_followers(platform: Platform, given: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Followers under the name that the platform's filter has: any of the three is meant for the platform asked."""
    key, wanted = FOLLOWERS.get(platform), dict[str, Any]()
    for name in _FOLLOWERS:
        if name in found:
            wanted |= found.pop(name)
            if key is None:
                raise UnfitFilter((name,), f"is nothing that {platform} can be searched by")
    for name, bound in (("min_followers", "min"), ("max_followers", "max")):
        if given.get(name) is not None:
            wanted[bound] = given[name]
            if key is None:
                raise UnfitFilter((name,), f"is nothing that {platform} can be searched by")
    if _is_crossed(wanted):
        raise UnfitFilter(("max_followers", "min_followers", *_FOLLOWERS), "is below the least number of followers")
    return {**found, key: wanted} if key and wanted else found


def _is_crossed(bounds: Mapping[str, Any]) -> bool:
    least, most = bounds.get("min"), bounds.get("max")
    return least is not None and most is not None and bool(least > most)
