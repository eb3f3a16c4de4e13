"""The system's face."""

from quintet.api import Api, Caller
from quintet.store import Store

api = Api("parrot", title="Parrot")
fallback = api.fallback
store = Store()


class Listener(Caller):
    """Anyone signed in."""
