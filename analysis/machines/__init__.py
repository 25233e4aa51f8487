"""Machines side by side."""
