#define _POSIX_C_SOURCE 200809L /* O_NOFOLLOW, localtime_r */
#include "python.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"

/* A data directory that does not exist yet is no reason to say nothing. */
int cshis_open_log(void)
{
    static const char *const variables[] = {"CSHIS_BRIDGE_DATA_DIR", "TMPDIR", NULL};
    char folder[PATH_MAX], name[PATH_MAX + 32];
    int log = -1;
    size_t i;

    for (i = 0; i < sizeof variables / sizeof variables[0] && log < 0; i++) {
        if (variables[i] == NULL)
            strcpy(folder, "/tmp");
        else if (!cshis_environment(variables[i], folder, sizeof folder))
            continue;
        snprintf(name, sizeof name, "%s/cshis-bridge-embedded.log", folder);
        log = open(name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    return log;
}

void cshis_log(const char *what, const char *detail)
{
    char line[1024];
    time_t now = time(NULL);
    struct tm local;
    size_t length = 0;
    int log = cshis_open_log();

    if (log < 0)
        return;
    if (localtime_r(&now, &local) != NULL)
        length = strftime(line, sizeof line, "%Y-%m-%d %H:%M:%S ", &local);
    snprintf(line + length, sizeof line - length, "%s: %s\n", what, detail);
    if (write(log, line, strlen(line)) < 0)
        line[0] = '\0'; /* a full disk: there is nobody left to tell */
    close(log);
}
