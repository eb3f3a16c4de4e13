"""Plans, the subscriptions of brands to them, and the periods that these were billed.

Access patterns:
    a plan by id                           PLAN#<id> / PLAN
    active plans, oldest first             gsi1  PLANS / <id>, only active ones, counted
    a subscription by id                   SUBSCRIPTION#<id> / SUBSCRIPTION
    all subscriptions, newest first        gsi1  SUBSCRIPTIONS / <id>, counted
    active ones by the end of their period gsi2  DUE#subscriptions / <current_period_end>#<id>
    a brand's active subscription          USER#<user> / SUBSCRIPTION; its existence keeps a second one out
    what a subscription was billed         SUBSCRIPTION#<id> / PERIOD#<number>; its existence bills a period once
"""
