"""What keeps background jobs going: the queue's consumer, that of its dead letters, and the clock.

Access patterns are those of `quintet.jobs`; a user's jobs are JOBS#<user>.

Personal data: a job's arguments and result name its user; `privacy` erases them.
"""
