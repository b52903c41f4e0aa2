#!/usr/bin/env bash
# Fails when a source file is not as clang-format writes it.
# tests/check-format.sh --fix writes it so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run --Werror)
[[ ${1:-} != --fix ]] || mode=(-i)
git ls-files -z '*.cc' '*.h' | xargs -0 -r clang-format "${mode[@]}"
