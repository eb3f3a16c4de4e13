"""Payments of brands for finished applications, the ledger, and the wallets they fill."""
