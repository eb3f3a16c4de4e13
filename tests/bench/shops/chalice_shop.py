"""Three operations of a shop in Chalice, as its documentation teaches: dictionaries, boto3, PyJWT, checks by hand."""

import os
import random
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3
import jwt
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError
from chalice.app import BadRequestError, Chalice, ConflictError, NotFoundError, Response, UnauthorizedError

app = Chalice(app_name="shop")
dynamodb: Any = boto3.resource("dynamodb")
table = dynamodb.Table(os.environ["TABLE"])
TAX = {"NY": 875}  # hundredths of a per cent
PRODUCT_FIELDS = ("id", "sku", "name", "description", "base_price", "status", "brand_id", "category_id", "images",
                  "attributes", "created_at", "updated_at")  # fmt: skip
REQUIRED = ("first_name", "last_name", "address1", "city", "postal_code", "country")


def current() -> Any:
    return app.current_request


def plain(value: Any) -> Any:
    """Numbers as the resource gives them are Decimals, which JSON does not know."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def product_view(item: dict[str, Any]) -> dict[str, Any]:
    return {**{name: plain(item[name]) for name in PRODUCT_FIELDS}, "SalePrice": plain(item.get("sale_price"))}


def current_user() -> str:
    scheme, _, token = current().headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise UnauthorizedError("Authentication required")
        claims = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], audience="shop")
    except jwt.PyJWTError:
        raise UnauthorizedError("Authentication required") from None
    return str(claims["sub"])


@app.route("/api/v1/catalog/products/{id}", methods=["GET"])
def get_product(id: str) -> dict[str, Any]:
    item = table.get_item(Key={"PK": f"PRODUCT#{id}", "SK": "PRODUCT"}).get("Item")
    if item is None or item["status"] != "active":
        raise NotFoundError("Product not found")
    return {"data": product_view(item)}


@app.route("/api/v1/catalog/products", methods=["GET"])
def list_products() -> dict[str, Any]:
    """The listing's counter is its first row, so the page and its total are one request."""
    given = current().query_params or {}
    try:
        page, size = int(given.get("page", 1)), int(given.get("page_size", 20))
    except ValueError:
        raise BadRequestError("page and page_size must be numbers") from None
    if page < 1 or not 1 <= size <= 100:
        raise BadRequestError("page or page_size is out of range")
    answer = table.query(
        IndexName="GSI2",
        KeyConditionExpression=Key("GSI2PK").eq("PRODUCTS#active"),
        ScanIndexForward=False,
        Limit=page * size + 1,
    )
    counter, *items = answer["Items"]
    total = int(counter["n"])
    pages = -(-total // size)
    return {
        "data": [product_view(item) for item in items[(page - 1) * size : page * size]],
        "meta": {
            "page": page, "page_size": size, "total_items": total, "total_pages": pages,
            "has_next": page < pages, "has_prev": page > 1,
        },
    }  # fmt: skip


@app.route("/api/v1/orders", methods=["POST"])
def create_order() -> Response:
    user_id = current_user()
    body = current().json_body or {}
    address = check_address(body.get("shipping_address"))
    billing = check_address(body.get("billing_address") or address)
    cart = table.get_item(Key={"PK": f"CART#{user_id}", "SK": "CART"}, ConsistentRead=True).get("Item")
    if not cart or not cart["items"]:
        raise BadRequestError("Cart is empty")
    products = read_products(cart["items"])
    lines = [order_line(line, products, address.get("state", "")) for line in cart["items"]]
    currency = lines[0]["unit_price"]["currency"]
    subtotal = sum(line["unit_price"]["amount"] * line["quantity"] for line in lines)
    tax = sum(line["tax_amount"]["amount"] for line in lines)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    order = {
        "id": str(uuid.uuid4()),
        "order_number": f"ORD-{random.randrange(10**8):08}",
        "user_id": user_id,
        "status": "pending",
        "items": lines,
        "shipping_address": address,
        "billing_address": billing,
        "subtotal": {"amount": subtotal, "currency": currency},
        "discount_total": {"amount": 0, "currency": currency},
        "tax_total": {"amount": tax, "currency": currency},
        "shipping_total": {"amount": 0, "currency": currency},
        "total": {"amount": subtotal + tax, "currency": currency},
        "notes": str(body.get("notes", "")),
        "created_at": now,
        "updated_at": now,
    }
    save(order, cart)
    return Response(body={"data": order}, status_code=201)


def check_address(address: Any) -> dict[str, Any]:
    if not isinstance(address, dict):
        raise BadRequestError("shipping_address is required")
    for name in REQUIRED:
        if not isinstance(address.get(name), str) or not address[name].strip():
            raise BadRequestError(f"{name} is required")
    return address


def read_products(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    keys = [{"PK": f"PRODUCT#{line['product_id']}", "SK": "PRODUCT"} for line in lines]
    keys += [{"PK": f"SKU#{line['sku']}", "SK": "STOCK"} for line in lines]
    answer = dynamodb.batch_get_item(RequestItems={table.name: {"Keys": keys, "ConsistentRead": True}})
    found = answer["Responses"][table.name]
    stock = {item["sku"]: int(item["quantity"]) for item in found if item["SK"] == "STOCK"}
    for line in lines:
        if stock.get(line["sku"], 0) < line["quantity"]:
            raise BadRequestError(f"{line['sku']} is out of stock")
    return {item["id"]: item for item in found if item["SK"] == "PRODUCT"}


def order_line(line: dict[str, Any], products: dict[str, dict[str, Any]], state: str) -> dict[str, Any]:
    product = plain(products[line["product_id"]])
    price, sale = product["base_price"], product.get("sale_price")
    if sale and sale["amount"] < price["amount"]:
        price = sale
    quantity = int(line["quantity"])
    net = price["amount"] * quantity
    tax = (net * TAX.get(state, 0) + 5000) // 10000
    return {
        "id": str(uuid.uuid4()),
        "product_id": product["id"],
        "sku": product["sku"],
        "name": product["name"],
        "unit_price": price,
        "quantity": quantity,
        "discount_amount": {"amount": 0, "currency": price["currency"]},
        "tax_amount": {"amount": tax, "currency": price["currency"]},
        "total": {"amount": net + tax, "currency": price["currency"]},
    }


def save(order: dict[str, Any], cart: dict[str, Any]) -> None:
    user_id = order["user_id"]
    row = {**order, "PK": f"ORDER#{order['id']}", "SK": "ORDER",
           "GSI1PK": f"USER#{user_id}#ORDERS", "GSI1SK": order["id"]}  # fmt: skip
    actions: list[dict[str, Any]] = [
        {"Put": {"TableName": table.name, "Item": row}},
        {"Put": {"TableName": table.name, "Item": {"PK": f"NUMBER#{order['order_number']}", "SK": "NUMBER"},
                 "ConditionExpression": "attribute_not_exists(PK)"}},
        {"Update": {"TableName": table.name, "Key": {"PK": f"COUNT#ORDERS#{user_id}", "SK": "~"},
                    "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": 1}}},
        {"Update": {"TableName": table.name, "Key": {"PK": f"CART#{user_id}", "SK": "CART"},
                    "UpdateExpression": "SET #i = :none ADD version :one", "ConditionExpression": "version = :was",
                    "ExpressionAttributeNames": {"#i": "items"},
                    "ExpressionAttributeValues": {":none": [], ":one": 1, ":was": cart["version"]}}},
    ]  # fmt: skip
    for line in order["items"]:
        actions.append(
            {"Update": {"TableName": table.name, "Key": {"PK": f"SKU#{line['sku']}", "SK": "STOCK"},
                        "UpdateExpression": "SET quantity = quantity - :n", "ConditionExpression": "quantity >= :n",
                        "ExpressionAttributeValues": {":n": line["quantity"]}}}
        )  # fmt: skip
    try:
        dynamodb.meta.client.transact_write_items(TransactItems=actions)
    except ClientError as error:
        if error.response["Error"]["Code"] == "TransactionCanceledException":
            raise ConflictError("The cart or the stock changed, please try again") from None
        raise


handler = app
