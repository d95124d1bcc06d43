/* How long the library stays in the process: as long as somebody uses it. */
#ifndef CSHISX_LIFETIME_H
#define CSHISX_LIFETIME_H

#include <stdbool.h>

/* An object or a lock more, or one less, that keeps the library in the process. */
void cshisx_keep(void);
void cshisx_let_go(void);

/* Whether there is one left. */
bool cshisx_is_kept(void);

#endif
