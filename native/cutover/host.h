/* Where POSIX and Windows differ for the routing: a lock, files of this user, local time, errors to be kept.
 */
#ifndef CUTOVER_HOST_H
#define CUTOVER_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define CUTOVER_MOST_PATH 1024

/* One lock for all that the routing remembers. Nobody holds it while a side is asked or a file is read. When
 * the process ends it holds nobody up: the system may have ended whoever had it. */
void cutover_lock(void);
void cutover_unlock(void);

/* Waits, with the lock held, until somebody wakes it; the lock is free meanwhile. False: nobody did. */
bool cutover_wait(int milliseconds);
void cutover_wake(void);

/* Starts a thread that holds this library as long as it runs. False: not possible. */
bool cutover_start(void (*run)(void));

/* A file of this user, by its plain name: in CSHIS_BRIDGE_CUTOVER_DIR, else where programs of this user keep
 * such things. The folder is made. False: there is no such place. */
bool cutover_own_file(const char *name, char *path, size_t room);

/* Adds to the end of a file, in one piece; not to one that has grown to most bytes. */
bool cutover_append(const char *path, const void *data, size_t length, size_t most);

/* The time here, as 2026-11-30 08:15:00. */
void cutover_time_text(char *text, size_t room);

/* What the program or the official DLL left for whoever asks: errno, and on Windows GetLastError. */
struct cutover_error {
    int c_error;
    unsigned long system;
};
struct cutover_error cutover_error(void);
void cutover_set_error(struct cutover_error error);

#endif
