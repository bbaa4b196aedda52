# The two commands of a new user, and those of a developer. Needs Python 3.11+ and make.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# An operator's settings win; without any, this machine is a developer's own.
export NEWSROOM_DEBUG ?= true

.PHONY: run test quick crawl lint format faults load vnu valid lock audit licences clean help

help:  ## these lines
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ -/'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Newsroom needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.run

run: $(VENV)/.run  ## import the seeds and serve on http://127.0.0.1:8000 (PORT=8123 elsewhere)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py import_articles seeds --publish --images seeds/images || \
	  { [ $$? -eq 1 ] && echo "Some of the sample articles stayed out, as told above; everything else is served."; }
	@$(BIN)/python manage.py make_demo_accounts
	@echo "Newsroom: http://127.0.0.1:$(PORT)/   editors: http://127.0.0.1:$(PORT)/admin/   (Ctrl-C stops)"
	@NEWSROOM_SITE_URL=$${NEWSROOM_SITE_URL:-http://127.0.0.1:$(PORT)} exec $(BIN)/python manage.py runserver --noreload --verbosity 0 127.0.0.1:$(PORT)

test: $(VENV)/.dev  ## all tests, the floors, the style, complete migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0
	$(BIN)/pytest --numprocesses auto --dist loadgroup

quick: $(VENV)/.dev  ## the style, and the tests that start no browser, server or process: what to run while you write
	$(BIN)/ruff check .
	$(BIN)/pytest --numprocesses auto --dist loadgroup -m "not slow"

crawl: $(VENV)/.dev  ## every page of the admin at both widths in both colour schemes: fits, is quiet, open to everybody
	NEWSROOM_CRAWL=all $(BIN)/pytest tests/browser/test_crawl.py

lint: $(VENV)/.dev  ## style and floors only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

faults: $(VENV)/.dev  ## kill imports of 3,000 files at random moments, twenty times on each database
	$(BIN)/python bench/faults.py $(FAULTS)

load: $(VENV)/.dev  ## requests a second with 100,000 articles, beside a bare Django view (needs wrk)
	$(BIN)/python bench/load.py $(LOAD)

vnu:
	@test -f node_modules/vnu-jar/build/dist/vnu.jar || npm install --no-save --no-package-lock --no-audit --no-fund --silent vnu-jar@26.9.27

valid: $(VENV)/.dev vnu  ## the HTML of every kind of page through vnu (needs npm and java)
	@command -v java >/dev/null || { echo "vnu needs java: apt-get install default-jre-headless"; exit 1; }
	$(BIN)/pytest -rs tests/test_validity.py

lock: $(VENV)/.dev  ## compile the requirement locks anew
	for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --no-header --universal --no-strip-extras --generate-hashes --python-version 3.11.7 $$name.txt -o $$name.lock; \
	done
	$(BIN)/python .ci/audit.py --stamp

audit: $(VENV)/.dev  ## look for known faults of what is pinned, when the service that knows them answers
	@$(BIN)/python .ci/audit.py $(GATE)

licences: $(VENV)/.dev  ## write docs/LICENCES.md
	$(BIN)/python .ci/licences.py > docs/LICENCES.md

clean:  ## throw away the virtual environment (var/ with the data stays)
	rm -rf $(VENV)
