/* embedded_host LIBRARY local|global THREADS CALLS [fork]: every
 * thread reads basic data CALLS times, all beginning at once.
 * Prints one line per distinct outcome: code, length, first byte of the buffer, how often.
 * With "fork" it then forks and prints the child's outcome as well. */
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM 72
#define MOST 64

typedef int (*read_function)(char *, short *);

struct outcome {
    int code, length, first, times;
};

static read_function read_basic_data;
static pthread_barrier_t together;
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static struct outcome outcomes[MOST];
static int calls;

static void count(int code, int length, int first)
{
    int i = 0;

    pthread_mutex_lock(&counting);
    while (i < MOST - 1 && outcomes[i].times > 0 &&
           (outcomes[i].code != code || outcomes[i].length != length || outcomes[i].first != first))
        i++;
    outcomes[i].code = code;
    outcomes[i].length = length;
    outcomes[i].first = first;
    outcomes[i].times++;
    pthread_mutex_unlock(&counting);
}

static void read_once(void)
{
    char buffer[ROOM];
    short length = ROOM;
    int code;

    memset(buffer, '.', sizeof buffer);
    code = read_basic_data(buffer, &length);
    count(code, length, buffer[0]);
}

static void *read_often(void *unused)
{
    int i;

    pthread_barrier_wait(&together);
    for (i = 0; i < calls; i++)
        read_once();
    return unused;
}

static void print(const char *who)
{
    int i;

    for (i = 0; i < MOST && outcomes[i].times > 0; i++)
        printf("%s %d %d %c %d\n", who, outcomes[i].code, outcomes[i].length, outcomes[i].first,
               outcomes[i].times);
    fflush(stdout);
}

static void run(int threads)
{
    pthread_t started[MOST];
    int i;

    pthread_barrier_init(&together, NULL, (unsigned)threads);
    for (i = 0; i < threads; i++)
        if (pthread_create(&started[i], NULL, read_often, NULL) != 0)
            abort();
    for (i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
}

static int in_child(void)
{
    int status = 1;
    pid_t child = fork();

    if (child == 0) {
        memset(outcomes, 0, sizeof outcomes);
        read_once();
        print("child");
        _exit(0);
    }
    return child < 0 || waitpid(child, &status, 0) != child || status != 0;
}

int main(int argc, char **argv)
{
    int mode = argc > 4 && strcmp(argv[2], "global") == 0 ? RTLD_GLOBAL : RTLD_LOCAL;
    void *library = argc > 4 ? dlopen(argv[1], RTLD_NOW | mode) : NULL;
    void *found = library != NULL ? dlsym(library, "hisGetBasicData") : NULL;
    int threads = argc > 4 ? atoi(argv[3]) : 0;

    if (found == NULL || threads < 1 || threads > MOST) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    memcpy(&read_basic_data, &found, sizeof found);
    calls = atoi(argv[4]);
    run(threads);
    print("host");
    return argc > 5 ? in_child() : 0;
}
