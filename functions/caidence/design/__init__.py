"""The design studio: pictures painted by an image model or composed, kept in S3, listed, read, changed and deleted.

Access patterns (key → query)
    assets: those of rows of an organization (`access.rows`), DESIGN
    bytes of all files: counted by `tenancy.usage` in the transaction that writes or deletes a row
    files without a row, by when they are due    LOOSE#<key> / FILE, GSI1 LOOSE / <due>#<key>     Query
"""
