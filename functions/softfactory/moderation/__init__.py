"""Moderation: what people report, and what moderators decide.

Access patterns (key → query)
    a report                                  REPORT#<id> / REPORT                        GetItem
    all reports                               GSI1 REPORTS                                Query, counted
    reports by status and priority            GSI2 REPORTS#<status>#<priority>            Query, counted; merged for one
    how a content stands                      CONTENT#<type>#<id> / STANDING              GetItem, condition
    who has reported a content                CONTENT#<type>#<id> / REPORTER#<user>       Query, condition
    reports that somebody filed               GSI3 REPORTER#<user>#REPORTS                Query
    reports of what somebody wrote            USER#<author> / REPORTED#<report>           Query

Personal data: REPORT#<id> (by GSI3 REPORTER#<user>#REPORTS) and CONTENT#… / REPORTER#<user>; `filing.forget` takes the
reporter's id off both, and `filing.forget_author` what they say of the author.
"""
