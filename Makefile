# Everything a fresh machine needs: Python 3.11 or newer with pip, and make.
#   make demo   set up, then the main job end to end
#   make test   set up, then every check

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
CODE := schemas rules ledger readmodel activities workflows starter audit web cli worker.py
CONNECT := temporalio.client.Client.connect

.PHONY: help setup demo test check format dev bench screenshots histories lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## virtual environment .venv from the lock; skipped while the lock is unchanged

.venv/ready: requirements.txt pyproject.toml
	@[[ -n "$(PYTHON)" ]] || { echo "需要 Python 3.11 或更新 / Python 3.11 or newer is needed" >&2; exit 1; }
	rm -f $@
	[[ -x $(BIN)/python ]] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		--only-binary :all: -r requirements.txt
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

demo: setup ## the main job, end to end
	$(BIN)/yangguang demo

test: setup check ## checks, then all tests, on two processes
	$(BIN)/pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

check: setup ## form, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@# One connection factory, so that everybody speaks with the same data converter.
	$(BIN)/ruff check --isolated --quiet --select TID251 --exclude starter/connect.py --exclude .venv \
		--config 'lint.flake8-tidy-imports.banned-api."$(CONNECT)".msg = "use starter.connect.connect"' .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dev: setup ## engine and worker, restarted on every change
	$(BIN)/watchfiles --filter python '$(BIN)/yangguang up' $(CODE)

bench: setup ## measure
	$(BIN)/python -m bench

screenshots: setup ## take the pictures of the README; wants Chromium
	$(BIN)/python -m tools.take_screenshots

histories: setup ## record the histories of the replay test anew
	$(BIN)/python -m tools.record_histories

lock: setup ## write requirements.txt anew from pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --extra dev --allow-unsafe \
		--generate-hashes --strip-extras --no-annotate --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --no-emit-options --output-file requirements.txt pyproject.toml

clean: ## remove what make made; homes are kept
	rm -rf .venv *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
