"""Recipe, image, receipt, bill of materials; the recipes themselves are the folders with an image.toml."""
