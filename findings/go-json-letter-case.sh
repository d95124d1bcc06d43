#!/usr/bin/env bash
# Go 1.19, encoding/json: a name in other letter case fills a field too, and one of the wrong type fails the whole object.
#
# Behaviour: json.Unmarshal looks for the field whose tag is the name exactly, and takes one that differs in letter case where
#   there is none. With a single field `ERRORCODE string`, the text "ERRORCODE" fits it; a number "errorCode" behind it goes to
#   the same field, does not fit, and Unmarshal returns an error. With both fields declared each gets its own; with a field of
#   type interface{} the last one wins; without any such field nothing happens. The documentation says so ("preferring exact
#   matches but also accepting case-insensitive matches").
# Seen (fields of the struct, what Unmarshal says of {"ERRORCODE":"0","errorCode":0}, what ERRORCODE is then):
#   one string: json: cannot unmarshal number into Go struct field one.ERRORCODE of type string, "0"
#   two fields: ok, "0"
#   any type: ok, 0
# What it means here: replies of the bridge have the code under both names, since real clients look for either. A client that
#   declares only the text cannot be served by Go; PHP, on the other hand, cannot declare both, since its methods getERRORCODE
#   and getErrorCode are one. So the bridge's OpenAPI document declares ERRORCODE without a type, and facade.error_code leaves
#   one of the two out.
# Needs go (1.19). Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/main.go" <<'GO'
package main

import (
	"encoding/json"
	"fmt"
)

type one struct {
	Code string `json:"ERRORCODE"`
}

type two struct {
	Code   string `json:"ERRORCODE"`
	Number int    `json:"errorCode"`
}

type any_ struct {
	Code interface{} `json:"ERRORCODE"`
}

func said(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

func main() {
	reply := []byte(`{"ERRORCODE":"0","errorCode":0}`)
	var first one
	var second two
	var third any_
	fmt.Printf("one string: %s, ", said(json.Unmarshal(reply, &first)))
	fmt.Printf("%q\n", first.Code)
	fmt.Printf("two fields: %s, ", said(json.Unmarshal(reply, &second)))
	fmt.Printf("%q\n", second.Code)
	fmt.Printf("any type: %s, ", said(json.Unmarshal(reply, &third)))
	fmt.Printf("%v\n", third.Code)
}
GO
seen=$(go run "$work/main.go")
echo "$seen"
expected='one string: json: cannot unmarshal number into Go struct field one.ERRORCODE of type string, "0"
two fields: ok, "0"
any type: ok, 0'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
