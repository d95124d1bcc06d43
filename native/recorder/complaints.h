/* What is wrong with the settings.
 * It is kept until they are known: one of them says where it can be written. */
#ifndef RECORDER_COMPLAINTS_H
#define RECORDER_COMPLAINTS_H

#include <wchar.h>

/* what: the setting or file; value: what stands there; instead: what is done about it. */
void recorder_complain(const wchar_t *what, const wchar_t *value, const wchar_t *instead);

/* Says all of it, in the order in which it came, and forgets it. */
void recorder_say_complaints(void);

#endif
