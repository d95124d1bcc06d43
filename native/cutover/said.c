#include "said.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "platform.h"

#define LOG "cutover.log"
#define MOST_LOG 4194304u /* bytes; a program that fails all night must not fill the disk */
#define MOST_LINE 700

void cutover_say(const char *format, ...)
{
    char path[CUTOVER_MOST_PATH], line[MOST_LINE], now[32];
    va_list arguments;
    int length;

    if (!cutover_own_file(LOG, path, sizeof path))
        return;
    cutover_time_text(now, sizeof now);
    length = snprintf(line, sizeof line, "%s %lu ", now, cshis_process());
    va_start(arguments, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    va_end(arguments);
    if (length > MOST_LINE - 2)
        length = MOST_LINE - 2;
    line[length] = '\n';
    (void)cutover_append(path, line, (size_t)length + 1, MOST_LOG);
}
