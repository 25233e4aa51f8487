"""What all packages speak of: documents, plan, knobs, and the ground under them (errors, files, words for numbers).

Modules that containers import need the standard library only; those that read files and YAML run on the host.
"""
