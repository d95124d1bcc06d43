#!/usr/bin/env bash
# Called by run.sh in a mount namespace of its own: completes the 32-bit root, then runs the command that is given.
set -euo pipefail

mount -t proc proc "$CSHIS_TEST_ROOT32/proc"
mount --rbind /dev "$CSHIS_TEST_ROOT32/dev"
mount -t tmpfs tmpfs "$CSHIS_TEST_ROOT32/tmp"
mkdir -p "$CSHIS_TEST_ROOT32$CSHIS_TEST_WORK"
mount --bind "$CSHIS_TEST_WORK" "$CSHIS_TEST_ROOT32$CSHIS_TEST_WORK"
exec "$@"
