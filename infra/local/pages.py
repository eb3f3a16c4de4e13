"""The laptop's own pages: the index, Swagger UI with its files served from here, and OpenAPI, all made live."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from infra.local.accounts import Account
from infra.local.gateway import Reply
from infra.local.systems import System

SWAGGER = {
    "/_local/swagger/swagger-ui-bundle.js": ("swagger-ui-bundle.min.js", "text/javascript"),
    "/_local/swagger/swagger-ui.css": ("swagger-ui.min.css", "text/css"),
}

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #e0e3e7; --page: #fbfcfd; --card: #fff;
  --accent: #3451b2; --good: #18794e; --bad: #c62a2f }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #a0a6ad; --line: #33373c; --page: #111315;
  --card: #191c1f; --accent: #9eb1ff; --good: #4cc38a; --bad: #ff9592 } }
* { box-sizing: border-box } body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif } main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem }
h1 { margin: 0; font-size: 1.7rem; letter-spacing: -.02em } h2 { font-size: 1.1rem; margin: 0 }
p { margin: .25rem 0 } .soft { color: var(--soft) } a { color: var(--accent); text-decoration: none }
a:hover { text-decoration: underline } section { background: var(--card); border: 1px solid var(--line);
  border-radius: .7rem; padding: 1.1rem 1.25rem; margin-top: 1rem } .row { display: flex; gap: 1.1rem;
  flex-wrap: wrap; align-items: baseline } .row .end { margin-left: auto } code { font: 13px ui-monospace, monospace }
table { border-collapse: collapse; width: 100%; margin-top: .6rem } td, th { text-align: left; font-weight: 400;
  padding: .3rem 1rem .3rem 0; border-top: 1px solid var(--line) } th { color: var(--soft) }
.good { color: var(--good) } .bad { color: var(--bad) } pre { white-space: pre-wrap; margin: .5rem 0 0 }
button { font: inherit; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: .4rem;
  padding: .1rem .6rem; cursor: pointer }
"""

SCRIPT = """
for (const mark of document.querySelectorAll("[data-health]")) fetch(mark.dataset.health).then(
  reply => { mark.textContent = reply.ok ? "● healthy" : "● answers " + reply.status;
    mark.className = reply.ok ? "good" : "bad" }, () => { mark.textContent = "● unreachable"; mark.className = "bad" });
for (const button of document.querySelectorAll("[data-run]")) button.onclick = async () => {
  button.disabled = true; const reply = await fetch(button.dataset.run, {method: "POST"});
  button.nextElementSibling.textContent = " " + reply.status + " " + await reply.text(); button.disabled = false };
"""


def index(systems: Iterable[System], accounts: Iterable[Account]) -> Reply:
    """The front page: the systems, their documentation and health, who can sign in, what was sent."""
    parts = "".join(_system(system) for system in systems)
    rows = "".join(
        f"<tr><td>{escape(a.system)}</td><td>{escape(a.role)}</td><td><code>{escape(a.login)}</code></td>"
        f"<td><code>{escape(a.password)}</code></td></tr>"
        for a in accounts
    )
    return Reply.html(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Quintet on this machine</title><style>{STYLE}</style><main>"
        f"<h1>Quintet</h1><p class=soft>Running on this machine. What is sent to people lands in the "
        f"<a href='/_local/outbox'>outbox</a>.</p>{parts}"
        f"<section><h2>Demo accounts</h2><table><tr><th>System<th>Role<th>Login<th>Password</tr>{rows}</table>"
        f"</section></main><script>{SCRIPT}</script></html>"
    )


def _system(system: System) -> str:
    name = escape(system.name)
    if system.api is None:
        return f"<section><h2>{name}</h2><p class=bad>cannot be imported</p><pre>{escape(system.error)}</pre></section>"
    served = [operation for operation in system.operations if operation.method]
    health = next((o.path for o in served if o.method == "GET" and o.path.rstrip("/").endswith("/health")), "")
    mark = f"<span class=soft data-health='/{name}{escape(health)}'>●</span>" if health else ""
    schedules = "".join(
        f"<tr><td><code>{escape(o.id)}</code></td><td><code>{escape(o.schedule or '')}</code></td><td>"
        f"<button data-run='/_local/schedules/{name}/{escape(o.id)}'>Run now</button><span class=soft></span></td></tr>"
        for o in system.operations
        if o.schedule
    )
    table = f"<table><tr><th>Schedule<th>Fires<th></tr>{schedules}</table>" if schedules else ""
    return (
        f"<section><div class=row><h2>{escape(system.api.title)}</h2><span class=soft>{len(served)} operations</span>"
        f"{mark}<span class='row end'><a href='/{name}/docs'>Documentation</a>"
        f"<a href='/{name}/openapi.json'>OpenAPI</a></span></div>"
        f"<p class=soft><code>/{name}</code></p>{table}</section>"
    )


def docs(system: System) -> Reply:
    """Swagger UI for one system. "Authorize" takes an access token and keeps it over reloads."""
    title = escape(system.api.title if system.api else system.name)
    return Reply.html(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{title}: API</title><link rel=stylesheet href='/_local/swagger/swagger-ui.css'>"
        f"<div id=ui></div><script src='/_local/swagger/swagger-ui-bundle.js'></script><script>"
        f"SwaggerUIBundle({{url: '/{escape(system.name)}/openapi.json', dom_id: '#ui', deepLinking: true, "
        f"persistAuthorization: true, tryItOutEnabled: true, displayRequestDuration: true, filter: true, "
        f"docExpansion: 'list', defaultModelsExpandDepth: 0}})</script></html>"
    )


def openapi(system: System, host: str) -> Reply:
    """The system's OpenAPI document, with this gateway as its server."""
    assert system.api is not None
    return Reply.json(200, system.api.openapi(server_url=f"http://{host}/{system.name}"))


def asset(path: str) -> Reply | None:
    """A file of Swagger UI (Powertools ships it, so the page works offline); None for any other path."""
    if path not in SWAGGER:
        return None
    import aws_lambda_powertools

    name, media_type = SWAGGER[path]
    folder = Path(aws_lambda_powertools.__file__).parent / "event_handler" / "openapi" / "swagger_ui"
    headers = [("Content-Type", f"{media_type}; charset=utf-8"), ("Cache-Control", "max-age=86400")]
    return Reply(200, (folder / name).read_bytes(), headers)
