#!/usr/bin/env bash
# NSwag 13.20.0: of an operationId A_B_C the class is B, the method C, and A is forgotten; two such operations are one method.
#
# Behaviour: by default (MultipleClientsFromOperationId) NSwag splits an operationId at "_" and takes the last two parts. The ids
#   V1000_VNHI_Upload and V2000_VNHI_Upload, different as OpenAPI wants it, give one class VNHIClient with the method UploadAsync
#   twice, which no C# compiler takes. With V1000_VNHIUpload and V2000_VNHIUpload there are two classes. openapi-generator 7.26.0
#   takes the whole id for both.
# Seen (ids: classes, methods with the same name and parameters in one class):
#   V1000_VNHI_Upload V2000_VNHI_Upload: VNHIClient, 1
#   V1000_VNHIUpload V2000_VNHIUpload: V1000Client V2000Client, 0
# What it means here: the operationIds of the bridge's document have one "_" at most: group and rest of the path
#   (bridge/rest/openapi/schema_parts.py, Tags.operation_id).
# Needs npm and mono (6.8, with mcs and the packages of tests/runtimes/setup.sh). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund nswag@13.20.0
tools=node_modules/nswag/bin/binaries/Win

look() { # ID ID
  cat > document.json <<JSON
{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {
  "/a": {"post": {"operationId": "$1", "responses": {"200": {"description": "d"}}}},
  "/b": {"post": {"operationId": "$2", "responses": {"200": {"description": "d"}}}}}}
JSON
  mono "$tools/NSwag.exe" openapi2csclient /input:document.json /namespace:Sdk '/classname:{controller}Client' \
    /output:Client.cs >/dev/null
  classes=$(sed -n 's/.*public partial class \(\w*Client\) *\r*$/\1/p' Client.cs | sort -u | tr '\n' ' ')
  sed -i 's/ is null)/ == null)/' Client.cs # Mono's compiler does not know it
  twice=$(mcs -target:library -warn:0 -r:System.Net.Http -r:"$tools/Newtonsoft.Json.dll" -out:client.dll Client.cs 2>&1 |
    grep -c "error CS0111: A member .*UploadAsync()'" || true)
  echo "$1 $2: ${classes% }, $twice"
}

seen=$(look V1000_VNHI_Upload V2000_VNHI_Upload; look V1000_VNHIUpload V2000_VNHIUpload)
echo "$seen"
expected='V1000_VNHI_Upload V2000_VNHI_Upload: VNHIClient, 1
V1000_VNHIUpload V2000_VNHIUpload: V1000Client V2000Client, 0'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
