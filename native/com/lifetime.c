#define WIN32_LEAN_AND_MEAN
#include "lifetime.h"

#include <windows.h>

static volatile LONG users;

void cshisx_keep(void)
{
    InterlockedIncrement(&users);
}

void cshisx_let_go(void)
{
    InterlockedDecrement(&users);
}

bool cshisx_is_kept(void)
{
    return users != 0;
}
