"""Look the machine over before a run: what would stop it, what would make it noisy, and what to do about it.

python -m containers.doctor [--config config/default.yaml] [--json]

The exit status is 0 if a run can start, 1 if it cannot.
"""

import json
from pathlib import Path

from containers.doctor.examine import examine
from containers.doctor.lines import Checkup, text
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import command


def main(argv: list[str] | None = None) -> int:
    """Command line: print the check-up; the exit status says whether a run can start."""
    parser = parser_of(main)
    parser.add_argument("--config", type=Path, default=Path("config/default.yaml"), help="the run that is to be")
    parser.add_argument("--json", action="store_true", help="as one JSON document")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of that document instead")
    arguments = parser.parse_args(argv)
    if arguments.schema:
        print(json.dumps(Checkup.model_json_schema(), indent=1))
        return 0
    checkups: list[Checkup] = []
    if (failed := command(lambda: checkups.append(examine(arguments.config)))) != 0:
        return failed
    print(checkups[0].model_dump_json(indent=1) if arguments.json else text(checkups[0]))
    return 0 if checkups[0].ready else 1


if __name__ == "__main__":
    raise SystemExit(main())
