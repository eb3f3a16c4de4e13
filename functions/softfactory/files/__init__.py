"""Files: pictures, films and documents of users, kept in S3, told by their content, never served as a page.

Access patterns (key → query)
    a file of a user                          USER#<user>#FILES / <id>                     GetItem
    a user's files, of a category             GSI1 USER#<user>#FILES, GSI2 …#<category>    Query, counted, sorted
    uploads that have not arrived             USER#<user>#UPLOADS / <id>                   Query
    uploads that were refused                 USER#<user>#REFUSED / <id>                   GetItem
    uploads to look after                     GSI1 UPLOADS / <when>#<id>                   Query, oldest first
    what a user has and awaits                USER#<user> / FILES                          GetItem, condition
    objects without a record, by when due     GSI1 LOOSE / <when>#<id>                     Query, oldest first
    those of a user                           GSI2 USER#<user>#LOOSE                       Query

A file of at most 4.5 MB comes with the request. A larger one is announced first and posted straight to S3, under
`incoming/`; when it has arrived it is looked at, copied to its own key and recorded, since the form of an upload works
again and again until it expires. Arrivals are found when their owner asks, else by the clock.

Personal data: USER#<id>#FILES, USER#<id>#UPLOADS, USER#<id>#REFUSED, USER#<id> / FILES, GSI2 USER#<id>#LOOSE, and the
objects `files/` and `thumbnails/` that they name; `erasure` erases and exports all of it.
"""
