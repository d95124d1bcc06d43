#define _DEFAULT_SOURCE
/* fork_host LIBRARY [closed]: calls csCloseCom before a fork,
 * then in the child, then in the parent, and prints the codes.
 * With "closed" it has no standard output and error, prints all the same and calls twice. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/wait.h>

typedef int (*close_function)(void);

static int with_closed_streams(close_function call)
{
    int code;

    close(1);
    close(2);
    code = call();
    if (write(1, "printed", 7) == 7 || write(2, "printed", 7) == 7)
        return 1;
    return code != 0 || call() != 0;
}

static int forking(close_function call)
{
    int status;
    pid_t child;

    printf("before %d\n", call());
    fflush(stdout);
    child = fork();
    if (child == 0) {
        printf("child %d\n", call());
        fflush(stdout);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        return 1;
    printf("parent %d\n", call());
    return 0;
}

int main(int count, char **given)
{
    void *library = count > 1 ? dlopen(given[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void *found = library != NULL ? dlsym(library, "csCloseCom") : NULL;
    close_function call;

    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    memcpy(&call, &found, sizeof call);
    return count > 2 ? with_closed_streams(call) : forking(call);
}
