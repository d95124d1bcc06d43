/* shim_calls LIBRARY FUNCTION CALLS WARM_UP THREADS
 * [PAUSE_MS]: a hospital program that does nothing but call.
 *
 * Every thread makes WARM_UP calls, waits for the others, then makes
 * CALLS calls (with a pause before each, if given), all at once.
 * Where the bridge is, the library finds out as ever
 * (CSHIS_BRIDGE, or CSHIS_BRIDGE_CONFIG for the embedded one).
 * Prints one line of JSON: microseconds of a call as the program sees it, calls per second of all threads
 * together, and how many calls gave another code than the expected one (they count in the times). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "latencies.h"

enum { MOST_THREADS = 512, MOST_BUFFERS = 4, BUFFER_ROOM = 4096 };

/* A function that is called with out-buffers only.
 * with_lengths: each is followed by the address of its length. */
struct shape {
    const char *name;
    int expected;
    int buffers;
    short sizes[MOST_BUFFERS];
    int with_lengths;
};

static const struct shape shapes[] = {
    {"csGetVersionEx", 6000, 1, {128}, 0},
    {"csGetDateTime", 0, 1, {13}, 1},
    {"csCloseCom", 0, 0, {0}, 0},
    {"hisGetBasicData", 0, 1, {72}, 1},
    {"hisReadPrescription", 0, 4, {3660, 1320, 360, 120}, 1},
};

typedef int (*none)(void);
typedef int (*one)(void *);
typedef int (*two)(void *, void *);
typedef int (*eight)(void *, void *, void *, void *, void *, void *, void *, void *);

struct caller {
    pthread_t thread;
    int64_t *times;
    long failures;
    int last_failure;
};

static const struct shape *shape;
static void *function;
static pthread_barrier_t together;
static long calls, warm_up, pause_ms;

static int call_once(void)
{
    static _Thread_local char buffers[MOST_BUFFERS][BUFFER_ROOM];
    short lengths[MOST_BUFFERS];
    void *w[2 * MOST_BUFFERS];
    int i;

    memcpy(lengths, shape->sizes, sizeof lengths);
    for (i = 0; i < MOST_BUFFERS; i++) {
        w[2 * i] = buffers[i];
        w[2 * i + 1] = &lengths[i];
    }
    if (shape->buffers == 0)
        return ((none)function)();
    if (!shape->with_lengths)
        return ((one)function)(w[0]);
    if (shape->buffers == 1)
        return ((two)function)(w[0], w[1]);
    return ((eight)function)(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
}

static void rest(void)
{
    struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};

    if (pause_ms > 0)
        nanosleep(&pause, NULL);
}

static void *call_often(void *given)
{
    struct caller *caller = given;
    long i;

    for (i = 0; i < warm_up; i++)
        (void)call_once();
    pthread_barrier_wait(&together);
    pthread_barrier_wait(&together);
    for (i = 0; i < calls; i++) {
        int64_t start;
        int code;

        rest();
        start = now_ns();
        code = call_once();
        caller->times[i] = now_ns() - start;
        if (code != shape->expected) {
            caller->failures++;
            caller->last_failure = code;
        }
    }
    return NULL;
}

static void run(int threads)
{
    struct caller *callers = allocate_or_exit((size_t)threads * sizeof *callers);
    int64_t *times = allocate_or_exit((size_t)threads * (size_t)calls * sizeof *times);
    long failures = 0;
    int i, last = shape->expected;
    int64_t begun;

    pthread_barrier_init(&together, NULL, (unsigned)threads + 1);
    for (i = 0; i < threads; i++) {
        callers[i].times = times + (size_t)i * (size_t)calls;
        if (pthread_create(&callers[i].thread, NULL, call_often, &callers[i]) != 0) {
            fprintf(stderr, "no thread %d\n", i);
            exit(1);
        }
    }
    pthread_barrier_wait(&together);
    begun = now_ns();
    pthread_barrier_wait(&together);
    for (i = 0; i < threads; i++) {
        pthread_join(callers[i].thread, NULL);
        failures += callers[i].failures;
        if (callers[i].failures > 0)
            last = callers[i].last_failure;
    }
    begun = now_ns() - begun;
    printf("{\"function\": \"%s\", \"threads\": %d, \"failures\": %ld, \"last_code\": %d, ", shape->name,
           threads, failures, last);
    print_latencies(times, threads * calls, begun);
    printf("}\n");
    free(times);
    free(callers);
}

static const struct shape *find_shape(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(shapes[i].name, name) == 0)
            return &shapes[i];
    return NULL;
}

int main(int argc, char **argv)
{
    int threads = argc >= 6 ? atoi(argv[5]) : 0;
    void *library;

    shape = argc >= 6 ? find_shape(argv[2]) : NULL;
    calls = argc >= 6 ? atol(argv[3]) : 0;
    warm_up = argc >= 6 ? atol(argv[4]) : 0;
    pause_ms = argc == 7 ? atol(argv[6]) : 0;
    if (argc > 7 || shape == NULL || calls < 1 || warm_up < 0 || pause_ms < 0 || threads < 1 ||
        threads > MOST_THREADS) {
        fprintf(stderr, "usage: shim_calls LIBRARY FUNCTION CALLS WARM_UP THREADS [PAUSE_MS]\n");
        return 64;
    }
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    function = library != NULL ? dlsym(library, argv[2]) : NULL;
    if (function == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    run(threads);
    return 0;
}
