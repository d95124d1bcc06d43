/* Where POSIX and Windows differ:
 * - the thread's own slot, the process, time,
 * - the environment, files, the library's folder,
 * - the caller's memory,
 * - sockets. */
#ifndef CSHIS_PLATFORM_H
#define CSHIS_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
typedef SOCKET cshis_socket;
#define CSHIS_NO_SOCKET INVALID_SOCKET
#else
typedef int cshis_socket;
#define CSHIS_NO_SOCKET (-1)
#endif

/* Makes sockets usable and reserves the thread slot, once per process.
 * - It is for the first call, never for DllMain.
 * - gone is called with the slot's value when a thread ends.
 * - False: not possible here. */
bool cshis_platform_start(void (*gone)(void *));

#ifdef _WIN32
/* When the program lets the library go, in DllMain.
 * Calls gone for every thread that has a value, so that nothing of us is called or open afterwards. */
void cshis_platform_end(void);
#endif

/* The calling thread's value, NULL at first. */
void *cshis_thread_value(void);
bool cshis_set_thread_value(void *value);

/* Begins a call of this thread that ends before that time.
 * - False: one is under way already, and what interrupted it (a signal handler, an APC) wants another.
 *   That one must not begin: the interrupted one may hold any lock.
 * - A mark that nobody took away (the handler jumped out of the call) counts until its time is over. */
bool cshis_enter(int64_t until);
void cshis_leave(void);

/* Milliseconds of a clock that never jumps. */
int64_t cshis_now(void);

/* Waits for so many milliseconds, less where a signal comes; not at all for 0 and below. */
void cshis_pause(int64_t milliseconds);

/* Which process this is; another one after a fork. */
unsigned long cshis_process(void);

/* An environment variable as it is now. False if it is unset, empty or does not fit. */
bool cshis_environment(const char *name, char *value, size_t room);

/* Whether this is a regular file, and its size in bytes. A Windows name is in the ANSI code page. */
bool cshis_regular_file(const char *path, uint64_t *size);

/* Copies length bytes (at most 4096) over memory that may be
 * read-only: then it stays as it is, and nobody is taken down. */
void cshis_overwrite(void *to, const void *from, size_t length);

/* The folder of this library with a separator at its end. False if it cannot be told or does not fit. */
bool cshis_library_folder(char *folder, size_t room);

/* The path of this library itself. False if it cannot be told or does not fit. */
bool cshis_library_path(char *path, size_t room);

/* Another way to write a file's name, where a system keeps names as bytes: attempt 0 takes the name for
 * code page 950 and gives it in UTF-8, attempt 1 the other way round. False: there is no such way. */
bool cshis_other_name(unsigned attempt, const char *name, char *other, size_t room);

/* How many bytes, up to most, can be read from there.
 * - Windows: asking is cheap, so a program's wild pointer is a return code.
 * - POSIX: nothing can be asked, and the answer is most.
 * What another thread of the program frees meanwhile cannot be known anywhere. */
size_t cshis_readable(const void *from, size_t most);

/* Whether length bytes can be written there. On POSIX always true, as above. */
bool cshis_writable(const void *to, size_t length);

/* A new TCP socket that does not block, is not inherited by other programs and never raises a signal. */
cshis_socket cshis_new_socket(int family);
void cshis_close_socket(cshis_socket socket);

/* Whether the last socket operation of this thread would have had to wait (or is still connecting). */
bool cshis_would_block(void);

/* Waits until the socket can be read or written. 1 yes, 0 not within that time, -1 error. */
int cshis_poll(cshis_socket socket, bool write, int64_t milliseconds);

/* Bytes sent, or -1. Never raises SIGPIPE. */
long cshis_send_some(cshis_socket socket, const void *data, size_t length);

#endif
