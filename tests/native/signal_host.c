#define _DEFAULT_SOURCE
/* signal_host LIBRARY: calls csCloseCom; a handler of SIGUSR1 does so, too.
 * Prints the codes of the outer call, of the handler's and of a third one.
 * signal_host LIBRARY storm: the same under an alarm every 150 microseconds, 400 times.
 * Prints how many of the outer calls succeeded and whether any of the handler's failed. */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

enum { CALLS = 400, MICROSECONDS = 150 };

static int (*call)(void);
static volatile sig_atomic_t inner = -1, failed;

static void handle(int number)
{
    (void)number;
    inner = call();
    failed |= inner == 4000;
}

static int storm(void)
{
    struct itimerval often = {{0, MICROSECONDS}, {0, MICROSECONDS}}, never = {{0, 0}, {0, 0}};
    int i, succeeded = 0;

    setitimer(ITIMER_REAL, &often, NULL);
    for (i = 0; i < CALLS; i++)
        succeeded += call() == 7;
    setitimer(ITIMER_REAL, &never, NULL);
    printf("%d %d\n", succeeded, (int)failed);
    return 0;
}

int main(int count, char **given)
{
    void *library = count > 1 ? dlopen(given[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void *found = library != NULL ? dlsym(library, "csCloseCom") : NULL;
    struct sigaction action;
    int outer;

    if (found == NULL)
        return 2;
    memcpy(&call, &found, sizeof call);
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    if (count > 2)
        return storm();
    outer = call();
    printf("outer %d inner %d afterwards %d\n", outer, (int)inner, call());
    return 0;
}
