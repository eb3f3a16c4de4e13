"""The pictures' files: written before their asset and deleted after it, so that neither is ever there for nothing.

A note stands in the table for every file without an asset: from before it is written until the transaction that
writes the asset, and again from the transaction that deletes the asset until the file is gone. Whatever dies in
between leaves the note, which a clock follows up.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict

from caidence.design.entities import DesignAsset, LooseFile
from caidence.service import store
from caidence.tenancy import usage
from quintet import log
from quintet.models import new_id
from quintet.models.time import epoch
from quintet.providers import storage
from quintet.store import Transaction, exists

PNG: Final = "image/png"
_MAKING: Final = 3600
"""Seconds after which a file without an asset was abandoned: four times what any function may run."""
_MOST: Final = 200
"""Files of one sweep."""


class Swept(BaseModel):
    """What a sweep did: files deleted, and files that could not be, for now."""

    model_config = ConfigDict(defer_build=True)

    deleted: int = 0
    failed: int = 0


def write(organization_id: str, content: bytes) -> str:
    """Store a picture under a name of its own and answer that; `keep` it with its asset. Raises a ProviderError."""
    file = f"design/{organization_id}/{new_id()}.png"
    store.create(LooseFile(file=file, due=epoch() + _MAKING))
    storage.put(file, content, PNG)
    return file


def keep(tx: Transaction, asset: DesignAsset) -> None:
    """Add to the transaction that writes an asset what makes its file the asset's. It takes three actions."""
    tx.remove(LooseFile.key(file=asset.image_file), [exists()])
    usage.stored(tx, asset.organization_id, asset.image_bytes)


def release(tx: Transaction, asset: DesignAsset) -> LooseFile:
    """Add to the transaction that deletes an asset what lets its file go; `clear` it after the commit."""
    loose = LooseFile(file=asset.image_file, due=epoch())
    tx.create(loose)
    usage.stored(tx, asset.organization_id, -asset.image_bytes)
    return loose


def clear(loose: LooseFile) -> bool:
    """Delete a file that no asset has, and its note; whether that went well. Where it did not, the next sweep does it.

    Never raises: the asset is gone already, whatever happens here.
    """
    try:
        storage.delete(loose.file)
        tx = store.transaction()
        tx.remove(loose.own_key())
        tx.commit()
    except Exception as error:
        log.logger().warning("file not deleted", exc_info=error, extra={"file": loose.file})
        return False
    return True


def sweep() -> Swept:
    """Delete the files that no asset has and that are due, the longest due first."""
    done, at = Swept(), epoch()
    for loose in store.query(LooseFile, "gsi1", limit=_MOST).items:
        if loose.due > at:
            break
        if clear(loose):
            done.deleted += 1
        else:
            done.failed += 1
    return done
