#!/bin/bash
# A browser, Chromium, by which pictures of web pages are drawn: services/chromium.sh start|stop
# Nothing keeps running.
SERVICE=chromium
. "$(dirname "$0")/ground.sh"

if [ "$1" = stop ]; then
    forget_settings
    exit 0
fi
command -v chromium >/dev/null || packages chromium
settings "ARCHIVER_TEST_CHROMIUM=$(command -v chromium)"
say "installed"
