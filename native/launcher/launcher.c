/* cshis-bridge.exe, and cshis-bridgew.exe without a console window: the command cshis-bridge, run by the
 * Python that lies in the same folder, inside this process, so that the task list shows its own name.
 *
 * Arguments go on as they are. PYTHON_DLL is given by the build. What starts at log-on is watched over: a
 * bridge that crashed is started again (supervise.c). */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#ifdef WINDOWED
#include "supervise.h"
#endif

typedef int(__cdecl *python_main)(int count, wchar_t **arguments);

enum { LONGEST = 32768, BEFORE = 4, FAILED = 127 };

static int fail(const wchar_t *what, const wchar_t *file)
{
    wchar_t text[LONGEST + 200];
    swprintf(text, sizeof text / sizeof *text, L"cshis-bridge: %ls: %ls (%lu)\n", what, file, GetLastError());
#ifdef WINDOWED
    MessageBoxW(NULL, text, L"cshis-bridge", MB_OK | MB_ICONERROR);
#else
    fputws(text, stderr);
#endif
    return FAILED;
}

/* The DLL beside this program; a folder on the PATH is not asked. */
static HMODULE load_python(wchar_t *path)
{
    DWORD length = GetModuleFileNameW(NULL, path, LONGEST);
    wchar_t *name = wcsrchr(path, L'\\');
    if (length == 0 || length == LONGEST || name == NULL || name + 1 + wcslen(PYTHON_DLL) >= path + LONGEST)
        return NULL;
    wcscpy(name + 1, PYTHON_DLL);
    return LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
}

#ifdef WINDOWED
/* Nobody sees it end; in a console window people do, and a service is started again by Windows. */
static int is_to_be_watched(int count, wchar_t **given)
{
    return count > 1 && wcscmp(given[1], L"serve") == 0 && GetEnvironmentVariableW(SUPERVISED, NULL, 0) == 0;
}
#endif

int wmain(int count, wchar_t **given)
{
#ifdef WINDOWED
    if (is_to_be_watched(count, given)) {
        int code = supervise();
        if (code >= 0)
            return code;
    } /* without a second process it goes on in this one */
#endif
    static wchar_t path[LONGEST + 1];
    static wchar_t utf8_option[] = L"-X", utf8[] = L"utf8", module_option[] = L"-m", module[] = L"bridge";
    HMODULE python = load_python(path);
    if (python == NULL)
        return fail(L"cannot be loaded; install cshis-bridge again", path);
    python_main run = (python_main)(void (*)(void))GetProcAddress(python, "Py_Main");
    wchar_t **arguments = calloc((size_t)count + BEFORE + 1, sizeof *arguments);
    if (run == NULL || arguments == NULL)
        return fail(L"cannot be used; install cshis-bridge again", path);
    arguments[0] = given[0];
    arguments[1] = utf8_option;
    arguments[2] = utf8;
    arguments[3] = module_option;
    arguments[4] = module;
    for (int i = 1; i < count; i++)
        arguments[BEFORE + i] = given[i];
    return run(count + BEFORE, arguments);
}
