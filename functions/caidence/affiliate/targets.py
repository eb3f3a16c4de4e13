"""Where affiliate links lead: a page of the shop's, with the code in its query."""

from typing import Annotated, Final
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator

from quintet.models import Length, WebAddress
from quintet.models.domains import ascii_domain
from quintet.models.web import MAX_URL

PARAMETER: Final = "ref"
_KEPT: Final = "!#$%&'()*+,/:;=?@[]~"
"""What has a meaning of its own in a web address (RFC 3986, section 2.2), and the sign of what is encoded already."""


def in_ascii(url: str) -> str:
    """A web address as a header can carry it (RFC 3987, section 3.1). Raises ValueError when it has no such form."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    rest = {name: quote(getattr(parts, name), safe=_KEPT) for name in ("path", "query", "fragment")}
    return urlunsplit(parts._replace(netloc=ascii_domain(parts.hostname or "") + port, **rest))


def with_code(url: str, code: str) -> str:
    """The address with the code in its query, by which the shop knows through whose link somebody came."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode({PARAMETER: code}))))
    return urlunsplit(parts._replace(query=query))


Target = Annotated[WebAddress, AfterValidator(in_ascii), Length(1, MAX_URL)]
