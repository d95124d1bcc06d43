/* What a person has to know of the routing: lines of cutover.log, without anything about a patient. */
#ifndef CUTOVER_SAID_H
#define CUTOVER_SAID_H

#ifdef __MINGW32__
#define CUTOVER_FORMAT __attribute__((format(gnu_printf, 1, 2)))
#elif defined(__GNUC__)
#define CUTOVER_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define CUTOVER_FORMAT
#endif

/* Adds a line: time, process, text. A line that cannot be written is lost; the call goes on. */
void cutover_say(const char *format, ...) CUTOVER_FORMAT;

#endif
