/* What people must know although no call may fail for
 * it: once to the debugger, once into a small text file. */
#ifndef RECORDER_SAID_H
#define RECORDER_SAID_H

#include <wchar.h>

#define RECORDER_PROBLEMS L"cshis-recorder-problems.txt"

/* Says it with time, program and process. The file is the first of these that can be written to:
 * - RECORDER_PROBLEMS beside the DLL,
 * - in the folder of the traces, once recorder_say_also_in() has named it,
 * - in the folder for temporary files.
 * Whoever calls sees to it that a thing is said once. */
void recorder_say(const wchar_t *text);

/* folder: it must stay as it is from now on. */
void recorder_say_also_in(const wchar_t *folder);

#endif
