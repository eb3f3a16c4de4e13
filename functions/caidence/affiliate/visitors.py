"""Who opens an affiliate link: a person with a browser, or a machine, told by the headers of the request.

A rule in place of a list of names: a person's browser says `Mozilla/` or `Opera/` first, as all of them do, and calls
itself nothing that machines call themselves by. Those that want to be known put a word for what they do, or the address
of a page about themselves, into their User-Agent.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

_BROWSERS: Final = ("mozilla/", "opera/")
_WORDS: Final = (
    # bots by their common names
    r"(?<!cu)(?<!\bm )bots?(?![a-z])|robot|crawl|spider|slurp|scrap|archiv|fetch|grab|capture|"
    # previews in chats and feeds
    r"preview|externalhit|favicon|feed|rss|proxy|"
    # watchers and testers
    r"monitor|uptime|pingdom|synthetic|watcher|lighthouse|page ?speed|gtmetrix|validator|check|verify|audit|"
    r"inspect|scan|probe|nikto|recon(?![a-z])|optimizer|"
    # browsers that a program steers
    r"headless|phantomjs|selenium|playwright|puppeteer|electron/|"
    # search engines beside their bots
    r"mediapartners|googleother|google-|-google|"
    # libraries
    r"wget|curl|python|java/|\(java\)|http-?client|libwww|library|"
    # who says what it is or where to read about it
    r"agent\b|compatible;(?! msie )|https?://|www\.|[a-z]\.com\b(?!\.)|@[a-z]"
)
"""What machines call themselves; `CUBOT` and `M bot` are telephones."""


@cache
def _machine() -> re.Pattern[str]:
    return re.compile(_WORDS)


def is_person(headers: Mapping[str, str]) -> bool:
    """Whether the headers (lower-case names) are those of somebody's browser that shows the page now.

    Browsers that load ahead what may be wanted say so in `Sec-Purpose`, `Purpose` or `X-Moz`.
    """
    agent = headers.get("user-agent", "").strip().lower()
    if not agent.startswith(_BROWSERS) or _machine().search(agent):
        return False
    return not any("pre" in headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-moz"))
