"""Renders what is deployed and documented from the operations: templates, OpenAPI documents and sample events."""
