/* The registry entries by which CreateObject finds this library:
 * for every user of the machine, else for this user alone. */
#include "component.h"

#include <olectl.h>
#include <stdbool.h>
#include <wchar.h>

#define TITLE L"CsHisX: VPN signatures over control software 6.0 (cshis-bridge)"
#define CLASSES L"Software\\Classes"
#define MOST_PATH 1024
#define MOST_KEY 128
#define ID_ROOM 39 /* {8-4-4-4-12} and a NUL */

#ifdef _WIN64
#define OTHER_VIEW KEY_WOW64_32KEY
#else
#define OTHER_VIEW KEY_WOW64_64KEY
#endif

/* The class's identifier as the registry writes it, and its key under the classes. */
struct identity {
    wchar_t text[ID_ROOM];
    wchar_t key[MOST_KEY];
};

static void identify(struct identity *identity)
{
    StringFromGUID2(&cshisx_class, identity->text, ID_ROOM);
    wcscpy(identity->key, L"CLSID\\");
    wcscat(identity->key, identity->text);
}

static bool own_path(wchar_t *path)
{
    const DWORD how = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    HMODULE library;
    DWORD length;

    if (!GetModuleHandleExW(how, (const wchar_t *)&cshisx_class, &library))
        return false;
    length = GetModuleFileNameW(library, path, MOST_PATH);
    return length > 0 && length < MOST_PATH;
}

/* Writes one text below key (and sub, where not NULL); name NULL is the key's own value. */
static LSTATUS put(HKEY classes, const wchar_t *key, const wchar_t *sub, const wchar_t *name,
                   const wchar_t *value)
{
    wchar_t whole[2 * MOST_KEY];
    LSTATUS outcome;
    HKEY made;

    wcscpy(whole, key);
    if (sub != NULL) {
        wcscat(whole, L"\\");
        wcscat(whole, sub);
    }
    outcome = RegCreateKeyExW(classes, whole, 0, NULL, 0, KEY_SET_VALUE, NULL, &made, NULL);
    if (outcome != ERROR_SUCCESS)
        return outcome;
    outcome = RegSetValueExW(made, name, 0, REG_SZ, (const BYTE *)value,
                             (DWORD)((wcslen(value) + 1) * sizeof *value));
    RegCloseKey(made);
    return outcome;
}

static LSTATUS put_all(HKEY classes, const struct identity *own, const wchar_t *path)
{
    const struct {
        const wchar_t *key, *sub, *name, *value;
    } entries[] = {
        {own->key, NULL, NULL, TITLE},
        {own->key, L"InprocServer32", NULL, path},
        {own->key, L"InprocServer32", L"ThreadingModel", L"Both"},
        {own->key, L"ProgID", NULL, CSHISX_PROGRAM_ID},
        {own->key, L"VersionIndependentProgID", NULL, CSHISX_ANY_VERSION},
        {CSHISX_PROGRAM_ID, NULL, NULL, TITLE},
        {CSHISX_PROGRAM_ID, L"CLSID", NULL, own->text},
        {CSHISX_ANY_VERSION, NULL, NULL, TITLE},
        {CSHISX_ANY_VERSION, L"CLSID", NULL, own->text},
        {CSHISX_ANY_VERSION, L"CurVer", NULL, CSHISX_PROGRAM_ID},
    };
    LSTATUS outcome = ERROR_SUCCESS;
    size_t i;

    for (i = 0; i < sizeof entries / sizeof entries[0] && outcome == ERROR_SUCCESS; i++)
        outcome = put(classes, entries[i].key, entries[i].sub, entries[i].name, entries[i].value);
    return outcome;
}

/* Whether this name leads to our class; another component may have taken it over. */
static bool is_ours(HKEY classes, const wchar_t *program_id, const struct identity *own)
{
    wchar_t key[MOST_KEY];
    wchar_t found[ID_ROOM];
    DWORD size = sizeof found;

    wcscpy(key, program_id);
    wcscat(key, L"\\CLSID");
    return RegGetValueW(classes, key, NULL, RRF_RT_REG_SZ, NULL, found, &size) == ERROR_SUCCESS &&
           _wcsicmp(found, own->text) == 0;
}

/* Whether the library of the other bitness is registered:
 * both share the names, each has its own key for the class. */
static bool other_is_there(HKEY root, const struct identity *own)
{
    wchar_t key[2 * MOST_KEY] = CLASSES L"\\";
    HKEY found;

    wcscat(key, own->key);
    if (RegOpenKeyExW(root, key, 0, KEY_QUERY_VALUE | OTHER_VIEW, &found) != ERROR_SUCCESS)
        return false;
    RegCloseKey(found);
    return true;
}

static LSTATUS remove_key(HKEY classes, const wchar_t *key)
{
    LSTATUS outcome = RegDeleteTreeW(classes, key);

    return outcome == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : outcome;
}

static LSTATUS remove_name(HKEY classes, const wchar_t *program_id, const struct identity *own)
{
    return is_ours(classes, program_id, own) ? remove_key(classes, program_id) : ERROR_SUCCESS;
}

static LSTATUS first_fault(LSTATUS one, LSTATUS two)
{
    return one != ERROR_SUCCESS ? one : two;
}

static bool has_entry(HKEY classes, const struct identity *own)
{
    HKEY found;

    if (RegOpenKeyExW(classes, own->key, 0, KEY_QUERY_VALUE, &found) != ERROR_SUCCESS)
        return is_ours(classes, CSHISX_PROGRAM_ID, own) || is_ours(classes, CSHISX_ANY_VERSION, own);
    RegCloseKey(found);
    return true;
}

static LSTATUS remove_all(HKEY root, HKEY classes, const struct identity *own)
{
    LSTATUS outcome = remove_key(classes, own->key);

    if (other_is_there(root, own))
        return outcome;
    outcome = first_fault(outcome, remove_name(classes, CSHISX_PROGRAM_ID, own));
    return first_fault(outcome, remove_name(classes, CSHISX_ANY_VERSION, own));
}

static LSTATUS register_below(HKEY root, const struct identity *own, const wchar_t *path)
{
    LSTATUS outcome;
    HKEY classes;

    outcome = RegCreateKeyExW(root, CLASSES, 0, NULL, 0, KEY_READ | KEY_WRITE | DELETE, NULL, &classes, NULL);
    if (outcome != ERROR_SUCCESS)
        return outcome;
    outcome = put_all(classes, own, path);
    if (outcome != ERROR_SUCCESS)
        (void)remove_all(root, classes, own); /* no half of it; the reason is already known */
    RegCloseKey(classes);
    return outcome;
}

/* Reads first: whoever may not write here has nothing to remove either, unless something is there. */
static LSTATUS unregister_below(HKEY root, const struct identity *own)
{
    LSTATUS outcome;
    HKEY classes;
    bool there;

    outcome = RegOpenKeyExW(root, CLASSES, 0, KEY_READ, &classes);
    if (outcome != ERROR_SUCCESS)
        return outcome == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : outcome;
    there = has_entry(classes, own);
    RegCloseKey(classes);
    if (!there)
        return ERROR_SUCCESS;
    outcome = RegOpenKeyExW(root, CLASSES, 0, KEY_READ | KEY_WRITE | DELETE, &classes);
    if (outcome != ERROR_SUCCESS)
        return outcome;
    outcome = remove_all(root, classes, own);
    RegCloseKey(classes);
    return outcome;
}

/* Many programs register the component themselves, at each start and without an administrator's rights. */
STDAPI DllRegisterServer(void)
{
    struct identity own;
    wchar_t path[MOST_PATH];

    identify(&own);
    if (!own_path(path))
        return SELFREG_E_CLASS;
    if (register_below(HKEY_LOCAL_MACHINE, &own, path) == ERROR_SUCCESS)
        return S_OK;
    return HRESULT_FROM_WIN32((DWORD)register_below(HKEY_CURRENT_USER, &own, path));
}

STDAPI DllUnregisterServer(void)
{
    struct identity own;
    LSTATUS outcome;

    identify(&own);
    outcome = unregister_below(HKEY_LOCAL_MACHINE, &own);
    return HRESULT_FROM_WIN32((DWORD)first_fault(outcome, unregister_below(HKEY_CURRENT_USER, &own)));
}
