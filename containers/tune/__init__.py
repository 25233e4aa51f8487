"""One command from a model to its settings: it tries the model, writes a config, runs it, and says what came out.

Room rule: nothing here measures by itself; the config that is written is run as any other.
"""
