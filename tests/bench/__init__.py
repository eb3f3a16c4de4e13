"""`make bench`: what an operation costs in CPU and in DynamoDB units, beside two other frameworks."""
