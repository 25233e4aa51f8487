"""From a config to cells. Pure: the machine is an argument."""
