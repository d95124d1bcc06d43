/* Where this DLL lies, and what the program is called that has loaded it. */
#ifndef RECORDER_PATHS_H
#define RECORDER_PATHS_H

#include <stddef.h>
#include <wchar.h>

#define RECORDER_MOST_PATH 1024

/* The folder of this DLL with a separator at its end; empty where it is not known. */
void recorder_own_folder(wchar_t *folder, size_t room);

/* The file name of the program's executable, such as HIS.EXE. */
void recorder_program(wchar_t *name, size_t room);

#endif
