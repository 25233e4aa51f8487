"""What everything of this suite in an engine is marked with."""

LABEL = "threadmark"


LAUNCH = {LABEL: "launch"}  # containers that measure


BUILDER = {LABEL: "builder"}  # stages that a build leaves behind


PROBE = {LABEL: "probe"}  # containers and images that answer one question and go
