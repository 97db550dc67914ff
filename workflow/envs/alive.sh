#!/bin/sh
# Runs a command that says little for minutes, and shows that it lives: sh alive.sh "what happens" COMMAND ...
# On a terminal a line with the time moves; elsewhere a line is written every half minute. What the command says is shown if it fails.
set -u

what=$1
shift
said=$(mktemp)
began=$(date +%s)
moving=$([ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && echo yes || echo no)
"$@" >"$said" 2>&1 &
command=$!

finish() { # the line is complete, and nothing is left
    [ "$moving" = yes ] && printf '\r\033[K'
    rm -f "$said"
}
trap 'kill "$command" 2>/dev/null; finish; exit 130' INT TERM HUP

[ "$moving" = yes ] || echo "$what"
looks=0
while kill -0 "$command" 2>/dev/null; do
    seconds=$(($(date +%s) - began))
    if [ "$moving" = yes ]; then
        printf '\r\033[K%s  %d:%02d' "$what" $((seconds / 60)) $((seconds % 60))
    elif [ $((looks % 30)) = 29 ]; then
        echo "  still at it, $seconds s"
    fi
    looks=$((looks + 1))
    sleep 1
done
wait "$command"
status=$?
if [ "$status" != 0 ]; then
    [ "$moving" = yes ] && printf '\r\033[K'
    tail -n 30 "$said" >&2
    finish
    exit "$status"
fi
finish
[ "$moving" = no ] || echo "$what: done in $(($(date +%s) - began)) s"
