"""The check-up before a run: facts that are looked at, and pure judges of them.

Nothing here changes the machine.
"""
