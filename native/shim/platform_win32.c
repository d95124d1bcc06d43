#define WIN32_LEAN_AND_MEAN
#include "platform.h"

#include <windows.h>

#include <string.h>

#define WRITABLE_PAGE (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)

/* The slot is of the fiber-local kind because only that one has a
 * callback at the end of a thread; threads need not use fibers. */
static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static DWORD slot = FLS_OUT_OF_INDEXES;
static void (*slot_gone)(void *);
static INIT_ONCE mark_once = INIT_ONCE_STATIC_INIT;
static DWORD mark = TLS_OUT_OF_INDEXES; /* when the thread's call ends at the latest; 0: none is under way */

static void WINAPI thread_ends(void *value)
{
    if (value != NULL)
        slot_gone(value);
}

/* Winsock stays in the process until it ends: what WSAStartup began may not be
 * ended in DllMain, and nowhere else do we learn that the program lets us go.
 * Without this, each loading and letting go would leave some of its handles behind. */
static bool keep_winsock(void)
{
    HMODULE library;

    return GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN, "ws2_32.dll", &library) != FALSE;
}

static BOOL CALLBACK start(PINIT_ONCE unused, void *gone, void **context)
{
    WSADATA data;

    (void)unused;
    (void)context;
    memcpy(&slot_gone, gone, sizeof slot_gone);
    if (!keep_winsock() || WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return FALSE;
    slot = FlsAlloc(thread_ends);
    return slot != FLS_OUT_OF_INDEXES;
}

void cshis_platform_end(void)
{
    if (mark != TLS_OUT_OF_INDEXES)
        (void)TlsFree(mark);
    mark = TLS_OUT_OF_INDEXES;
    if (slot != FLS_OUT_OF_INDEXES)
        (void)FlsFree(slot);
    slot = FLS_OUT_OF_INDEXES;
}

bool cshis_platform_start(void (*gone)(void *))
{
    return InitOnceExecuteOnce(&once, start, &gone, NULL) != FALSE;
}

static BOOL CALLBACK make_mark(PINIT_ONCE unused, void *nothing, void **context)
{
    (void)unused;
    (void)nothing;
    (void)context;
    mark = TlsAlloc();
    return mark != TLS_OUT_OF_INDEXES;
}

/* A pointer that stands for a time; never NULL. Times are told apart within 24 days. */
static void *stamp_of(int64_t time)
{
    return (void *)(uintptr_t)((uint32_t)time | 1u);
}

bool cshis_enter(int64_t until)
{
    bool made = InitOnceExecuteOnce(&mark_once, make_mark, NULL, NULL) != FALSE;
    uint32_t marked = made ? (uint32_t)(uintptr_t)TlsGetValue(mark) : 0;

    if (marked != 0 && (int32_t)(marked - (uint32_t)cshis_now()) > 0)
        return false;
    return !made || TlsSetValue(mark, stamp_of(until)) != FALSE;
}

void cshis_leave(void)
{
    if (mark != TLS_OUT_OF_INDEXES)
        (void)TlsSetValue(mark, NULL);
}

void *cshis_thread_value(void)
{
    return FlsGetValue(slot);
}

bool cshis_set_thread_value(void *value)
{
    return FlsSetValue(slot, value) != FALSE;
}

int64_t cshis_now(void)
{
    return (int64_t)GetTickCount64();
}

void cshis_pause(int64_t milliseconds)
{
    if (milliseconds > 0)
        Sleep((DWORD)milliseconds);
}

unsigned long cshis_process(void)
{
    return GetCurrentProcessId();
}

bool cshis_environment(const char *name, char *value, size_t room)
{
    DWORD length = GetEnvironmentVariableA(name, value, (DWORD)room);

    return length > 0 && length < room;
}

bool cshis_regular_file(const char *path, uint64_t *size)
{
    const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    HANDLE file = CreateFileA(path, FILE_READ_ATTRIBUTES, share, NULL, OPEN_EXISTING, 0, NULL);
    LARGE_INTEGER length;
    bool regular;

    if (file == INVALID_HANDLE_VALUE) /* a folder cannot be opened in this way */
        return false;
    regular = GetFileType(file) == FILE_TYPE_DISK && GetFileSizeEx(file, &length);
    CloseHandle(file);
    if (regular)
        *size = (uint64_t)length.QuadPart;
    return regular;
}

void cshis_overwrite(void *to, const void *from, size_t length)
{
    if (cshis_writable(to, length))
        memcpy(to, from, length);
}

bool cshis_library_path(char *path, size_t room)
{
    static const char inside = 0;
    HMODULE library;
    DWORD length;

    if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            &inside, &library))
        return false;
    length = GetModuleFileNameA(library, path, (DWORD)room);
    return length > 0 && length < room;
}

bool cshis_library_folder(char *folder, size_t room)
{
    char *slash = cshis_library_path(folder, room) ? strrchr(folder, '\\') : NULL;

    if (slash == NULL)
        return false;
    slash[1] = '\0';
    return true;
}

/* Names are characters here, and a program's bytes are in the ANSI code page. */
bool cshis_other_name(unsigned attempt, const char *name, char *other, size_t room)
{
    (void)attempt;
    (void)name;
    (void)other;
    (void)room;
    return false;
}

/* The size of the run of pages from at on whose protection is among wanted, 0 for none.
 * A guard page is not touched: that would take away the guard of some thread's stack. */
static size_t run_of_pages(const char *at, DWORD wanted)
{
    MEMORY_BASIC_INFORMATION facts;

    if (VirtualQuery(at, &facts, sizeof facts) == 0 || facts.State != MEM_COMMIT ||
        (facts.Protect & PAGE_GUARD) != 0 || (facts.Protect & wanted) == 0)
        return 0;
    return (size_t)((const char *)facts.BaseAddress + facts.RegionSize - at);
}

static size_t accessible(const char *at, size_t most, DWORD wanted)
{
    size_t found = 0;
    size_t run = 1;

    while (found < most && run > 0) {
        run = run_of_pages(at + found, wanted);
        found += run;
    }
    return found < most ? found : most;
}

size_t cshis_readable(const void *from, size_t most)
{
    return accessible(from, most, WRITABLE_PAGE | PAGE_READONLY | PAGE_EXECUTE_READ);
}

bool cshis_writable(const void *to, size_t length)
{
    return accessible(to, length, WRITABLE_PAGE) == length;
}

/* Windows 7 without its service pack knows no sockets that are not inherited from the start. */
static SOCKET socket_not_inherited(int family)
{
    SOCKET made = WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0,
                             WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);

    if (made != INVALID_SOCKET)
        return made;
    made = WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (made != INVALID_SOCKET)
        (void)SetHandleInformation((HANDLE)made, HANDLE_FLAG_INHERIT, 0);
    return made;
}

cshis_socket cshis_new_socket(int family)
{
    u_long on = 1;
    SOCKET made = socket_not_inherited(family);

    if (made != INVALID_SOCKET && ioctlsocket(made, FIONBIO, &on) != 0) {
        closesocket(made);
        return CSHIS_NO_SOCKET;
    }
    return made;
}

void cshis_close_socket(cshis_socket socket)
{
    closesocket(socket);
}

bool cshis_would_block(void)
{
    return WSAGetLastError() == WSAEWOULDBLOCK;
}

/* select, not WSAPoll: older systems never report a refused connection through WSAPoll. */
int cshis_poll(cshis_socket socket, bool write, int64_t milliseconds)
{
    struct timeval wait = {(long)(milliseconds / 1000), (long)(milliseconds % 1000 * 1000)};
    fd_set watched, failed;

    FD_ZERO(&watched);
    FD_ZERO(&failed);
    FD_SET(socket, &watched);
    FD_SET(socket, &failed);
    return select(0, write ? NULL : &watched, write ? &watched : NULL, &failed, &wait);
}

long cshis_send_some(cshis_socket socket, const void *data, size_t length)
{
    return send(socket, data, (int)length, 0);
}
