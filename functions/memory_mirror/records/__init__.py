"""Records: what the 22 kinds of entities have in common, their fields, and the one way to read and write them.

Access patterns:
    one record                             SUBJECT#<subject>#<kind> / <id>
    a subject's records, newest first      the same partition: ids are time-ordered
    those with a value of a chosen field   GSI1 and GSI2 SUBJECT#<subject>#<kind>#<field>#<value> / <id>
Each domain has its own kinds; those that many of them read are in `life` and `accounts`.
"""
