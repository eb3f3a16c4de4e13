"""SoftFactory, the social automation and business suite: one package, a Lambda handler per operation."""
