"""From a recipe to an image, its receipt and its bill of materials; the recipes are the folders with an image.toml.

Running something in an image is in containers.engine and containers.launch.
"""
