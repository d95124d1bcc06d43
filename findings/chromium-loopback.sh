#!/usr/bin/env bash
# Chromium 156: a page of a public address reaches 127.0.0.1 only over https and with the user's permission; else nothing is sent.
#
# Behaviour: fetch() to 127.0.0.1, from a page whose address is a public one, waits for a permission of its own
#   ("loopback-network"). Without it the promise is rejected and no connection is made, not even for OPTIONS; CORS headers of the
#   service do not matter. A page on http cannot be given that permission at all. A page of this machine needs none. Policies give
#   it to pages on https: see tests/report/test_local_network.py, which tries two of them.
# Seen (page's address, scheme: what fetch says, what has reached the service):
#   public https: TypeError: Failed to fetch, nothing
#   public http: TypeError: Failed to fetch, nothing
#   local https: 200, OPTIONS POST
#   local http: 200, OPTIONS POST
# What it means here: pages of *.nhi.gov.tw, the default of facade.allowed_origins, are the first case. The bridge cannot tell that
#   one has tried: its log stays empty. docs/install/programs.md says what to set; doctor and the bridge's own page say so, too.
# Needs python3 (3.11), openssl, chromium (156; --ip-address-space-overrides makes loopback a public address). Exit 1 if the
# behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=page -keyout key.pem -out certificate.pem 2>/dev/null

cat > try.py <<'PY'
import re, ssl, subprocess, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><body></body><script>
fetch('http://127.0.0.1:%d/', {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'})
  .then(reply => reply.status, error => error).then(text => { document.body.textContent = `[${text}]`; });
</script>"""
came = []

class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((PAGE % service.server_port).encode())
    def log_message(self, *arguments): pass

class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        came.append(self.command)
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
        self.send_header("Access-Control-Allow-Headers", "content-type")
        self.end_headers()
    do_OPTIONS = do_POST
    def log_message(self, *arguments): pass

def serve(handler, tls=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain("certificate.pem", "key.pem")
service = serve(Service)
pages = {"https": serve(Page, tls).server_port, "http": serve(Page).server_port}
for space in ("public", "local"):
    for scheme, port in pages.items():
        came.clear()
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--ignore-certificate-errors",
                 "--user-data-dir=profile", "--host-resolver-rules=MAP *.example.org 127.0.0.1",
                 "--virtual-time-budget=8000", "--dump-dom"]
        if space == "public":
            flags.append(f"--ip-address-space-overrides=127.0.0.1:{port}=public")
        shown = subprocess.run(["chromium", *flags, f"{scheme}://page.example.org:{port}/"],
                               capture_output=True, text=True, timeout=60).stdout
        said = re.search(r"\[([^\]]*)\]", shown.partition("<body>")[2])
        print(f"{space} {scheme}: {said[1] if said else 'no word'}, {' '.join(came) or 'nothing'}", flush=True)
PY
seen=$(python3 try.py)
echo "$seen"
expected='public https: TypeError: Failed to fetch, nothing
public http: TypeError: Failed to fetch, nothing
local https: 200, OPTIONS POST
local http: 200, OPTIONS POST'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
