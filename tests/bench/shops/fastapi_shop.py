"""Three operations of a shop in FastAPI behind Mangum, as its documentation teaches: pydantic, boto3, PyJWT."""

import os
import random
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import boto3
import jwt
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from mangum import Mangum
from pydantic import BaseModel, Field

T = TypeVar("T")

app = FastAPI(title="Shop")
bearer = HTTPBearer()
dynamodb: Any = boto3.resource("dynamodb")
table = dynamodb.Table(os.environ["TABLE"])
TAX = {"NY": 875}  # hundredths of a per cent


class Money(BaseModel):
    amount: int
    currency: str


class Product(BaseModel):
    id: str
    sku: str
    name: str
    description: str
    base_price: Money
    sale_price: Money | None = Field(default=None, serialization_alias="SalePrice")
    status: str
    brand_id: str
    category_id: str
    images: list[str] = []
    attributes: dict[str, str] = {}
    created_at: datetime
    updated_at: datetime


class Data(BaseModel, Generic[T]):
    data: T


class Meta(BaseModel):
    page: int
    page_size: int
    total_items: int
    total_pages: int
    has_next: bool
    has_prev: bool


class Listing(BaseModel, Generic[T]):
    data: list[T]
    meta: Meta


class Address(BaseModel):
    first_name: str = Field(min_length=1)
    last_name: str = Field(min_length=1)
    company: str = ""
    address1: str = Field(min_length=1)
    address2: str = ""
    city: str = Field(min_length=1)
    state: str = ""
    postal_code: str = Field(min_length=1)
    country: str = Field(min_length=2, max_length=2)
    phone_number: str = ""


class NewOrder(BaseModel):
    shipping_address: Address
    billing_address: Address | None = None
    payment_method_id: str = ""
    promotion_codes: list[str] = []
    shipping_method_id: str = "ship_standard"
    notes: str = ""


class OrderItem(BaseModel):
    id: str
    product_id: str
    sku: str
    name: str
    unit_price: Money
    quantity: int
    discount_amount: Money
    tax_amount: Money
    total: Money


class Order(BaseModel):
    id: str
    order_number: str
    user_id: str
    status: str
    items: list[OrderItem]
    shipping_address: Address
    billing_address: Address
    subtotal: Money
    discount_total: Money
    tax_total: Money
    shipping_total: Money
    total: Money
    notes: str
    created_at: datetime
    updated_at: datetime


def current_user(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
    try:
        claims = jwt.decode(credentials.credentials, os.environ["JWT_SECRET"], algorithms=["HS256"], audience="shop")
    except jwt.PyJWTError:
        raise HTTPException(401, "Authentication required") from None
    return str(claims["sub"])


@app.get("/api/v1/catalog/products/{id}")
def get_product(id: str) -> Data[Product]:
    item = table.get_item(Key={"PK": f"PRODUCT#{id}", "SK": "PRODUCT"}).get("Item")
    if item is None or item["status"] != "active":
        raise HTTPException(404, "Product not found")
    return Data(data=Product.model_validate(item))


@app.get("/api/v1/catalog/products")
def list_products(
    page: Annotated[int, Query(ge=1)] = 1, page_size: Annotated[int, Query(ge=1, le=100)] = 20
) -> Listing[Product]:
    """The listing's counter is its first row, so the page and its total are one request."""
    answer = table.query(
        IndexName="GSI2",
        KeyConditionExpression=Key("GSI2PK").eq("PRODUCTS#active"),
        ScanIndexForward=False,
        Limit=page * page_size + 1,
    )
    counter, *items = answer["Items"]
    total = int(counter["n"])
    pages = -(-total // page_size)
    shown = items[(page - 1) * page_size : page * page_size]
    return Listing(
        data=[Product.model_validate(item) for item in shown],
        meta=Meta(
            page=page, page_size=page_size, total_items=total, total_pages=pages,
            has_next=page < pages, has_prev=page > 1,
        ),
    )  # fmt: skip


@app.post("/api/v1/orders", status_code=201)
def create_order(body: NewOrder, user_id: Annotated[str, Depends(current_user)]) -> Data[Order]:
    cart = table.get_item(Key={"PK": f"CART#{user_id}", "SK": "CART"}, ConsistentRead=True).get("Item")
    if not cart or not cart["items"]:
        raise HTTPException(400, "Cart is empty")
    products = read_products(cart["items"])
    lines = [order_line(line, products, body.shipping_address.state) for line in cart["items"]]
    subtotal = sum(line.unit_price.amount * line.quantity for line in lines)
    tax = sum(line.tax_amount.amount for line in lines)
    currency = lines[0].unit_price.currency
    now = datetime.now(UTC).replace(microsecond=0)
    order = Order(
        id=str(uuid.uuid4()),
        order_number=f"ORD-{random.randrange(10**8):08}",
        user_id=user_id,
        status="pending",
        items=lines,
        shipping_address=body.shipping_address,
        billing_address=body.billing_address or body.shipping_address,
        subtotal=Money(amount=subtotal, currency=currency),
        discount_total=Money(amount=0, currency=currency),
        tax_total=Money(amount=tax, currency=currency),
        shipping_total=Money(amount=0, currency=currency),
        total=Money(amount=subtotal + tax, currency=currency),
        notes=body.notes,
        created_at=now,
        updated_at=now,
    )
    save(order, cart)
    return Data(data=order)


def read_products(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    keys = [{"PK": f"PRODUCT#{line['product_id']}", "SK": "PRODUCT"} for line in lines]
    keys += [{"PK": f"SKU#{line['sku']}", "SK": "STOCK"} for line in lines]
    answer = dynamodb.batch_get_item(RequestItems={table.name: {"Keys": keys, "ConsistentRead": True}})
    found = answer["Responses"][table.name]
    stock = {item["sku"]: int(item["quantity"]) for item in found if item["SK"] == "STOCK"}
    for line in lines:
        if stock.get(line["sku"], 0) < line["quantity"]:
            raise HTTPException(400, f"{line['sku']} is out of stock")
    return {item["id"]: item for item in found if item["SK"] == "PRODUCT"}


def order_line(line: dict[str, Any], products: dict[str, dict[str, Any]], state: str) -> OrderItem:
    product = Product.model_validate(products[line["product_id"]])
    price = product.base_price
    if product.sale_price and product.sale_price.amount < price.amount:
        price = product.sale_price
    quantity = int(line["quantity"])
    net = price.amount * quantity
    tax = (net * TAX.get(state, 0) + 5000) // 10000
    return OrderItem(
        id=str(uuid.uuid4()),
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        unit_price=price,
        quantity=quantity,
        discount_amount=Money(amount=0, currency=price.currency),
        tax_amount=Money(amount=tax, currency=price.currency),
        total=Money(amount=net + tax, currency=price.currency),
    )


def save(order: Order, cart: dict[str, Any]) -> None:
    row = {
        **order.model_dump(mode="json"),
        "PK": f"ORDER#{order.id}", "SK": "ORDER", "GSI1PK": f"USER#{order.user_id}#ORDERS", "GSI1SK": order.id,
    }  # fmt: skip
    actions: list[dict[str, Any]] = [
        {"Put": {"TableName": table.name, "Item": row}},
        {"Put": {"TableName": table.name, "Item": {"PK": f"NUMBER#{order.order_number}", "SK": "NUMBER"},
                 "ConditionExpression": "attribute_not_exists(PK)"}},
        {"Update": {"TableName": table.name, "Key": {"PK": f"COUNT#ORDERS#{order.user_id}", "SK": "~"},
                    "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": 1}}},
        {"Update": {"TableName": table.name, "Key": {"PK": f"CART#{order.user_id}", "SK": "CART"},
                    "UpdateExpression": "SET #i = :none ADD version :one", "ConditionExpression": "version = :was",
                    "ExpressionAttributeNames": {"#i": "items"},
                    "ExpressionAttributeValues": {":none": [], ":one": 1, ":was": cart["version"]}}},
    ]  # fmt: skip
    for line in order.items:
        actions.append(
            {"Update": {"TableName": table.name, "Key": {"PK": f"SKU#{line.sku}", "SK": "STOCK"},
                        "UpdateExpression": "SET quantity = quantity - :n", "ConditionExpression": "quantity >= :n",
                        "ExpressionAttributeValues": {":n": line.quantity}}}
        )  # fmt: skip
    try:
        dynamodb.meta.client.transact_write_items(TransactItems=actions)
    except ClientError as error:
        if error.response["Error"]["Code"] == "TransactionCanceledException":
            raise HTTPException(409, "The cart or the stock changed, please try again") from None
        raise


handler = Mangum(app, lifespan="off")
