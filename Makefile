# Everything runs in .venv, which the first target that needs it makes: only Python 3.13 and make must be there.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# checkov and the like, whose own dependencies must not meet ours.
TOOLS := .venv-tools
TOOLS_READY := $(TOOLS)/.ready
SBOM ?= build/sbom.cdx.json
# Tests wait, for processes and for time to pass, about a third of theirs: more at once than there are processors.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null) && echo $$((n * 3 / 2)) || echo auto)
CORPUS ?= tests/corpus/messages.jsonl
# The function's platform; `make build ARCHITECTURE=x86_64` for a local run on such a machine.
ARCHITECTURE ?= arm64
STACK ?= ecs-medic
export ECS_MEDIC_ARCHITECTURE := $(ARCHITECTURE)

.PHONY: help
help: ## Say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-19s %s\n", $$1, $$2}'

$(READY): pyproject.toml notify/pyproject.toml uv.lock .python-version supply_chain/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || { \
	  echo "ecs-medic needs Python 3.13, and $(PYTHON) is $$($(PYTHON) --version 2>&1); set PYTHON=/path/to/python3.13" >&2; exit 1; }
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet \
	  --disable-pip-version-check --only-binary :all: --require-hashes --requirement supply_chain/uv.txt; }
	@# Wheels alone, but for this project's own packages: building others would fetch what no lock file names.
	@$(BIN)/uv sync --quiet --frozen --all-extras --all-groups --no-build \
	  --no-binary-package ecs-medic --no-binary-package ecs-medic-notify
	@touch $@

$(TOOLS_READY): $(READY) supply_chain/tools.txt
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(TOOLS)
	@$(BIN)/uv pip install --quiet --python $(TOOLS)/bin/python --no-build --require-hashes --requirement supply_chain/tools.txt
	@touch $@

.PHONY: setup
setup: $(READY) ## Make the virtual environment with the locked dependencies

.PHONY: demo
demo: $(READY) ## Watch failures being diagnosed and repaired on an embedded AWS account: no credentials, no Docker
	@$(BIN)/python -m sandbox.demo

.PHONY: test
test: $(READY) ## Run every test that needs no Docker
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile

.PHONY: soak
soak: $(READY) ## Run the long versions of the property tests
	@$(BIN)/pytest -m soak

.PHONY: bench
bench: $(READY) ## Measure waits, processor time, cold start and a storm against their bounds: a table, and JSON in build/
	@mkdir -p build && $(BIN)/python -m bench > build/bench.json; kept=$$?; echo "as JSON: build/bench.json"; exit $$kept

.PHONY: bench-others
bench-others: $(READY) ## The same tasks asked of other tools: make bench-others EXEC_CHECKER=FILE ECS_DOCTOR=FILE
	@mkdir -p build && $(BIN)/python -m bench.others --exec-checker "$(EXEC_CHECKER)" --ecs-doctor "$(ECS_DOCTOR)" \
	  > build/bench-others.json; right=$$?; echo "as JSON: build/bench-others.json"; exit $$right

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

.PHONY: policy
policy: $(TOOLS_READY) ## Judge the template by checkov's rules; exceptions stand in it, with their reasons
	@$(BIN)/python -m supply_chain.policy $(TOOLS)/bin/checkov

.PHONY: secrets
secrets: $(TOOLS_READY) ## Look for secrets in every file that git does not ignore
	@$(BIN)/python -m supply_chain.secrets_in_tree $(TOOLS)/bin/detect-secrets

.PHONY: sbom
sbom: $(TOOLS_READY) ## Write the bill of materials of what is deployed, CycloneDX (SBOM=build/sbom.cdx.json)
	@$(BIN)/python -m supply_chain.sbom $(SBOM)
	@$(TOOLS)/bin/python supply_chain/validate_sbom.py $(SBOM)

.PHONY: tools
tools: $(READY) ## Lock the newest checkov, detect-secrets and CycloneDX validator, and the uv of the lock file
	@cd supply_chain && ../$(BIN)/uv pip compile --quiet --upgrade --python-version 3.13 --universal --generate-hashes \
	  --no-header --output-file tools.txt tools.in
	@sed -n '/^name = "uv"$$/{n;s/version = "\(.*\)"/uv==\1/p}' uv.lock | $(BIN)/uv pip compile --quiet --python-version 3.13 \
	  --universal --generate-hashes --no-annotate --no-header - --output-file supply_chain/uv.txt

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

.PHONY: verify-on-aws
verify-on-aws: $(READY) ## See in a throw-away account what is believed so far, and remove it all (ACCOUNT=123456789012)
	@$(BIN)/python -m verify run

.PHONY: verify-on-aws-clean
verify-on-aws-clean: $(READY) ## Remove what a verification has left (ACCOUNT=123456789012)
	@$(BIN)/python -m verify clean

.PHONY: clean
clean: ## Remove what was built
	@rm -rf .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis .venv-tools build
