"""Payments of brands for finished applications, the ledger they are written in, and the wallets they fill.

Access patterns:
    an application's payment               PAYMENT#<application> / PAYMENT
    whose payment a Razorpay order is of   RAZORPAY#order#<order> / CLAIM
    a Razorpay payment counts once         RAZORPAY#payment#<payment> / CLAIM
    a webhook event counts once            EVENT#<event> / CLAIM, kept for 30 days
    an influencer's wallet                 USER#<user> / WALLET
    an application's entries               LEDGER#<application> / ENTRY#<status>#<account>
    a wallet's entries, newest first       gsi1  WALLET#<user> / <id>, counted
"""
