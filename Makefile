# The doors of the project. What they do in more than a line lives in deploy/local/.
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON3 ?= python3
PYTHON := .venv/bin/python
# Who is done takes from the others: the slow tests of the browser may all be with one.
PYTEST := $(PYTHON) -m pytest -n auto --maxprocesses 4 --dist worksteal
LOCK := .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
SITE := .venv/requirements.installed
DEV := .venv/requirements-dev.installed

.PHONY: help run cluster cluster-status cluster-stop test test-sqlite test-postgres test-cluster image test-image sbom \
	bench-reads bench-faults bench-cache bench-votes bench-search bench-live bench-costs check lint types imports templates \
	migrations settings description dashboard format lock machines screenshots clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(SITE) ## Set up and serve the site with its sample community (PORT=8001 for another port)
	@exec $(PYTHON) -m deploy.local.serve

cluster: $(SITE) ## Start the fleet on this machine: PostgreSQL with two replicas, Redis, gunicorns, Celery, Nginx, Prometheus
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx prometheus
	@$(PYTHON) -m deploy.local.cluster start

cluster-status: $(SITE) ## Show the fleet: processes, ports, roles, lag
	@$(PYTHON) -m deploy.local.cluster status

cluster-stop: $(SITE) ## Stop the fleet; its data stay in var/cluster
	@$(PYTHON) -m deploy.local.cluster stop

test: test-sqlite test-postgres test-cluster ## Run all tests, on both databases and on the fleet (ARGS="-k votes" for some of them)

test-sqlite: $(DEV) ## Run the tests on SQLite
	@$(PYTHON) -m deploy.local.packages postgresql redis-server chromium prometheus
	@$(PYTHON) -m deploy.local.static
	@echo "== Tests on SQLite"
	@DATABASE_URL=sqlite:///var/tests.sqlite3 $(PYTEST) -m 'not cluster and not image' $(ARGS)

# What a browser sees does not depend on the database, nor does a test that finds it shut: those are run once. That ARGS
# may leave none to run is no failure (5).
test-postgres: $(DEV) ## Run the tests on a private PostgreSQL
	@$(PYTHON) -m deploy.local.packages postgresql redis-server prometheus
	@$(PYTHON) -m deploy.local.static
	@echo "== Tests on PostgreSQL"
	@$(PYTHON) -m deploy.local.postgres -- $(PYTEST) -m 'database and not cluster and not image and not browser' $(ARGS) \
		|| [ $$? -eq 5 ]

# One process, so that one fleet serves all of them.
test-cluster: $(DEV) ## Run the tests of the fleet
	@$(PYTHON) -m deploy.local.packages postgresql redis-server rabbitmq-server nginx prometheus haproxy iproute2
	@$(PYTHON) -m deploy.local.static
	@echo "== Tests on the fleet"
	@DATABASE_URL=sqlite://:memory: $(PYTHON) -m pytest -m cluster $(ARGS) || [ $$? -eq 5 ]

image: $(SITE) ## Build the image, with Docker or buildah (some minutes)
	@deploy/image/build

test-image: $(DEV) image ## Build the image and run its web, live, worker and scheduler for real
	@$(PYTHON) -m deploy.local.packages postgresql redis-server runc
	@echo "== Tests of the image"
	@DATABASE_URL=sqlite://:memory: $(PYTHON) -m pytest -m image tests/deploy $(ARGS)

sbom: ## Write down what the site is made of: var/sbom.json (CycloneDX)
	@[ -x var/sbom/bin/cyclonedx-py ] || { $(PYTHON3) -m venv var/sbom; var/sbom/bin/pip install -q cyclonedx-bom==7.5.0; }
	@var/sbom/bin/cyclonedx-py requirements --output-reproducible --of JSON -o var/sbom.json requirements.txt

bench-reads: $(DEV) ## Count which server answers the queries of 1,000 page views, on a fleet of its own
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m bench.reads

machines: $(DEV) ## Start the fleet on eight machines of its own (network namespaces, as root), and cut off one at a time
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx iproute2
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m bench.machines

bench-faults: $(DEV) ## Measure what people notice when a server of the fleet dies, freezes or lags
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m bench.faults

bench-cache: $(DEV) ## Compare hits of the page cache with what the servers can do at all, on a fleet of its own
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx wrk
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m bench.cache

bench-votes: $(DEV) ## Compare votes on one story with naive ones, 32 at once, on a fleet of its own
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m bench.votes

bench-search: $(DEV) ## Measure searches on a million comments, on a fleet of its own (half an hour)
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m bench.search

bench-live: $(DEV) ## Measure what a live service takes that 5,000 open pages listen to
	@$(PYTHON) -m deploy.local.packages redis-server
	@$(PYTHON) -m bench.live

bench-costs: $(DEV) ## Measure what connections, renders, profiles, calls, purges and partitions cost
	@$(PYTHON) -m deploy.local.packages postgresql redis-server nginx wrk
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m bench.costs

check: lint types imports templates migrations settings description dashboard ## Check everything that needs no test run

lint: $(DEV) ## Check format and lint of Python
	@echo "== Format and lint"
	@.venv/bin/ruff format --check --quiet || { echo "Some files are not formatted: make format"; exit 1; }
	@.venv/bin/ruff check
	@.venv/bin/hadolint --ignore DL3008 Dockerfile deploy/backup/Dockerfile

types: $(DEV) ## Check types
	@echo "== Types"
	@.venv/bin/mypy

imports: $(DEV) ## Check who imports whom
	@echo "== Imports"
	@.venv/bin/lint-imports --no-logo

templates: $(DEV) ## Check format and lint of templates
	@echo "== Templates"
	@.venv/bin/djlint --check --lint templates

migrations: $(DEV) ## Check that no migration is missing
	@echo "== Migrations"
	@DATABASE_URL=sqlite://:memory: $(PYTHON) manage.py makemigrations --check --dry-run

settings: $(DEV) ## Check the settings as a public site has them
	@echo "== Settings"
	@DEBUG=0 SITE_URL=https://news.example.org ALLOWED_HOSTS=news.example.org DATABASE_URL=sqlite://:memory: \
		$(PYTHON) manage.py check --deploy --fail-level WARNING

description: $(DEV) ## Check that docs/openapi.yaml describes the API as it is (UPDATE=1 writes it)
	@echo "== Description of the API"
	@mkdir -p var
	@DATABASE_URL=sqlite://:memory: $(PYTHON) manage.py spectacular --validate --fail-on-warn --file var/openapi.yaml
	@[ -z "$(UPDATE)" ] || cp var/openapi.yaml docs/openapi.yaml
	@cmp -s var/openapi.yaml docs/openapi.yaml || { echo "docs/openapi.yaml is old: make description UPDATE=1"; exit 1; }

dashboard: $(DEV) ## Check that Grafana's dashboard.json is what its code makes (UPDATE=1 writes it)
	@echo "== Dashboard"
	@mkdir -p var
	@$(PYTHON) -m deploy.grafana.dashboard > var/dashboard.json
	@[ -z "$(UPDATE)" ] || cp var/dashboard.json deploy/grafana/dashboard.json
	@cmp -s var/dashboard.json deploy/grafana/dashboard.json || \
		{ echo "deploy/grafana/dashboard.json is old: make dashboard UPDATE=1"; exit 1; }

format: $(DEV) ## Format Python and templates
	@.venv/bin/ruff check --fix --quiet; .venv/bin/ruff format
	@.venv/bin/djlint --reformat --quiet templates

lock: $(DEV) ## Pin what requirements*.in ask for, with hashes (ARGS=--upgrade for the newest)
	@$(LOCK) $(ARGS) requirements.in
	@$(LOCK) $(ARGS) requirements-otel.in
	@$(LOCK) $(ARGS) requirements-dev.in

screenshots: $(DEV) ## Draw the pages at two widths, light and dark
	@$(PYTHON) -m deploy.local.packages chromium
	@$(PYTHON) -m deploy.local.static
	@$(PYTHON) -m tests.screenshots

clean: ## Remove what can be made again; var/, with the database, stays
	@rm -rf .venv static_root .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(SITE): requirements.txt
$(DEV): requirements.txt requirements-dev.txt
$(SITE) $(DEV):
	@$(PYTHON3) -m deploy.local.environment $^
	@touch $@
