"""One operation that is only for trying out, and one that is meant."""

from pydantic import BaseModel

from quintet.api import Api


class Said(BaseModel):
    text: str


api = Api("tests.layers.api.pretended", title="Pretended")


@api.post("/pretended", only_local=True)
def pretend(body: Said) -> Said:
    """Pretend"""
    return body


@api.post("/meant")
def mean(body: Said) -> Said:
    """Mean it"""
    return body
