#!/usr/bin/env bash
# clang-tidy over the sources.
#
#   tests/lint.sh             the whole tree (some minutes a hundred files)
#   tests/lint.sh --changed   files that differ from the branch's base: the
#                             commit before the last, or $TUTTI_LINT_BASE
# Needs a configured preset `asan`, whose compiler is clang.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/asan
[[ -f $build/compile_commands.json ]] || {
  echo "lint.sh: $build is not configured; run: cmake --preset asan" >&2
  exit 1
}

if [[ ${1:-} == --changed ]]; then
  base=${TUTTI_LINT_BASE:-$(git rev-parse --verify -q HEAD~1 || true)}
  [[ -n $base ]] || base=$(git hash-object -t tree /dev/null)
  mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- '*.cc')
else
  mapfile -t files < <(git ls-files '*.cc')
fi
[[ ${#files[@]} -gt 0 ]] || exit 0

printf '%s\0' "${files[@]}" |
  xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$build" --quiet
