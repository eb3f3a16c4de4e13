"""Promotion codes: what they take off an order, and how often they may.

Access patterns:
    a promotion by its code                PROMOTION#<code> / PROMOTION, with the number of its uses
    all promotions, newest first (staff)   gsi1  PROMOTIONS / <id>
    how often a customer used one          PROMOTION#<code> / CUSTOMER#<user>
"""
