"""The entity API: the data that the functions read and write, as small resources.

Access patterns. Those of `records`; a page of several subjects is one Query for each.
"""
