# The whole daily life of the project; `make help` lists it.

LISTEN ?= 127.0.0.1:3000
URL ?= http://$(LISTEN)

COMPONENTS := movies showtimes bookings users auth docs website recommender data-api
WASM_TARGET := wasm32-wasip1
# One profile for the host, its unit tests and the end-to-end tests, so that wasmtime is compiled once.
CINEMA := target/host/cinema
# What is tested natively beside the host.
NATIVELY := --profile host --workspace --exclude host --exclude cinema --exclude native --exclude driver --exclude cinema-tests

.DEFAULT_GOAL := help
.PHONY: help up keys build wasm host gateway openapi test test-unit test-e2e test-gateway test-mongodb test-indexes test-k8s test-k8s-live sample bench soak fuzz differential test-observe test-grpc test-web screenshots fmt lint sizes \
	audit images push kind-up kind-down deploy-cloud deploy-aka clean toolchain named spin

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build keys ## Build everything and serve it, with sample data when the store is empty (LISTEN=127.0.0.1:3000)
	@$(CINEMA) up --listen $(LISTEN) --sample data

keys: host ## Make keys and a first staff user in .env, where there are none
	@$(CINEMA) keys --write

build: wasm host ## Build the components and the bundled host

wasm: toolchain ## Build the components
	@cargo build --release --target $(WASM_TARGET) $(COMPONENTS:%=--package %)

host: ## Build the bundled host
	@cargo build --profile host --package cinema

gateway: ## Build the gateway to MongoDB
	@cargo build --profile host --package gateway

test: test-unit test-e2e ## Run all tests

# The host by itself: beside other packages it would get other features, and compile the WebAssembly engine once more.
test-unit: ## Run the unit tests, natively
	cargo test --profile host --package host --package cinema
	cargo test $(NATIVELY)

test-e2e: build ## Run the end-to-end tests on the real components (CINEMA_URL=… for a running instance)
	CINEMA_BIN=$(abspath $(CINEMA)) cargo test --profile host --package cinema-tests

test-indexes: build ## Run them over a store that refuses what no index answers, but for the two that look into the embedded one
	CINEMA_INDEXED=1 CINEMA_BIN=$(abspath $(CINEMA)) cargo test --profile host --package cinema-tests -- \
		--skip the_embedded_store --skip no_secret_is_told

test-gateway: ## Test the gateway on a real server (MONGODB_URI=… for one that runs; else FerretDB, by Go)
	@[ -n "$(MONGODB_URI)" ] || tests/gateway/ferretdb $(abspath target/ferretdb)
	cargo test --profile host --package gateway --test server

test-mongodb: build gateway ## Test the gateway, and all of Cinema on it, on the server of MONGODB_URI, and read what is stored with MongoDB's driver
	@tests/gateway/run

test-observe: build ## Read the bundled host's metrics and traces with Prometheus' and OpenTelemetry's own libraries
	@tests/observe/run

test-grpc: build ## Ask the bundled host by gRPC with grpcio, grpcurl and Connect, by gRPC-Web too (needs Python, Go, Node.js)
	@tests/grpc/run

test-web: build ## Drive the website in a real browser, Chromium: by keyboard, by touch, without scripts (PARTS="booking account")
	@tests/web/run $(PARTS)

screenshots: build ## Make the README's pictures of the website
	@tests/web/run pictures

test-k8s: ## Test the chart, the manifests and the workflows, without a cluster
	@k8s/tests/run

test-k8s-live: ## Install, upgrade and remove all of it on a live cluster (KUBECONFIG=…)
	@k8s/tests/run live

sample: host ## Load the sample data into a running instance (URL=http://127.0.0.1:3000)
	@$(CINEMA) sample --url $(URL) --data data

bench: build ## Measure everything in one run (WRITE=1 writes docs/bench.md)
	@cargo build --release --target $(WASM_TARGET) --package hello --package routers
	@cargo build --profile host --package native
	@cargo build --profile host --package gateway --package driver
	@if command -v go >/dev/null; then tests/gateway/ferretdb $(abspath target/ferretdb) && benches/ferretdb/build $(abspath target/ferretdb); fi
	@benches/bench.py $(if $(WRITE),--write docs/bench.md)

soak: build ## Ten minutes of mixed load and trouble, after which all is as well as before (MINUTES=10)
	@tests/soak/run --minutes $(or $(MINUTES),10)

openapi: ## Write the services' openapi.json anew, after a change of the API
	CINEMA_OPENAPI_WRITE=1 cargo test $(NATIVELY) openapi

fuzz: build ## Try the API with requests made of its description (FUZZ="--max-examples 200")
	@tests/fuzz/run $(FUZZ)

differential: ## Compare crates/mql with an independent implementation
	@crates/mql/differential/run.sh

fmt: ## Format the code
	cargo fmt --all

lint: toolchain ## Check the formatting, the crates for circles of modules, and the code with warnings as errors
	cargo fmt --all --check
	@tests/acyclic/test_acyclic.py
	@tests/acyclic/acyclic.py
	cargo clippy --profile host --workspace --all-targets -- -D warnings

sizes: wasm ## Compare the components' sizes with the budget
	@.github/wasm-sizes

audit: ## Check the dependencies' advisories, licences and sources
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny@0.20.2
	@cargo deny check

images: named ## Build the images: the application as SpinKube takes it, the bundled host, the gateway (REGISTRY=… TAG=…)
	docker build --file k8s/images/app.Dockerfile --tag $(REGISTRY)/cinema:$(TAG) .
	docker build --file k8s/images/host.Dockerfile --tag $(REGISTRY)/cinema-host:$(TAG) .
	docker build --file k8s/images/gateway.Dockerfile --tag $(REGISTRY)/data-api-gateway:$(TAG) .

push: named spin wasm ## Push the application to a registry as an OCI artifact (REGISTRY=… TAG=…)
	@spin registry push $(REGISTRY)/cinema:$(TAG)

kind-up: keys ## Serve on a Kubernetes of this machine's own, in Docker (PORT=3000)
	@k8s/kind/up

kind-down: ## Remove that Kubernetes, with its data
	@k8s/kind/down

deploy-cloud: spin wasm keys ## Deploy to Fermyon's cloud (APP_URL=https://… from the second time on)
	@k8s/cloud/deploy cloud

deploy-aka: spin wasm keys ## Deploy to Akamai Functions
	@k8s/cloud/deploy aka

clean: ## Remove what was built; the data stays
	cargo clean

toolchain: ## Add the WebAssembly target, where rustup has not got it yet
	@if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx $(WASM_TARGET); then \
		rustup target add $(WASM_TARGET); \
	fi

named:
	@if [ -z "$(REGISTRY)" ] || [ -z "$(TAG)" ]; then \
		echo "REGISTRY and TAG say which image: make $(firstword $(MAKECMDGOALS)) REGISTRY=registry.example.com TAG=0.1.0" >&2; exit 2; \
	fi

spin:
	@if ! command -v spin >/dev/null; then echo "spin is missing: https://spinframework.dev/install" >&2; exit 2; fi
