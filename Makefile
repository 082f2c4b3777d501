# The commands of a developer; `make help` lists them. Everything is installed under .venv, nothing outside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8080
# Tests run in this many processes; each test has a database of its own.
TEST_PROCESSES ?= 2
# The browser of the tests; name another one in the environment.
export CHROMIUM_PATH ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: help demo serve test test-server test-sdk test-e2e nightly lint format types openapi bench clean

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

# npm is needed once to build the page; without it the demo runs and its page says what is missing.
NODE_MODULES := sdk-vue/node_modules/.package-lock.json
DEMO_PAGE := sdk-vue/demo/dist/demo.js
SDK_SOURCES := $(shell find sdk-vue/demo sdk-vue/packages -type f \( -name '*.ts' -o -name '*.vue' -o -name '*.css' -o -name '*.mjs' \) -not -path '*/dist/*' -not -path '*/node_modules/*')

$(NODE_MODULES): sdk-vue/package.json sdk-vue/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20.19 or newer (nodejs.org)" >&2; exit 1; }
	cd sdk-vue && npm ci --no-audit --no-fund
	@touch $@

$(DEMO_PAGE): $(SDK_SOURCES) sdk-vue/package-lock.json
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE_MODULES) && cd sdk-vue && npm run build:demo; \
	else echo "npm is missing, so the page of the demo is not built" >&2; fi

demo: $(BIN)/mtchat $(DEMO_PAGE)  ## start a filled chat on this machine and print the address of its page
	$(BIN)/mtchat demo --host $(HOST) --port $(PORT)

serve: $(BIN)/mtchat  ## start the server with the settings of the environment and .env
	$(BIN)/mtchat serve

test: test-server test-sdk test-e2e  ## run every test

test-server: $(VENV)/tools  ## the server's tests
	@command -v redis-server >/dev/null || { echo "The tests start real Redis servers and redis-server is missing: apt-get install redis-server" >&2; exit 1; }
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup

test-sdk: $(NODE_MODULES)  ## the SDK's style, types, tests, build and sizes
	cd sdk-vue && npm run lint && npm run typecheck && npm test && npm run build && npm run test:built

test-e2e: $(BIN)/mtchat $(NODE_MODULES)  ## the SDK in Chromium against real servers
	@test -n "$(CHROMIUM_PATH)" || { echo "The tests drive a real browser and Chromium is missing: apt-get install chromium" >&2; exit 1; }
	cd sdk-vue && npm run test:browser && npm run e2e

nightly: $(VENV)/tools  ## the server's tests, the long ones in full (half an hour)
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
