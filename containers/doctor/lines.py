"""What a check-up of the machine says, line by line (`python -m containers.doctor --schema`: its schema)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["ok", "note", "problem", "unavailable"]
Subject = Literal["engine", "images", "disk", "memory", "noise", "gpu", "clock", "locks", "config"]


_SIGNS: dict[State, str] = {"ok": "ok", "note": "note", "problem": "PROBLEM", "unavailable": "-"}


class Line(BaseModel):
    """One thing that was looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: Subject
    name: str = Field(description="what was looked at, unique within its subject")
    state: State = Field(
        description="ok: as it should be; note: a run can start, and this makes it noisier or slower or is worth"
        " knowing; problem: a run cannot start; unavailable: this machine does not tell"
    )
    seen: str = Field(description="what is there, in words")
    remedy: str | None = Field(None, description="what to do, a command where there is one; nothing was done")


def line(subject: Subject, name: str, state: State, seen: str, remedy: str | None = None) -> Line:
    """A line in the order in which it reads."""
    return Line(subject=subject, name=name, state=state, seen=seen, remedy=remedy)


class Checkup(BaseModel):
    """The whole check-up, as `--json` prints it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    taken_at: str = Field(description="UTC, ISO 8601")
    ready: bool = Field(description="whether a run can start: no line is a problem")
    lines: list[Line]


def checkup(lines: list[Line], taken_at: str) -> Checkup:
    """The check-up that these lines come to."""
    return Checkup(taken_at=taken_at, ready=all(line.state != "problem" for line in lines), lines=lines)


def text(checkup: Checkup) -> str:
    """The check-up for people, a paragraph for each subject, with each remedy below its line."""
    lines: list[str] = []
    subject: str | None = None
    for line in checkup.lines:
        if line.subject != subject:
            subject = line.subject
            lines += ["", subject] if lines else [subject]
        lines.append(f"  {_SIGNS[line.state]:8} {line.name}: {line.seen}")
        if line.remedy is not None:
            lines.append(f"{'':11}-> {line.remedy}")
    problems = sum(line.state == "problem" for line in checkup.lines)
    verdict = "a run can start" if checkup.ready else f"a run cannot start: {problems} to mend first"
    return "\n".join([*lines, "", verdict])
