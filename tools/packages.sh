# shellcheck shell=bash
# Sourced by tools/quickstart and tools/check: Debian packages, installed if they are missing and we
# have the right to.

# What a build needs; the build files look for the libraries of tests and benchmarks, too.
# shellcheck disable=SC2034  # Used by those who source this file.
build_packages=(
  g++ cmake ninja-build pkgconf python3
  libcli11-dev libfmt-dev libmimalloc-dev libsodium-dev libspdlog-dev libtomlplusplus-dev
  liburing-dev libmicrohttpd-dev libxxhash-dev nlohmann-json3-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  libsqlite3-dev libmariadb-dev libpq-dev
)

missing_packages() {
  local package
  for package in "$@"; do
    if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      echo "$package"
    fi
  done
}

# A mirror may hiccup once.
twice() {
  "$@" || { echo "again, after 5 s: $*" >&2; sleep 5; "$@"; }
}

quiet_apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Installs what is missing of the packages named; ends the script with the command to type if we
# are not root.
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian, so packages are not looked after. Needed, by their names there: $*"
    return
  fi
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then return; fi
  if ((EUID != 0)); then
    {
      echo "These Debian packages are missing: ${missing[*]}"
      echo "Install them, then run this again:"
      echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
    } >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  twice quiet_apt update >/dev/null
  twice quiet_apt install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# As need_packages, for what a part of the work can do without: never ends the script.
wish_packages() {
  local -a missing
  if ! command -v dpkg-query >/dev/null; then return 0; fi
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then return 0; fi
  if ((EUID != 0)); then
    echo "Missing, so a part is left out: ${missing[*]}"
    return 0
  fi
  (need_packages "$@") || echo "Not to be had, so a part is left out: ${missing[*]}"
}
