/* Lines of the trace that are no calls. */
#ifndef RECORDER_NOTE_H
#define RECORDER_NOTE_H

/* Writes {"note":kind,...}. calls: how many, 0 for none. why: UTF-8, for people. */
void recorder_note(const char *kind, int calls, const char *why);

#endif
