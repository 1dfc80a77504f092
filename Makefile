PYTHON ?= python3
BIN := .venv/bin
CODE := core lrs ingest lake orchestration dashboards simulator backup cli local bench tests requirements

.DEFAULT_GOAL := help
.PHONY: help demo test prove check lock audit bench conformance clean platform dev superset static

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: platform superset ## bring everything up on this machine with three simulated schools, and say where to go
	@$(BIN)/lyceum demo $(if $(STATEMENTS),--statements $(STATEMENTS))

test: dev superset static ## run every test, at the small sizes of tests/sizes.toml
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 40 --durations-min 10

prove: dev superset static ## run every test at full size and write PROOF.md (TESTS=tests/faults: only these)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --size full --proof PROOF.md $(TESTS)

check: dev static ## format, lint, types, import rule and unit tests: under a minute
	$(BIN)/pytest -q -n 2 tests/unit

bench: dev ## measure, and write bench/RESULTS.md (PROFILE=quick or full, PARTS="lrs path")
	$(BIN)/python -m bench.run $(PARTS) --profile $(or $(PROFILE),quick) $(if $(HOMES),--homes $(HOMES))

static: dev
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/sqlfluff lint --processes 2 core/database/migrations
	$(BIN)/sqlfluff lint --processes 2 --templater jinja --exclude-rules RF04,ST06,AM04,LT14,AL05,AM09,RF02,RF03,ST05,ST11,LT02,LT05,AL03 \
		dbt_project/models dbt_project/tests
	$(BIN)/mypy $(CODE)

conformance: dev ## run the public xAPI suite: make conformance SUITE=<its checkout>
	$(BIN)/python -m tests.conformance.suite "$(SUITE)"

lock: ## resolve requirements/*.lock anew from pyproject.toml
	$(PYTHON) requirements/lock.py

audit: dev ## look up what is locked in the lists of known vulnerabilities (needs the network)
	$(BIN)/python requirements/audit.py

clean: ## stop what runs from this checkout, and remove its environment and data
	-@test ! -x $(BIN)/lyceum || $(BIN)/lyceum down
	rm -rf .venv .venv-superset .lyceum .mypy_cache .pytest_cache .ruff_cache .hypothesis

platform dev superset:
	@$(PYTHON) requirements/install.py $@
