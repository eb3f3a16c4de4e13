"""Billing: the subscriptions of accounts.

Access patterns (key → query)
    a subscription                       SUBSCRIPTION#<id> / SUBSCRIPTION              GetItem
    an account's subscriptions           GSI1 USER#<id>#SUBSCRIPTIONS                  Query, counted

Personal data: GSI1 USER#<id>#SUBSCRIPTIONS.
"""
