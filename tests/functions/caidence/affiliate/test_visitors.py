"""Whose clicks count: people's, in every browser and app, and no machine's."""

from __future__ import annotations

import pytest

from caidence.affiliate.visitors import is_person
from tests.functions.caidence.affiliate.conftest import LAPTOP, PHONE

WEBVIEW = (
    "Mozilla/5.0 (Linux; Android 15; SM-S928B; wv) AppleWebKit/537.36 Version/4.0 Chrome/142.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        LAPTOP,
        f"{WEBVIEW} Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; samsung; SM-S928B)",
        f"{WEBVIEW} [FB_IAB/FB4A;FBAV/480.0.0.54.88;]",
        f"{WEBVIEW} musical_ly_2024300 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly",
        f"{WEBVIEW} com.zhiliaoapp.musically/2024300",
        f"{PHONE} [Pinterest/iOS]",
        f"{PHONE} GSA/380.0.743",
        f"{PHONE} (Ecosia ios@11.0.2.2268)",
        "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "Mozilla/5.0 (Linux; Android 9; CUBOT_P30) AppleWebKit/537.36 Chrome/91.0.4472.120 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 7.0; M bot 54) AppleWebKit/537.36 Chrome/78.0.3904.96 Mobile Safari/537.36",
        "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
        "Opera/9.80 (Android; Opera Mini/7.5/191.249; U; en) Presto/2.12.423 Version/12.16",
    ],
)
def test_a_browser_is_a_person(agent: str) -> None:
    assert is_person({"user-agent": agent})


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "  ",
        "curl/8.10.1",
        "python-requests/2.32.3",
        "WhatsApp/2.24.20.89 A",
        "TelegramBot (like TwitterBot)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Linux; Android 6.0.1) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 (compatible; bingbot/2.0)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
        "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/534 Chrome/20 Safari/534 BingPreview/1.0b",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/142.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36 Chrome-Lighthouse",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 DatadogSynthetics",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Google-InspectionTool/1.0",
        "Mozilla/5.0 (compatible; Dataprovider.com)",
    ],
)
def test_what_says_it_is_a_machine_is_none(agent: str) -> None:
    assert not is_person({"user-agent": agent})


def test_a_request_without_a_browser_is_no_person() -> None:
    assert not is_person({})


@pytest.mark.parametrize(
    ("name", "value"), [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("x-moz", "prefetch"),
                        ("purpose", "preview")],
)  # fmt: skip
def test_a_page_that_is_loaded_ahead_was_not_opened(name: str, value: str) -> None:
    assert not is_person({"user-agent": PHONE, name: value})
