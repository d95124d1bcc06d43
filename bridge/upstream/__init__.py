"""Everything the bridge asks over HTTP(S), and the only package that opens such connections.

``transport`` is the interface; ``pool`` (kept connections, for console, cloud and portal) and
``httpx_transport`` (for the upload centre) are its two implementations. Console and cloud look alike from
here: JSON in, JSON with statusCode out. The upload centre has a return code of its own.
"""
