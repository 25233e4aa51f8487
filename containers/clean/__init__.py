"""What is ours in the engine, and how it is removed."""
