#!/usr/bin/env bash
# From a bare machine to all checks and tests, fast ones first; what was skipped, and why, stands at the end.
#
#   ./check.sh              everything
#   ./check.sh NAME…        only the tests whose names hold NAME
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# On a build server the clone is new each time; the target folder outlives it, so that a second run is quick.
if [ -n "${CI:-}" ] && [ -z "${CARGO_TARGET_DIR:-}" ]; then
  export CARGO_TARGET_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/mitoscope/target"
fi
# The same cases of the property tests each time: a commit's result must not change by chance. Elsewhere they differ.
if [ -n "${CI:-}" ]; then
  export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20200731}
fi
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
# Mesa's choice of a device looks for a desktop first, and complains where there is none.
export NODEVICE_SELECT=1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
skipped=()
step() {
  local begun=$SECONDS name=$1
  shift
  printf '==> %s\n' "$name"
  "$@"
  printf '    %s: %d s\n' "$name" $((SECONDS - begun))
}

step "what building needs" ./run.sh --install
if ! command -v cargo >/dev/null 2>&1; then
  # shellcheck disable=SC1091
  . "$HOME/.cargo/env"
fi
read -r -a openslide <<<"$(./run.sh --features)"

if command -v shellcheck >/dev/null 2>&1; then
  step "scripts" shellcheck run.sh check.sh .ci/run
else
  skipped+=("scripts: shellcheck is not installed")
fi
if cargo fmt --version >/dev/null 2>&1; then
  step "format" cargo fmt --check
else
  skipped+=("format: rustfmt is not installed (rustup component add rustfmt)")
fi
if cargo deny --version >/dev/null 2>&1; then
  # Of this machine's crates: others were never fetched.
  step "licences" cargo deny --offline --target "$(rustc -vV | sed -n 's/^host: //p')" check licenses bans sources
else
  skipped+=("licences: cargo-deny is not installed (cargo install cargo-deny)")
fi

tests() {
  # Tests say `skipped: NAME: why` where something they need is not there.
  if ! cargo test --locked --features testing "${openslide[@]}" "$@" -- --show-output >"$log" 2>&1; then
    cat "$log"
    return 1
  fi
  grep -E '^(test result:|     Running|   Doc-tests)' "$log" || true
}

if [ $# -gt 0 ]; then
  step "tests named $*" cargo test --locked --features testing "${openslide[@]}" "$@"
  exit 0
fi
step "tests" tests
while read -r line; do skipped+=("$line"); done < <(sed -n 's/^skipped: //p' "$log" | sort -u)

if cargo clippy --version >/dev/null 2>&1; then
  step "lints" cargo clippy --locked --all-targets --features testing "${openslide[@]}" -- -D warnings
  step "lints without the window" cargo clippy --locked --all-targets --no-default-features -- -D warnings
else
  skipped+=("lints: clippy is not installed (rustup component add clippy)")
fi
step "reference pages" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet "${openslide[@]}"

if [ ${#skipped[@]} -gt 0 ]; then
  printf '==> skipped\n'
  printf '    %s\n' "${skipped[@]}"
fi
awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
     END { printf "%d passed, %d failed, %d skipped\n", passed, failed, ignored }' "$log"
