#define WIN32_LEAN_AND_MEAN
#include "platform.h"

#include <windows.h>

#include <string.h>

/* The slot is of the fiber-local kind because only that one has a callback at the end of a thread; threads need not use fibers. */
static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static DWORD slot = FLS_OUT_OF_INDEXES;
static void (*slot_gone)(void *);

static void WINAPI thread_ends(void *value)
{
    if (value != NULL)
        slot_gone(value);
}

/* Never unloaded: a thread's end calls into the library even if the program has freed it meanwhile. */
static bool pin(void)
{
    static const char inside = 0;
    HMODULE library;

    return GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN, &inside, &library) != FALSE;
}

static BOOL CALLBACK start(PINIT_ONCE unused, void *gone, void **context)
{
    WSADATA data;

    (void)unused;
    (void)context;
    memcpy(&slot_gone, gone, sizeof slot_gone);
    if (!pin() || WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return FALSE;
    slot = FlsAlloc(thread_ends);
    return slot != FLS_OUT_OF_INDEXES;
}

bool cshis_platform_start(void (*gone)(void *))
{
    return InitOnceExecuteOnce(&once, start, &gone, NULL) != FALSE;
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
    WIN32_FILE_ATTRIBUTE_DATA facts;

    if (!GetFileAttributesExA(path, GetFileExInfoStandard, &facts) ||
        (facts.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE)) != 0)
        return false;
    *size = (uint64_t)facts.nFileSizeHigh << 32 | facts.nFileSizeLow;
    return true;
}

bool cshis_library_folder(char *folder, size_t room)
{
    static const char inside = 0;
    HMODULE library;
    DWORD length;
    char *slash;

    if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, &inside, &library))
        return false;
    length = GetModuleFileNameA(library, folder, (DWORD)room);
    slash = length > 0 && length < room ? strrchr(folder, '\\') : NULL;
    if (slash == NULL)
        return false;
    slash[1] = '\0';
    return true;
}

cshis_socket cshis_new_socket(int family)
{
    u_long on = 1;
    SOCKET made = WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);

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
