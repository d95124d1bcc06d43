/* Files and folders that only the user who runs the program may open. */
#ifndef RECORDER_PRIVATE_H
#define RECORDER_PRIVATE_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdbool.h>

/* For CreateFile: all rights but execution to the user of this process,
 * none to anybody else, nothing inherited from the folder above.
 * NULL (the folder's own rules) where the user is not known. */
SECURITY_ATTRIBUTES *recorder_private(void);

/* Makes the folder and those above it that are missing, private like that.
 * False, and GetLastError, where it cannot be. */
bool recorder_make_folder(const wchar_t *folder);

#endif
