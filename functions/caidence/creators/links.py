"""Where affiliate links are: under the platform's public address."""

from quintet.api import Request
from quintet.settings import settings


def platform(request: Request) -> str:
    """Where the platform is, without a closing slash.

    `QUINTET_PUBLIC_URL` is the address under which people reach it, such as `https://api.example.com`. Without it that
    is the host that API Gateway says it was asked at, and without that "", so that what follows is a path there.
    """
    told = settings().get("QUINTET_PUBLIC_URL").rstrip("/")
    return told or (f"https://{request.domain}" if request.domain else "")


def link(code: str, request: Request) -> str:
    """The web address of an affiliate code."""
    return f"{platform(request)}/r/{code}"
