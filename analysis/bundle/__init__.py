"""A run as one archive for strangers: made, described, checked, rebuilt, added to the results.

Whatever a bundle holds may be hostile; no other room reads archives.
"""
