#!/usr/bin/env bash
# Installs what Tutti needs to build and test on Debian 12, from Debian's own
# packages. This is the one list of packages; CONTRIBUTING.md says why each is
# on it. Installs only what is missing, so a second run does nothing and needs
# neither root nor a network.
#
# Usage: deploy/install-deps.sh [build|test|all]     (default: build)
set -euo pipefail

build_packages=(
  cmake ninja-build g++ ccache pkg-config git
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc
  libprotobuf-dev libabsl-dev libssl-dev libc-ares-dev libre2-dev zlib1g-dev
  libspdlog-dev libfmt-dev libsqlite3-dev libcli11-dev libyaml-cpp-dev
  nlohmann-json3-dev libdtl-dev libzstd-dev
)
test_packages=(
  clang clang-format clang-tidy libclang-rt-14-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  ansible-core iproute2 openssl procps python3 tmux
)

case "${1:-build}" in
  build) wanted=("${build_packages[@]}") ;;
  test | all) wanted=("${build_packages[@]}" "${test_packages[@]}") ;;
  *)
    echo "install-deps.sh: unknown set '$1'; use build, test or all" >&2
    exit 2
    ;;
esac

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps.sh: these packages are missing; run as root:" \
      "apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "Installing ${#missing[@]} packages: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >/dev/null
