/* Pieces of a line of the trace: JSON, UTF-8. */
#ifndef RECORDER_LINE_H
#define RECORDER_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

/* Objects. Within one, every value has its key; the commas before keys come by themselves. */
void recorder_open_object(struct cshis_bytes *line);
void recorder_close_object(struct cshis_bytes *line);

/* Closes the outermost object: what is written is a whole line. */
void recorder_end_line(struct cshis_bytes *line);

/* A key (letters, digits and _) whose value comes next. */
void recorder_put_key(struct cshis_bytes *line, const char *key);

/* A key and its value. string: UTF-8. */
void recorder_add_string(struct cshis_bytes *line, const char *key, const char *string);
void recorder_add_number(struct cshis_bytes *line, const char *key, int64_t number);
void recorder_add_time(struct cshis_bytes *line, const char *key, uint64_t time);
void recorder_add_null(struct cshis_bytes *line, const char *key);

void recorder_put_null(struct cshis_bytes *line);

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
