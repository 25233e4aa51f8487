"""Where and how it runs: the engine, the images, the plan and the launches. ARCHITECTURE.md draws the rooms."""
