/* Whether the process is about to end. */
#ifndef RECORDER_ENDING_H
#define RECORDER_ENDING_H

#include <stdbool.h>

/* When the DLL is loaded; before that no process seems to end. */
void recorder_watch_ending(void);

/* From then on the system has ended all other threads,
 * in the middle of anything: nobody may be waited for. */
bool recorder_process_ends(void);

#endif
