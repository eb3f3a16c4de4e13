"""The import as a command: progress, what it says, and its exit status."""

from __future__ import annotations

import contextvars
import io
from pathlib import Path

import pytest

from infra.catalog_import import Progress, main, run
from quintet import settings
from quintet.models import Money
from storefront.catalog.products import Product, Stock
from storefront.catalog_import.importing import Outcome
from storefront.service import store
from tests.conftest import Systems


class Terminal(io.StringIO):
    """A terminal to write on."""

    def isatty(self) -> bool:
        return True


def imported(file: Path, text: str | bytes) -> tuple[int, str, str]:
    """The exit status, standard output and standard error of importing a file with this content."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    out, errors = io.StringIO(), io.StringIO()
    return run(file, "USD", out, errors), out.getvalue(), errors.getvalue()


def test_it_sums_up_and_succeeds(system: Systems, tmp_path: Path) -> None:
    system("storefront")
    text = "sku,name,base_price,quantity\r\nA,Lamp,1000,3\r\nB,Desk,2000,4\r\n"
    status, out, errors = imported(tmp_path / "p.csv", text)
    assert (status, out.partition(" in ")[0], errors) == (0, "2 created, 0 updated, 0 unchanged, 0 refused", "")
    status, out, _ = imported(tmp_path / "p.csv", text.replace("Desk", "Table"))
    assert (status, out.partition(" in ")[0]) == (0, "0 created, 1 updated, 1 unchanged, 0 refused")


def test_refused_rows_are_told_by_line_and_fail_the_command(system: Systems, tmp_path: Path) -> None:
    system("storefront")
    status, out, errors = imported(tmp_path / "p.csv", "sku,name,base_price\nA,Lamp,1000\nB,Desk,cheap\n")
    assert (status, out.partition(" in ")[0]) == (1, "1 created, 0 updated, 0 unchanged, 1 refused")
    assert errors == "line 3: refused: base_price: cheap is not a price such as 999.99\n"
    assert store.get(Stock, sku="A") is not None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty, or its first line is; it should name the columns"),
        (b"first,last\nA,B\n", "The header is not a product export of Shopify's and lacks base_price, name, sku"),
        ("sku,name,base_price\nA,Größe,1\n".encode("latin-1"), "It is not UTF-8 text; export or save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(system: Systems, tmp_path: Path, content: bytes, problem: str) -> None:
    system("storefront")
    file = tmp_path / "p.csv"
    assert imported(file, content) == (2, "", f"{file}: {problem}\n")


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    errors = io.StringIO()
    assert run(tmp_path / "none.csv", "USD", io.StringIO(), errors) == 2
    assert errors.getvalue() == f"{tmp_path / 'none.csv'}: No such file or directory\n"


def test_a_table_in_aws_is_named_on_the_command_line(
    system: Systems, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = system("storefront").table
    for name in ("QUINTET_SYSTEM", "QUINTET_TABLE", "AWS_REGION"):
        monkeypatch.setenv(name, "replaced by the command line")
    file = tmp_path / "p.csv"
    file.write_text("sku,name,base_price\nA,Lamp,1000\n")
    settings.reset()
    try:
        arguments = [str(file), "--currency", "eur", "--table", table, "--region", "us-east-1"]
        assert contextvars.Context().run(main, arguments) == 0
    finally:
        settings.reset()
    assert capsys.readouterr().out.startswith("1 created")
    stock = store.get(Stock, sku="A")
    product = stock and store.get(Product, id=stock.product_id)
    assert product
    assert product.base_price == Money(amount=1000, currency="EUR")


def test_a_terminal_shows_a_bar_and_a_file_does_not() -> None:
    terminal, file, errors = Terminal(), io.StringIO(), io.StringIO()
    for out in (terminal, file):
        progress = Progress(100, out, errors)
        progress(Outcome(50, "created"))
        progress(Outcome(51, "created", "images: the first 20 of 25 were taken"))
        progress.finish()
    assert "###############...............  50%" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert file.getvalue() == ""
    assert errors.getvalue() == "line 51: note: images: the first 20 of 25 were taken\n" * 2
