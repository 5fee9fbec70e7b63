# Everything installs itself: python3, make and git are all a machine needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DATA ?= ../shared/data/dev
WORKERS ?= 2
# uv's hard links break packages that refuse linked data files.
export UV_LINK_MODE = copy
export NO_MKDOCS_2_WARNING = 1

.PHONY: help setup demo test test-code test-pages test-live oldest check static docs docs-serve browser bench lock clean

help:
	@echo "setup  the environment, with every extra that can coexist"
	@echo "demo   summarize the sample lease; the report is in demo-report/"
	@echo "test   everything that must hold"
	@echo "oldest  the guests' tests at the oldest version of each framework"
	@echo "check  static checks and the fast tests"
	@echo "docs   the documentation site, in site/; docs-serve shows it and follows your changes"
	@echo "browser  a Chromium for the tests of pages, where this machine has none"
	@echo "bench  the figures of benchmarks/RESULTS.md (DATA=folder of the labelled sets)"

setup: $(READY)

$(READY): requirements-dev.lock requirements-uv.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)
	AGENTKIT_HOME=build/home $(BIN)/agentkit summarize examples/documents/lease.pdf --out demo-report --force || test $$? -eq 4
	@echo "Open demo-report/report.html: every claim beside its source."

# Pages are tested apart from the rest, whose event loops Playwright's own would disturb. What runs beside each other
# keeps every core busy: the checks beside the tests; the pages beside what installs and starts real servers and the
# oldest frameworks.
test: $(READY)
	$(MAKE) --no-print-directory -j 2 static test-code
	$(MAKE) --no-print-directory -j 3 test-pages test-live oldest

# Long tests first, so that no core waits for the last one.
test-code: $(READY)
	$(BIN)/python -m pytest tests/docs tests/canaries tests/contracts tests/unit tests/house -n $(WORKERS) --dist worksteal

test-pages: $(READY) browser
	$(BIN)/python -m pytest tests/site -n $(WORKERS) --dist loadfile

test-live: $(READY)
	$(BIN)/python -m pytest tests/install tests/live -n $(WORKERS) --dist loadfile

check: $(READY) static
	$(BIN)/python -m pytest tests/unit tests/house -n $(WORKERS)

# NumPy's types for a later Python are written in that Python's syntax.
static: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonversion $$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	$(BIN)/pyright -p examples
	$(BIN)/lint-imports
	$(BIN)/codespell agentkit guardrails examples docs README.md

docs: $(READY)
	$(BIN)/mkdocs build --strict --quiet

docs-serve: $(READY)
	$(BIN)/mkdocs serve

oldest: $(READY)
	$(BIN)/python tests/lanes/oldest_frameworks.py

browser: $(READY)
	$(BIN)/python tests/site/browser.py

bench: $(READY)
	$(BIN)/python -m benchmarks.run --data $(DATA)

lock:
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes --quiet --custom-compile-command "make lock" -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet --custom-compile-command "make lock" -c requirements-dev.lock -o requirements.lock
	echo "uv==0.13.9" | $(BIN)/uv pip compile - --universal --generate-hashes --quiet --custom-compile-command "make lock" -o requirements-uv.lock

clean:
	rm -rf $(VENV) build dist site demo-report .pytest_cache .ruff_cache .hypothesis
