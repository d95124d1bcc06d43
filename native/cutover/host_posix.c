#define _GNU_SOURCE /* O_CLOEXEC */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void cutover_lock(void)
{
    (void)pthread_mutex_lock(&lock);
}

void cutover_unlock(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;

bool cutover_wait(int milliseconds)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += milliseconds % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return pthread_cond_timedwait(&woken, &lock, &until) == 0;
}

void cutover_wake(void)
{
    (void)pthread_cond_signal(&woken);
}

static void *run_in_thread(void *run)
{
    void (*function)(void);

    memcpy(&function, &run, sizeof function);
    function();
    return NULL;
}

bool cutover_start(void (*run)(void))
{
    pthread_t thread;
    void *address;

    memcpy(&address, &run, sizeof address);
    return pthread_create(&thread, NULL, run_in_thread, address) == 0 && pthread_detach(thread) == 0;
}

static bool made(const char *folder)
{
    return mkdir(folder, 0700) == 0 || errno == EEXIST;
}

static bool own_folder(char *folder, size_t room)
{
    char base[CUTOVER_MOST_PATH];

    if (cshis_environment("CSHIS_BRIDGE_CUTOVER_DIR", folder, room))
        return made(folder);
    if (!cshis_environment("XDG_STATE_HOME", base, sizeof base)) {
        if (!cshis_environment("HOME", base, sizeof base - 16))
            return false;
        strcat(base, "/.local");
        (void)made(base);
        strcat(base, "/state");
    }
    (void)made(base);
    return (size_t)snprintf(folder, room, "%s/cshis-bridge", base) < room && made(folder);
}

bool cutover_own_file(const char *name, char *path, size_t room)
{
    size_t length;

    if (!own_folder(path, room))
        return false;
    length = strlen(path);
    return (size_t)snprintf(path + length, room - length, "/%s", name) < room - length;
}

bool cutover_append(const char *path, const void *data, size_t length, size_t most)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat facts;
    bool written = false;

    if (file < 0)
        return false;
    if (fstat(file, &facts) == 0 && (size_t)facts.st_size < most)
        written = write(file, data, length) == (ssize_t)length;
    close(file);
    return written;
}

void cutover_time_text(char *text, size_t room)
{
    time_t now = time(NULL);
    struct tm parts;

    text[0] = '\0';
    if (localtime_r(&now, &parts) != NULL)
        (void)strftime(text, room, "%Y-%m-%d %H:%M:%S", &parts);
}

struct cutover_error cutover_error(void)
{
    return (struct cutover_error){.c_error = errno};
}

void cutover_set_error(struct cutover_error error)
{
    errno = error.c_error;
}
