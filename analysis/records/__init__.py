"""Reads a machine's folder, and settings as the config writes them."""
