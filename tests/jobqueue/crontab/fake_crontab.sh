#!/bin/sh
# Debian's `crontab` over a file, as far as it is asked here; does what the tests want it to do wrong.
echo "$1" >> "$FAKE_CRONTAB.calls"
if [ "$1" = "$FAKE_REFUSED" ]; then
    echo "You (alice) are not allowed to use this program (crontab)" >&2
    exit 1
fi
case "$1" in
-l)
    if [ -e "$FAKE_CRONTAB" ]; then exec cat "$FAKE_CRONTAB"; fi
    echo "no crontab for alice" >&2
    exit 1
    ;;
-)
    if [ -n "$FAKE_FORGETS" ]; then exec cat > /dev/null; fi
    exec cat > "$FAKE_CRONTAB"
    ;;
esac
exit 2
