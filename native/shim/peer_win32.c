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
        struct cshis_row row = {end_v4(entry->dwLocalAddr, entry->dwLocalPort),
                                end_v4(entry->dwRemoteAddr, entry->dwRemotePort),
                                entry->dwState == MIB_TCP_STATE_LISTEN};
        consider(search, &row, entry->dwOwningPid);
    }
}

static void look_through_v6(struct cshis_search *search, const MIB_TCP6TABLE_OWNER_PID *table)
{
    DWORD i;

    for (i = 0; i < table->dwNumEntries; i++) {
        const MIB_TCP6ROW_OWNER_PID *entry = &table->table[i];
        struct cshis_row row = {end_v6(entry->ucLocalAddr, entry->dwLocalPort),
                                end_v6(entry->ucRemoteAddr, entry->dwRemotePort),
                                entry->dwState == MIB_TCP_STATE_LISTEN};
        consider(search, &row, entry->dwOwningPid);
    }
}

/* The whole table, to be freed; NULL where the system has none. */
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
        told = fetch_table(table, &size, FALSE, family, TCP_TABLE_OWNER_PID_ALL, 0);
        if (told == NO_ERROR)
            return table;
        if (told != ERROR_INSUFFICIENT_BUFFER)
            break;
        size += size / 2;
    }
    free(table);
    return NULL;
}

bool cshis_look_through_sockets(struct cshis_search *search)
{
    HMODULE library = cshis_system_library("iphlpapi.dll");
    void *v4 = NULL, *v6 = NULL;
    table_of fetch_table;
    bool found;

    if (cshis_find_function(library, "GetExtendedTcpTable", &fetch_table)) {
        v4 = fetch(fetch_table, AF_INET);
        v6 = fetch(fetch_table, AF_INET6);
    }
    if (v4 != NULL)
        look_through_v4(search, v4);
    if (v6 != NULL)
        look_through_v6(search, v6);
    found = v4 != NULL || v6 != NULL;
    free(v4);
    free(v6);
    if (library != NULL)
        FreeLibrary(library);
    return found;
}
