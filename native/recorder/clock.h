/* How long something took. */
#ifndef RECORDER_CLOCK_H
#define RECORDER_CLOCK_H

#include <stdint.h>

/* The performance counter. */
int64_t recorder_ticks(void);

/* Tenths of a microsecond since then. */
int64_t recorder_tenths_since(int64_t began);

#endif
