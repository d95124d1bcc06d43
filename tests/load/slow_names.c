/* Loaded before the system's library (LD_PRELOAD): a name
 * server that leaves questions about SLOW_NAME unanswered. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS = 30 };

typedef int (*lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    const char *slow = getenv("SLOW_NAME");
    void *next = dlsym(RTLD_NEXT, "getaddrinfo");
    lookup system_lookup;

    memcpy(&system_lookup, &next, sizeof next);
    if (name != NULL && slow != NULL && strcmp(name, slow) == 0) {
        sleep(SECONDS);
        return EAI_AGAIN;
    }
    return system_lookup(name, service, hints, found);
}
