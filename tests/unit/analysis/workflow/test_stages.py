"""The list of stages holds together: what a stage reads is there, and its module can be run."""

import importlib

from analysis.bundle.contents import of_origin
from analysis.workflow.stages import stages
from tests.made.simulated import simulated_plan, switch, thread_grid


def test_each_stage_reads_what_was_measured_or_what_an_earlier_stage_makes() -> None:
    made: set[str] = set()
    for stage in stages(simulated_plan([thread_grid(), switch()])):
        read = {*stage.inputs, *stage.waits_for} - made
        assert of_origin(dict.fromkeys(read, b""), "measured").keys() == read, stage.name
        assert not made & set(stage.outputs), stage.name
        made |= set(stage.outputs)
    assert "report.html" in made


def test_each_stage_is_a_command_and_a_function_for_the_rebuild() -> None:
    for stage in stages(simulated_plan([switch()])):
        module = importlib.import_module(stage.module)
        assert callable(module.write), stage.module
        assert callable(module.main), stage.module
