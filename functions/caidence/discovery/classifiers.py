"""The options of filters, kept for a day for everybody: they hardly change, and asking counts against the limit."""

from collections.abc import Callable
from typing import Any, Final, cast

from caidence.discovery.accounts import Options
from caidence.discovery.packing import packed, unpacked
from caidence.service import store
from quintet import log
from quintet.errors import ApiError
from quintet.models import epoch

KEPT: Final = 24 * 3600
"""Seconds."""


def remembered(name: str, ask: Callable[[], list[Any]]) -> list[Any]:
    """The options of this name, asked for once a day. Raises what `ask` raises."""
    found = store.get(Options, consistent=False, name=name)
    if found is not None and found.expires_at > epoch():
        return cast("list[Any]", unpacked(found.packed))
    options = ask()
    text = packed(options)
    if options and text is not None:
        tx = store.transaction()
        tx.put(Options(name=name, packed=text, expires_at=epoch() + KEPT))
        try:
            tx.commit()
        except ApiError:
            log.logger().exception("options not kept", extra={"options": name})
    return options
