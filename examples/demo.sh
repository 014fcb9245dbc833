#!/bin/sh
# The shipped example estate, from the story to a single packet.
# Run by `make demo`; PORTOLAN names the binary to use.
set -eu
cd "$(dirname "$0")/.."
portolan=${PORTOLAN:-portolan}

# Shows the command as you would type it, then runs it. Exit code 3 says that
# part of the snapshot was not seen: an answer, not a failure.
run() {
    printf '\n$ portolan'
    printf ' %s' "$@"
    printf '\n'
    "$portolan" "$@" || [ $? -eq 3 ]
}

run examples/harbour
run ports examples/harbour

# The same as a picture, for a browser.
chart=${TMPDIR:-/tmp}/portolan-harbour.svg
run chart examples/harbour -o "$chart"
printf 'look at it: file://%s\n' "$chart"

# What should not be as it is, as far as it can't wait.
run audit examples/harbour --min-severity high

# Two questions: a port whose replies nobody gets, and a database that is open to everyone.
run explain examples/harbour internet transfer-1 tcp/21
run explain examples/harbour internet reports tcp/5432
