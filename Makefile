# The commands of this repository; README.md tells when to use which.

.PHONY: demo build install test test-kubernetes test-faults test-nightly bench lint format clean

demo:
	ONCE="$(ONCE)" PORT="$(PORT)" scripts/demo

# Swift's libraries are linked in, so that the program runs where there is no toolchain.
build:
	xargs scripts/install-packages < scripts/build-packages.txt
	swift build -c release --static-swift-stdlib --product invoke-agent

# PREFIX=/usr/local; DESTDIR=… for packagers.
install: build
	scripts/install .build/release/invoke-agent "$(or $(PREFIX),/usr/local)" "$(DESTDIR)"

test:
	scripts/test

# Executors against a real Kubernetes, as root; the first time on a machine it has to be built, which takes minutes.
test-kubernetes:
	folder=$$(mktemp -d) && trap 'scripts/kubernetes-cluster down "$$folder"' EXIT && trap 'exit 1' HUP INT TERM && \
	scripts/kubernetes-cluster up "$$folder" && \
	INVOKE_TEST_KUBERNETES="$$folder" INVOKE_TEST_KUBERNETES_IMAGE=localhost/invoke-test:1 \
		INVOKE_TEST_KUBERNETES_HOST=10.99.0.1 INVOKE_TEST_ENGINES=kubernetes \
		swift test --no-parallel --filter ConformanceTests

# ONLY=accept,read picks figures; BENCH_JOBS=10000 BENCH_SECONDS=1 BENCH_ROUNDS=1 is a quick look (docs/performance.md).
bench:
	scripts/install-packages wrk bubblewrap util-linux python3 libsqlite3-dev gcc libc6-dev
	swift build -c release --static-swift-stdlib --product invoke-agent
	swift build -c release --static-swift-stdlib --product invoke-bench
	ONLY="$(ONLY)" BENCH_JOBS="$(BENCH_JOBS)" BENCH_SECONDS="$(BENCH_SECONDS)" BENCH_ROUNDS="$(BENCH_ROUNDS)" \
		python3 Benchmarks/bench.py .build/release $(or $(REPORT),.build/bench.json)

# The proofs: most of them wait, so four run at a time; those that need the machine for themselves run afterwards.
test-faults:
	.venv/bin/python -m pytest -q -n 4 -m "not quiet" Tests/faults
	.venv/bin/python -m pytest -q -m quiet Tests/faults

test-nightly:
	PROOF_SIZE=nightly $(MAKE) test-faults

lint:
	swift format lint --strict --recursive --parallel Sources Tests Benchmarks migrations schemas Package.swift

format:
	swift format --in-place --recursive --parallel Sources Tests Benchmarks migrations schemas Package.swift

clean:
	swift package clean
