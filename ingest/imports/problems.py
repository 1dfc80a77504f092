"""What is wrong with a file, and where: for people who will mend it."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from core.errors import UserError

# As DuckDB reads them; the standard library's own limit is smaller.
LONGEST_RECORD = 4_000_000
# Nobody mends more at once.
MOST_LISTED = 10_000
SHOWN = 200


class Problem(NamedTuple):
    file: str
    line: int | None
    column: str
    value: str
    reason: str


class RefusedError(UserError):
    """Nothing of the file was imported."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        first = problems[0]
        where = f"{first.file}, line {first.line}" if first.line else first.file
        at = f", {first.column}" if first.column else ""
        super().__init__(
            f"{count} problem{'s' if count != 1 else ''} found. The first: {where}{at}: {first.reason}.",
            "Nothing of this file was imported. Mend it and import it again.",
        )
        self.problems = problems

    def after(self, files: Sequence[str]) -> "RefusedError":
        """Of several files, those before this one are imported."""
        if files:
            self.remedy = f"{self.remedy} Imported before it: {', '.join(files)}."
        return self


def write_report(path: Path, problems: Iterable[Problem]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Problem._fields)
        writer.writerows(problem._replace(value=problem.value[:SHOWN]) for problem in problems)


def lines_of_records(path: Path, delimiter: str, wanted: set[int]) -> dict[int, int]:
    """The first line of each wanted record; the header is record 0. Read again, since only bad files need it."""
    csv.field_size_limit(LONGEST_RECORD)
    found: dict[int, int] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file, delimiter=delimiter)
        before = number = 0
        for record in reader:
            if record:
                if number in wanted:
                    found[number] = before + 1
                number += 1
            before = reader.line_num
            if len(found) == len(wanted):
                break
    return found
