"""What this suite left in the engine and in its cache, and how it goes.

What is not known to be the suite's own is never touched.
"""
