"""What accounts bought: placing an order, its price, its life, and the mails that tell of it.

Access patterns:
    an order by id                         ORDER#<id> / ORDER
    an account's orders, newest first      gsi1  USER#<user>#ORDERS / <id>
    all orders, newest first (staff)       gsi2  ORDERS / <id>
    orders of one status, newest first     gsi3  ORDERS#<status> / <id>
    whose an order number is               ORDERNUMBER#<number> / CLAIM; its existence makes the number unique
Every listing is counted. The two that all buyers write to spread their counts over shards.
"""
