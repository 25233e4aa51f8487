"""A machine's folder taken from its records to its tables, by the stages' own commands."""

from pathlib import Path

from analysis.claims import judge
from analysis.comparisons import compare, components
from analysis.recommendations import recommend
from analysis.report.render import FILES
from analysis.tables import tidy

CLAIMS = Path(__file__).parents[2] / "config/claims.yaml"


def make_tables(root: Path) -> None:
    """All tables that the report is made from, judged by the shipped claims."""
    for module, *more in ((tidy,), (compare,), (components,), (judge, "--claims", str(CLAIMS)), (recommend,)):
        assert module.main(["--results", str(root), *more]) == 0


def written_pages(root: Path) -> str:
    """The report of the machine's folder `root`, and its details."""
    return "\n".join((root / name).read_text() for name in FILES)
