/* The object behind CsHisX.nhicshisx. */
#ifndef CSHISX_OBJECT_H
#define CSHISX_OBJECT_H

#include <windows.h>
#include <ole2.h>

/* Out: an object with one reference, behind the wanted interface.
 * Fails with E_NOINTERFACE or E_OUTOFMEMORY. */
HRESULT cshisx_new_object(REFIID wanted, void **made);

#endif
