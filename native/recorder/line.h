/* Pieces of a line of the trace: JSON, UTF-8. */
#ifndef RECORDER_LINE_H
#define RECORDER_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

/* Text that is JSON already. */
void recorder_put_text(struct cshis_bytes *line, const char *text);

/* A string in quotes, from UTF-8; what JSON does not allow is escaped. */
void recorder_put_string(struct cshis_bytes *line, const char *utf8);

/* The same from UTF-16. */
void recorder_put_wide(struct cshis_bytes *line, const wchar_t *text);

void recorder_put_number(struct cshis_bytes *line, int64_t number);

/* Microseconds with one decimal, from tenths. */
void recorder_put_tenths(struct cshis_bytes *line, int64_t tenths);

/* Bytes in base64, in quotes. */
void recorder_put_base64(struct cshis_bytes *line, const void *data, size_t length);

/* A time in 100 nanoseconds since 1601 (FILETIME) as "2026-11-25T08:00:00.000000Z", in quotes. */
void recorder_put_time(struct cshis_bytes *line, uint64_t time);

#endif
