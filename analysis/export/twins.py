"""The tables for other programs and for papers: CSV, the dictionary of their columns, LaTeX.

The stages hand each other Parquet; this writes the same rows as CSV. Samples stay Parquet alone.

    python -m analysis.export.twins --results results/MACHINE
"""

from pathlib import Path

import pyarrow.parquet as pq

from analysis.export import latex
from analysis.export.names import DICTIONARY, csv_of
from analysis.tables.as_csv import write_table_csv
from analysis.tables.dictionary import write_dictionary
from workloads.vocabulary.command_line import stage


def write(root: Path) -> None:
    """Make the files of analysis.export.names of all tables in the machine's folder `root`. Raises AnalysisError."""
    latex.write(root)
    tables = sorted(path.relative_to(root).as_posix() for path in (root / "tables").glob("*.parquet"))
    for file in tables:
        for twin in csv_of([file]):
            write_table_csv(pq.read_table(root / file), root / twin)
    schemas = {Path(file).stem: pq.read_schema(root / file) for file in tables}
    write_dictionary(schemas, root / DICTIONARY)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
