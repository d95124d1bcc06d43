#!/usr/bin/env bash
# uvloop 0.23.0 on CPython 3.11: the event loop's clock counts whole milliseconds.
#
# Behaviour: `loop.time()` of asyncio's own loop is `time.monotonic()` and gives another value at nearly every call.
#   uvloop gives libuv's clock, a whole number of milliseconds divided by 1000: thousands of calls within 20 ms
#   see at most 21 values, and each of them is a multiple of 0.001 s.
# Seen:
#   asyncio  whole milliseconds only: False  values within 20 ms: more than 100
#   uvloop   whole milliseconds only: True   values within 20 ms: at most 22
# What it means here: who was idle longest, asked of `loop.time()`, is a matter of chance among connections that were
#   used within the same millisecond; on uvloop (Linux) one in some runs of a test was the wrong one, on asyncio's loop
#   (Windows) none. The channel notes `time.monotonic()` in place of it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'uvloop==0.23.0'

cat > "$work/clock.py" <<'PY'
import asyncio
import sys
import time


async def main():
    loop = asyncio.get_running_loop()
    begun, values = time.perf_counter(), set()
    while time.perf_counter() - begun < 0.02:
        values.add(loop.time())
    whole = all(abs(value * 1000 - round(value * 1000)) < 1e-4 for value in values)
    many = "more than 100" if len(values) > 100 else "at most 22" if len(values) <= 22 else str(len(values))
    print(f"whole milliseconds only: {whole!s:<5}  values within 20 ms: {many}")


if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.run(main())
else:
    asyncio.run(main())
PY

seen=$(for loop in asyncio uvloop; do
  printf '%-8s ' "$loop"
  "$work/venv/bin/python" "$work/clock.py" "$loop"
done)
expected='asyncio  whole milliseconds only: False  values within 20 ms: more than 100
uvloop   whole milliseconds only: True   values within 20 ms: at most 22'
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "the behaviour has changed; expected:" >&2
  echo "$expected" >&2
  exit 1
fi
