"""The audit log: who did what, in a Merkle tree that anybody can verify, also after an erasure.

What is done is entered into the trail by the transaction that does it. The sequencer takes entries from there, one
after the other: each becomes a leaf of the tree, with an index that is never given again and no gap before it.

Access patterns (key → query)
    the tree: how large, its root, until when     AUDIT#HEAD / HEAD                         GetItem
    an entry by its index, any page of all        AUDIT#LEAF#<index> / LEAF                 BatchGetItem
    an entry by its id                            the id says the index                     GetItem
    the first entry of a day, or after it         AUDIT#DAYS / <day>                        Query of two
    the kinds of entries (action and resource)    AUDIT#KINDS / <action>#<resource>         Query of some dozens
    entries of a kind                             AUDIT#LIST#K|… / <index>                  Query between two indexes
    what a user did, all of it and by kind        AUDIT#LIST#U|… / <index>                  Query between two indexes
    what was done to a user, or in their name     AUDIT#LIST#A|… / <index>                  Query between two indexes
    hashes of the tree                            AUDIT#TILE#<height>#<number> / TILE       BatchGetItem
    trees that were exported                      AUDIT#CHECKPOINTS / <size>                Query of some
    the key that a user's personal parts are under   AUDIT#SUBJECT#<user> / SUBJECT, AUDIT#KEY#<key> / KEY   GetItem

A row of a list holds its rank there, so that the exact number of entries between two moments is one subtraction.

Personal data: user ids, addresses, what a row said before and after: all under the key of AUDIT#SUBJECT#<user>, which
`erasure.erase_subject` destroys. Lists and leaves name the key by a random word, never the user.
"""
