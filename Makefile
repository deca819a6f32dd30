# Every target is one line; what it does is in tools/ and netmend/.
PYTHON ?= python3
BIN := .venv/bin
UV = $(or $(wildcard .venv-tools/bin/uv),uv)
COMPILE = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint format types templates unit bundle render lock clean

##@ Start here
demo: setup ## From a bare clone to a mended network with its evidence, on the embedded AWS
	@$(BIN)/netmend demo

test: lint types templates unit ## Everything that CI runs: lint, types, templates, tests

check: test ## The same as test

setup: ## Put all that the project needs into .venv (the others do it themselves)
	@$(PYTHON) tools/setup.py

##@ Parts of test
lint: setup ## Style of the Python code (ruff)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup ## Types of the Python code (mypy, strict)
	$(BIN)/mypy

templates: setup ## CloudFormation templates and conformance packs (cfn-lint), rendered text fresh
	$(BIN)/cfn-lint cloudformation/*.yaml conformance-packs/*.yaml
	$(BIN)/netmend render --check

unit: setup ## Tests alone (pytest)
	$(BIN)/pytest --numprocesses auto --dist loadfile

##@ Work
format: setup ## Rewrite the Python code in the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

render: setup ## Write packs and template tails anew from the rules
	$(BIN)/netmend render

bundle: setup ## Build the Lambda zip
	$(BIN)/netmend bundle

lock: ## Pin the newest packages: requirements.lock, and uv's own
	$(COMPILE) pyproject.toml --group dev --output-file requirements.lock
	$(COMPILE) --group uv --output-file tools/uv.lock.txt

clean: ## Remove all that the other targets made
	rm -rf .venv .venv-tools build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

help: ## This list
	@awk -F ':.*## ' '/^##@/ {print "\n" substr($$0, 5)} /^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
