"""A machine's folder taken from its records to its tables, by the stages' own commands."""

from pathlib import Path

from analysis.claims import judge
from analysis.comparisons import compare, components
from analysis.plausibility import check
from analysis.recommendations import recommend
from analysis.report.render import FILES
from analysis.tables import census, tidy

CLAIMS = Path(__file__).parents[2] / "config/claims.yaml"


def tidied(root: Path) -> int:
    """Examine the records of `root` and make a table of its launches; the status of the command that ended it."""
    arguments = ["--results", str(root)]
    return check.main(arguments) or tidy.main(arguments)


def make_tables(root: Path) -> None:
    """All tables that the report is made from, judged by the shipped claims."""
    for module, *more in (
        (check,),
        (tidy,),
        (census,),
        (compare,),
        (components,),
        (judge, "--claims", str(CLAIMS)),
        (recommend,),
    ):
        assert module.main(["--results", str(root), *more]) == 0


def written_pages(root: Path) -> str:
    """The report of the machine's folder `root`, and its details."""
    return "\n".join((root / name).read_text() for name in FILES)
