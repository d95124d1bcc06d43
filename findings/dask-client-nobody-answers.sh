#!/usr/bin/env bash
# Dask distributed 2026.8.0: a Client whose scheduler does not answer raises, and its thread goes on for good; one whose address is none is
# closed later, by the garbage collector.
#
# Behaviour: Client(address, timeout=1) starts a thread with an event loop, then connects. Where nobody listens it raises OSError and is
#   "closed", but the thread stays, also after everything is collected: each attempt leaves one more. Where the address cannot
#   be read it raises ValueError and is still "connecting": its finalizer then closes it, in whichever thread Python happens to collect
#   garbage, and waits there for the loop of that client, up to twice its timeout.
# Seen (threads named "IO loop": after 3 clients of each kind, and after a collection; who closed the clients of the second kind):
#   nobody listens: OSError, 3 threads, 3 after a collection
#   no address: ValueError, closed by the collector in the thread that collects: 3
# What it means here: a program that asked a scheduler in vain and works on by itself keeps a thread for each time, and stands still for
#   seconds when garbage is collected in the wrong one (seen in the tests of `readiness --dask`). bridge/parts/cluster.py has a client of
#   its own that ends with its thread when nobody answers, and whose finalizer does nothing; a test counts its threads.
# Needs pip. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check distributed==2026.8.0

cat > clients.py <<'PYTHON'
import gc
import logging
import socket
import threading
from collections import Counter

from distributed import Client

logging.disable()
gc.disable()
closed = Counter()
original = Client.close


def close(client, *arguments):
    closed[threading.current_thread().name] += 1
    return original(client, *arguments)


def raised(address):
    try:
        Client(address, timeout=1, set_as_default=False)
    except (OSError, ValueError) as error:
        return type(error).__name__


def loops():
    return sum(thread.name == "IO loop" for thread in threading.enumerate())


with socket.socket() as held:  # bound, and not listening
    held.bind(("127.0.0.1", 0))
    (kind,) = {raised(f"tcp://127.0.0.1:{held.getsockname()[1]}") for _ in range(3)}
before = loops()
gc.collect()
print(f"nobody listens: {kind}, {before} threads, {loops()} after a collection")

(kind,) = {raised("127.0.0.1:port") for _ in range(3)}
Client.close = close
collector = threading.Thread(target=gc.collect, name="the thread that collects")
collector.start()
collector.join()
((thread, times),) = closed.items()
print(f"no address: {kind}, closed by the collector in {thread}: {times}")
PYTHON

seen=$(venv/bin/python clients.py)
printf '%s\n' "$seen"
diff - <(printf '%s\n' "$seen") <<'SEEN'
nobody listens: OSError, 3 threads, 3 after a collection
no address: ValueError, closed by the collector in the thread that collects: 3
SEEN
