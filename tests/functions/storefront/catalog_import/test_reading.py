"""Reading catalogue files in our own columns and in Shopify's."""

from __future__ import annotations

import csv
import io
import json
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.models import Money
from storefront.catalog_import.html_text import html_to_text
from storefront.catalog_import.imported_product import ImportedProduct, RowError
from storefront.catalog_import.reading import read_catalog
from storefront.catalog_import.rows import UnusableFile

DATA = Path(__file__).parent / "data"
OWN = "sku,name,base_price,SalePrice,currency,status,images,attributes,quantity\n"
SHOPIFY = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,Image Src\n"


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def read(text: str, currency: str = "USD") -> list[ImportedProduct | RowError]:
    return list(read_catalog(io.StringIO(text, newline=""), currency))


def read_file(name: str) -> list[ImportedProduct | RowError]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(read_catalog(stream))


def skus(found: list[ImportedProduct | RowError]) -> list[str]:
    return [item.sku for item in found if isinstance(item, ImportedProduct)]


def test_our_own_columns() -> None:
    assert read_file("catalog.csv") == [
        ImportedProduct(
            line=2,
            sku="LAPTOP-14",
            name="Travel Laptop 14",
            description="Light enough for every day.\nFourteen hours on one charge.",
            base_price=usd(99999),
            sale_price=usd(89999),
            status="active",
            brand="TechCorp",
            category=("Electronics", "Laptops"),
            images=("https://img.example.com/laptop-front.jpg", "https://img.example.com/laptop-side.jpg"),
            attributes={"color": "silver", "ram": "16GB"},
            quantity=12,
        ),
        ImportedProduct(
            line=5,
            sku="KETTLE-1",
            name="Gooseneck Kettle",
            description="Pours slowly, holds 0.9 l",
            base_price=usd(6450),
            brand="Homely",
            category=("Kitchen",),
            images=("https://img.example.com/kettle.jpg",),
            attributes={"color": "black", "watts": "1200"},
            quantity=40,
        ),
        ImportedProduct(
            line=6,
            sku="MUG-RED",
            name='Mug "Morning"',
            base_price=usd(1250),
            sale_price=usd(990),
            status="draft",
        ),
    ]


def test_an_export_of_shopify_s_becomes_one_product_per_variant() -> None:
    shirt = {
        "group": "linen-shirt",
        "description": "Woven in Portugal.\n- Pre-washed\n- Shell buttons & loops",
        "base_price": usd(6500),
        "sale_price": usd(4900),
        "brand": "Field & Thread",
        "category": ("Apparel & Accessories", "Clothing", "Shirts"),
    }
    pictures = tuple(f"https://img.example.com/shirt-{number}.jpg" for number in (1, 2, 3))
    assert read_file("shopify_export.csv") == [
        ImportedProduct(
            line=2,
            sku="LS-S-W",
            name="Linen Shirt - S / White",
            images=("https://img.example.com/shirt-white.jpg", *pictures),
            attributes={"Size": "S", "Color": "White"},
            quantity=7,
            **shirt,
        ),
        ImportedProduct(
            line=4,
            sku="LS-M-W",
            name="Linen Shirt - M / White",
            images=pictures,
            attributes={"Size": "M", "Color": "White"},
            quantity=0,
            **shirt,
        ),
        ImportedProduct(
            line=6,
            sku="00417",
            name="Oak Board",
            description="A board for bread.",
            base_price=usd(3250),
            brand="Homely",
            category=("Kitchen",),
            images=("https://img.example.com/board.jpg",),
            quantity=15,
        ),
        ImportedProduct(
            line=7,
            sku="gift-wrap",
            name="Gift Wrap",
            base_price=usd(300),
            brand="Homely",
            status="draft",
        ),
    ]


def test_the_present_column_names_of_shopify_s_are_known_too() -> None:
    text = (
        "Title,URL handle,Description,Vendor,Product category,Type,Published on online store,Status,SKU,"
        "Option1 name,Option1 value,Price,Compare-at price,Inventory quantity,Product image URL,Image position,"
        "Variant image URL\n"
        "Cup,cup,<p>Stoneware</p>,Homely,Home > Cups,,TRUE,Unlisted,CUP-B,Glaze,Blue,18,20.5,3,"
        "https://e.com/2.jpg,2,\n"
        ",cup,,,,,,,CUP-G,,Green,18.00,,,https://e.com/1.jpg,1,https://e.com/g.jpg\n"
    )
    cup = {"group": "cup", "description": "Stoneware", "brand": "Homely", "category": ("Home", "Cups")}
    assert read(text) == [
        ImportedProduct(
            line=2,
            sku="CUP-B",
            name="Cup - Blue",
            base_price=usd(2050),
            sale_price=usd(1800),
            status="draft",
            images=("https://e.com/1.jpg", "https://e.com/2.jpg"),
            attributes={"Glaze": "Blue"},
            quantity=3,
            **cup,
        ),
        ImportedProduct(
            line=3,
            sku="CUP-G",
            name="Cup - Green",
            base_price=usd(1800),
            status="draft",
            images=("https://e.com/g.jpg", "https://e.com/1.jpg", "https://e.com/2.jpg"),
            attributes={"Glaze": "Green"},
            **cup,
        ),
    ]


def test_one_bad_variant_refuses_its_whole_product_and_no_other() -> None:
    found = read(
        SHOPIFY + "a,A,Size,S,A-S,1.00,,\nb,B,Title,Default Title,B,2.00,,\na,,,M,A-M,cheap,,\nc,,Size,S,C,3.00,,\n"
    )
    assert skus(found) == ["B"]
    assert [item for item in found if isinstance(item, RowError)] == [
        RowError(4, "Price: cheap is not a price such as 999.99"),
        RowError(5, "Title: the first row of a product must have one"),
    ]


def test_a_repeated_sku_refuses_the_later_product_whole() -> None:
    found = read(SHOPIFY + "a,A,Size,S,X,1.00,,\nb,B,Size,S,Y,1.00,,\nb,,,M,X,1.00,,\nc,C,Size,S,Y,1.00,,\n")
    assert skus(found) == ["X", "Y"]
    assert [item for item in found if isinstance(item, RowError)] == [RowError(4, "sku: X was already used on line 2")]
    assert read(SHOPIFY + "a,A,Size,S,X,1.00,,\na,,,M,X,1.00,,\n") == [RowError(3, "sku: X was already used on line 2")]


def test_variants_without_any_sku_get_one_made_of_handle_and_options() -> None:
    assert skus(read(SHOPIFY + "tee,Tee,Size,Extra Large,,1.00,,\ntee,,,S,,1.00,,\n")) == ["tee-extra-large", "tee-s"]


def test_an_unreadable_row_refuses_the_product_it_follows() -> None:
    text = SHOPIFY + 'a,A,Size,S,A-S,1.00,,\na,,,"M"x,A-M,1.00,,\nb,B,Title,Default Title,B,2.00,,\n'
    found = read(text)
    assert skus(found) == ["B"]
    assert [item.line for item in found if isinstance(item, RowError)] == [3]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",Name,100,,,,,,", "sku: String should have at least 1 character"),
        ("S,,100,,,,,,", "name: String should have at least 1 character"),
        ("S,N,,,,,,,", "base_price: nothing is not a price such as 999.99"),
        ("S,N,-5,,,,,,", "base_price: -5 is not a price such as 999.99"),
        ("S,N,1.005,,,,,,", "base_price: 1.005 has more decimals than USD"),
        ("S,N,1.5,,JPY,,,,", "base_price: 1.5 has more decimals than JPY"),
        ("S,N,1,,DOLLARS,,,,", "currency: DOLLARS is not an ISO 4217 currency code"),
        ("S,N,999999999999999,,,,,,", "base_price: 999999999999999 is too large"),
        ("S,N,1,x,,,,,", "SalePrice: x is not a price such as 999.99"),
        ("S,N,1,,,sold,,,", "status: sold is none of draft, active, archived"),
        ("S,N,1,,,,ftp://e.com/x,,", "images.0: must be a web address starting with http:// or https://"),
        ("S,N,1,,,,,red,", "attributes: red is not of the form name=value"),
        ("S,N,1,,,,,{red,", "attributes: not a JSON object"),
        ('S,N,1,,,,,"{""a"": [1]}",', "attributes: values must be text, numbers or true and false"),
        ("S,N,1,,,,,,many", "quantity: many is not a whole number"),
        ("S,N,1,,,,,,1,extra", "The row has 10 cells, the header 9"),
        ('S,"N"x,1', "The row cannot be read: ',' expected after '\"'"),
        ("S,N\x07,1", "name: must not contain control characters or line breaks"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column_and_the_rest_is_read(row: str, message: str) -> None:
    found = read(f"{OWN}OK-1,One,5,,,,,,\n{row}\nOK-2,Fine,7.00,,,,,,\n")
    assert skus(found) == ["OK-1", "OK-2"]
    assert [item for item in found if isinstance(item, RowError)] == [RowError(3, message)]


def test_line_numbers_count_the_lines_inside_quotes_and_blank_ones() -> None:
    text = 'sku,name,base_price,description\r\nA,A,1,"one\r\ntwo\r\nthree"\r\n\r\n,,,\r\nB,B,x,\r\n'
    found = read(text)
    assert isinstance(found[0], ImportedProduct)
    assert (found[0].line, found[0].description) == (2, "one\ntwo\nthree")
    assert found[1] == RowError(7, "base_price: x is not a price such as 999.99")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_byte_order_marks_and_column_order_and_case_do_not_matter(separator: str) -> None:
    text = "\ufeffName,BASE_PRICE,Sku\nKettle,64.50,K\n".replace(",", separator)
    left_out = frozenset({"description", "sale_price", "status", "brand", "category", "images", "attributes"})
    kettle = ImportedProduct(line=2, sku="K", name="Kettle", base_price=usd(6450), left_out=left_out)
    assert read(text) == [kettle]


def test_what_a_file_has_no_column_for_is_told_apart_from_what_it_leaves_empty() -> None:
    (own,) = read("sku,name,base_price,Status,brand\nK,Kettle,6450,,\n")
    assert isinstance(own, ImportedProduct)
    assert own.left_out == {"description", "sale_price", "category", "images", "attributes"}
    (theirs,) = read("Handle,Title,Option1 Value,Variant Price,Vendor,Type,Published,Variant Image\nk,K,,1.00,,,,\n")
    assert isinstance(theirs, ImportedProduct)
    assert theirs.left_out == {"description", "sale_price"}


def test_prices_follow_the_currency_s_decimals() -> None:
    [yen] = read("sku,name,base_price\nA,A,1500.0\n", "JPY")
    [dinar] = read("sku,name,base_price,currency\nA,A,1.250,kwd\n")
    assert isinstance(yen, ImportedProduct)
    assert isinstance(dinar, ImportedProduct)
    assert yen.base_price == Money(amount=1500, currency="JPY")
    assert dinar.base_price == Money(amount=1250, currency="KWD")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty"),
        ("\n\n", "The file is empty"),
        ("id,colour\n1,red\n", "lacks base_price, name, sku"),
        ("sku,name,SKU,base_price\n", "names a column twice: sku"),
        ('"sku', "The header cannot be read"),
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(text: str, message: str) -> None:
    with pytest.raises(UnusableFile, match=message):
        read(text)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Plain,\n  two lines ", "Plain,\n  two lines"),
        ("<p>One<br>two</p><p>&lt;three&gt;&nbsp;!</p>", "One\ntwo\n<three> !"),
        ("<style>p{}</style>a<script>alert(1)</script> <b>b\n c</b>", "a b c"),
        ("<ul><li>x</li><li></li></ul>", "- x"),
        ("<p>unclosed <i>tags", "unclosed tags"),
    ],
)
def test_html_becomes_readable_text(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


words = st.text(string.ascii_letters + string.digits + " ,;\"'|=éß日\t", max_size=30).map(
    lambda text: text.replace("\t", " ").strip()
)
some_words = words.filter(bool)
paths = st.lists(some_words, max_size=3).map(tuple)
pictures = st.lists(st.from_regex(r"\Ahttps://[a-z]{1,5}\.com/[a-z0-9,;%]{0,8}\Z"), max_size=3).map(tuple)
products = st.builds(
    ImportedProduct,
    line=st.just(2),
    sku=some_words,
    name=some_words,
    description=st.lists(words, max_size=3).map("\n".join).map(str.strip),
    base_price=st.builds(Money, amount=st.integers(0, 10**11), currency=st.sampled_from(["USD", "JPY", "KWD"])),
    sale_price=st.none(),
    status=st.sampled_from(["draft", "active", "archived"]),
    brand=words,
    category=paths,
    images=pictures,
    attributes=st.dictionaries(some_words, words, max_size=3),
    quantity=st.none() | st.integers(0, 10**8),
)


def write(product: ImportedProduct, stream: io.StringIO) -> None:
    """A file of this one product in our own columns, prices in minor units."""
    cells = {
        "sku": product.sku,
        "name": product.name,
        "description": product.description,
        "base_price": product.base_price.amount,
        "SalePrice": "" if product.sale_price is None else product.sale_price.amount,
        "currency": product.base_price.currency,
        "status": product.status,
        "brand": product.brand,
        "category": " > ".join(product.category),
        "images": "|".join(product.images),
        "attributes": json.dumps(product.attributes) if product.attributes else "",
        "quantity": "" if product.quantity is None else product.quantity,
    }
    writer = csv.DictWriter(stream, list(cells))
    writer.writeheader()
    writer.writerow(cells)


@given(products, st.none() | st.integers(0, 10**11))
@settings(max_examples=120)
def test_what_is_written_reads_back_the_same(product: ImportedProduct, sale: int | None) -> None:
    currency = product.base_price.currency
    price = None if sale is None else Money(amount=sale, currency=currency)
    product = product.model_copy(update={"sale_price": price})
    stream = io.StringIO(newline="")
    write(product, stream)
    assert read(stream.getvalue(), "EUR") == [product]


@given(st.text(max_size=200))
@settings(max_examples=150)
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    for header in (OWN, SHOPIFY):
        for item in read(header + text):
            assert item.line >= 2
