# Two commands do everything on a fresh machine: `make run` and `make test`.
# Both set up .venv first; all they need besides Python 3.11+ comes from the registry,
# in the versions of the lock files and checked against their hashes.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Empty: whatever the registry has today within the ranges of pyproject.toml.
LOCKED ?= yes

PIP := $(BIN)/python -m pip
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" pyproject.toml --group build

# The programs as processes, and what hangs on the Python they run on.
PROCESS_TESTS := $(wildcard unit_tests/test_my_*.py) unit_tests/test_launcher.py \
	unit_tests/test_roles_over_processes.py unit_tests/test_secrets_between_programs.py \
	unit_tests/client/test_plain.py unit_tests/client/test_console.py \
	unit_tests/client/test_way.py unit_tests/client/scripts/test_program.py \
	unit_tests/launch/test_program.py unit_tests/server/admin \
	unit_tests/server/test_doors.py unit_tests/server/test_tls.py \
	unit_tests/server/test_secure_service.py unit_tests/server/test_text_door.py

.PHONY: run client wheel test test-processes test-newest lock upgrade bench clean help

help:
	@echo "make run    set up, start the server and show it working"
	@echo "make client set up, and join by the line you were given; no server is started"
	@echo "make wheel  write a file that installs client and server elsewhere"
	@echo "make test   set up, then format, lint, types and tests"
	@echo "make bench  print the figures (ngircd takes part if it is installed)"
	@echo "make clean  remove what the others made"
	@echo
	@echo "make lock            write a new requirement into the lock files"
	@echo "make upgrade         renew all of the lock files, then test"
	@echo "make test-newest     test with the newest releases, not those of the lock files"
	@echo "make test-processes  test the programs as processes only"

run: $(VENV)/.run
	@$(BIN)/python launcher.py --start

# What the client is to do: make client ARGS='192.168.1.5 -n bob'
ARGS ?= join

client: $(VENV)/.run
	@$(BIN)/python my_client.py $(ARGS)

wheel: $(VENV)/.run
	@rm -rf build dist
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@echo "Take this file to the other machine (Python 3.11 or newer), and type there:"
	@cd dist && for file in *.whl; do echo "  pipx install $$file"; done; echo "  chat join"

test: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

test-processes: $(VENV)/.dev
	$(BIN)/pytest $(PROCESS_TESTS)

test-newest:
	rm -rf .venv-newest
	$(MAKE) test VENV=.venv-newest LOCKED=

lock: $(VENV)/bin/python
	$(PIP) install --quiet --disable-pip-version-check uv
	$(COMPILE) $(RENEW) --output-file requirements.lock
	$(COMPILE) $(RENEW) --extra dev --output-file requirements-dev.lock
	$(PIP) uninstall --quiet --yes uv

upgrade:
	$(MAKE) lock RENEW=--upgrade
	$(MAKE) test

bench: $(VENV)/.run
	$(BIN)/python -m bench.figures

clean:
	rm -rf $(VENV) .venv-newest build dist *.egg-info
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# It looks itself whether there is something to do.
$(VENV)/bin/python $(VENV)/.run $(VENV)/.dev: FORCE
	@PYTHON='$(PYTHON)' VENV='$(VENV)' LOCKED='$(LOCKED)' sh set_up.sh $(@F)

FORCE:
