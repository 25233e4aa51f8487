"""Numbers in, numbers out: means of log-ratios, tests, adjustment, power. No plan, no files."""
