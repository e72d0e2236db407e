# make run    a running demo agency, with Python packages only
# make test   every check and test; installs PostgreSQL, Chromium and mail clients from Debian where it may
# make lock   writes the lock files again after a change to pyproject.toml

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# The machine's own pip, working on the environment: a bare Debian has no ensurepip to put one inside.
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python
DEMO := var/demo
COMPILE := $(BIN)/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	--resolver=backtracking
# A file at a time to each of two processes, which have databases, servers and ports of their own.
# In the order of tests/conftest.py: xdist's own, by the number of tests, leaves the longest files to the end.
PYTEST_OPTIONS ?= --numprocesses=2 --dist=loadfile --no-loadscope-reorder

# Some machines forbid Python to keep what it has compiled; hundreds of processes that start would each do it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check lock clean

run: $(VENV)/run.stamp
	@mkdir -p $(DEMO)
	@test -f $(DEMO)/vanthu.toml || cp deploy/demo/vanthu.toml $(DEMO)/vanthu.toml
	@exec $(BIN)/python -m deploy --config $(DEMO)/vanthu.toml demo --serve

test: $(VENV)/dev.stamp
	@sh deploy/tools/system-packages.sh
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: $(VENV)/dev.stamp
	$(COMPILE) --build-deps-for=editable --output-file=requirements.txt pyproject.toml
	$(COMPILE) --build-deps-for=editable --extra=dev --constraint=requirements.txt \
		--output-file=requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 is needed / cần Python 3.11")'
	$(PYTHON) -m venv --without-pip $(VENV)

# A stamp is newer than the lock it was made from; a second run has nothing to do.
$(VENV)/run.stamp: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install -qq --require-hashes --requirement requirements.txt
	$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(PIP) install -qq --require-hashes --requirement requirements-dev.txt
	@touch $@
