"""Who may do what: roles, the permissions granted to them, the accounts that hold them, and the callers they make.

Access patterns:
    all roles                              ROLES / ROLE#<id>
    all permissions                        PERMISSIONS / PERMISSION#<id>
    whose a role's or permission's name is NAME#<space>#<folded name> / NAME; its existence makes the name unique
    the roles of an account                in the account, as a map by role id
"""
