"""Machines side by side: what differs between them, how fast each is at the same work, and where they agree.

Writes report.md, report.html, figures and tables to a folder of its own. The tables are ratios.csv (at the same
setting), best.csv (each machine in its best setting), overall.csv (the mean of these over workloads), standings.csv,
scaling.csv and refusals.csv; dictionary.csv tells their columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis import wording
from analysis.claims.config import Claims, read_file
from analysis.figures import style
from analysis.machines.agreement import Advice, Judgement, advice, judgements
from analysis.machines.environments import PACKAGES, VECTORS, Property, properties
from analysis.machines.figures import BEST, SCALING, draw_best, draw_scaling
from analysis.machines.groups import Standing, standings
from analysis.machines.heatmap import HEATMAP, draw_heatmap
from analysis.machines.likeness import Refusal
from analysis.machines.machine_run import Measured, Unread, read_all
from analysis.machines.overall import Overall, overall
from analysis.machines.ratios import Ratio, best_settings, same_settings
from analysis.machines.scaling import Scaling, scaling
from analysis.margin import MARGIN
from analysis.report import page as html
from analysis.report.pages import relative, render
from analysis.statistics.log_mean import ALPHA
from analysis.tables.as_csv import write_table_csv
from analysis.tables.dictionary import write_dictionary
from analysis.tables.tables import to_arrow
from workloads.vocabulary import amounts
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import AnalysisError

# Of so many machines the page shows every pair; of more those with the first one. The tables hold them all.
MOST_IN_PAIRS = 4


@dataclass(frozen=True)
class Refused:
    """Things that are not compared for one reason."""

    machine: str
    against: str
    reason: str
    places: list[str]


@dataclass(frozen=True)
class SideBySide:
    """All that the report on several machines says."""

    machines: list[Measured]
    unread: list[Unread]
    properties: list[Property]
    ratios: list[Ratio]
    best: list[Ratio]
    standings: list[Standing]
    scaling: list[Scaling]
    refusals: list[Refusal]
    advice: list[Advice]
    judgements: list[Judgement]
    overall: list[Overall]

    @property
    def names(self) -> list[str]:
        """The machines' names, in order."""
        return [machine.name for machine in self.machines]

    @property
    def told_ratios(self) -> list[Ratio]:
        """The ratios at the same setting that the page shows: of many machines those against the first one."""
        if len(self.machines) <= MOST_IN_PAIRS:
            return self.ratios
        return [ratio for ratio in self.ratios if ratio.against == self.names[0]]

    @property
    def told_best(self) -> list[Ratio]:
        """The same of the ratios in the best settings."""
        if len(self.machines) <= MOST_IN_PAIRS:
            return self.best
        return [ratio for ratio in self.best if ratio.against == self.names[0]]

    @property
    def lists(self) -> list[str]:
        """The groups of properties that are lists of things: vector instructions, packages."""
        groups = dict.fromkeys(row.group for row in self.properties)
        return [group for group in groups if group == VECTORS or group.startswith(PACKAGES)]

    def same_in(self, group: str) -> list[str]:
        """The names of what is the same everywhere in one of these groups."""
        return [row.name for row in self.properties if row.group == group and not row.differs]

    @property
    def refused(self) -> list[Refused]:
        """What is not compared, gathered by reason."""
        gathered: dict[tuple[str, str, str], list[str]] = {}
        for refusal in self.refusals:
            place = f"{refusal.sweep}/{refusal.workload}{' ' if refusal.setting else ''}{refusal.setting}"
            gathered.setdefault((refusal.machine, refusal.against, refusal.reason), []).append(place)
        return [Refused(*key, list(dict.fromkeys(places))) for key, places in gathered.items()]


def side_by_side(machines: list[Measured], unread: list[Unread], claims: Claims) -> SideBySide:
    """All that can be said of these machines together. Raises AnalysisError."""
    ratios, refusals = same_settings(machines)
    best, refused_best = best_settings(machines)
    # What the same settings were refused for already, the best settings are refused for too.
    told = {(refusal.machine, refusal.against, refusal.sweep, refusal.workload, refusal.reason) for refusal in refusals}
    refusals += [
        refusal
        for refusal in refused_best
        if (refusal.machine, refusal.against, refusal.sweep, refusal.workload, refusal.reason) not in told
    ]
    return SideBySide(
        machines,
        unread,
        properties(machines),
        ratios,
        best,
        standings(best),
        scaling(machines),
        refusals,
        advice(machines),
        judgements(machines, claims),
        overall(best, {machine.name: machine.plan.config.get("price_per_hour") for machine in machines}),
    )


def write(folders: Sequence[Path], out: Path, claims_path: Path) -> str:
    """Compare the machines of `folders`, make the report below `out`, and say where. Raises AnalysisError."""
    machines, unread = read_all(folders)
    if not machines:
        reasons = "; ".join(unread.reason for unread in unread) or "no folder holds a plan and a machine"
        raise AnalysisError(f"no machine to compare: {reasons}")
    result = side_by_side(machines, unread, read_file(claims_path))
    if len(machines) > 1:
        _write_tables(result, out / "tables")
        with style.figure_style():
            style.save(draw_heatmap(result.best, result.overall, result.names), out / "figures", HEATMAP)
            style.save(draw_best(result.best, result.names), out / "figures", BEST)
            style.save(draw_scaling(result.scaling, result.names), out / "figures", SCALING)
    report = out / "report.md"
    write_text(report, page(result, out))
    html.write(report.parent)
    return f"{amounts.count(len(machines), 'machine')}: the comparison is {report}"


def page(result: SideBySide, out: Path) -> str:
    """The report as Markdown, with links as they lead from `out`."""
    reports = [relative(machine.root / "report.md", out) for machine in result.machines]
    limits = {"margin": wording.margin(MARGIN), "alpha": wording.margin(ALPHA)}
    return render(
        "compare.md.j2",
        compared=result,
        reports=reports,
        heatmap_figure=HEATMAP,
        best_figure=BEST,
        scaling_figure=SCALING,
        **limits,
    )


def _write_tables(result: SideBySide, folder: Path) -> None:
    tables = {
        "ratios": to_arrow(result.ratios, Ratio),
        "overall": to_arrow(result.overall, Overall),
        "best": to_arrow(result.best, Ratio),
        "standings": to_arrow(result.standings, Standing),
        "scaling": to_arrow(result.scaling, Scaling),
        "refusals": to_arrow(result.refusals, Refusal),
    }
    for name, table in tables.items():
        write_table_csv(table, folder / f"{name}.csv")
    write_dictionary({name: table.schema for name, table in tables.items()}, folder / "dictionary.csv")
