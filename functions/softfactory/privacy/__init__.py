"""What the law gives a person over their data: a complete copy, and their erasure.

Access patterns (key → query)
    a user's copy that was asked for last     USER#<id> / EXPORT                 GetItem, condition
    its job                                   JOBS#<user> / <job>                GetItem (quintet.jobs)
    when its objects go                       LOOSE#export-<job>                 by the clock of `files`
    accounts whose erasure is due             GSI3 PEOPLE-DUE / <when>#<id>      Query, oldest first (people)
    erasures under way                        ERASURES / <id>                    Query

`registry.KINDS` lists every kind of data that there is about a person, each with how it is copied and erased: a domain
that keeps more adds its line there. An erasure is a row until all is gone: each of its pieces may be done again, so
whatever dies is done by the next run. One run at a time holds it. From its beginning on the account says that nothing
takes it back; it goes before the trail's key, and the row last, together with the claim to the address: until then
what is found by the address is theirs and nobody else's. It waits for a copy that is being written.

Personal data: USER#<id> / EXPORT, JOBS#<id> and the objects `exports/`, erased with the kind `exports`; ERASURES / <id>
while it lasts.
"""
