# Each target is complete on a fresh machine with Python >= 3.12, make and a C library.
PYTHON ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/$(shell cat .python-version)*/bin/python3) \
	$(shell command -v python$(shell cat .python-version) || command -v python3.14 || command -v python3.12 || command -v python3))
BIN := .venv/bin
# One more than processors: many a test waits for a process or for its time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.DEFAULT_GOAL := help
.PHONY: help demo test check bench manage lock format

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Installed again only when the lock or the interpreter's version changed.
.venv/installed: requirements-dev.lock .python-version
	@test -n "$(PYTHON)" || { echo "Python is missing: install Python 3.12 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || { \
		echo "$(PYTHON) is $$($(PYTHON) --version): Python 3.12 or newer is needed (make PYTHON=/path/to/python3.13 ...)."; exit 1; }
	@echo "Installing into .venv ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/installed ## simulator, worker and web with demo data; Ctrl-C stops everything
	@$(BIN)/python -m coachdash.demo

test: .venv/installed ## the whole test suite on a real PostgreSQL (TESTS="path -k name" for a part)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)

check: .venv/installed ## format, lint, types, migrations, deployment settings
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@DEBUG=true $(BIN)/python manage.py makemigrations --check --dry-run
	@DEBUG=false SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
		ALLOWED_HOSTS=coach.example.org $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: .venv/installed ## measure, each beside its ceiling in the same run
	@$(BIN)/python -m tests.bench $(BENCH)

manage: .venv/installed ## any command: make manage ARGS="enqueue_job job_queue_cleanup --wait"
	@$(BIN)/python manage.py $(ARGS)

format: .venv/installed ## rewrite the code in its standard form
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

# Needs uv on the PATH; the flags keep every address and path out of the files.
COMPILE = uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links pyproject.toml
lock: ## pin the dependencies of pyproject.toml anew
	@$(COMPILE) --extra sentry --output-file requirements.lock
	@$(COMPILE) --group dev --output-file requirements-dev.lock
