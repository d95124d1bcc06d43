#define _GNU_SOURCE /* dladdr, SOCK_CLOEXEC, F_DUPFD_CLOEXEC */
#include "platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing, SO_NOSIGPIPE below takes its place */
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t slot;
static bool has_slot;
static pthread_key_t mark; /* when the thread's call ends at the latest; none: no call is under way */
static bool has_mark;
static _Atomic(void (*)(void *)) slot_gone;
static char folder_of_library[PATH_MAX];
static char name_of_library[NAME_MAX + 1];

/* The folder is told when the library is loaded: the program
 * may have named it relative to a folder that it leaves later. */
__attribute__((constructor)) static void remember_folder(void)
{
    Dl_info info;
    char named[PATH_MAX];
    char *slash;

    if (dladdr(folder_of_library, &info) == 0 || info.dli_fname == NULL ||
        strlen(info.dli_fname) >= sizeof named)
        return;
    strcpy(named, info.dli_fname);
    slash = strrchr(named, '/');
    if (slash == NULL)
        return;
    if (strlen(slash + 1) < sizeof name_of_library)
        strcpy(name_of_library, slash + 1);
    slash[1] = '\0';
    if (realpath(named, folder_of_library) == NULL)
        folder_of_library[0] = '\0';
}

/* Made when the library is loaded, so that a signal handler finds it and need not make it. */
__attribute__((constructor)) static void make_mark(void)
{
    has_mark = pthread_key_create(&mark, NULL) == 0;
}

/* A pointer that stands for a time; never NULL. Times are told apart within 24 days. */
static void *stamp_of(int64_t time)
{
    return (void *)(uintptr_t)((uint32_t)time | 1u);
}

bool cshis_enter(int64_t until)
{
    uint32_t now = (uint32_t)cshis_now();
    uint32_t marked = has_mark ? (uint32_t)(uintptr_t)pthread_getspecific(mark) : 0;

    if (marked != 0 && (int32_t)(marked - now) > 0)
        return false;
    return !has_mark || pthread_setspecific(mark, stamp_of(until)) == 0;
}

void cshis_leave(void)
{
    if (has_mark)
        (void)pthread_setspecific(mark, NULL);
}

static void start(void)
{
    has_slot = pthread_key_create(&slot, slot_gone) == 0;
}

bool cshis_platform_start(void (*gone)(void *))
{
    slot_gone = gone; /* the same one at every call; atomic, since calls come from several threads */
    return pthread_once(&once, start) == 0 && has_slot;
}

void *cshis_thread_value(void)
{
    return pthread_getspecific(slot);
}

bool cshis_set_thread_value(void *value)
{
    return pthread_setspecific(slot, value) == 0;
}

int64_t cshis_now(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void cshis_pause(int64_t milliseconds)
{
    if (milliseconds > 0)
        (void)poll(NULL, 0, (int)milliseconds);
}

unsigned long cshis_process(void)
{
    return (unsigned long)getpid();
}

bool cshis_environment(const char *name, char *value, size_t room)
{
    const char *found = getenv(name);

    if (found == NULL || found[0] == '\0' || strlen(found) >= room)
        return false;
    strcpy(value, found);
    return true;
}

bool cshis_regular_file(const char *path, uint64_t *size)
{
    struct stat facts;

    if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size < 0)
        return false;
    *size = (uint64_t)facts.st_size;
    return true;
}

/* The kernel writes in our place: it answers EFAULT where we would be killed. */
void cshis_overwrite(void *to, const void *from, size_t length)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    if (write(ends[1], from, length) == (ssize_t)length)
        (void)!read(ends[0], to, length);
    close(ends[0]);
    close(ends[1]);
}

bool cshis_library_folder(char *folder, size_t room)
{
    size_t length = strlen(folder_of_library);

    if (length == 0 || length + 2 > room)
        return false;
    memcpy(folder, folder_of_library, length);
    memcpy(folder + length, "/", 2);
    return true;
}

bool cshis_library_path(char *path, size_t room)
{
    return cshis_library_folder(path, room) && name_of_library[0] != '\0' &&
           strlen(path) + strlen(name_of_library) < room && strcat(path, name_of_library) != NULL;
}

bool cshis_other_name(unsigned attempt, const char *name, char *other, size_t room)
{
    char *from = (char *)(uintptr_t)name; /* iconv takes no const, and changes nothing there */
    size_t left = strlen(name) + 1;
    iconv_t way;
    bool whole;

    if (attempt > 1)
        return false;
    way = attempt == 0 ? iconv_open("UTF-8", "CP950") : iconv_open("CP950", "UTF-8");
    if (way == (iconv_t)-1)
        return false;
    whole = iconv(way, &from, &left, &other, &room) == 0 && left == 0;
    iconv_close(way);
    return whole;
}

size_t cshis_readable(const void *from, size_t most)
{
    (void)from;
    return most;
}

bool cshis_writable(const void *to, size_t length)
{
    (void)to;
    (void)length;
    return true;
}

/* A program that has closed its standard streams would print into a socket that took one of their numbers. */
static int above_standard_streams(int number)
{
    int moved;

    if (number < 0 || number > STDERR_FILENO)
        return number;
    moved = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(number);
    return moved;
}

cshis_socket cshis_new_socket(int family)
{
    int made =
        above_standard_streams(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));

#ifdef SO_NOSIGPIPE
    int on = 1;
    if (made >= 0)
        (void)setsockopt(made, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return made;
}

void cshis_close_socket(cshis_socket socket)
{
    close(socket);
}

bool cshis_would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS || errno == EINTR;
}

int cshis_poll(cshis_socket socket, bool write, int64_t milliseconds)
{
    struct pollfd watched = {.fd = socket, .events = write ? POLLOUT : POLLIN};
    int64_t deadline = cshis_now() + milliseconds;
    int ready;

    do {
        int64_t left = deadline - cshis_now();
        ready = poll(&watched, 1, left > 0 ? (int)left : 0);
    } while (ready < 0 && errno == EINTR);
    return ready;
}

long cshis_send_some(cshis_socket socket, const void *data, size_t length)
{
    return (long)send(socket, data, length, MSG_NOSIGNAL);
}
