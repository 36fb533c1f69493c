#!/bin/sh
# sdk.sh SHELL - one file of the JavaScript SDK: collector/sdk/js/core.js with SHELL (web.js, mini.js) behind it, in a scope of its own; comments and indents,
# which only a reader of the source needs, are left out.
set -eu
cd "$(dirname "$0")/../collector/sdk/js"
printf '/* Touchline. MIT licence. What it sends and keeps: collector/sdk/js/README.md */\n(function () {\n"use strict"\n'
cat core.js "$1" | sed -e 's/^ *//' -e '/^\/\*.*\*\/$/d' -e '/^\/\*/,/\*\/$/d'
printf '})()\n'
