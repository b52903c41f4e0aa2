#!/usr/bin/env bash
# A fleet to try Tutti with, on this host alone: one controller and three
# agents, each with a runner.
#
#   deploy/quickstart.sh           build, start, run a first job
#   deploy/quickstart.sh stop      end it; what it made stays for the next start
#   deploy/quickstart.sh status    what runs
#   deploy/quickstart.sh env       shell lines that put the programs on PATH
#
# TUTTI_QUICKSTART_DIR is the fleet's folder (default: build/quickstart).
set -euo pipefail

source_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fleet_directory=${TUTTI_QUICKSTART_DIR:-$source_directory/build/quickstart}
binaries=$source_directory/build/release/bin
targets=(demo-1 demo-2 demo-3)

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "quickstart.sh: $*"
  exit 1
}

pid_file() { printf '%s/run/%s.pid' "$fleet_directory" "$1"; }
log_file() { printf '%s/log/%s.log' "$fleet_directory" "$1"; }

# Is the process that was started under this name still the one that runs?
is_running() {
  local pid start
  [[ -r $(pid_file "$1") ]] || return 1
  read -r pid start <"$(pid_file "$1")"
  [[ -n $start && $(start_time "$pid") == "$start" ]]
}

# A process id is used again some day; with its start time it is unique. Says
# nothing of one that has ended, even if nobody has reaped it.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # Behind the name, which may hold spaces: fields 3 and 22 of proc(5).
  set -- ${stat##*) }
  [[ $1 == Z ]] || printf '%s' "${20}"
}

start_program() {
  local name=$1 pid
  shift
  is_running "$name" && return
  setsid "$@" </dev/null >>"$(log_file "$name")" 2>&1 &
  pid=$!
  printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$(pid_file "$name")"
}

stop_program() {
  local name=$1 pid
  if is_running "$name"; then
    read -r pid _ <"$(pid_file "$name")"
    kill -TERM "$pid" 2>/dev/null || true
    # Waits for the end without being its parent.
    tail --pid="$pid" -f /dev/null & wait "$!"
  fi
  rm -f "$(pid_file "$name")"
}

# Runs a command again until it succeeds, for at most 20 seconds.
wait_until() {
  local what=$1 deadline=$((SECONDS + 20))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) ||
      fail "$what did not happen within 20 seconds; see $fleet_directory/log"
    sleep 0.1
  done
}

build() {
  "$source_directory/deploy/install-deps.sh" build
  say "Building (Release) ..."
  local log=$source_directory/build/quickstart-build.log
  mkdir -p "$source_directory/build"
  (
    cd "$source_directory"
    cmake --preset release -DTUTTI_TESTS=OFF -DTUTTI_BENCHMARKS=OFF &&
      cmake --build --preset release \
        --target tutti tutti-controller tutti-agent tutti-runner tutti-query tutti-copy
  ) >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    fail "the build failed; all of it is in $log"
  }
}

make_fleet() {
  mkdir -p "$fleet_directory"/{run,log,agents}
  [[ -e $fleet_directory/controller/controller.yaml ]] && return
  say "Making the fleet 'demo' in $fleet_directory ..."
  "$binaries/tutti-controller" init --fleet demo \
    --dir "$fleet_directory/controller" \
    --listen '127.0.0.1:0' --controllers '127.0.0.1:0' >/dev/null
}

start_controller() {
  local port_file=$fleet_directory/run/port port
  is_running controller && return
  rm -f "$port_file"
  start_program controller "$binaries/tutti-controller" run \
    --dir "$fleet_directory/controller" --port-file "$port_file"
  wait_until "the controller's start" test -s "$port_file"
  port=$(<"$port_file")
  # The first start chose a free port; from now on it is that one.
  sed -i "s/127\.0\.0\.1:0\b/127.0.0.1:$port/" \
    "$fleet_directory/controller/controller.yaml" \
    "$fleet_directory/controller/operators/config.yaml"
}

start_agents() {
  local target token
  for target in "${targets[@]}"; do
    if [[ ! -e $fleet_directory/agents/$target/trust/target.yaml ]]; then
      token=$("$binaries/tutti" token create --name "$target" --life 10m \
        2>/dev/null)
      TUTTI_TOKEN=$token "$binaries/tutti-agent" enroll --name "$target" \
        --dir "$fleet_directory/agents/$target" >/dev/null
    fi
    start_program "runner-$target" "$binaries/tutti-runner" \
      --dir "$fleet_directory/agents/$target"
    start_program "agent-$target" "$binaries/tutti-agent" run \
      --dir "$fleet_directory/agents/$target"
  done
  wait_until "the agents' connecting" all_online
}

# A fleet of an older version has no runner for jobs on this host itself.
has_local() { [[ -e $fleet_directory/controller/local/runner.yaml ]]; }

start_local_runner() {
  has_local || return 0
  start_program runner-local "$binaries/tutti-runner" \
    --dir "$fleet_directory/controller/local"
}

all_online() {
  [[ $("$binaries/tutti" agent list -o jsonl | grep -c '"online":true') -ge \
    ${#targets[@]} ]]
}

first_job() {
  say ""
  say "\$ tutti run -t 'demo-*' -- uname -sr"
  "$binaries/tutti" run -t 'demo-*' -- uname -sr
  cat >&2 <<TEXT

The fleet runs. To go on, in this shell:

  eval "\$($0 env)"
  tutti agent list
  tutti run -t all -c 'date; id -un'
  tutti run --local -- uname -n
  tutti run --help

To end it:  $0 stop
TEXT
}

start() {
  build
  make_fleet
  start_controller
  start_agents
  start_local_runner
  first_job
}

stop() {
  local target
  for target in "${targets[@]}"; do
    stop_program "agent-$target"
    stop_program "runner-$target"
  done
  stop_program runner-local
  stop_program controller
  say "The fleet is stopped. '$0' starts it again."
}

status() {
  local name all_run=0
  local names=(controller "${targets[@]/#/agent-}" "${targets[@]/#/runner-}")
  has_local && names+=(runner-local)
  for name in "${names[@]}"; do
    if is_running "$name"; then
      printf '%-14s runs\n' "$name"
    else
      printf '%-14s stopped\n' "$name"
      all_run=1
    fi
  done
  return "$all_run"
}

export TUTTI_CONFIG=$fleet_directory/controller/operators/config.yaml
case "${1:-start}" in
  start) start ;;
  stop) stop ;;
  status) status ;;
  env)
    printf 'export PATH=%q:$PATH\n' "$binaries"
    printf 'export TUTTI_CONFIG=%q\n' "$TUTTI_CONFIG"
    ;;
  -h | --help | help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" ;;
  *)
    say "quickstart.sh: unknown command '$1'; use start, stop, status or env"
    exit 2
    ;;
esac
