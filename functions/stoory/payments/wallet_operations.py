"""The influencer's wallet: what was paid out so far, payout by payout."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from quintet.api import Reply, Request
from quintet.models import Timestamp
from stoory.envelope import ListQuery, Pagination, link
from stoory.payments.wallets import LedgerEntry, wallet_of
from stoory.service import Influencer, api, store

wallet = api.section("wallet")


class WalletView(BaseModel):
    model_config = ConfigDict(defer_build=True)

    balance_paise: int


class EntryView(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    application_id: str
    amount_paise: int
    balance_paise: int
    created_at: Timestamp

    @classmethod
    def of(cls, entry: LedgerEntry) -> Self:
        return cls.model_validate(entry, from_attributes=True)


class WalletReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    wallet: WalletView
    entries: list[EntryView]
    pagination: Pagination


@wallet.get("/wallet", needs={"table:read", "secret"}, extension=True)
def get(query: ListQuery, request: Request, caller: Influencer) -> Reply[WalletReply]:
    """Get the calling influencer's wallet

    Its entries newest first; `balance_paise` of an entry is what the wallet held after it.
    """
    page = store.page(LedgerEntry, "gsi1", query.wanted, wallet_of=caller.id)
    reply = WalletReply(
        wallet=WalletView(balance_paise=wallet_of(store, caller.id).balance_paise),
        entries=[EntryView.of(entry) for entry in page.items],
        pagination=Pagination.of(page),
    )
    return Reply(reply, headers=link(request, page))
