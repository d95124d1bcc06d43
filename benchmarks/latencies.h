/* Times of single calls and what is printed of them, for the programs of benchmarks/. */
#ifndef LATENCIES_H
#define LATENCIES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Nanoseconds of a clock that never jumps. */
static inline int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

/* The value that `share` of all lie below, in microseconds. The times must be sorted. */
static inline double percentile_us(const int64_t *times, long count, double share)
{
    long at = (long)(share * (double)count);

    return (double)times[at < count ? at : count - 1] / 1000.0;
}

/* Sorts the times and prints the members of a JSON object
 * that tell about them: microseconds and calls per second. */
static inline void print_latencies(int64_t *times, long count, int64_t elapsed_ns)
{
    qsort(times, (size_t)count, sizeof *times, compare_times);
    printf("\"calls\": %ld, \"min_us\": %.2f, \"p50_us\": %.2f, \"p90_us\": %.2f, \"p99_us\": %.2f, "
           "\"max_us\": %.2f, "
           "\"calls_per_second\": %.1f",
           count, percentile_us(times, count, 0.0), percentile_us(times, count, 0.5),
           percentile_us(times, count, 0.9), percentile_us(times, count, 0.99),
           percentile_us(times, count, 1.0), (double)count * 1e9 / (double)elapsed_ns);
}

static inline void *allocate_or_exit(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

#endif
