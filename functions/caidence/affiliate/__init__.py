"""Affiliate links: a creator's code, who followed it, what they bought, and the commission for it.

Access patterns (key → query)
    a code's creator and where its link leads AFFILIATE#<code> / CODE                           GetItem
    a creator's code                          in the creator, written with it                   one transaction
    that a visitor was counted on a day       VISIT#<code>#<day>#<visitor> / VISIT              conditional put
    how many visitors an address had on a day VISIT#<code>#<day>#<address> / CALLERS            conditional update
    a sale by the shop's id, its refunds      CONVERSION#<organization>#<brand>#<shop's id>     conditional put
    clicks, conversions, revenue, commission  METER#affiliate#<creator>#<shard>                 one batch for many
"""
