"""The committed tree, deployed: built and packaged by sam-cli, deployed by sam-cli, called at its API Gateway.

What MiniStack does not do as AWS does, and what stands in for it, all of it here:

* It has no SAM transform. AWS runs it on the root and on each nested template when they are deployed; here the same
  library AWS publishes, `aws-sam-translator`, runs on each packaged template before (`_translated`).
* It ignores the OpenAPI `Body` of an HTTP API. `_add_routes` reads that body from the deployed stack's template and
  makes the routes, integrations and CORS settings AWS would import from it, by API Gateway's own operations.
* It runs functions on its own interpreter, without arm64: the build is for that one (`PythonRuntime`,
  `Architecture`), a parameter of the template as any other.
* It authorises `ses:SendEmail` on no identity and without the key `ses:FromAddress`, so a role limited to both may send
  nothing. `_translated` widens that one statement; what it says on AWS is in `tests/infra/test_permissions.py`.
* It does not know the key `kms:EncryptionContext:system` either. `_translated` makes that condition hold where the key
  is absent; on AWS it never is, for every call of `quintet.providers.vault` names its system.
* It translates no single texts. A stand-in does (`Outside.environment`), which knows no IAM; what a role may translate
  is in `tests/infra/test_permissions.py`.
* It is called over plain HTTP, which the policy of the bucket of uploads refuses everybody. `_translated` leaves that
  policy out.
* It forgets the attributes of a nested stack's unchanged resources when it updates that stack through its parent. So
  `update` updates the system's stack by itself, with the parameters it has.
* It deletes a nested stack without looking at the `DeletionPolicy` of its resources, but looks at it in a stack
  deleted by itself. So `delete` deletes each system's stack, then the root with `sam delete`.
"""

from __future__ import annotations

import copy
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.local.environment import REGION
from infra.render.cloudformation import load
from infra.render.systems import ROOT, System
from tests.deploy.cloud import ACCOUNT, Cloud

SAM = ROOT / ".quintet/envs/sam/bin/sam"
STACK, STAGE = "quintet-dev", "dev"
BUCKET = "deployment-artifacts"
RUNTIME = f"python{sys.version_info[0]}.{sys.version_info[1]}"
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
SENDER = "shop@quintet.test"

Template = dict[str, Any]


class Failed(Exception):
    """A tool did not do its work; the message is what it said."""


@dataclass
class Deployment:
    """The stacks of one tree in one embedded AWS."""

    cloud: Cloud
    folder: Path
    systems: list[System]
    parameters: dict[str, str]
    children: dict[str, Template] = field(default_factory=dict)
    """The nested templates as they were deployed last, by system."""

    def __post_init__(self) -> None:
        self.cloud.client("s3").create_bucket(Bucket=BUCKET)
        # A copy, so that the tree stays the same for the whole run however long somebody goes on editing.
        self._tree.mkdir()
        for part in ("layers", "functions"):
            shutil.copytree(ROOT / part, self._tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        for template in ("template.yaml", *(f"infra/{system.name}.yaml" for system in self.systems)):
            (self._tree / template).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / template, self._tree / template)

    def build(self) -> None:
        """`sam build`."""
        self._sam(
            "build", "--no-cached", "--parallel", "--build-dir", str(self._built),
            "--parameter-overrides", f"PythonRuntime={RUNTIME} Architecture={ARCHITECTURE}",
        )  # fmt: skip

    def package(self) -> None:
        """`sam package` of every nested template, then of the root, each run through SAM's transform."""
        for system in self.systems:
            source = self._built / system.title / "template.yaml"
            self.children[system.name] = _translated(self._packaged(source))
        self._package_root()

    def deploy(self) -> str:
        """`sam deploy`; answers what it said. The routes are brought up to what the templates say."""
        given = {
            "Stage": STAGE, "PythonRuntime": RUNTIME, "Architecture": ARCHITECTURE, "EmailSender": SENDER,
            "DeletionProtection": "true", **self.parameters,
        }  # fmt: skip
        said = self._sam(
            "deploy", "--config-file", str(self._empty_config), "--template-file", str(self._root),
            "--stack-name", STACK, "--s3-bucket", BUCKET, "--no-confirm-changeset", "--no-fail-on-empty-changeset",
            "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--region", REGION,
            "--parameter-overrides", *(f"{name}={value}" for name, value in given.items()),
        )  # fmt: skip
        for system in self.systems:
            self._add_routes(system)
        return said

    def update(self, system: str, template: Template) -> None:
        """Bring one system's stack to another template."""
        key, name = f"{system}.changed.json", self._nested(system)
        self.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(template))
        kept = [{"ParameterKey": parameter, "UsePreviousValue": True} for parameter in template["Parameters"]]
        self._formation.update_stack(
            StackName=name, TemplateURL=f"https://s3.{REGION}.amazonaws.com/{BUCKET}/{key}", Parameters=kept,
            Capabilities=["CAPABILITY_IAM"],
        )  # fmt: skip
        self._formation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})

    def delete(self) -> str:
        """`sam delete`; answers what it said."""
        for system in self.systems:
            name = self._nested(system.name)
            self._formation.delete_stack(StackName=name)
            self._formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        return self._sam(
            "delete", "--config-file", str(self._empty_config), "--stack-name", STACK, "--no-prompts",
            "--region", REGION,
        )  # fmt: skip

    def output(self, name: str) -> str:
        """An output of the root stack."""
        (stack,) = self._formation.describe_stacks(StackName=STACK)["Stacks"]
        return str(next(o["OutputValue"] for o in stack["Outputs"] if o["OutputKey"] == name))

    def resources(self, system: str) -> dict[str, str]:
        """Physical ids of a system's stack by logical id."""
        found = self._formation.describe_stack_resources(StackName=self._nested(system))["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    def url(self, system: str) -> str:
        """Where the documented paths of a system start."""
        return f"{self.cloud.url}/_aws/execute-api/{self.resources(system)['Api']}/$default"

    @property
    def _tree(self) -> Path:
        return self.folder / "tree"

    @property
    def _built(self) -> Path:
        return self.folder / "build"

    @property
    def _root(self) -> Path:
        return self._built / "root.deploy.json"

    @property
    def _empty_config(self) -> Path:
        # The committed samconfig.toml is checked by a test of its own; here every value is given.
        path = self.folder / "samconfig.toml"
        path.write_text("version = 0.1\n")
        return path

    @cached_property
    def _formation(self) -> Any:
        return self.cloud.client("cloudformation")

    def _nested(self, system: str) -> str:
        (title,) = [s.title for s in self.systems if s.name == system]
        found = self._formation.describe_stack_resources(StackName=STACK)["StackResources"]
        return str(next(r["PhysicalResourceId"] for r in found if r["LogicalResourceId"] == title))

    def _package_root(self) -> None:
        root = load((self._built / "template.yaml").read_text())
        for system in self.systems:
            child = self._built / f"{system.name}.deploy.json"
            child.write_text(json.dumps(self.children[system.name], indent=1, sort_keys=True))
            root["Resources"][system.title]["Properties"]["Location"] = child.name
        source = self._built / "root.json"
        source.write_text(json.dumps(root))
        self._root.write_text(json.dumps(_translated(self._packaged(source)), indent=1))

    def _packaged(self, source: Path) -> Template:
        target = source.with_suffix(".packaged.json")
        self._sam(
            "package", "--config-file", str(self._empty_config), "--template-file", str(source), "--s3-bucket", BUCKET,
            "--use-json", "--output-template-file", str(target), "--region", REGION,
        )  # fmt: skip
        # sam-cli names what it uploaded by this AWS's address, and takes none but Amazon's back.
        text = target.read_text().replace(f"{self.cloud.url}/", f"https://s3.{REGION}.amazonaws.com/")
        found: Template = json.loads(text)
        return found

    def _sam(self, *arguments: str, seconds: int = 300) -> str:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        home = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP", "http"))}
        environment = {
            **home, **pip, **self.cloud.credentials, "SAM_CLI_TELEMETRY": "0", "PATH": path,
            "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
        }  # fmt: skip
        done = subprocess.run(
            [str(SAM), *arguments], cwd=self._tree, env=environment, capture_output=True, text=True, timeout=seconds,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise Failed(f"sam {arguments[0]}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout + done.stderr

    def _add_routes(self, system: System) -> None:
        body = self.children[system.name]["Resources"]["Api"]["Properties"]["Body"]
        ids = self.resources(system.name)
        gateway, api = self.cloud.client("apigatewayv2"), ids["Api"]
        there = {route["RouteKey"] for route in gateway.get_routes(ApiId=api)["Items"]}
        role = self.cloud.client("iam").get_role(RoleName=ids["GatewayRole"])["Role"]["Arn"]
        for key, integration in routes(body).items():
            if key in there:
                continue
            made = gateway.create_integration(
                ApiId=api, IntegrationType="AWS_PROXY", IntegrationMethod="POST", CredentialsArn=role,
                PayloadFormatVersion=integration["payloadFormatVersion"],
                IntegrationUri=_function_arn(integration["uri"], ids),
            )  # fmt: skip
            gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{made['IntegrationId']}")
        cors = body["x-amazon-apigateway-cors"]
        gateway.update_api(ApiId=api, CorsConfiguration={
            "AllowOrigins": ["*"], "AllowMethods": cors["allowMethods"], "AllowHeaders": cors["allowHeaders"],
            "ExposeHeaders": cors["exposeHeaders"], "MaxAge": cors["maxAge"],
        })  # fmt: skip


def routes(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The integrations of an API's body by route key (`GET /health`, `$default`)."""
    found = {}
    for path, item in body["paths"].items():
        for method, route in item.items():
            if method == "parameters":
                continue
            key = "$default" if route.get("isDefaultRoute") else f"{method.upper()} {path}"
            found[key] = route["x-amazon-apigateway-integration"]
    return found


def _function_arn(uri: dict[str, str], ids: dict[str, str]) -> str:
    match = re.search(r"/functions/\$\{(\w+)\.Arn\}/", uri["Fn::Sub"])
    assert match is not None, uri
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{ids[match[1]]}"


def _translated(template: Template) -> Template:
    import boto3
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    session = boto3.session.Session(region_name=REGION)
    given = copy.deepcopy(template)
    found: Template = Translator({}, Parser(), boto_session=session).translate(given, {})
    found.pop("Transform", None)
    found["Resources"].pop("UploadsPolicy", None)
    for resource in found["Resources"].values():
        for policy in resource.get("Properties", {}).get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                condition = statement.get("Condition", {})
                if "kms:EncryptionContext:system" in condition.get("StringEquals", {}):
                    statement["Condition"] = {"StringEqualsIfExists": condition["StringEquals"]}
                if "ses:FromAddress" in condition.get("StringEquals", {}):
                    statement["Condition"] = {"StringEqualsIfExists": condition["StringEquals"]}
                    statement["Resource"] = "*"
    return found
