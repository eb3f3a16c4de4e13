"""What tests share: a mocked AWS, call recorders, the real DynamoDB Local."""
