# Everything runs in .venv, which the first target that needs it makes: only Python 3.13 and make must be there.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CORPUS ?= tests/corpus/messages.jsonl
# The function's platform; `make build ARCHITECTURE=x86_64` for a local run on such a machine.
ARCHITECTURE ?= arm64
STACK ?= ecs-medic
export ECS_MEDIC_ARCHITECTURE := $(ARCHITECTURE)

.PHONY: help
help: ## Say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(READY): pyproject.toml notify/pyproject.toml uv.lock .python-version
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || { \
	  echo "ecs-medic needs Python 3.13, and $(PYTHON) is $$($(PYTHON) --version 2>&1); set PYTHON=/path/to/python3.13" >&2; exit 1; }
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; }
	@$(BIN)/uv sync --quiet --frozen --all-extras --all-groups
	@touch $@

.PHONY: setup
setup: $(READY) ## Make the virtual environment with the locked dependencies

.PHONY: demo
demo: $(READY) ## Watch failures being diagnosed and repaired on an embedded AWS account: no credentials, no Docker
	@$(BIN)/python -m sandbox.demo

.PHONY: test
test: $(READY) ## Run every test that needs no Docker
	@$(BIN)/pytest -n auto --dist loadfile

.PHONY: soak
soak: $(READY) ## Run the long versions of the property tests
	@$(BIN)/pytest -m soak

.PHONY: bench
bench: $(READY) ## What one event of a storm costs: own processor time and writes
	@$(BIN)/python -m bench.storm

.PHONY: check
check: $(READY) lint types imports test ## Everything that must hold before a commit

.PHONY: lint
lint: $(READY) ## Formatting and lint rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

.PHONY: types
types: $(READY) ## Strict types
	@$(BIN)/mypy

.PHONY: imports
imports: $(READY) ## Who may import whom
	@$(BIN)/lint-imports

.PHONY: format
format: $(READY) ## Format the code and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.PHONY: sandbox
sandbox: $(READY) ## Keep the embedded AWS account running, for `sam local invoke`
	@$(BIN)/python -m sandbox.sam_local

.PHONY: events
events: $(READY) ## Write events/ again from the gallery of failures
	@$(BIN)/python -m sandbox.gallery write-events events

.PHONY: accuracy
accuracy: $(READY) ## How many messages are read right: make accuracy CORPUS=FILE
	@$(BIN)/python -m tests.corpus.accuracy $(CORPUS)

.PHONY: docs
docs: $(READY) ## Write docs/causes.md again from the catalogue
	@$(BIN)/python -m ecs_medic.catalogue.document > docs/causes.md

.PHONY: requirements
requirements: $(READY) ## Export the locked requirements of the dependency layer
	@$(BIN)/uv export --quiet --frozen --extra lambda --no-dev --no-emit-project --no-header \
	  --output-file layers/dependencies/requirements.txt

.PHONY: validate
validate: $(READY) ## Lint the SAM template
	@$(BIN)/sam validate --lint

.PHONY: build
build: $(READY) ## Build function and layers for the function's platform
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/sam build --parameter-overrides Architecture=$(ARCHITECTURE)

.PHONY: deploy
deploy: build ## Deploy to the AWS account of your credentials, asking for each parameter
	@# SAM publishes a new version where code changes; a changed parameter alone would not reach the repairs' function.
	@date -u +%Y-%m-%dT%H:%M:%SZ > .aws-sam/build/RemediateFunction/deployed-at
	@$(BIN)/sam deploy --guided --parameter-overrides Architecture=$(ARCHITECTURE)

.PHONY: undeploy
undeploy: $(READY) ## Say what repairs have left in the account, then delete the stack (STACK=ecs-medic)
	@table=$$(aws cloudformation describe-stacks --stack-name $(STACK) --output text \
	  --query "Stacks[0].Outputs[?OutputKey=='LedgerTableName'].OutputValue") && \
	  $(BIN)/ecs-medic repairs --left --table "$$table"
	@$(BIN)/sam delete --stack-name $(STACK)

.PHONY: clean
clean: ## Remove what was built
	@rm -rf .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis
