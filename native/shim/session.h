/* What the bridge of this user, in this session, has said of itself: at a terminal server each has one. */
#ifndef CSHIS_SESSION_H
#define CSHIS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

/* Lines as in cshis-bridge.ini, ended by a NUL. False: no such bridge has said anything.
 * - Windows: from a section that only this session sees, and only this user may open.
 * - POSIX: from a file in the user's folder for the time of a session, which must be the user's own.
 * It is a hint where to look, and no proof: that is the greeting's. */
bool cshis_session_text(char *text, size_t room);

#endif
