# The commands of this repository; README.md tells when to use which.

.PHONY: demo build test lint format clean

demo:
	ONCE="$(ONCE)" PORT="$(PORT)" scripts/demo

build:
	swift build -c release --product invoke-agent

test:
	scripts/test

lint:
	swift format lint --strict --recursive --parallel Sources Tests migrations schemas Package.swift

format:
	swift format --in-place --recursive --parallel Sources Tests migrations schemas Package.swift

clean:
	swift package clean
