#!/usr/bin/env bash
# Installs what the hostile tests of the native code need on Debian or Ubuntu and leaves alone what is there already: gcc with its
# sanitizers, clang with libFuzzer and its sanitizers, valgrind with the symbols of the C library, Free Pascal.
#
#     tests/hostile/native/setup.sh
#
# Exit code 1, and the reason on standard error, where something is missing that this script cannot install.
set -euo pipefail

missing=()

fail() {
  echo "test-hostile: $*" >&2
  exit 1
}

# Whether COMMAND... makes a program of a C text.
compiles() { # TEXT COMMAND...
  local text=$1 folder
  shift
  folder=$(mktemp -d)
  "$@" -x c -o "$folder/program" - <<<"$text" >/dev/null 2>&1
  local result=$?
  rm -rf --one-file-system "$folder"
  return $result
}

has_gcc() {
  compiles 'int main(void) { return 0; }' gcc -fsanitize=address,undefined
}

has_libfuzzer() {
  compiles 'int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' clang -fsanitize=fuzzer,address,undefined
}

has_valgrind() {
  valgrind --error-exitcode=9 true >/dev/null 2>&1
}

has_pascal() {
  local folder result
  folder=$(mktemp -d)
  printf 'begin end.' >"$folder/program.pas"
  fpc -v0 "$folder/program.pas" >/dev/null 2>&1
  result=$?
  rm -rf --one-file-system "$folder"
  return $result
}

has_gcc || missing+=(gcc libc6-dev)
has_libfuzzer || missing+=(clang libclang-rt-dev)
has_valgrind || missing+=(valgrind libc6-dbg)
has_pascal || missing+=(fp-compiler)
[ "${#missing[@]}" -gt 0 ] || exit 0

command -v apt-get >/dev/null || fail "needs ${missing[*]}; this script installs them on Debian and Ubuntu only"
[ "$(id -u)" = 0 ] || fail "needs the packages ${missing[*]}; run it as root once, or install them yourself"

export DEBIAN_FRONTEND=noninteractive
{
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
} >&2
has_gcc || fail "gcc compiles nothing with -fsanitize=address,undefined although it is installed"
has_libfuzzer || fail "clang compiles nothing with -fsanitize=fuzzer although it is installed"
has_pascal || fail "fpc compiles nothing although it is installed"
has_valgrind || fail "valgrind runs nothing although it is installed"
