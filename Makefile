# The commands of a developer; `make help` lists them. Everything is installed under .venv, nothing outside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8080
# Tests run in this many processes; each test has a database of its own.
TEST_PROCESSES ?= 2

.PHONY: help demo serve test nightly lint format types openapi bench clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/mtchat: setup.cfg pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	@touch $(BIN)/mtchat

$(VENV)/tools: $(BIN)/mtchat
	$(BIN)/pip install --quiet --editable '.[test,dev]'
	@touch $(VENV)/tools

demo: $(BIN)/mtchat  ## start a filled chat on this machine and print the address of its page
	$(BIN)/mtchat demo --host $(HOST) --port $(PORT)

serve: $(BIN)/mtchat  ## start the server with the settings of the environment and .env
	$(BIN)/mtchat serve

test: $(VENV)/tools  ## run every test
	@command -v redis-server >/dev/null || { echo "The tests start real Redis servers and redis-server is missing: apt-get install redis-server" >&2; exit 1; }
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup

nightly: $(VENV)/tools  ## run every test, the long ones in full (half an hour)
	MTCHAT_TEST_NIGHTLY=1 $(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup

lint: $(VENV)/tools  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/tools  ## rewrite the sources in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: $(BIN)/mtchat  ## write docs/openapi.json from the schemas
	$(BIN)/mtchat openapi > docs/openapi.json

bench: $(BIN)/mtchat  ## measure, and print a table (about ten minutes)
	$(BIN)/python -m bench

clean:  ## remove the environment and the embedded database
	rm -rf $(VENV) var
