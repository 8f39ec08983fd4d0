#!/usr/bin/env bash
# From a bare machine to the demo in one command.
#
#   ./run.sh                the demo (without a display: headless, pictures and a report in demo-out/)
#   ./run.sh SLIDE [DB]     the window on a slide, with its labels
#   ./run.sh --install      only installs what building needs, and says what
set -euo pipefail

say() { printf '==> %s\n' "$*"; }
fail() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    say "sudo $*"
    sudo "$@"
  else
    fail "these need root and there is no sudo; run as root: $*"
  fi
}

install_debian() {
  # What the build needs, then what the window loads at run time.
  local wanted=(build-essential ca-certificates clang cmake curl libopenslide-dev nasm pkg-config
    libvulkan1 libwayland-client0 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libxrandr2)
  # A Vulkan in software, where no graphics driver brought one.
  if ! compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null && ! compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null; then
    wanted+=(mesa-vulkan-drivers)
  fi
  local missing=() package
  for package in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "all packages are there"
    return
  fi
  say "installing: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_macos() {
  command -v brew >/dev/null 2>&1 || fail "Homebrew is needed to install OpenSlide: see https://brew.sh, then run this again"
  xcode-select -p >/dev/null 2>&1 || fail "the command line tools are needed: xcode-select --install, then run this again"
  local missing=() formula
  for formula in cmake llvm nasm openslide pkgconf; do
    brew list --formula "$formula" >/dev/null 2>&1 || missing+=("$formula")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing: ${missing[*]}"
    brew install "${missing[@]}"
  fi
  LIBCLANG_PATH=$(brew --prefix llvm)/lib
  export LIBCLANG_PATH
}

install_rust() {
  if ! command -v cargo >/dev/null 2>&1 && [ -f "$HOME/.cargo/env" ]; then
    # shellcheck disable=SC1091
    . "$HOME/.cargo/env"
  fi
  if ! command -v cargo >/dev/null 2>&1; then
    say "installing Rust with rustup (into ~/.cargo and ~/.rustup)"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --component rustfmt,clippy
    # shellcheck disable=SC1091
    . "$HOME/.cargo/env"
  fi
  local needed have
  needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/Cargo.toml")
  have=$(rustc --version | cut -d' ' -f2)
  if [ "$(printf '%s\n%s\n' "$needed" "$have" | sort -V | head -n1)" != "$needed" ]; then
    command -v rustup >/dev/null 2>&1 || fail "Rust $needed or newer is needed, this is $have; install it from https://rustup.rs"
    say "Rust $have is older than $needed: updating"
    rustup update stable
  fi
}

install_all() {
  case "$(uname -s)" in
    Linux)
      if command -v apt-get >/dev/null 2>&1; then
        install_debian
      else
        say "no apt-get here; needed are a C compiler, clang, cmake, curl, nasm, pkg-config, OpenSlide with headers, a Vulkan driver"
      fi ;;
    Darwin) install_macos ;;
    *) fail "this script knows Linux and macOS; see README.md, Install" ;;
  esac
  install_rust
  pkg-config --exists openslide || fail "OpenSlide's headers were not found; install libopenslide-dev (Debian, Ubuntu), openslide-devel (Fedora) or openslide (Homebrew, Arch)"
}

# The features that fit the OpenSlide found here.
features() {
  if pkg-config --atleast-version=4 openslide; then
    echo "--features openslide4"
  fi
}

case "${1:-}" in
  -h | --help) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
  --install) install_all; exit 0 ;;
  --features) features; exit 0 ;;
esac

for file in "$@"; do
  [ -e "$file" ] || fail "$file: no such file"
done
[ $# -le 2 ] || fail "one slide and one database at most: ./run.sh SLIDE [DB]"

install_all
say "building (the first time this takes 6 to 15 minutes)"
# shellcheck disable=SC2046
cargo build --release --locked --manifest-path "$here/Cargo.toml" $(features)
program=${CARGO_TARGET_DIR:-$here/target}/release/mitoscope

if [ $# -gt 0 ]; then
  exec "$program" view "$1" ${2:+--db "$2"}
elif [ "$(uname -s)" = Darwin ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  say "opening the demo"
  exec "$program" demo
else
  say "no display: running the demo headless"
  # Mesa's choice of a device looks for a desktop first, and complains where there is none.
  export NODEVICE_SELECT=1
  "$program" demo --headless -o demo-out
  say "pictures and the report are in $PWD/demo-out (open $PWD/demo-out/report.html)"
fi
