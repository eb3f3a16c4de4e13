"""The platform as those see it who run it: all users and their rights, invitations, revenue and usage.

Access patterns (of rows that other domains own)
    users, newest first; by role, by approval  GSI1 USERS; GSI3 USERS#<role>#<is_approved>, merged     Query
    what each of a page was granted            USER#<id> / GRANTS                                      BatchGetItem
    a change of a user                         through `access.changes`, and what they leave behind    one transaction
    an invitation                              user, e-mail claim, history and mail                    one transaction
    figures                                    counters alone                                          BatchGetItem
"""
