/* load_and_call LIBRARY CALLS: what it costs a program to
 * load the library and to make its first call (csCloseCom).
 *
 * Prints one line of JSON: microseconds of loading, of the first call and
 * (median) of the CALLS calls after it; resident memory in KiB before loading,
 * after the first call and after all calls; the code of the first call;
 * microseconds of processor time that loading and first call took in all threads. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "latencies.h"

typedef int (*close_function)(void);

/* Resident KiB of this process, as the kernel counts them now. */
static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;

    if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) {
        fprintf(stderr, "no /proc/self/statm\n");
        exit(1);
    }
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Processor time of all threads so far; other work on the machine does not add to it. */
static int64_t processor_ns(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static double since_us(int64_t start)
{
    return (double)(now_ns() - start) / 1000.0;
}

int main(int argc, char **argv)
{
    long calls = argc == 3 ? atol(argv[2]) : 0, i, before, after_first;
    int64_t *times, start, used;
    double load, first;
    close_function call;
    void *library, *found;
    int code;

    if (calls < 1) {
        fprintf(stderr, "usage: load_and_call LIBRARY CALLS\n");
        return 64;
    }
    times = allocate_or_exit((size_t)calls * sizeof *times);
    memset(times, 1, (size_t)calls * sizeof *times); /* its pages are there before anything is measured */
    (void)resident_kib();                            /* likewise what the measuring itself needs */
    before = resident_kib();
    used = processor_ns();
    start = now_ns();
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    found = library != NULL ? dlsym(library, "csCloseCom") : NULL;
    load = since_us(start);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    memcpy(&call, &found, sizeof call);
    start = now_ns();
    code = call();
    first = since_us(start);
    used = processor_ns() - used;
    after_first = resident_kib();
    for (i = 0; i < calls; i++) {
        start = now_ns();
        (void)call();
        times[i] = now_ns() - start;
    }
    qsort(times, (size_t)calls, sizeof *times, compare_times);
    printf("{\"load_us\": %.1f, \"first_us\": %.1f, \"warm_us\": %.1f, \"before_kib\": %ld, "
           "\"after_first_kib\": %ld, \"after_all_kib\": %ld, "
           "\"code\": %d, \"processor_us\": %.1f}\n",
           load, first, percentile_us(times, calls, 0.5), before, after_first, resident_kib(), code,
           (double)used / 1000.0);
    free(times);
    return 0;
}
