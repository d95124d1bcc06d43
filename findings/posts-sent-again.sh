#!/usr/bin/env bash
# curl 7.88, PHP 8.2, wget 1.21, Java 17, OkHttp 3.13 and Chromium 156 send a POST again by themselves, wget twenty times.
#
# Behaviour: a service has read a POST to its end and closes the connection without an answer, as when its process is killed over it.
#   Nobody can know whether it has been carried out, and RFC 9110 (9.2.2) wants such a request not sent again unasked. libcurl (the
#   command, and PHP with it), OkHttp and Chromium do so where the connection had served a request before: they take it for one that
#   died idle. Java's HttpURLConnection does so on a new one as well, unless told -Dsun.net.http.retryPost=false. For wget it is
#   one of the faults for which it tries twenty times, unless told --tries=1. The program hears of one failure, or of the
#   second one's success. A trial with one request to each connection shows nothing with curl, PHP, OkHttp and
#   Chromium. Java's newer java.net.http, Node, Go, Ruby and Python's requests send it once.
# Seen (how often one POST arrived that is not answered: on a connection that had served one before, on a new one):
#   curl 2 1
#   php, curl 2 1
#   wget 20 20
#   java, HttpURLConnection 2 2
#   java, HttpURLConnection, retryPost=false 1 1
#   java, OkHttp 2 1
#   chromium, fetch 2 1
#   java, java.net.http 1 1
#   node, fetch 1 1
#   go, net/http 1 1
#   ruby, Net::HTTP 1 1
#   python, requests 1 1
# What it means here: whoever serves changes by several processes at one address cannot promise that they are done once. A gateway of
#   the bridge whose worker is killed over a file of records sends it to the portal twice for such a client (tried with curl, wget and
#   Java; docs/bhyt/gateway.md says which setting ends it). With a single bridge the second one is refused, as nobody listens.
# Needs curl (7.88), php (8.2, php-curl), wget (1.21), java (17), libokhttp-java (3.13), chromium (156), node (20), go (1.19), ruby (3.1),
# python3 with pip. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
server=
stop() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check requests==2.34.2

cat > service.py <<'PY'
import socket, threading

PAGE = b"""<!doctype html><link rel=icon href=data:,><body></body><script>
(async () => { for (const url of location.hash.slice(1).split(','))
  try { await (await fetch(url, {method: 'POST', body: 'x'})).text(); } catch {} })();
</script>"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: %d\r\n\r\n"
came = 0

def serve(connection):
    global came
    with connection, connection.makefile("rb") as coming:
        while request := coming.readline().split():
            length = 0
            for line in iter(coming.readline, b"\r\n"):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            coming.read(length)
            if request[1] == b"/lost":
                came += 1
                return
            answer = {b"/warm": b"ok", b"/page": PAGE}.get(request[1], b"%d" % came)
            if request[1] == b"/count":
                came = 0
            connection.sendall(HEAD % len(answer) + answer)

def listen(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]  # the second for the page alone
print(*(door.getsockname()[1] for door in doors), flush=True)
threading.Thread(target=listen, args=doors[1:], daemon=True).start()
listen(doors[0])
PY
cat > one.php <<'PHP'
<?php
$client = curl_init();
foreach (array_slice($argv, 1) as $url) {
    curl_setopt_array($client, [CURLOPT_URL => $url, CURLOPT_POSTFIELDS => 'x', CURLOPT_RETURNTRANSFER => true]);
    curl_exec($client);
}
PHP
cat > Old.java <<'JAVA'
class Old {
    public static void main(String[] urls) throws Exception {
        for (String url : urls) {
            var one = (java.net.HttpURLConnection) new java.net.URL(url).openConnection();
            one.setDoOutput(true);
            one.getOutputStream().write('x');
            try { one.getInputStream().readAllBytes(); } catch (java.io.IOException lost) { }
        }
    }
}
JAVA
cat > New.java <<'JAVA'
import java.net.http.*;

class New {
    public static void main(String[] urls) throws Exception {
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (String url : urls) {
            var one = HttpRequest.newBuilder(java.net.URI.create(url)).POST(HttpRequest.BodyPublishers.ofString("x")).build();
            try { client.send(one, HttpResponse.BodyHandlers.ofString()); } catch (java.io.IOException lost) { }
        }
    }
}
JAVA
cat > Ok.java <<'JAVA'
import okhttp3.*;

class Ok {
    public static void main(String[] urls) {
        var client = new OkHttpClient();
        for (String url : urls) {
            var one = new Request.Builder().url(url).post(RequestBody.create(null, "x")).build();
            try { client.newCall(one).execute().body().string(); } catch (java.io.IOException lost) { }
        }
        System.exit(0);
    }
}
JAVA
cat > one.js <<'JS'
(async () => { for (const url of process.argv.slice(2))
  try { await (await fetch(url, {method: 'POST', body: 'x'})).text(); } catch {} })();
JS
cat > one.go <<'GO'
package main

import ("io"; "net/http"; "os"; "strings")

func main() {
	for _, url := range os.Args[1:] {
		if reply, err := http.Post(url, "text/plain", strings.NewReader("x")); err == nil {
			io.Copy(io.Discard, reply.Body)
			reply.Body.Close()
		}
	}
}
GO
cat > one.rb <<'RUBY'
require "net/http"
Net::HTTP.start("127.0.0.1", URI(ARGV[0]).port) { |client| ARGV.each { |url| client.post(URI(url).path, "x") rescue EOFError } }
RUBY
cat > one.py <<'PY'
import sys, requests
client = requests.Session()
for url in sys.argv[1:]:
    try:
        client.post(url, data=b"x")
    except requests.ConnectionError:
        pass
PY
go build -o one-go one.go
python3 service.py >ports &
server=$!
until [ -s ports ]; do sleep 0.1; done
read -r port page <ports
address=http://127.0.0.1:$port

posts() { # URL...: what each client is run as, with one connection for all
  "${client[@]}" "$@" >/dev/null 2>&1 || true
}
browse() { # URL...: a page from elsewhere asks for them
  local urls=$*
  chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update \
    --disable-sync --user-data-dir="$work/profile" --virtual-time-budget=8000 --dump-dom "http://127.0.0.1:$page/page#${urls// /,}"
}
curls() { local urls=(); for url in "$@"; do urls+=(-d x "$url"); done; curl "${urls[@]}"; }
arrived() { # NAME COMMAND...
  local name=$1 kept new
  client=("${@:2}")
  curl -s "$address/count" >/dev/null
  posts "$address/warm" "$address/lost"
  kept=$(curl -s "$address/count")
  posts "$address/lost"
  new=$(curl -s "$address/count")
  echo "$name $kept $new"
}
jars=/usr/share/java/okhttp.jar:/usr/share/java/okio.jar
seen=$(
  arrived curl curls
  arrived 'php, curl' php one.php
  arrived wget wget -q -O- --waitretry=0 --post-data=x
  arrived 'java, HttpURLConnection' java Old.java
  arrived 'java, HttpURLConnection, retryPost=false' java -Dsun.net.http.retryPost=false Old.java
  arrived 'java, OkHttp' java -cp $jars Ok.java
  arrived 'chromium, fetch' browse
  arrived 'java, java.net.http' java New.java
  arrived 'node, fetch' node one.js
  arrived 'go, net/http' ./one-go
  arrived 'ruby, Net::HTTP' ruby one.rb
  arrived 'python, requests' venv/bin/python one.py
)
echo "$seen"
expected='curl 2 1
php, curl 2 1
wget 20 20
java, HttpURLConnection 2 2
java, HttpURLConnection, retryPost=false 1 1
java, OkHttp 2 1
chromium, fetch 2 1
java, java.net.http 1 1
node, fetch 1 1
go, net/http 1 1
ruby, Net::HTTP 1 1
python, requests 1 1'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
