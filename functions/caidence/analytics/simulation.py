"""Estimates where nobody has measured: the same for the same question, bounded, and free of contradictions.

Each is computed from a digest of the names that it is about, so that neither their order nor their case matters, and
asking again or asking elsewhere answers the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from caidence.campaigns.figures import percent, shares

LEAST_REACH, MOST_REACH = 50_000, 2_000_000
"""People whom a channel reaches of which nothing is known."""
_LEAST_OWN, _MOST_OWN = 0.35, 0.85
"""The part of a channel's audience that no other channel reaches."""
_HIGH_RISK, _MEDIUM_RISK, _VERIFIED = 40, 70, 85
_FAKE_AT_WORST: Final = 60
"""Percent of fake followers at a credibility of 0."""

Risk = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What channels reach together, and what each adds to the largest of them."""

    total: int
    """The sum of the channels' audiences, who is in several counted several times."""
    unique: int
    """People, each once."""
    added: Mapping[str, int]
    """By channel, in the order of their names; the sum of it is `unique`."""

    @property
    def percentage(self) -> float:
        """The part of `total` that is somebody once more, in percent to two digits."""
        return percent(self.total - self.unique, self.total)


@dataclass(frozen=True, slots=True)
class Credibility:
    """How likely an influencer's followers are people: the higher the score, the fewer fake followers."""

    score: int
    """0 to 100."""
    fake_followers: float
    """Percent."""
    verified: bool
    risk: Risk


def reach_of(channel: str) -> int:
    """An estimate of how many people a channel reaches, by its canonical name."""
    return LEAST_REACH + int(_fraction("reach", channel) * (MOST_REACH - LEAST_REACH))


def reaches(channels: Sequence[str], measured: Mapping[str, int]) -> dict[str, int]:
    """What channels reach: as measured where that is known, else estimates on the scale of all that is measured.

    Which channels are asked for together makes no difference to any of them.
    """
    estimated = sum(map(reach_of, measured))
    whole = sum(measured.values())
    return {
        name: measured.get(name) or (max(1, reach_of(name) * whole // estimated) if whole else reach_of(name))
        for name in channels
    }


def overlap(reaches: Mapping[str, int]) -> Overlap:
    """How audiences overlap, by what each channel reaches.

    The largest counts whole, and of every other channel the part that is its own. So `unique` is at least the largest
    audience and at most the total, and neither ever falls when a channel is added.
    """
    largest = max(reaches, key=lambda name: (reaches[name], name))
    added = {
        name: reach if name == largest else int(reach * _own_part(name)) for name, reach in sorted(reaches.items())
    }
    return Overlap(sum(reaches.values()), sum(added.values()), added)


def credibility(handle: str, platform: str) -> Credibility:
    """An estimate of an influencer's credibility, by canonical handle and platform."""
    return credible(25 + int(75 * _fraction("credibility", platform, handle) ** 0.7))


def credible(score: int) -> Credibility:
    """What a score from 0 to 100 says."""
    risk: Risk = "low" if score >= _MEDIUM_RISK else "medium" if score >= _HIGH_RISK else "high"
    return Credibility(score, round((100 - score) * _FAKE_AT_WORST / 100, 1), score >= _VERIFIED, risk)


def share_of_voice(competitors: Sequence[str]) -> dict[str, int]:
    """Percent of what is said about competitors that is about each; they sum to 100. Names in one case."""
    return shares({name: 1000 + int(9000 * _fraction("voice", name)) for name in sorted(competitors)})


def sentiment(competitor: str) -> dict[str, int]:
    """Percent of what is said about a competitor that is `positive`, `neutral`, `negative`; they sum to 100."""
    weights = {"positive": (300, 500), "neutral": (200, 300), "negative": (50, 250)}
    return shares(
        {tone: least + int(span * _fraction(tone, competitor)) for tone, (least, span) in weights.items()}
    )  # fmt: skip


def _own_part(channel: str) -> float:
    return _LEAST_OWN + _fraction("own", channel) * (_MOST_OWN - _LEAST_OWN)


def _fraction(*about: str) -> float:
    """A number from 0 to just below 1 that belongs to these words."""
    import hashlib

    digest = hashlib.sha256("\x00".join(about).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
