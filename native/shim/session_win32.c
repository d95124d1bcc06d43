#define WIN32_LEAN_AND_MEAN
#include "session.h"

#include <string.h>
#include <windows.h>

#define SECTION "Local\\cshis-bridge-endpoint" /* bridge/serving/endpoint.py makes it */

bool cshis_session_text(char *text, size_t room)
{
    HANDLE section = OpenFileMappingA(FILE_MAP_READ, FALSE, SECTION);
    MEMORY_BASIC_INFORMATION facts;
    const char *view;
    size_t length = 0;

    if (section == NULL)
        return false;
    view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    CloseHandle(section);
    if (view == NULL)
        return false;
    if (VirtualQuery(view, &facts, sizeof facts) != 0)
        while (length < facts.RegionSize && length < room && view[length] != '\0')
            length++;
    if (length < room) {
        memcpy(text, view, length);
        text[length] = '\0';
    }
    UnmapViewOfFile(view);
    return length > 0 && length < room;
}
