/*
 * registration.c - registers the component as programs do that bring it along, and takes it out again.
 *
 *     registration LIBRARY register|unregister [no-machine]
 *
 * no-machine: the keys of the machine cannot be written, as without an administrator's rights. Wine guards no
 * key, so HKEY_LOCAL_MACHINE leads to a key that has been deleted.
 * Prints the HRESULT in hexadecimal.
 */
#include "caller.h"

#define GONE "Software\\cshis-bridge-gone"

typedef HRESULT (CARDAPI *PLAIN)(void);

static void lose_the_machine(void)
{
    HKEY gone;

    if (RegCreateKeyExA(HKEY_CURRENT_USER, GONE, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &gone, NULL) !=
            ERROR_SUCCESS ||
        RegDeleteKeyA(HKEY_CURRENT_USER, GONE) != ERROR_SUCCESS ||
        RegOverridePredefKey(HKEY_LOCAL_MACHINE, gone) != ERROR_SUCCESS)
        fail("HKEY_LOCAL_MACHINE cannot be taken away");
}

int main(int argc, char **argv)
{
    HMODULE library;
    PLAIN wanted;

    if (argc != 3 && argc != 4)
        return EXIT_USAGE;
    library = load(argv[1]);
    wanted =
        (PLAIN)find(library, strcmp(argv[2], "register") == 0 ? "DllRegisterServer" : "DllUnregisterServer");
    if (argc == 4)
        lose_the_machine();
    printf("%08lx\n", (unsigned long)wanted());
    return 0;
}
