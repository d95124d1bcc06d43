/* CsHisX.dll (VPN 認卡元件): what its parts know of each other. The calls themselves come from the mapping table (cshisx.h, generated). */
#ifndef CSHISX_COMPONENT_H
#define CSHISX_COMPONENT_H

#define COBJMACROS
#include <windows.h>
#include <ole2.h>

#define CSHISX_PROGRAM_ID L"CsHisX.nhicshisx.1" /* the name by which programs create the object */
#define CSHISX_ANY_VERSION L"CsHisX.nhicshisx"

/* A class of our own: the one of the insurer's component keeps its registration. */
extern const CLSID cshisx_class;

/* An object or a lock more, or one less, that keeps the library in the process. */
void cshisx_keep(void);
void cshisx_let_go(void);

/* Out: an object with one reference, behind the wanted interface. Fails with E_NOINTERFACE or E_OUTOFMEMORY. */
HRESULT cshisx_new_object(REFIID wanted, void **made);

#endif
