"""C(AI)DENCE, the AI marketing platform: one package, a Lambda handler per operation."""
