"""The service fails in every way: nobody pays for what did not come, nothing is asked too often, reasons are told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from caidence.directory.entities import Organization
from caidence.discovery import ledger, upstream
from infra.local.faulty import Faults
from infra.local.influencers_club import GAMES, LANGUAGES, LOCATIONS, TOPICS, InfluencersClub
from quintet.auth.caps import Cap
from quintet.models.time import frozen
from quintet.net import patience
from quintet.settings import use
from quintet.testing import Client
from quintet.testing.clock import Standing
from tests.functions.caidence.conftest import account_of, as_account
from tests.functions.caidence.discovery.conftest import DISCOVERY, Rich, check_books
from tests.layers.http_servers import Site, serving

SEARCH = f"{DISCOVERY}/search?limit=2"


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("languages", LANGUAGES),
        ("locations/tiktok", LOCATIONS),
        ("yt-topics", TOPICS),
        ("twitch-games", GAMES),
    ],
)
def test_classifiers_are_plain_arrays_and_free(rich: Rich, path: str, options: list[Any]) -> None:
    client = rich(1.0)
    answer = client.get(f"{DISCOVERY}/classifiers/{path}")
    assert (answer.status, answer.body) == (200, options)
    assert check_books(client).transactions == 1


def test_classifiers_and_smoke_need_no_account(club: InfluencersClub, member: Client) -> None:
    assert member.get(f"{DISCOVERY}/classifiers/languages").status == 200
    smoke = member.get(f"{DISCOVERY}/smoke")
    assert (smoke.status, smoke.body["status"]) == (200, "ok")
    assert smoke.body["latency_ms"] >= 0
    assert [one.path for one in club.asked][1:] == ["/public/v1/accounts/credits/"]


def test_places_of_a_platform_that_nobody_knows_are_refused(club: InfluencersClub, member: Client) -> None:
    answer = member.get(f"{DISCOVERY}/classifiers/locations/myspace")
    assert (answer.status, answer.body["detail"][0]["loc"]) == (422, ["path", "platform"])


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
def test_a_refusal_is_502_with_its_reason_and_asked_once(rich: Rich, club: InfluencersClub, status: int) -> None:
    client, club.faults = rich(1.0), Faults(status=status, code="Not like this")
    answer = client.post(SEARCH)
    assert (answer.status, answer.body["detail"]) == (
        502,
        f"Influencers Club answered {status}: Not like this; nothing was charged",
    )
    assert len(club.asked) == 1
    assert (check_books(client).balance, check_books(client).held) == (100, 0)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_asked_again(rich: Rich, club: InfluencersClub, status: int) -> None:
    client, club.faults = rich(1.0), Faults(status=status, requests=2)
    with patience.timed_by(Standing().clock):
        answer = client.post(SEARCH)
    assert (answer.status, answer.body["credits_used"]) == (200, 0.02)
    assert len(club.asked) == 3
    check_books(client)


@pytest.mark.parametrize("status", [429, 503])
def test_a_lasting_failure_is_asked_three_times_and_costs_nothing(
    rich: Rich, club: InfluencersClub, status: int
) -> None:
    client, club.faults = rich(1.0), Faults(status=status)
    with patience.timed_by(Standing().clock):
        answer = client.post(SEARCH)
    assert answer.status == 502
    assert answer.body["detail"].startswith(f"Influencers Club answered {status}")
    assert len(club.asked) == 3
    assert (check_books(client).balance, check_books(client).held) == (100, 0)


def test_a_paid_call_that_may_have_been_carried_out_is_not_sent_again(rich: Rich, club: InfluencersClub) -> None:
    client, club.faults = rich(1.0), Faults(lost=True)
    answer = client.post(f"{DISCOVERY}/enrich?platform=instagram&handle=vegan.1&mode=full")
    assert (answer.status, len(club.asked)) == (502, 1)
    assert (check_books(client).balance, check_books(client).held) == (100, 0)
    club.faults = Faults(lost=True, requests=1)
    with patience.timed_by(Standing().clock):
        assert client.get(f"{DISCOVERY}/smoke").status == 200, "what is free is"


def test_nobody_there_is_502(rich: Rich) -> None:
    client = rich(1.0)
    with use({"QUINTET_INFLUENCERS_CLUB_URL": "http://127.0.0.1:9"}), patience.timed_by(Standing().clock):
        answer = client.post(SEARCH)
    assert (answer.status, answer.body["detail"]) == (
        502,
        "Influencers Club cannot be reached; nothing was charged",
    )
    assert check_books(client).balance == 100


def test_a_service_that_breaks_off_anywhere_costs_nothing_and_the_whole_answer_costs(
    rich: Rich, club: InfluencersClub
) -> None:
    """Before, during and after its answer: at every border of a line or a part, and within each."""
    client = rich(10.0)
    whole = _raw(club)
    head = whole.index(b"\r\n\r\n") + 4
    lines = [at for at in range(head) if whole[at : at + 2] == b"\r\n"]
    borders = {0, 1, 8, 9, 12, *(at + n for at in lines for n in (-1, 0, 1, 2)), head, head + 1, len(whole) - 1}
    borders |= {head + at for at, byte in enumerate(whole[head:]) if byte in b"[]{}"}
    spent, user_id = check_books(client).balance, account_of(client).id
    for cut in sorted(borders - {len(whole)}):
        upstream.breaker.reset()
        club.faults = Faults(cut=cut)
        answer = client.post(SEARCH)
        assert answer.status == 502, (cut, answer.body)
        account = ledger.account_of(user_id)
        assert (account.balance, account.held) == (spent, 0), cut
    club.faults = Faults(cut=len(whole))
    assert client.post(SEARCH).body["credits_used"] == 0.02
    assert check_books(client).balance == spent - 2


def _raw(club: InfluencersClub) -> bytes:
    """The search's answer as it goes over the wire, headers and all."""
    import socket

    body = json.dumps(
        {"platform": "instagram", "paging": {"limit": 2, "page": 0}, "filters": None}, separators=(",", ":")
    ).encode()
    request = (
        b"POST /public/v1/discovery/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ic_quintet_local\r\n"
        b"Connection: close\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )
    host, _, port = club.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(request)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not json", b"[]", b"null", b"7", b'{"accounts": 3}', b"{}", b'{"accounts": [', b"\xff\xfe",
        b'{"accounts": [], "total": NaN}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_an_answer_that_is_none_costs_nothing(rich: Rich, body: bytes) -> None:
    client = rich(1.0)
    with serving(Site()) as site, use({"QUINTET_INFLUENCERS_CLUB_URL": site.url("")}):
        site.answer(200, body)
        answer = client.post(SEARCH)
    assert answer.status == 502, answer.body
    assert check_books(client).balance == 100


def test_an_odd_answer_is_taken_as_far_as_it_makes_sense(rich: Rich) -> None:
    client = rich(1.0)
    accounts: list[Any] = [
        {"profile": {"username": "a", "full_name": "A\ud800", "followers": 1e400, "engagement_percent": "x"}},
        {"profile": {"username": " "}}, {"profile": None}, 7, {},
        {"profile": {"username": "b", "followers": -1, "picture": 3}},
        {"profile": {"username": "c"}}, {"profile": {"username": "d"}},
    ]  # fmt: skip
    told = json.dumps({"accounts": accounts[:6], "total": "many", "credits_cost": "0.07"})
    with serving(Site()) as site, use({"QUINTET_INFLUENCERS_CLUB_URL": site.url("")}):
        site.answer(200, told.replace("Infinity", "1e400").encode())
        answer = client.post(f"{DISCOVERY}/search?limit=6")
    assert answer.status == 200, answer.body
    assert [(one["handle"], one["name"], one["followers"]) for one in answer.body["results"]] == [
        ("a", "A?", None),
        ("b", None, None),
    ]
    assert (answer.body["total"], answer.body["credits_used"]) == (2, 0.02)
    check_books(client)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (b'{"a": ' + b"[" * 90 + b"]" * 90 + b"}", 200),
        (b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}", 502),
        (b'{"a": [' + b"1e15," * 300_000 + b"1]}", 502),
        (b'{"a": [1e400, -1e400, 1e15], "\\udc00": "\\ud83d\\ude00 \\ud83d"}', 200),
        (b'{"a": ' + b"9" * 4000 + b"}", 200),
        (b'{"a": ' + b"9" * 5000 + b"}", 502),
    ],
)
def test_what_cannot_be_passed_on_is_not_charged(rich: Rich, result: bytes, status: int) -> None:
    client = rich(1.0)
    with serving(Site()) as site, use({"QUINTET_INFLUENCERS_CLUB_URL": site.url("")}):
        site.answer(200, b'{"result": ' + result + b"}")
        answer = client.post(f"{DISCOVERY}/enrich?platform=instagram&handle=a")
    assert answer.status == status
    assert check_books(client).balance == (97 if status == 200 else 100)
    if status == 200:
        assert client.post(f"{DISCOVERY}/enrich?platform=instagram&handle=a").body["profile"] == answer.body["profile"]


def test_more_results_than_asked_for_are_not_charged(rich: Rich) -> None:
    client = rich(1.0)
    told = json.dumps({"accounts": [{"profile": {"username": f"u{n}"}} for n in range(9)], "total": 9})
    with serving(Site()) as site, use({"QUINTET_INFLUENCERS_CLUB_URL": site.url("")}):
        site.answer(200, told.encode())
        answer = client.post(SEARCH)
    assert (len(answer.body["results"]), answer.body["credits_used"]) == (2, 0.02)


def test_a_service_that_keeps_failing_is_left_alone_for_a_while(rich: Rich, club: InfluencersClub) -> None:
    client, club.faults = rich(1.0), Faults(lost=True)
    for _ in range(upstream.breaker.rules.failures):
        assert client.post(SEARCH).status == 502
    asked = len(club.asked)
    club.faults = Faults()
    answer = client.post(SEARCH)
    assert (answer.status, answer.headers["retry-after"], len(club.asked)) == (502, "30", asked)
    assert check_books(client).balance == 100
    upstream.breaker.reset()
    assert client.post(SEARCH).status == 200


def test_refusals_do_not_count_as_failures(rich: Rich, club: InfluencersClub) -> None:
    client, club.faults = rich(1.0), Faults(status=404)
    for _ in range(upstream.breaker.rules.failures + 1):
        assert "answered 404" in client.post(SEARCH).body["detail"]


def test_no_more_than_three_hundred_requests_go_out_in_a_minute(
    rich: Rich, club: InfluencersClub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (upstream.LIMIT.most, upstream.LIMIT.per) == (300, 60)
    monkeypatch.setattr(upstream, "LIMIT", Cap("influencers_club", 2, 1_000_000_000))
    client, other = rich(1.0), rich(1.0)
    assert client.post(SEARCH).status == 200
    club.faults = Faults(status=503, requests=1)
    with patience.timed_by(Standing().clock):
        answer = other.post(SEARCH)  # its second try would be the third request
    assert answer.status == 503
    assert "300 requests a minute" in answer.body["detail"]
    assert int(answer.headers["retry-after"]) > 0
    assert len(club.asked) == 2
    assert check_books(other).balance == 100
    assert client.get(f"{DISCOVERY}/smoke").status == 503


def test_options_are_asked_for_once_a_day_whoever_asks(rich: Rich, club: InfluencersClub) -> None:
    client, other = rich(1.0), rich(1.0)
    user = account_of(client)
    with frozen() as clock:
        for one in (client, other, client):
            assert one.get(f"{DISCOVERY}/classifiers/locations/tiktok").body == LOCATIONS
        assert client.get(f"{DISCOVERY}/classifiers/yt-topics").body == TOPICS
        assert len(club.asked) == 2
        clock.at += timedelta(days=1)
        assert as_account(client, user).get(f"{DISCOVERY}/classifiers/yt-topics").body == TOPICS
    assert len(club.asked) == 3


def test_one_organization_cannot_take_all_requests(
    rich: Rich, other: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "SHARE", 2)
    monkeypatch.setattr(upstream, "LIMIT", Cap("influencers_club", 300, 1_000_000_000))
    client, colleague, stranger = rich(1.0), rich(1.0), rich(1.0, organization=other)
    assert [one.post(SEARCH).status for one in (client, colleague, client)] == [200, 200, 503]
    answer = colleague.get(f"{DISCOVERY}/smoke")
    assert (answer.status, "Your organization" in answer.body["detail"]) == (503, True)
    assert int(answer.headers["retry-after"]) > 0
    assert stranger.post(SEARCH).status == 200


def test_what_is_free_leaves_room_for_what_is_paid(rich: Rich, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "FREE", Cap("influencers_club:free", 1, 1_000_000_000))
    client = rich(1.0)
    assert [client.get(f"{DISCOVERY}/smoke").status for _ in range(2)] == [200, 503]
    assert client.post(SEARCH).status == 200


def test_what_the_service_says_is_told_in_one_short_line(rich: Rich) -> None:
    client = rich(1.0)
    reasons: list[tuple[Any, str]] = [
        ({"filters": {"engagement_percent": ["Too high.", "Try less."]}},
         "filters: engagement_percent: Too high.; Try less."),
        ({"response_meta": {"error_message": "No\n  luck"}}, "No luck"),
        ({"detail": "Bearer ic_quintet_local is not good"}, "Bearer … is not good"),
        ({"detail": {"api_key": "ic_quintet_local"}}, "api_key: …"),
        ({"message": "x" * 500}, "x" * 200),
    ]  # fmt: skip
    with serving(Site()) as site, use({"QUINTET_INFLUENCERS_CLUB_URL": site.url("")}):
        for body, told in reasons:
            site.answer(400, json.dumps(body).encode())
            answer = client.post(SEARCH)
            assert answer.body["detail"] == f"Influencers Club answered 400: {told}; nothing was charged"
