"""Where affiliate links are: under the platform's public address."""

from quintet.api import Request
from quintet.settings import settings


def link(code: str, request: Request) -> str:
    """The web address of an affiliate code.

    `QUINTET_PUBLIC_URL` is the address under which people reach the platform, such as `https://api.example.com`.
    Without it the link is at the host that API Gateway says it was asked at, and without that it is a path there.
    """
    base = settings().get("QUINTET_PUBLIC_URL").rstrip("/") or (f"https://{request.domain}" if request.domain else "")
    return f"{base}/r/{code}"
