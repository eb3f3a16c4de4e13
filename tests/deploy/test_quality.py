"""The templates themselves: linters without exceptions that have no reason, AWS's limits, and what costs are to be."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.render.cloudformation import load
from infra.render.exceptions import KEY
from infra.render.functions import logical_id
from infra.render.permissions import queue_id
from infra.render.systems import ROOT, System, systems
from tests.deploy.costs import rows
from tests.deploy.deployment import routes
from tests.infra.templates import Template, functions, resources, statements, translated

pytestmark = pytest.mark.deploy

ENVS = ROOT / ".quintet/envs"
LARGEST = 191
"""Operations of the largest system the house is built for."""
LIMITS = {"resources": 500, "template bytes": 1_000_000, "routes": 300, "integrations": 300}
"""CloudFormation quotas (resources in a template, template body in S3); API Gateway quotas of an HTTP API."""
EVERYTHING: dict[str, str] = {
    "sns:Publish": "a text message to a phone number has no resource; topics are excluded",
    "translate:TranslateText": "a text has no resource",
    "comprehend:DetectDominantLanguage": "a text has no resource",
    "cloudwatch:GetMetricData": "a metric has no resource",
}
"""Actions allowed on everything there is, because AWS knows no resource for them."""


def _templates() -> list[Path]:
    return [ROOT / "template.yaml", *(ROOT / f"infra/{system.name}.yaml" for system in systems())]


def test_cfn_lint_finds_nothing_and_is_told_to_ignore_nothing() -> None:
    for template in _templates():
        assert "ignore_checks" not in template.read_text()
    paths = [str(path) for path in _templates()]
    done = _run(str(ENVS / "sam/bin/cfn-lint"), "--regions", "us-east-1", "--template", *paths)
    assert done.returncode == 0, done.stdout


def test_the_policy_linter_finds_only_what_the_template_gives_a_reason_for() -> None:
    def look_at(template: Path) -> Any:
        return json.loads(_run(
            str(ENVS / "checkov/bin/checkov"), "--framework", "cloudformation", "--output", "json", "--quiet",
            "--skip-download", "--file", str(template),
        ).stdout)  # fmt: skip

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each is a process of its own
        reports = list(pool.map(look_at, _templates()))
    for template, report in zip(_templates(), reports, strict=True):
        found, counted = report["results"], report["summary"]
        assert counted["parsing_errors"] == 0
        failed = {(f["check_id"], f["resource"].rpartition(".")[0]) for f in found["failed_checks"]}
        listed = load(template.read_text())["Metadata"][KEY]
        assert all(len(each["Reason"]) > 30 for each in listed)
        assert failed == {(each["Check"], each["Resources"]) for each in listed}, template.name
        print(f"\n  {template.name}: {counted['passed']} checks passed, {len(failed)} exceptions with a reason", end="")


def test_no_role_reaches_everything_but_where_aws_has_no_resource() -> None:
    for system in systems():
        template = _template(system)
        for role in resources(template, "AWS::IAM::Role"):
            for statement in statements(template, role):
                wide = "NotResource" in statement or statement.get("Resource") == "*"
                named = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                assert not wide or EVERYTHING.keys() >= set(named), (role, statement)


def test_whatever_is_invoked_asynchronously_has_a_dead_letter_queue_and_its_alarm() -> None:
    for system in systems():
        template = _template(system)
        queue = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
        for operation in system.operations:
            if operation.schedule:
                schedule = template["Resources"][f"{logical_id(operation)}Schedule"]["Properties"]
                assert functions(template)[logical_id(operation)]["DeadLetterQueue"]["TargetArn"] == queue
                assert schedule["Target"]["DeadLetterConfig"] == {"Arn": queue}
        own = {  # queues whose dead letters an operation looks after
            queue_id(o.queue.name): {"Fn::GetAtt": [queue_id(o.queue.dead_letters), "Arn"]}
            for o in system.operations if o.queue and o.queue.dead_letters
        }  # fmt: skip
        for name, properties in resources(template, "AWS::SQS::Queue").items():
            assert properties["SqsManagedSseEnabled"] is True
            if name != "DeadLetters":
                assert properties["RedrivePolicy"]["deadLetterTargetArn"] == own.get(name, queue)
        alarm = template["Resources"]["DeadLettersAlarm"]["Properties"]
        assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["DeadLetters", "QueueName"]}


def test_every_log_group_forgets_in_time() -> None:
    for system in systems():
        for group in resources(_template(system), "AWS::Logs::LogGroup").values():
            assert group["RetentionInDays"] == {"Ref": "LogRetention"}


def test_every_stack_stays_within_the_limits_today_and_at_the_largest_size() -> None:
    print("\n\n  stack           what             today  at 191 operations     limit", end="")
    for system in systems():
        template, count = _template(system), len(system.operations)
        whole = translated(template)
        api = routes(resources(template, "AWS::ApiGatewayV2::Api")["Api"]["Body"])
        today = {
            "resources": len(whole["Resources"]),
            "template bytes": (ROOT / f"infra/{system.name}.yaml").stat().st_size,
            "routes": len(api),
            "integrations": len(api),
        }
        for what, value in today.items():
            # In proportion to the operations, which overstates what every stack has once.
            projected = max(value, -(-value * LARGEST // count))
            print(f"\n  {system.name:15} {what:15} {value:6}  {projected:17}  {LIMITS[what]:8}", end="")
            assert projected < LIMITS[what], what


def test_samconfig_has_a_stage_to_try_out_and_one_to_rely_on() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    parameters = load((ROOT / "template.yaml").read_text())["Parameters"]
    for stage, protected in (("default", "false"), ("prod", "true")):
        deploy = config[stage]["deploy"]["parameters"]
        given = dict(pair.split("=") for pair in deploy["parameter_overrides"].split())
        assert set(given) <= set(parameters)
        assert given["DeletionProtection"] == protected
        assert config[stage]["global"]["parameters"]["stack_name"] == f"quintet-{given['Stage']}"
        assert "CAPABILITY_AUTO_EXPAND" in deploy["capabilities"]
    assert config["prod"]["deploy"]["parameters"]["confirm_changeset"] is True


def test_the_documented_costs_are_those_of_the_benchmark() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    for row in rows():
        print(f"\n  {row}", end="")
        assert row in text, "run `python -m tests.deploy.costs` and put its table into docs/operations.md"


def _template(system: System) -> Template:
    return load((ROOT / f"infra/{system.name}.yaml").read_text())


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    environment: dict[str, Any] = {**os.environ, "LOG_LEVEL": "ERROR", "PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
