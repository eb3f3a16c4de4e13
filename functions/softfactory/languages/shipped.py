"""The texts that the product ships with, complete in all languages: what the table's changes lie over.

A file of flat JSON a language, `strings/<language>.json`. A fresh table serves them without being filled first, and a
release that ships other texts needs no migration.
"""

import hashlib
from datetime import UTC, datetime
from functools import cache
from typing import Final, get_args

from softfactory.languages.plural_rules import Language

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
SOURCE: Final[Language] = "ko"
"""The language that all others are translated from."""
RELEASED: Final = datetime(2026, 12, 1, tzinfo=UTC)
"""When the files were last changed: since then a text is as it is where nobody has changed it."""


@cache
def texts(language: Language) -> dict[str, str]:
    """Text by key; not to be changed."""
    import json

    return {str(key): str(text) for key, text in json.loads(_file(language)).items()}


@cache
def digest(*languages: Language) -> str:
    """What tells these files from those of another release."""
    return hashlib.blake2b(b"\0".join(map(_file, languages)), digest_size=8).hexdigest()


@cache
def _file(language: Language) -> bytes:
    from importlib import resources

    return resources.files(__package__).joinpath("strings", f"{language}.json").read_bytes()
