"""Where AWS services are spoken to: as configured, else the plain host of a region, else where botocore's rules say.

botocore's rules know every partition (China, the European Sovereign Cloud, the isolated ones), FIPS and dual stack.
Reading them costs a cold start some 50 ms, so it is done only where the plain form does not hold.
"""

from __future__ import annotations

import re
from functools import cache

from quintet.net import aws

# The regions of the partition `aws`, whose hosts all have one form (botocore's partitions.json, `regionRegex`).
_PLAIN_REGION = re.compile(r"(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+", re.ASCII)
_PREFIXES = {
    "bedrock-runtime": "bedrock-runtime",
    "dynamodb": "dynamodb",
    "iot-data": "data-ats.iot",
    "secretsmanager": "secretsmanager",
}


def url(service: str, region: str) -> str:
    """The endpoint of a service, named as in botocore, in a region, without a slash at its end.

    `AWS_ENDPOINT_URL_<SERVICE>` and `AWS_ENDPOINT_URL` come first; then `AWS_USE_FIPS_ENDPOINT` and
    `AWS_USE_DUALSTACK_ENDPOINT`, or their entries in the AWS configuration file, have their say. Raises botocore's
    `EndpointProviderError` where a partition has no such endpoint.
    """
    configured = aws.endpoint(service)
    if configured:
        return configured.rstrip("/")
    fips, dual_stack = (bool(aws.configured(name)) for name in ("use_fips_endpoint", "use_dualstack_endpoint"))
    if not (fips or dual_stack) and service in _PREFIXES and _PLAIN_REGION.fullmatch(region):
        return f"https://{_PREFIXES[service]}.{region}.amazonaws.com"
    return _by_rules(service, region, fips=fips, dual_stack=dual_stack)


@cache
def _by_rules(service: str, region: str, *, fips: bool, dual_stack: bool) -> str:
    from botocore.endpoint_provider import EndpointProvider

    loader = aws.session().get_component("data_loader")
    rules = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), loader.load_data("partitions"))
    # Without an account's id DynamoDB's rules answer the host that all accounts share: one host keeps its connections.
    found = rules.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack)
    return str(found.url).rstrip("/")
