"""Names of the files that are placed beside programs, and where official software looks for them."""

from __future__ import annotations

from pathlib import Path

OFFICIAL_PATH = Path("/nhi/lib/cshis50.so")
DLL = "cshis.dll"
ORIGINAL = "cshis_original.dll"
LINUX_LIBRARY = "libcshis.so"
LINUX_ORIGINAL = "libcshis_original.so"
RECORDER_INI = "cshis-recorder.ini"
BEFORE_BRIDGE = ".before-bridge"  # ending of what a program had before
RECORDER = "recorder"  # the folder of the recorders below win32 and win64
