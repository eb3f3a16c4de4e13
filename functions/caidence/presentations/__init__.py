"""Presentations: outlined slide by slide, kept, listed and read.

A presentation stands in its author's organization, or with the author alone where there is none; those stay the
author's own, to be seen by nobody else, when they join one.

Access patterns (key → query)
    presentations of an organization, newest first   PRESENTATIONS#<organization> / <id>   Query, counted
    of somebody who belongs to none                  PRESENTATIONS#<user> / <id>           Query, counted
    of all, for super admins; one of all by its id   GSI1 PRESENTATIONS / <id>             Query, counted
"""
