"""The five products of the native code and what each is made of: one table, read by native/build.py.

All come from the same runtime (shim) under exports that are generated from the mapping table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.table.codegen.sources import COMPONENT_CALLS, DEFINITION, EXPORTS, RECORDER_CALLS


@dataclass(frozen=True)
class Product:
    """One library.

    ``file``: its place under the platform's folder. ``calls``: the generated source. ``sources``: patterns of
    files under native/. ``exports``: the file that names its exports, generated or under native/.
    ``libraries``: of the system. ``resource``: what Windows shows of it; empty: it is built for this machine.
    """

    file: str
    calls: str
    sources: tuple[str, ...]
    exports: str
    libraries: tuple[str, ...]
    resource: str = ""


@dataclass(frozen=True)
class Windows:
    """One kind of Windows: folder, compilers to look for (``setting`` names another), the linker's extras."""

    bits: int
    folder: str
    setting: str
    commands: tuple[str, ...]
    windres: str
    package: str
    linking: tuple[str, ...]


def _shim(platform: str, *further: str) -> tuple[str, ...]:
    names = (
        "bytes",
        "file",
        "frame",
        "marshal",
        "call",
        "place",
        f"platform_{platform}",
        f"session_{platform}",
        *further,
    )
    return tuple(f"shim/{name}.c" for name in names)


_LINUX = _shim("posix")
_CHANNEL = ("stream", "wire", "channel", "greeting", "sha256", "peer", "peer_search")
_CLIENT = _shim("posix", *_CHANNEL, "peer_posix", "peer_linux", "identity_posix")
_WINDOWS = _shim("win32", *_CHANNEL, "peer_win32", "identity_win32", "system_win32")
_LIBRARY = "shim/library_win32.c"


def _routed(platform: str, *further: str) -> tuple[str, ...]:
    """What sends calls to the bridge or to the official library beside ours."""
    names = (
        "entry",
        "routes",
        "routing",
        "port",
        "visit",
        "person",
        "book",
        "sides",
        "words",
        "said",
        "question",
        "compare",
        "upload",
    )
    own = (f"{name}_{platform}" for name in ("host", "original", "invoke"))
    return tuple(f"cutover/{name}.c" for name in (*names, *own, *further))


PRODUCTS: Mapping[str, Product] = {
    # talks to a running bridge
    "client": Product("libcshis.so", EXPORTS, (*_CLIENT, *_routed("posix")), "libcshis.map", ("-ldl",)),
    # the bridge inside the program; native/embedding.py adds the interpreter
    "embedded": Product(
        "libcshis-embedded.so",
        EXPORTS,
        (*_LINUX, *(f"embed/{name}.c" for name in ("unrouted", "transport", "start", "other_python", "log"))),
        "libcshis.map",
        ("-ldl", "-lm"),
    ),
    # the client for Windows
    "cshis": Product(
        file="cshis.dll",
        calls=EXPORTS,
        sources=(*_WINDOWS, "shim/official_win32.c", *_routed("win32", "library_win32")),
        exports=DEFINITION,
        libraries=("-lws2_32",),
        resource="cshis.rc",
    ),
    # passes calls on to the official DLL and writes a trace (docs/migrate/recorder.md)
    "recorder": Product(
        file="recorder/cshis.dll",
        calls=RECORDER_CALLS,
        sources=("recorder/*.c", *_WINDOWS, "shim/official_win32.c"),
        exports=DEFINITION,
        libraries=("-lws2_32", "-ladvapi32"),
        resource="recorder.rc",
    ),
    # the COM component of the VPN (docs/install/cshisx.md)
    "cshisx": Product(
        file="CsHisX.dll",
        calls=COMPONENT_CALLS,
        sources=(*_WINDOWS, _LIBRARY, "com/*.c"),
        exports="com/cshisx.def",
        libraries=("-lws2_32", "-lole32", "-loleaut32", "-ladvapi32", "-luuid"),
        resource="cshisx.rc",
    ),
}


def _windows(bits: int, machine: str, *linking: str) -> Windows:
    tools = f"{machine}-w64-mingw32"
    return Windows(
        bits=bits,
        folder=f"win{bits}",
        setting=f"CSHIS_MINGW{bits}",
        # The win32 thread model first: the posix one would need a library of its own at run time.
        commands=(f"{tools}-gcc-win32", f"{tools}-gcc"),
        windres=f"{tools}-windres",
        package=f"gcc-mingw-w64-{machine.replace('_', '-')}-win32",
        linking=linking,
    )


WINDOWS: Mapping[int, Windows] = {
    32: _windows(32, "i686"),
    64: _windows(64, "x86_64", "-Wl,--high-entropy-va"),
}

# nodelete: a thread's end calls into the library even if the program has unloaded it meanwhile.
LINUX_FLAGS = ("-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread", "-Wl,-z,nodelete", "-Wl,-z,defs")
# The name without decoration goes into the export table, whatever the calling convention; nothing of the
# compiler's own may be needed at run time; neither time nor place of the build shows, so that the same
# sources give the same bytes.
WINDOWS_FLAGS = (
    "-O2", "-D_WIN32_WINNT=0x0601", "-shared", "-s", "-static-libgcc", "-Wl,--enable-stdcall-fixup",
    "-Wl,--no-insert-timestamp", "-Wl,--disable-auto-image-base", "-Wl,--dynamicbase", "-Wl,--nxcompat",
)  # fmt: skip
PROGRAM_FLAGS = (
    "-O2", "-D_WIN32_WINNT=0x0601", "-s", "-static-libgcc", "-municode",
    "-Wl,--no-insert-timestamp", "-Wl,--dynamicbase", "-Wl,--nxcompat", "-Wl,--high-entropy-va",
)  # fmt: skip
