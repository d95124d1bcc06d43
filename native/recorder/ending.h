/* Whether the process is about to end. */
#ifndef RECORDER_ENDING_H
#define RECORDER_ENDING_H

#include <stdbool.h>

/* From then on the system has ended all other threads, in the middle of anything: nobody may be waited for. */
bool recorder_process_ends(void);

#endif
