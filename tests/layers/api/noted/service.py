"""The system's face."""

from quintet.api import Api, Caller, ErrorType, StandardErrors
from quintet.store import Store

NOTE_NOT_FOUND = ErrorType(404, "note_not_found", "Note not found")
NOTE_EXISTS = ErrorType(409, "note_exists", "Note already exists")
TITLE_REQUIRED = ErrorType(400, "title_required", "Title is required")

api = Api("tests.layers.api.noted", title="Noted", base="/api/v1")
store = Store()


class Reader(Caller):
    """Any signed-in caller."""


class Writer(Caller):
    """A caller whose token says that it may write."""

    restricted = True

    def authorise(self, errors: StandardErrors) -> None:
        if self.claims.get("role") != "writer":
            raise errors.forbidden()
