#define WIN32_LEAN_AND_MEAN
#include "peer_search.h"

#include <windows.h>

#include <iphlpapi.h>

#include <stdlib.h>
#include <string.h>

#include "system_win32.h"

#define MOST_TRIES 8 /* the table may have grown since its size was asked for */
#define MOST_USER 256

typedef DWORD(WINAPI *table_of)(PVOID, PDWORD, BOOL, ULONG, TCP_TABLE_CLASS, ULONG);
typedef BOOL(WINAPI *open_token)(HANDLE, DWORD, PHANDLE);
typedef BOOL(WINAPI *token_facts)(HANDLE, TOKEN_INFORMATION_CLASS, LPVOID, DWORD, PDWORD);
typedef BOOL(WINAPI *equal)(PSID, PSID);

/* What advapi32.dll says of users. */
struct users {
    open_token open;
    token_facts facts;
    equal same;
};

union user {
    TOKEN_USER user;
    char room[MOST_USER];
};

static bool find_users(HMODULE library, struct users *users)
{
    return cshis_find_function(library, "OpenProcessToken", &users->open) &&
           cshis_find_function(library, "GetTokenInformation", &users->facts) &&
           cshis_find_function(library, "EqualSid", &users->same);
}

static bool user_of(const struct users *users, HANDLE process, union user *user)
{
    HANDLE token;
    DWORD length;
    bool told;

    if (!users->open(process, TOKEN_QUERY, &token))
        return false;
    told = users->facts(token, TokenUser, user, sizeof *user, &length) != FALSE;
    CloseHandle(token);
    return told;
}

/* A process that may not be asked is another user's, or runs with rights that this one has not. */
static bool is_same_user(const struct users *users, DWORD number)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, number);
    union user ours, theirs;
    bool same;

    if (process == NULL)
        return false;
    same = user_of(users, GetCurrentProcess(), &ours) && user_of(users, process, &theirs) &&
           users->same(ours.user.User.Sid, theirs.user.User.Sid) != FALSE;
    CloseHandle(process);
    return same;
}

static enum cshis_trust trust_in(DWORD process)
{
    HMODULE library = cshis_system_library("advapi32.dll");
    enum cshis_trust trust = CSHIS_UNTOLD;
    struct users users;

    if (process != 0 && find_users(library, &users))
        trust = is_same_user(&users, process) ? CSHIS_TRUSTED : CSHIS_STRANGER;
    if (library != NULL)
        FreeLibrary(library);
    return trust;
}

static void consider(struct cshis_search *search, const struct cshis_row *row, DWORD process)
{
    int rank = cshis_rank(search, row);

    if (rank > 0 && rank >= search->rank)
        cshis_consider(search, rank, trust_in(process));
}

static struct cshis_end end_v4(DWORD host, DWORD port)
{
    struct cshis_end end = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, ntohs((u_short)port)};

    memcpy(end.host + 12, &host, 4);
    return end;
}

static struct cshis_end end_v6(const UCHAR *host, DWORD port)
{
    struct cshis_end end;

    memcpy(end.host, host, sizeof end.host);
    end.port = ntohs((u_short)port);
    return end;
}

static void look_through_v4(struct cshis_search *search, const MIB_TCPTABLE_OWNER_PID *table)
{
    DWORD i;

    for (i = 0; i < table->dwNumEntries; i++) {
        const MIB_TCPROW_OWNER_PID *entry = &table->table[i];
        struct cshis_row row = {.local = end_v4(entry->dwLocalAddr, entry->dwLocalPort), .listening = true};
        consider(search, &row, entry->dwOwningPid);
    }
}

static void look_through_v6(struct cshis_search *search, const MIB_TCP6TABLE_OWNER_PID *table)
{
    DWORD i;

    for (i = 0; i < table->dwNumEntries; i++) {
        const MIB_TCP6ROW_OWNER_PID *entry = &table->table[i];
        struct cshis_row row = {.local = end_v6(entry->ucLocalAddr, entry->dwLocalPort), .listening = true};
        consider(search, &row, entry->dwOwningPid);
    }
}

/* The sockets that listen, to be freed; NULL where the system does not tell.
 * Those of connections are many more, and the tables of old systems are slow. */
static void *fetch(table_of fetch_table, ULONG family)
{
    DWORD size = 1 << 14;
    void *table = NULL;
    int tries;

    for (tries = 0; tries < MOST_TRIES; tries++) {
        DWORD told;
        free(table);
        table = malloc(size);
        if (table == NULL)
            return NULL;
        told = fetch_table(table, &size, FALSE, family, TCP_TABLE_OWNER_PID_LISTENER, 0);
        if (told == NO_ERROR)
            return table;
        if (told != ERROR_INSUFFICIENT_BUFFER)
            break;
        size += size / 2;
    }
    free(table);
    return NULL;
}

/* A socket of IPv6 may serve IPv4, too: it is asked for where no other is found. */
static bool look_through(struct cshis_search *search, table_of fetch_table)
{
    bool v4 = cshis_is_v4(&search->there);
    void *table = fetch(fetch_table, v4 ? AF_INET : AF_INET6);

    if (table != NULL && v4)
        look_through_v4(search, table);
    else if (table != NULL)
        look_through_v6(search, table);
    if (table != NULL && v4 && search->rank == 0) {
        free(table);
        table = fetch(fetch_table, AF_INET6);
        if (table != NULL)
            look_through_v6(search, table);
    }
    free(table);
    return table != NULL;
}

bool cshis_look_through_sockets(struct cshis_search *search)
{
    HMODULE library = cshis_system_library("iphlpapi.dll");
    table_of fetch_table;
    bool told = cshis_find_function(library, "GetExtendedTcpTable", &fetch_table) &&
                look_through(search, fetch_table);

    if (library != NULL)
        FreeLibrary(library);
    return told;
}
