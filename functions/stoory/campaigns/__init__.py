"""Campaigns: what brands look for influencers with, and the deadlines the clock watches.

Access patterns:
    a campaign by id                            CAMPAIGN#<id> / CAMPAIGN
    a brand's campaigns, newest first           gsi1  BRAND#<brand>#CAMPAIGNS#<shelf> / <id>
    what everybody may see, newest first        gsi2  CAMPAIGNS#public / <id>
    a brand's drafts, newest first              gsi2  CAMPAIGNS#<brand> / <id>
    campaigns of one status, newest first       gsi3  CAMPAIGNS#<status> / <id>
    live campaigns by deadline                  DUE#campaigns / <deadline>#<id>
    ended campaigns with undecided applications DUE#withdrawals / <id>
    campaigns by the words of title and text    the word index `campaigns`
A shelf is `public` or `draft`. All listings are counted; a union of shelves is a merged page with an exact total.
Ids are time-ordered, so an index sorted by id is sorted by age.
"""
