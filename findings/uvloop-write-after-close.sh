#!/usr/bin/env bash
# uvloop 0.23.0 on CPython 3.11: writing to a connection that is already lost raises RuntimeError.
#
# Behaviour: a peer closes a TCP connection, `connection_lost` has run, and the program calls `transport.write()`
#   once more. asyncio's own event loop ignores the bytes and, from the fifth time on, logs a warning. uvloop
#   raises `RuntimeError: unable to perform operation on <TCPTransport closed=True ...>`. The same for
#   `set_write_buffer_limits()`, while `abort()`, `is_closing()` and `pause_reading()` pass on both.
# Seen:
#   asyncio  write: ignored       set_write_buffer_limits: ignored       abort: ignored
#   uvloop   write: RuntimeError  set_write_buffer_limits: RuntimeError  abort: ignored
# What it means here: the bridge runs on uvloop on Linux and on asyncio's loop on Windows. A race that is silent on
#   one is an exception on the other, and it is no OSError: a handler for broken connections does not catch it. Code
#   of the bridge asks `is_closing()` before it writes to a kept connection.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'uvloop==0.23.0'

cat > "$work/write_after_close.py" <<'PY'
import asyncio
import sys


class Side(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.lost = asyncio.get_running_loop().create_future()

    def connection_lost(self, error):
        self.lost.set_result(error)


def outcome(action):
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "ignored"


async def main():
    loop = asyncio.get_running_loop()
    served = loop.create_future()

    def accepted():
        side = Side()
        loop.call_soon(served.set_result, side)
        return side

    server = await loop.create_server(accepted, "127.0.0.1", 0)
    _, client = await loop.create_connection(Side, *server.sockets[0].getsockname()[:2])
    (await served).transport.close()
    await client.lost
    lost = client.transport
    print(f"write: {outcome(lambda: lost.write(b'x'))}", end="  ")
    print(f"set_write_buffer_limits: {outcome(lost.set_write_buffer_limits)}", end="  ")
    print(f"abort: {outcome(lost.abort)}")
    server.close()


if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.run(main())
else:
    asyncio.run(main())
PY

seen=$(for loop in asyncio uvloop; do
  printf '%s  ' "$loop"
  "$work/venv/bin/python" "$work/write_after_close.py" "$loop"
done)
expected='asyncio  write: ignored  set_write_buffer_limits: ignored  abort: ignored
uvloop  write: RuntimeError  set_write_buffer_limits: RuntimeError  abort: ignored'
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "the behaviour has changed; expected:" >&2
  echo "$expected" >&2
  exit 1
fi
