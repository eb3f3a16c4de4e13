"""The audit log: who did what, in a Merkle tree that anybody can verify, also after an erasure."""
