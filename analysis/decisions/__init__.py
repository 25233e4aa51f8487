"""How many rounds come next: until precise, or a search."""
