/* Wine 8 has no bcryptprimitives.dll, which programs made with Rust load for random numbers. Windows has it:
 * only for tests. */
#include <windows.h>
#include <ntsecapi.h>

BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length);

BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    return RtlGenRandom(data, (ULONG)length);
}
