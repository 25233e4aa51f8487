"""How the course of a launch's samples is called. Apart from analysis.tables.warmup, whose library loads slowly."""

FLAT = "flat"
WARMING_UP = "warming up"
SLOWING_DOWN = "slowing down"
UNSTEADY = "unsteady"
