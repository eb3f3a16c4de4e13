"""People: accounts as they are stored, on which every other domain stands.

Access patterns (key → query)
    an account, its roles and overrides with it    USER#<id> / USER                     GetItem
    whose an e-mail address is                     EMAIL#<email> / EMAIL                GetItem
    all accounts                                   GSI1 USERS                           Query, counted
    accounts by role and status                    GSI2 USERS#<role>#<listed>           Query, counted; merged for one
    accounts by words of name and address          WORDS#people#… (quintet.store.words)  Query of each word
    accounts something is due of                   GSI3 PEOPLE-DUE / <when>#<id>        Query, oldest first

Personal data: USER#<id> / USER, EMAIL#<email> / EMAIL, and the words of both in WORDS#people#… until the account goes.
"""
