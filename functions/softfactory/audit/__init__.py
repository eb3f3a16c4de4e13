"""The audit log: who did what, in a Merkle tree that anybody can verify, also after an erasure.

What is done is entered into the trail by the transaction that does it. The sequencer takes entries from there, by the
clock, one after the other: each becomes a leaf of the tree, with an index that is never given again and no gap before
it. Readers show what is on its way at the log's end, so that they see at once what was done, and write nothing.

Access patterns (key → query)
    the tree: how large, its root, until when     AUDIT#HEAD / HEAD                         GetItem
    an entry by its index, any page of all        AUDIT#LEAF#<index> / LEAF                 BatchGetItem
    what is on its way                            AUDIT#PENDING / <id>                      Query, oldest first (trail)
    an entry by its id                            AUDIT#ID#<id> / ID                        GetItem of its index
    the first entry of a day, or after it         AUDIT#DAYS / <day>                        Query of two
    the kinds of entries, of all or of a user     AUDIT#KINDS#<whose> / <action>#<resource>#…   Query of some dozens
    entries of a kind, family or resource         AUDIT#LIST#K|…, F|…, R|… / <index>        Query before an index
    entries about access                          AUDIT#LIST#X / <index>                    Query before an index
    what a user did: all, about access, by kind   AUDIT#LIST#U|… / <index>                  Query before an index
    what was done to a user, or in their name     AUDIT#LIST#A|… / <index>                  Query before an index
    hashes of the tree                            AUDIT#TILE#<height>#<number> / TILE       BatchGetItem
    trees that were exported                      AUDIT#CHECKPOINTS / <size>                Query of some
    the key that a user's personal parts are under   AUDIT#SUBJECT#<user> / SUBJECT, AUDIT#KEY#<key> / KEY   GetItem

A list is kept in chunks that hold their rank there, so that the exact number of entries between two moments is one
subtraction.

Personal data: user ids, addresses, what a row said before and after: all under the key of AUDIT#SUBJECT#<user>, which
`erasure.erase_subject` destroys. Lists and leaves name the key by a random word, never the user. For an id without an
account there is no key: what is told of it is erased as it is written.
"""
