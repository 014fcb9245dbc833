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

# Two questions: one port that is open, one that is not.
run explain examples/harbour internet name:web tcp/443
run explain examples/harbour internet name:db tcp/5432
