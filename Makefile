# Every target is one line; what it does is in tools/ and netmend/.
PYTHON ?= python3
BIN := .venv/bin
UV = $(or $(wildcard .venv-tools/bin/uv),uv)
COMPILE = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.PHONY: help setup aws-cli demo deploy test check lint format types templates unit new-rule bench bundle render lock clean

##@ Start here
demo: setup ## From a bare clone to a mended network with its evidence, on the embedded AWS
	@$(BIN)/netmend demo

deploy: setup ## Into the account and Region you are signed in to; shows all and asks: ARGS=--help
	@$(BIN)/netmend deploy $(ARGS)

test: lint types templates unit ## Everything that CI runs: lint, types, templates, tests

check: test ## The same as test

setup: ## Put all that the project needs into .venv (the others do it themselves)
	@$(PYTHON) tools/setup.py

aws-cli: ## The AWS CLI (version 1) in .venv-aws-cli, with which a test drives the sandbox
	@$(PYTHON) tools/setup.py aws-cli

##@ Parts of test
lint: setup ## Style of the Python code (ruff)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup ## Types of the Python code (mypy, strict)
	$(BIN)/mypy

templates: setup ## CloudFormation templates, packs (cfn-lint), runbooks (netmend lint), rendered text fresh
	$(BIN)/cfn-lint cloudformation/*.yaml conformance-packs/*.yaml
	$(BIN)/netmend lint
	$(BIN)/netmend render --check

unit: setup aws-cli ## Tests alone (pytest)
	$(BIN)/pytest --numprocesses auto --dist loadfile

##@ Work
bench: setup ## Every figure of benchmarks/README.md, beside its limit (under two minutes)
	@$(BIN)/python -m benchmarks

format: setup ## Rewrite the Python code in the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

new-rule: setup ## Write a rule and its runbook: make new-rule NAME=... TYPE=AWS::EC2::RouteTable
	@$(BIN)/netmend new-rule "$(NAME)" --resource-type "$(TYPE)" $(if $(RUNBOOK),--runbook "$(RUNBOOK)")

render: setup ## Write packs and template tails anew from the rules
	$(BIN)/netmend render

bundle: setup ## Build the Lambda zip
	$(BIN)/netmend bundle

lock: ## Pin the newest packages: requirements.lock, uv's own and the AWS CLI's
	$(COMPILE) pyproject.toml --group dev --output-file requirements.lock
	$(COMPILE) --group uv --output-file tools/uv.lock.txt
	$(COMPILE) --group aws-cli --output-file tools/aws-cli.lock.txt

clean: ## Remove all that the other targets made
	rm -rf .venv .venv-tools .venv-aws-cli build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

help: ## This list
	@awk -F ':.*## ' '/^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
