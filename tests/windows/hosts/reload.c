/*
 * reload.c - a program that loads the library, calls it and lets it go, many times.
 *
 *     reload LIBRARY ROUNDS
 *
 * In each round a second thread calls as well, stays alive while the library goes, and ends afterwards.
 * Prints after a tenth of the rounds and at the end: "round N handles N memory BYTES", memory being what
 * the process has allocated for itself.
 */
#include "caller.h"

#include <psapi.h>

typedef int (CARDAPI *PLAIN)(void);

struct second {
    PLAIN function;
    int code;
    HANDLE called, freed;
};

static void show(int round)
{
    PROCESS_MEMORY_COUNTERS memory;

    if (!GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory))
        fail("what the process has allocated cannot be had");
    printf("round %d handles %d memory %lu\n", round, open_handles(), (unsigned long)memory.PagefileUsage);
}

static DWORD WINAPI call_and_stay(LPVOID parameter)
{
    struct second *second = parameter;

    second->code = second->function();
    SetEvent(second->called);
    WaitForSingleObject(second->freed, INFINITE);
    return 0;
}

static void one_round(const char *path)
{
    struct second second = {NULL, -1, CreateEventA(NULL, FALSE, FALSE, NULL),
                            CreateEventA(NULL, FALSE, FALSE, NULL)};
    HMODULE library = load(path);
    HANDLE thread;
    int code;

    second.function = (PLAIN)find(library, "csCloseCom");
    thread = CreateThread(NULL, 0, call_and_stay, &second, 0, NULL);
    if (thread == NULL || WaitForSingleObject(second.called, INFINITE) != WAIT_OBJECT_0)
        fail("no second thread");
    code = second.function();
    if (code != 0 || second.code != 0)
        fail("csCloseCom answered %d and %d", code, second.code);
    if (!FreeLibrary(library) || GetModuleHandleA(path) != NULL || GetModuleHandleA("cshis.dll") != NULL)
        fail("the library did not go");
    SetEvent(second.freed);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(second.called);
    CloseHandle(second.freed);
}

int main(int argc, char **argv)
{
    int round, rounds;

    if (argc != 3)
        return EXIT_USAGE;
    rounds = atoi(argv[2]);
    for (round = 1; round <= rounds; round++) {
        one_round(argv[1]);
        if (round == rounds / 10 || round == rounds)
            show(round);
    }
    return 0;
}
