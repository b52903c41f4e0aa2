#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, ends with CTest's summary.
#
#   tests/run.sh              the preset `dev`
#   tests/run.sh PRESET       another one: release, clang, asan, tsan
#   tests/run.sh PRESET ARG…  with arguments for ctest, as in -R run_test
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-dev}
[[ $# -eq 0 ]] || shift

deploy/install-deps.sh all
cmake --preset "$preset"
cmake --build --preset "$preset"
ctest --preset "$preset" "$@"
