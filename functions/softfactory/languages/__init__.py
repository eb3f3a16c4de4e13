"""The interface's texts in Korean (the source), English, Japanese and Chinese: read, changed, checked, delivered.

A language's texts are those that the product ships with, and over them what translators changed. The changes of a
language lie in 32 parts by a hash of their keys; one row says which revision of each part is in force. A write changes
it on condition that the parts it was decided upon are still in force: two who write at once lose nothing, and wait for
each other only within a part. A pack's ETag costs one read, and what a warm function has read it need not read again.

A key's source comes first: a translation of a key that Korean does not have is refused, since nothing could say what
its placeholders are. Writing the source anew makes the translations stale that were made from another text; writing the
old text again makes them sound again. A stale translation is still delivered: it is nearer to the reader than Korean.

Access patterns
- which revisions are in force: GetItem `TRANSLATIONS` / `CATALOGUE`
- texts of a language: BatchGetItem of its parts in use, `TRANSLATIONS#{language}` / `PART#{number}`; one text: one part
- coverage: `CATALOGUE`, and where something was changed since a function counted last the parts that it has not read
- a write: one transaction of the parts it touches, `CATALOGUE`, and the audit's entries

Personal data: a text remembers the id of the user who wrote it. `changes.written_by(user_id)` answers what somebody
wrote, `changes.forget(user_id)` takes the id out. Both look at `CATALOGUE` alone where `translators` does not name the
user, and else read the parts (at most 128).
"""
