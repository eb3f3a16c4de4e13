"""The page on which somebody chooses who they are at a stand-in for a provider of sign-in. Never deployed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem }}
button, input {{ font: inherit; width: 100%; padding: .6rem; margin: .25rem 0; box-sizing: border-box }}
button {{ text-align: start; cursor: pointer }}
small {{ color: #666 }}
</style>
<h1>{title}</h1>
{body}
</html>
"""


def choice(provider: str, path: str, query: Mapping[str, str], people: Sequence[tuple[str, str, str]]) -> bytes:
    """The page with the people to choose from: each one's key, name and address. `query` is what the request said."""
    kept = {name: value for name, value in query.items() if name not in ("account", "verified", "refuse")}
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in kept.items()
    )
    buttons = "".join(
        f'<button name="account" value="{escape(key)}">{escape(name)}<br><small>{escape(email)}</small></button>'
        for key, name, email in people
    )
    form = f'<form action="{escape(path)}">{hidden}'
    return _page(
        f"Sign in with {provider}",
        f"<p>This stands in for {escape(provider)} on this machine. Who are you?</p>"
        f"{form}{buttons}</form>"
        f'{form}<input name="account" type="email" placeholder="somebody@example.com" required aria-label="E-mail">'
        "<button>Somebody else</button></form>"
        f'{form}<button name="refuse" value="true">Cancel</button></form>',
    )


def refusal(provider: str, reason: str) -> bytes:
    """The page for a request that is not answered by going back."""
    return _page(f"{provider} cannot sign you in", f"<p>{escape(reason)}</p>")


def _page(title: str, body: str) -> bytes:
    return _PAGE.format(title=escape(title), body=body).encode()
