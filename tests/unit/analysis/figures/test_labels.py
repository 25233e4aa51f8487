"""Names of settings in figures."""

from analysis.figures.labels import row_names
from workloads.vocabulary.record import Setting


def test_of_many_knobs_a_row_names_those_that_its_setting_sets() -> None:
    knobs = ("intra_op", "inter_op", "allocator")
    settings = [
        Setting(str(number), {}, dict.fromkeys(knobs) | values)
        for number, values in enumerate([{}, {"intra_op": 1, "inter_op": 2}, {"allocator": "tcmalloc", "intra_op": 3}])
    ]
    names = [" ".join(name.split()) for name in row_names(settings).names.values()]
    assert names == ["defaults", "intra_op=1 inter_op=2", "intra_op=3 allocator=tcmalloc"]
    two = [Setting(setting.id, {}, {knob: setting.resolved[knob] for knob in knobs[:2]}) for setting in settings[:2]]
    assert list(row_names(two).names.values()) == ["default, default", "1, 2"]


def test_a_name_that_was_broken_is_whole_in_one_line() -> None:
    knobs = ("ONEDNN_MAX_CPU_ISA", "env:THREADMARK_PLACEBO", "intra_op")
    settings = [Setting(knob, {}, dict.fromkeys(knobs) | {knob: "AVX2"}) for knob in knobs]
    named = row_names(settings)
    assert any("_\n" in name for name in named.names.values())
    assert list(named.in_one_line.values()) == [f"{knob}=AVX2" for knob in knobs]
