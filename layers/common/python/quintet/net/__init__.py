"""The network: AWS clients, signed requests, outbound HTTP, and the guard before callers' URLs."""
