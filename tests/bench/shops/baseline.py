"""What cold starts are compared to: import boto3, make a DynamoDB client, define one pydantic model."""

import boto3
from pydantic import BaseModel

client = boto3.client("dynamodb")


class Product(BaseModel):
    id: str
    name: str
    price: int
