#!/usr/bin/env bash
# Free Pascal 3.2.2: floating-point exceptions end the program inside the C libraries that it calls, Python among them.
#
# Behaviour: Free Pascal's start-up unmasks three floating-point exceptions (invalid, division by zero, overflow) in the main
#   thread and in each of its own threads (Delphi's is said to do the same). C libraries count on all being masked. A thread that a library
#   starts meanwhile has the same mask: the kernel copies it. Whatever overflows there raises SIGFPE, which Pascal makes an
#   exception of its own (EOverflow) in the middle of the library; the program ends with exit code 217 where nobody catches it.
# Seen (the exceptions that are not masked as glibc's fegetexcept has them: 1 invalid, 4 division by zero, 8 overflow):
#   main thread: 13; a thread of the library: 13; 1e308 * 10: EOverflow, in Python 3.11: EOverflow
# What it means here: the embedded library gives every call, and so every thread that it starts, the environment that a C program
#   begins with, and the program its own back (native/embed/transport.c, tests/hostile/native/test_pascal.py).
# Needs fpc (3.2.2), cc, a Python 3.11 with its shared library and headers. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > library.c <<'C'
#define _GNU_SOURCE
#include <Python.h>
#include <fenv.h>
#include <pthread.h>

int unmasked(void) { return fegetexcept(); }
static void *in_thread(void *seen) { *(int *)seen = fegetexcept(); return NULL; }
int unmasked_in_a_thread(void)
{
    pthread_t thread;
    int seen = -1;
    if (pthread_create(&thread, NULL, in_thread, &seen) == 0)
        pthread_join(thread, NULL);
    return seen;
}
int overflow(void) { volatile double most = 1e308; most *= 10; return 0; }
int in_python(void) { Py_InitializeEx(0); return PyRun_SimpleString("1e308 * 10"); }
C
cat > program.pas <<'PASCAL'
program main;
{$mode objfpc}
uses cthreads, SysUtils, DynLibs;
type TCall = function: LongInt; cdecl;
var Handle: TLibHandle;
function Seen(Name: string): string;
begin
  try
    Result := IntToStr(TCall(GetProcedureAddress(Handle, Name))());
  except
    on Error: Exception do Result := Error.ClassName;
  end;
end;
begin
  Handle := LoadLibrary(ParamStr(1));
  Write('main thread: ', Seen('unmasked'), '; a thread of the library: ', Seen('unmasked_in_a_thread'));
  WriteLn('; 1e308 * 10: ', Seen('overflow'), ', in Python 3.11: ', Seen('in_python'));
end.
PASCAL
config=$(command -v python3.11-config || command -v python3-config)
# shellcheck disable=SC2046 # several words are meant
cc -shared -fPIC -o library.so library.c $("$config" --includes) $("$config" --embed --ldflags) -Wl,-rpath,"$("$config" --prefix)/lib"
fpc -v0 program.pas > /dev/null 2>&1
seen=$(./program "$PWD/library.so")
echo "$seen"
[ "$seen" = "main thread: 13; a thread of the library: 13; 1e308 * 10: EOverflow, in Python 3.11: EOverflow" ]
