#!/usr/bin/env bash
# asyncio of CPython 3.11 and uvloop 0.23.0: a cancelled `sock_accept` can take a connection with it.
#
# Behaviour: a task waits in `await loop.sock_accept(listener)`. A caller connects, the loop accepts, and before the
#   task goes on it is cancelled. The cancellation wins: the accepted socket, which nobody else has, is thrown away. The
#   caller, whose connect() had succeeded, reads the end of the connection, or on asyncio, one turn earlier, nothing at
#   all (the loop's own callback raises InvalidStateError, and its report keeps the socket). A turn sooner or later
#   nothing is lost. The listener stays open all the time.
# Seen, by the turns of the loop between connect() and cancel():
#   asyncio  0: left for the next  1: lost  2: lost  3: served  4: served
#   uvloop  0: left for the next  1: lost  2: served  3: served  4: served
# What it means here: the workers of the gateway share a socket, and one that is replaced stops accepting while programs
#   connect. Cancelling the task that accepts broke a lookup now and then. The bridge accepts in a callback of
#   `add_reader`, in which a connection is taken and handed on in one step (tests/unit/serving/test_acceptor.py).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'uvloop==0.23.0'

cat > "$work/accept_cancelled.py" <<'PY'
import asyncio
import socket
import sys
import warnings

import uvloop

warnings.simplefilter("ignore", ResourceWarning)


async def outcome(turns):
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)  # asyncio reports an InvalidStateError of its own
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as caller:
        listener.setblocking(False)
        accepting = asyncio.create_task(accept(loop, listener))
        await asyncio.sleep(0)
        caller.connect(listener.getsockname())
        caller.setblocking(False)
        for _ in range(turns):
            await asyncio.sleep(0)
        accepting.cancel()
        await asyncio.wait({accepting})
        try:
            connection, _ = listener.accept()
            connection.close()
            return "left for the next"
        except BlockingIOError:
            try:
                return "served" if await asyncio.wait_for(loop.sock_recv(caller, 1), 1) else "lost"
            except TimeoutError:
                return "lost"


async def accept(loop, listener):
    connection, _ = await loop.sock_accept(listener)
    with connection:
        connection.sendall(b"x")


lost = {}
for name, new_loop in (("asyncio", asyncio.new_event_loop), ("uvloop", uvloop.new_event_loop)):
    with asyncio.Runner(loop_factory=new_loop) as runner:
        seen = [runner.run(outcome(turns)) for turns in range(5)]
    print(name, *(f"{turns}: {each}" for turns, each in enumerate(seen)), sep="  ")
    lost[name] = seen.count("lost")
sys.exit(0 if all(lost.values()) else 1)
PY
"$work/venv/bin/python" "$work/accept_cancelled.py"
