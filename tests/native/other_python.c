/* A Python of a version that never was, in a program or a library.
 * Whoever calls more of it than the version ends. */
#include <stdlib.h>

const char *Py_GetVersion(void);
int Py_IsInitialized(void);
void PyEval_SaveThread(void);

const char *Py_GetVersion(void)
{
    return "3.99.1 (stand-in)";
}

int Py_IsInitialized(void)
{
    abort();
}

void PyEval_SaveThread(void)
{
    abort();
}
