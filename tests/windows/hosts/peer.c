/* peer HOW: listens, connects to itself, and prints 1
 * where the library would trust who listens there, else 0.
 * HOW: "real" asks Windows. Else the table of sockets is made here, and says that the listener belongs
 * to process "0", to this one ("self"), to one that is "gone";
 * to this one, whose user is another ("stranger");
 * to somebody who listens on all addresses ("anywhere");
 * "empty": nobody listens; "none": there is no table. */
#define WIN32_LEAN_AND_MEAN
#include "peer.h"

#include <windows.h>

#include <iphlpapi.h>

#include <stdio.h>
#include <string.h>

#include "stream.h"
#include "system_win32.h"

static const char *how;
static u_short port; /* in network order */

static BOOL WINAPI never_equal(PSID one, PSID other)
{
    (void)one;
    (void)other;
    return FALSE;
}

static DWORD process(void)
{
    if (strcmp(how, "0") == 0)
        return 0;
    return strcmp(how, "gone") == 0 ? 0xFFFFFFFCu : GetCurrentProcessId();
}

static DWORD WINAPI table_of_one(PVOID to, PDWORD size, BOOL sorted, ULONG family, TCP_TABLE_CLASS kind,
                                 ULONG zero)
{
    MIB_TCPTABLE_OWNER_PID *table = to;

    (void)sorted;
    (void)zero;
    if (kind != TCP_TABLE_OWNER_PID_LISTENER || *size < sizeof *table)
        return ERROR_INSUFFICIENT_BUFFER;
    memset(table, 0, sizeof *table);
    if (family != AF_INET || strcmp(how, "empty") == 0)
        return NO_ERROR;
    table->dwNumEntries = 1;
    table->table[0].dwState = MIB_TCP_STATE_LISTEN;
    table->table[0].dwLocalAddr = strcmp(how, "anywhere") == 0 ? 0 : htonl(INADDR_LOOPBACK);
    table->table[0].dwLocalPort = port;
    table->table[0].dwOwningPid = strcmp(how, "anywhere") == 0 ? 0xFFFFFFFCu : process();
    return NO_ERROR;
}

HMODULE cshis_system_library(const char *name)
{
    return LoadLibraryA(name);
}

bool cshis_find_function(HMODULE library, const char *name, void *pointer)
{
    FARPROC found = GetProcAddress(library, name);
    bool ours = strcmp(how, "real") != 0;

    if (ours && strcmp(name, "GetExtendedTcpTable") == 0)
        found = strcmp(how, "none") == 0 ? NULL : (FARPROC)(void *)table_of_one;
    if (strcmp(how, "stranger") == 0 && strcmp(name, "EqualSid") == 0)
        found = (FARPROC)(void *)never_equal;
    memcpy(pointer, &found, sizeof found);
    return found != NULL;
}

static void nothing(void *value)
{
    (void)value;
}

int main(int count, char **given)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int length = sizeof here;
    char number[8];
    SOCKET listening;

    how = count > 1 ? given[1] : "";
    if (!cshis_platform_start(nothing))
        return 1;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listening = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0 || listen(listening, 4) != 0 ||
        getsockname(listening, (struct sockaddr *)&here, &length) != 0)
        return 1;
    port = here.sin_port;
    snprintf(number, sizeof number, "%u", ntohs(port));
    printf("%d\n", cshis_peer_is_trusted(cshis_connect("127.0.0.1", number, cshis_now() + 2000)));
    return 0;
}
