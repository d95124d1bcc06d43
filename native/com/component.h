/* CsHisX.dll (VPN 認卡元件): the names and the class by which programs find it.
 * The calls themselves come from the mapping table (cshisx.h, generated). */
#ifndef CSHISX_COMPONENT_H
#define CSHISX_COMPONENT_H

#include <windows.h>
#include <ole2.h>

#define CSHISX_PROGRAM_ID L"CsHisX.nhicshisx.1" /* the name by which programs create the object */
#define CSHISX_ANY_VERSION L"CsHisX.nhicshisx"

/* A class of our own: the one of the insurer's component keeps its registration. */
extern const CLSID cshisx_class;

#endif
