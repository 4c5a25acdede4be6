# Penstock. `make` lists what there is to do.
# A fresh machine needs make and Python 3.11, 3.12 or 3.13; `make setup` brings the rest, Java included.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

UV := .venv-uv/bin/uv
PY := .venv/bin/python
IN := PENSTOCK_SOURCE=bin/env.sh && . bin/env.sh &&
STACK := test -x $(PY) || { echo "not set up yet; run: make setup" >&2; exit 1; }; $(IN) $(PY) -m penstock.services
OFFLINE := Is the network there? The Python index must be reachable (a proxy: set https_proxy; a mirror: set \
PIP_INDEX_URL and UV_DEFAULT_INDEX; own certificates: set SSL_CERT_FILE). Then run `make setup` again, it goes on from here.

# Installed packages name the folder in which they lie: a copied or moved checkout starts over.
ifneq ($(filter-out $(CURDIR),$(shell cat .venv/.penstock-root 2>/dev/null)),)
$(shell rm -f .venv/.penstock-packages .venv-uv/.penstock-done; touch .venv/.penstock-installing)
endif

##@ Begin
.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: ## Bring this checkout to life: packages, Java, jars, secrets, database (again: nothing to do)
	@if $(MAKE) -q .venv/.penstock-project 2>/dev/null; then :; else $(MAKE) .venv/.penstock-project; fi
	@$(IN) said="$$($(PY) -m penstock.services.prepare)" && echo "$${said:-Set up; nothing is to do.}"

.PHONY: demo
demo: setup ## Run the example from raw data to published tables and show what happened
	@bin/penstock demo

##@ Run
.PHONY: up down status logs
up: setup ## Start the web page, the schedule and Spark (PORT=8080)
	@$(STACK) up $(if $(PORT),--port $(PORT))
down: ## Stop everything that `make up` started
	@$(STACK) down
status: ## Show each service: state, memory, health
	@$(STACK) status
logs: ## Follow the logs (C=scheduler: of one service)
	@$(STACK) logs $(C)

##@ Work
.PHONY: new-dataset bench
new-dataset: setup ## Write the three files of a new dataset (NAME=my_data)
	@test -n "$(NAME)" || { echo "expected a name: make new-dataset NAME=my_data" >&2; exit 2; }
	@bin/penstock new-dataset $(NAME)
bench: setup ## Compare with other toolkits side by side (bench/README.md)
	@$(IN) $(PY) -m bench

##@ Check
.PHONY: test test-integration lint types format check-lock
test: setup check-lock lint types ## Everything that is checked before a commit
	@$(IN) $(PY) -m pytest -m "not integration"
test-integration: setup .venv-integration/.penstock-done ## The tests that start real services (minutes)
	@$(IN) $(PY) -m pytest -m integration
lint: setup ## Style, imports, layers
	@$(IN) ruff check . && ruff format --check . && lint-imports
types: setup ## Types, strictly
	@$(IN) mypy --strict include plugins
format: setup ## Rewrite the code in the house style
	@$(IN) ruff check --fix-only --quiet . ; ruff format .
check-lock: setup
	@$(UV) pip check --quiet --python $(PY) || { $(UV) pip check --python $(PY); \
	  echo "expected the lock to satisfy pyproject.toml; run: make lock setup" >&2; exit 1; }

##@ Keep
.PHONY: lock clean
lock: .venv-uv/.penstock-done ## Resolve the packages and the jars anew, after a change of pyproject.toml or jars.lock
	@$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --quiet --output-file requirements.lock
	@$(UV) pip compile --group integration --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --constraint requirements.lock --quiet --output-file requirements-integration.lock
	@grep -o '^uv==[0-9.]*' requirements-bootstrap.lock | $(UV) pip compile - --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet \
	  --output-file requirements-bootstrap.lock
	@test ! -x $(PY) || { $(IN) $(PY) -m penstock.services.jars; }
	@echo "Locked. Try it: make setup test"
clean: ## Stop everything and delete what was generated, published data included (asks first, unless YES=1)
	@test -n "$(YES)" || { printf 'Delete .venv, .venv-* and .penstock with all data in it? [y/N] '; read answer; \
	  test "$$answer" = y || { echo "Kept."; exit 1; }; }
	@test ! -x $(PY) || { $(STACK) down; } || true
	@rm -rf .venv .venv-uv .venv-integration .penstock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@echo "Clean. Begin again: make setup"

# How setup works: each file below is written last, so an interrupted step is done again, and a finished one never.

.venv-uv/.penstock-done: requirements-bootstrap.lock
	@python="$$(bin/find-python)" && bin/step "A folder for the installer" "See above." "$$python" -m venv --clear .venv-uv
	@bin/step "The installer (uv), by checksum" '$(OFFLINE)' \
	  .venv-uv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-bootstrap.lock
	@touch $@

# .penstock-installing marks an installation under way: one that was cut off may hold half a package, so it starts over.
.venv/.penstock-packages: .venv-uv/.penstock-done requirements.lock
	@if [ -e .venv/.penstock-installing ] || ! .venv/bin/python -c "" 2>/dev/null; then \
	  python="$$(bin/find-python)" && bin/step "A folder for the packages (.venv)" "See above." \
	    "$$python" -m venv --clear --without-pip .venv; fi
	@touch .venv/.penstock-installing
	@bin/step "About 250 packages, by checksum (1.8 GB)" '$(OFFLINE)' \
	  $(UV) pip sync --quiet --python $(PY) --require-hashes --compile-bytecode requirements.lock
	@printf '%s\n' "$(CURDIR)" > .venv/.penstock-root
	@rm -f .venv/.penstock-installing .venv/.penstock-project
	@touch $@

.venv/.penstock-project: .venv/.penstock-packages pyproject.toml
	@bin/step "Penstock itself, editable" "Correct pyproject.toml." \
	  $(UV) pip install --quiet --offline --python $(PY) --no-deps --no-build-isolation --editable .
	@$(PY) -m compileall -q include plugins dags
	@bin/step "Do the packages fit together?" "Run: make lock setup" $(UV) pip check --python $(PY)
	@touch $@

# What only integration tests use: apart from the packages that Penstock runs with, and of versions that fit to them.
.venv-integration/.penstock-done: .venv-uv/.penstock-done requirements-integration.lock
	@python="$$(bin/find-python)" && bin/step "A folder for what only tests use" "See above." \
	  "$$python" -m venv --clear --without-pip .venv-integration
	@bin/step "Test servers and libraries, by checksum" '$(OFFLINE)' \
	  $(UV) pip sync --quiet --python .venv-integration/bin/python --require-hashes --only-binary :all: \
	  requirements-integration.lock
	@touch $@
