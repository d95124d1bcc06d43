/* Starts the bridge again where it crashed. */
#ifndef CSHIS_SUPERVISE_H
#define CSHIS_SUPERVISE_H

/* Set for the process that is the bridge: 0, or the exit code of the one before it, which had crashed. */
#define SUPERVISED L"CSHIS_BRIDGE_SUPERVISED"

/* Starts this program once more with the same arguments, and again after each crash, until it ends by itself.
 * Gives its exit code; -1 where it cannot be started at all. */
int supervise(void);

#endif
