/* loading_host STEP...: a plug-in host, not linked to Python, that does the steps in their order.
 *
 *     load PATH      loads a library hidden from all others (RTLD_LOCAL); calls then go to it
 *     deep PATH      the same with RTLD_DEEPBIND
 *     beside PATH    loads it from a thread that ends
 *     hidden PATH    loads a library that has nothing to do with this one, hidden as well
 *     unload         lets the library loaded last go; its functions are still called, as hosts do by mistake
 *     call           reads basic data, prints code, length and first byte
 *     small KIB      the same call from a thread with a stack of so many KiB, or the least the system allows
 *     busy COUNT     COUNT threads that call until the process ends
 *     enter FOLDER   changes the working directory
 *     remove FOLDER  removes an empty folder
 *     files COUNT    allows no more than COUNT open files
 *     closed         closes the standard streams, calls, and tells how
 *                    many of their numbers belong to something else now
 *     leave          ends the process by exit(0), whatever runs
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 72, KEPT_STREAM = 9 };

typedef int (*read_function)(char *, short *);

static read_function read_basic_data;
static void *library;

static void give_up(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(2);
}

static void load(const char *path, int mode)
{
    void *found;

    library = dlopen(path, RTLD_NOW | RTLD_LOCAL | mode);
    if (library == NULL)
        give_up(dlerror());
    found = dlsym(library, "hisGetBasicData");
    if (found == NULL)
        give_up(dlerror());
    memcpy(&read_basic_data, &found, sizeof found);
}

static void *load_here(void *path)
{
    load(path, 0);
    return NULL;
}

static void *call_once(void *line)
{
    char buffer[ROOM];
    short length = ROOM;
    int code;

    memset(buffer, '.', sizeof buffer);
    code = read_basic_data(buffer, &length);
    if (line != NULL)
        sprintf(line, "%d %d %c\n", code, length, buffer[0]);
    return NULL;
}

static void *call_for_ever(void *unused)
{
    while (unused == NULL)
        call_once(NULL);
    return NULL;
}

static pthread_t start(void *(*work)(void *), void *argument, size_t stack)
{
    pthread_attr_t attributes;
    pthread_t thread;

    if (stack > 0 && stack < (size_t)sysconf(_SC_THREAD_STACK_MIN))
        stack = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    pthread_attr_init(&attributes);
    if (stack > 0 && pthread_attr_setstacksize(&attributes, stack) != 0)
        give_up("no such stack");
    if (pthread_create(&thread, &attributes, work, argument) != 0)
        give_up("no thread");
    return thread;
}

/* What a program prints into a number that a socket or a file of the library took would go there. */
static int taken_streams(void)
{
    struct stat facts;
    int number, taken = 0;

    for (number = STDIN_FILENO; number <= STDERR_FILENO; number++)
        taken += fstat(number, &facts) == 0 && !S_ISCHR(facts.st_mode);
    return taken;
}

static void with_closed_streams(void)
{
    char line[64], outcome[128];
    int number, length;

    if (dup2(STDOUT_FILENO, KEPT_STREAM) != KEPT_STREAM)
        give_up("no descriptor");
    for (number = STDIN_FILENO; number <= STDERR_FILENO; number++)
        close(number);
    call_once(line);
    length = sprintf(outcome, "%staken: %d\n", line, taken_streams());
    if (write(KEPT_STREAM, outcome, (size_t)length) != length)
        exit(2);
}

/* Does one step; out: how many arguments it took. */
static int step(char **arguments)
{
    char line[64] = "";
    int i;

    if (strcmp(arguments[0], "load") == 0) {
        load(arguments[1], 0);
        return 2;
    }
    if (strcmp(arguments[0], "deep") == 0) {
        load(arguments[1], RTLD_DEEPBIND);
        return 2;
    }
    if (strcmp(arguments[0], "beside") == 0) {
        pthread_join(start(load_here, arguments[1], 0), NULL);
        return 2;
    }
    if (strcmp(arguments[0], "hidden") == 0) {
        if (dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) == NULL)
            give_up(dlerror());
        return 2;
    }
    if (strcmp(arguments[0], "small") == 0) {
        pthread_join(start(call_once, line, (size_t)atoi(arguments[1]) * 1024), NULL);
        printf("%s", line);
        return 2;
    }
    if (strcmp(arguments[0], "busy") == 0) {
        for (i = atoi(arguments[1]); i > 0; i--)
            (void)start(call_for_ever, NULL, 0);
        usleep(200000);
        return 2;
    }
    if (strcmp(arguments[0], "enter") == 0) {
        if (chdir(arguments[1]) != 0)
            give_up("no such folder");
        return 2;
    }
    if (strcmp(arguments[0], "files") == 0) {
        struct rlimit limit = {(rlim_t)atoi(arguments[1]), (rlim_t)atoi(arguments[1])};
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            give_up("no limit");
        return 2;
    }
    if (strcmp(arguments[0], "remove") == 0) {
        if (rmdir(arguments[1]) != 0)
            give_up("cannot be removed");
        return 2;
    }
    if (strcmp(arguments[0], "unload") == 0)
        dlclose(library);
    else if (strcmp(arguments[0], "closed") == 0)
        with_closed_streams();
    else if (strcmp(arguments[0], "leave") == 0)
        exit(0);
    else if (strcmp(arguments[0], "call") == 0)
        call_once(line);
    else
        give_up("no such step");
    printf("%s", line);
    fflush(stdout);
    return 1;
}

int main(int count, char **arguments)
{
    int at = 1;

    while (at < count)
        at += step(arguments + at);
    return 0;
}
