"""Rows of a CSV file by column name, each with the physical line it starts on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TextIO

_BYTE_ORDER_MARK = "\ufeff"


class UnusableFile(ValueError):
    """The file as a whole cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cells trimmed, by lower-case column name. `problem` says why it could not be read."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    problem: str | None = None

    def get(self, *columns: str) -> str:
        """The first of these columns that is present and not empty, or an empty string."""
        return next((self.cells[column] for column in columns if self.cells.get(column)), "")


def left_out(header: Iterable[str], columns_of: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The fields for which a header has none of the columns."""
    names = set(header)
    return frozenset(field for field, columns in columns_of.items() if names.isdisjoint(columns))


def read_rows(stream: TextIO) -> tuple[list[str], Iterator[Row]]:
    """The header (lower case, trimmed) and the rows below it; rows without any content are left out.

    Open the file with `newline=""` and encoding UTF-8, so that quoted line breaks stay what they are.
    A byte order mark is dropped; comma, semicolon and tab are recognised as separators by the header
    line. Raises UnusableFile when there is no header or a column comes twice.
    """
    first = next((line for line in stream), "").removeprefix(_BYTE_ORDER_MARK)
    if not first.strip():
        raise UnusableFile("The file is empty, or its first line is; it should name the columns")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(chain([first], stream), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader)]
    except csv.Error as error:
        raise UnusableFile(f"The header cannot be read: {error}") from None
    named = [name for name in header if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise UnusableFile(f"The header names a column twice: {', '.join(twice)}")
    return header, _rows(reader, header)


def _rows(reader: Any, header: list[str]) -> Iterator[Row]:  # the type csv.reader answers has no public name
    while True:
        line = reader.line_num + 1
        try:
            values: list[str] = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, problem=f"The row cannot be read: {error}")
            continue
        if not any(value.strip() for value in values):
            continue
        if any(value.strip() for value in values[len(header) :]):
            yield Row(line, problem=f"The row has {len(values)} cells, the header {len(header)}")
            continue
        # Spreadsheets drop empty cells at the end of a row: a short row is a whole one.
        yield Row(line, {name: value.strip() for name, value in zip(header, values, strict=False) if name})
