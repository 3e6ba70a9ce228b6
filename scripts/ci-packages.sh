#!/usr/bin/env bash
# Puts what some tests need and npm does not have onto a machine of Debian's kind: brokers, and a browser. Whatever cannot
# be had in time is left out with a line, and its tests are skipped; this never fails a run.
set -uo pipefail

missing=()
for package in redis-server nats-server rabbitmq-server chromium; do
  PATH="$PATH:/usr/sbin" command -v "$package" >/dev/null || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed, and not to be had without root and apt-get: ${missing[*]}"
  exit 0
fi

# Tests start their own brokers; the services that come with the packages would only take memory and well-known ports.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
seconds=300
bounded() { timeout --kill-after=10 $((seconds > SECONDS ? seconds - SECONDS : 1)) "$@" </dev/null >/dev/null 2>&1; }
bounded apt-get -o Acquire::Retries=1 update || echo 'apt-get update did not end well; trying with what is known'
for package in "${missing[@]}"; do
  if bounded apt-get install --yes --no-install-recommends "$package"; then
    echo "installed $package"
  else
    echo "not installed: $package; its tests are skipped"
    timeout 30 dpkg --configure -a </dev/null >/dev/null 2>&1
  fi
done
exit 0
