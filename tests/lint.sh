#!/usr/bin/env bash
# clang-tidy over the sources, by the units that the preset `asan` compiles: a
# unity build reads each header once for a whole folder.
#
#   tests/lint.sh             everything (about ten minutes on two cores)
#   tests/lint.sh --sources   everything but the tests
#   tests/lint.sh --changed   of these, units with a file that differs from
#                             $TUTTI_LINT_BASE (default: the last commit but one)
# Needs the preset `asan` built: cmake --preset asan && cmake --build --preset asan
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/asan
[[ -f $build/compile_commands.json ]] || {
  echo "lint.sh: $build is not built; run: tests/run.sh asan" >&2
  exit 1
}

# The units to look at, one a line, for a list of files on standard input.
units_with() {
  python3 - "$build" <(cat) <<'PYTHON'
import json, os, re, sys
build, listed = sys.argv[1:]
wanted = {os.path.abspath(line.strip()) for line in open(listed)}
for entry in json.load(open(f"{build}/compile_commands.json")):
    unit, members = entry["file"], {entry["file"]}
    if "/Unity/" in unit:
        members = set(re.findall(r'#include "(.*)"', open(unit).read()))
    if members & wanted:
        print(unit)
PYTHON
}

case ${1:-} in
  --changed)
    base=${TUTTI_LINT_BASE:-$(git rev-parse --verify -q HEAD~1 ||
      git hash-object -t tree /dev/null)}
    # A header is read with the source of its name.
    files=$(git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h' \
      ':!tests' | sed 's/\.h$/.cc/' | sort -u)
    ;;
  --sources) files=$(git ls-files '*.cc' ':!tests') ;;
  "") files=$(git ls-files '*.cc') ;;
  *)
    echo "lint.sh: unknown option '$1'; use --changed or --sources" >&2
    exit 2
    ;;
esac

units_with <<<"$files" |
  xargs -r -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet
