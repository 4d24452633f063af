"""What the doctor says: a finding is one line. Not here: how it comes to it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: a warning lets the site run, for now."""

    FINE = "fine"
    WARNING = "warning"
    ERROR = "error"


MARKS = {Level.FINE: "✓", Level.WARNING: "!", Level.ERROR: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what is, a phrase or a sentence; `advice` what to do, in sentences."""

    about: str
    level: Level
    text: str
    advice: str = ""

    def __str__(self) -> str:
        end = "" if self.text.endswith((".", "?", "!")) or not self.advice else "."
        return f"{MARKS[self.level]} {self.about:<12} {self.text}{end} {self.advice}".rstrip()


def fine(about: str, text: str) -> Finding:
    """All is well."""
    return Finding(about, Level.FINE, text)


def warning(about: str, text: str, advice: str = "") -> Finding:
    """The site runs, but not as it should, or not for long."""
    return Finding(about, Level.WARNING, text, advice)


def error(about: str, text: str, advice: str = "") -> Finding:
    """People meet it, or will at the next start."""
    return Finding(about, Level.ERROR, text, advice)


def first_line(problem: BaseException) -> str:
    """What an error says, in one line."""
    return next(iter(str(problem).strip().splitlines()), "") or type(problem).__name__
