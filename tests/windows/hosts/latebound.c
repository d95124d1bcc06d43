/*
 * latebound.c - drives the component through IDispatch alone, as Jacob, win32com or AutoHotkey do.
 *
 *     latebound rules            what Automation promises its callers; no bridge must be there
 *     latebound sign             all that the methods do; needs a bridge
 *     latebound threads ROUNDS   four threads with one object between them
 *
 * rules: checks, and prints nothing but "as promised".
 * sign: NAME CODE TEXT per call.
 * threads: the signatures.
 */
#define COBJMACROS
#include "caller.h"

#include <ole2.h>

enum { THREADS = 4, MOST_TEXT = 4096, MOST_ROUNDS = 50, NO_BRIDGE = 4000, BAD_ARGUMENT = 6018 };

static IDispatch *component;

static void expect(HRESULT found, HRESULT wanted, const char *what)
{
    if (found != wanted)
        fail("%s: %08lx, not %08lx", what, (unsigned long)found, (unsigned long)wanted);
}

static CLSID class_of_the_name(void)
{
    CLSID class;

    expect(CLSIDFromProgID(L"CsHisX.nhicshisx.1", &class), S_OK, "CLSIDFromProgID");
    return class;
}

static void create(void)
{
    CLSID class = class_of_the_name();

    expect(CoCreateInstance(&class, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&component), S_OK,
           "CoCreateInstance");
}

static DISPID id_of(const OLECHAR *name)
{
    LPOLESTR names[] = {(LPOLESTR)name};
    DISPID id = DISPID_UNKNOWN;

    expect(IDispatch_GetIDsOfNames(component, &IID_NULL, names, 1, LOCALE_USER_DEFAULT, &id), S_OK,
           "GetIDsOfNames");
    return id;
}

static HRESULT invoke(const OLECHAR *name, WORD how, VARIANT *reversed, UINT count, VARIANT *result,
                      UINT *wrong)
{
    DISPPARAMS given = {reversed, NULL, count, 0};
    EXCEPINFO exception = {0};

    return IDispatch_Invoke(component, id_of(name), &IID_NULL, LOCALE_USER_DEFAULT, how, &given, result,
                            &exception, wrong);
}

static LONG last_code(void)
{
    VARIANT result;

    expect(invoke(L"LastCode", DISPATCH_PROPERTYGET, NULL, 0, &result, NULL), S_OK, "LastCode");
    if (V_VT(&result) != VT_I4)
        fail("LastCode is of kind %d", V_VT(&result));
    return V_I4(&result);
}

static void expect_code(LONG wanted, const char *when)
{
    if (last_code() != wanted)
        fail("LastCode %s: %ld, not %ld", when, last_code(), wanted);
}

static VARIANT text(const OLECHAR *content)
{
    VARIANT value;

    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(content);
    return value;
}

static VARIANT number(LONG content)
{
    VARIANT value;

    V_VT(&value) = VT_I4;
    V_I4(&value) = content;
    return value;
}

/* Takes a method's text out of its result. */
static void take(VARIANT *result, char *taken)
{
    if (V_VT(result) != VT_BSTR || V_BSTR(result) == NULL)
        fail("the result is of kind %d", V_VT(result));
    if (WideCharToMultiByte(CP_UTF8, 0, V_BSTR(result), -1, taken, MOST_TEXT, NULL, NULL) == 0)
        fail("the result is longer than any text");
    VariantClear(result);
}

static void call(const OLECHAR *name, VARIANT *reversed, UINT count, char *taken)
{
    VARIANT result;

    expect(invoke(name, DISPATCH_METHOD | DISPATCH_PROPERTYGET, reversed, count, &result, NULL), S_OK,
           "Invoke");
    take(&result, taken);
}

static void tell(const char *name, const char *content)
{
    printf("%s %ld %s\n", name, last_code(), content);
}

/* --- rules ---------------------------------------------------------------------------------------------- */

static void check_names(void)
{
    LPOLESTR unknown[] = {(LPOLESTR)L"VPNH_Sign"};
    LPOLESTR with_argument[] = {(LPOLESTR)L"VPNH_SignX", (LPOLESTR)L"random"};
    DISPID ids[2] = {0, 0};
    UINT infos = 1;

    expect(IDispatch_GetIDsOfNames(component, &IID_NULL, unknown, 1, LOCALE_USER_DEFAULT, ids),
           DISP_E_UNKNOWNNAME, "an unknown name");
    if (ids[0] != DISPID_UNKNOWN)
        fail("an unknown name has number %ld", ids[0]);
    expect(IDispatch_GetIDsOfNames(component, &IID_NULL, with_argument, 2, LOCALE_USER_DEFAULT, ids),
           DISP_E_UNKNOWNNAME, "an argument's name");
    if (ids[0] != id_of(L"vpnh_signx") || ids[1] != DISPID_UNKNOWN)
        fail("numbers %ld %ld", ids[0], ids[1]);
    expect(IDispatch_GetIDsOfNames(component, &IID_IUnknown, unknown, 1, LOCALE_USER_DEFAULT, ids),
           DISP_E_UNKNOWNINTERFACE, "reserved");
    expect(IDispatch_GetTypeInfoCount(component, &infos), S_OK, "GetTypeInfoCount");
    if (infos != 0)
        fail("type information is announced");
}

static void check_refusals(void)
{
    VARIANT arguments[3];
    DISPID name = DISPID_PROPERTYPUT;
    DISPPARAMS named = {arguments, &name, 3, 1};
    DISPPARAMS none = {NULL, NULL, 0, 0};
    UINT wrong = 9;

    arguments[2] = text(L"");
    arguments[1] = text(L"three");
    arguments[0] = text(L"30");
    expect_code(NO_BRIDGE, "before any call");
    expect(invoke(L"VPNH_SignX", DISPATCH_METHOD, arguments, 3, NULL, &wrong), DISP_E_TYPEMISMATCH,
           "a card type that is no number");
    if (wrong != 1)
        fail("the wrong argument is said to be %u", wrong);
    expect_code(BAD_ARGUMENT, "after a card type that is no number");
    VariantClear(&arguments[1]);
    arguments[1] = number(65539); /* its low half is 3 */
    expect(invoke(L"VPNH_SignX", DISPATCH_METHOD, arguments, 3, NULL, &wrong), DISP_E_OVERFLOW,
           "a card type of 17 bits");
    VariantClear(&arguments[0]);
    arguments[0] = text(L"\u20bf1"); /* not in code page 950 */
    arguments[1] = number(3);
    expect(invoke(L"VPNH_SignX", DISPATCH_METHOD, arguments, 3, NULL, &wrong), E_INVALIDARG,
           "a text outside Big5");
    if (wrong != 0)
        fail("the wrong argument is said to be %u", wrong);
    expect(invoke(L"VPNH_SignX", DISPATCH_METHOD, arguments, 2, NULL, NULL), DISP_E_BADPARAMCOUNT,
           "two arguments");
    expect(invoke(L"VPNH_SignX", DISPATCH_PROPERTYPUT, arguments, 3, NULL, NULL), DISP_E_MEMBERNOTFOUND,
           "a value set");
    expect(invoke(L"LastCode", DISPATCH_PROPERTYPUT, arguments, 1, NULL, NULL), DISP_E_MEMBERNOTFOUND,
           "LastCode set");
    expect(IDispatch_Invoke(component, id_of(L"VPNH_SignX"), &IID_NULL, 0, DISPATCH_METHOD, &named, NULL,
                            NULL, NULL),
           DISP_E_NONAMEDARGS, "named");
    expect(IDispatch_Invoke(component, 99, &IID_NULL, 0, DISPATCH_METHOD, &none, NULL, NULL, NULL),
           DISP_E_MEMBERNOTFOUND, "an unknown number");
    expect(IDispatch_Invoke(component, 1, &IID_IDispatch, 0, DISPATCH_METHOD, &none, NULL, NULL, NULL),
           DISP_E_UNKNOWNINTERFACE, "reserved");
    VariantClear(&arguments[0]);
    VariantClear(&arguments[2]);
}

/* A text that code page 950 can hold, of which the library is not to read the part before a NUL. */
static void check_text_with_nul(void)
{
    VARIANT arguments[3];

    arguments[2] = text(L"");
    arguments[1] = number(3);
    V_VT(&arguments[0]) = VT_BSTR;
    V_BSTR(&arguments[0]) = SysAllocStringLen(L"30\0x", 4);
    expect(invoke(L"VPNH_SignX", DISPATCH_METHOD, arguments, 3, NULL, NULL), E_INVALIDARG,
           "a text with a NUL inside");
    VariantClear(&arguments[0]);
    VariantClear(&arguments[2]);
}

static void check_interfaces(void)
{
    CLSID class = class_of_the_name();
    void *found = &found;

    expect(IDispatch_QueryInterface(component, &IID_IStream, &found), E_NOINTERFACE,
           "an interface that it has not");
    if (found != NULL)
        fail("something was handed out for it");
    expect(CoCreateInstance(&class, (IUnknown *)component, CLSCTX_INPROC_SERVER, &IID_IUnknown, &found),
           CLASS_E_NOAGGREGATION, "aggregation");
}

/* While an object lives the library stays, afterwards COM
 * lets it go, with what a call has left in this thread. */
static void check_unloading(void)
{
    HMODULE library = GetModuleHandleA("CsHisX.dll");
    HRESULT (CARDAPI *can_unload)(void) = (HRESULT (CARDAPI *)(void))find(library, "DllCanUnloadNow");

    expect(invoke(L"VPNGetRandomX", DISPATCH_METHOD, NULL, 0, NULL, NULL), S_OK,
           "VPNGetRandomX without a bridge");
    expect_code(NO_BRIDGE, "without a bridge");
    expect(can_unload(), S_FALSE, "DllCanUnloadNow with an object");
    if (IDispatch_Release(component) != 0)
        fail("references are left");
    expect(can_unload(), S_OK, "DllCanUnloadNow without an object");
    CoFreeUnusedLibrariesEx(0, 0);
    CoFreeUnusedLibrariesEx(0, 0);
    if (GetModuleHandleA("CsHisX.dll") != NULL)
        fail("the library stays");
    create();
}

static void rules(void)
{
    check_names();
    check_refusals();
    check_text_with_nul();
    check_interfaces();
    check_unloading();
    puts("as promised");
}

/* --- sign ----------------------------------------------------------------------------------------------- */

/* The arguments of a signature by value, then each by reference in another way. */
static void sign_by_value(const char *name, const OLECHAR *random, VARIANT kind, VARIANT code)
{
    VARIANT arguments[3];
    char signature[MOST_TEXT];
    int i;

    arguments[2] = text(random);
    arguments[1] = kind;
    arguments[0] = code;
    call(L"VPNH_SignX", arguments, 3, signature);
    tell(name, signature);
    for (i = 0; i < 3; i++)
        VariantClear(&arguments[i]);
}

static void sign_by_reference(const OLECHAR *random)
{
    VARIANT arguments[3], inner;
    BSTR string = SysAllocString(random);
    SHORT kind = 3;
    char signature[MOST_TEXT];

    inner = text(L"30");
    V_VT(&arguments[2]) = VT_BYREF | VT_BSTR;
    V_BSTRREF(&arguments[2]) = &string;
    V_VT(&arguments[1]) = VT_BYREF | VT_I2;
    V_I2REF(&arguments[1]) = &kind;
    V_VT(&arguments[0]) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&arguments[0]) = &inner;
    call(L"VPNH_SignX", arguments, 3, signature);
    tell("by-reference", signature);
    if (V_VT(&inner) != VT_BSTR || kind != 3 || wcscmp(string, random) != 0)
        fail("the program's own variables were changed");
    SysFreeString(string);
    VariantClear(&inner);
}

static OLECHAR *fresh_random(void)
{
    static OLECHAR random[MOST_TEXT];
    char taken[MOST_TEXT];

    call(L"VPNGetRandomX", NULL, 0, taken);
    if (MultiByteToWideChar(CP_UTF8, 0, taken, -1, random, MOST_TEXT) == 0)
        fail("no random");
    return random;
}

static VARIANT float_number(double content)
{
    VARIANT value;

    V_VT(&value) = VT_R8;
    V_R8(&value) = content;
    return value;
}

static void sign(void)
{
    char taken[MOST_TEXT];

    call(L"VPNGetRandomX", NULL, 0, taken);
    tell("random", taken);
    sign_by_value("numbers", fresh_random(), number(3), number(30));
    sign_by_value("texts", fresh_random(), text(L"3"), text(L"30"));
    sign_by_value("floats", fresh_random(), float_number(3), float_number(30));
    sign_by_reference(fresh_random());
    sign_by_value("one-digit", fresh_random(), number(3), number(1));
    sign_by_value("wrong-kind", fresh_random(), number(6), text(L"30"));
    sign_by_value("long-random", L"123456789012345678901", number(3), text(L"30"));
    call(L"GetSAMCardInfoInCS", NULL, 0, taken);
    tell("sam", taken);
    expect(invoke(L"VPNGetRandomX", DISPATCH_METHOD, NULL, 0, NULL, NULL), S_OK,
           "a result that nobody wants");
    tell("no-result", "");
}

/* --- threads -------------------------------------------------------------------------------------------- */

struct worker {
    int rounds;
    char signatures[MOST_ROUNDS][MOST_TEXT];
};

static struct worker workers[THREADS];

static void round_of(char *signature)
{
    VARIANT arguments[3];
    VARIANT result;

    expect(invoke(L"VPNGetRandomX", DISPATCH_METHOD, NULL, 0, &arguments[2], NULL), S_OK, "VPNGetRandomX");
    arguments[1] = number(3);
    arguments[0] = text(L"30");
    expect(invoke(L"VPNH_SignX", DISPATCH_METHOD, arguments, 3, &result, NULL), S_OK, "VPNH_SignX");
    take(&result, signature);
    VariantClear(&arguments[2]);
    VariantClear(&arguments[0]);
}

static DWORD WINAPI work(LPVOID parameter)
{
    struct worker *worker = parameter;
    int i;

    expect(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK, "CoInitializeEx");
    for (i = 0; i < worker->rounds; i++)
        round_of(worker->signatures[i]);
    CoUninitialize();
    return 0;
}

static void threads(int rounds)
{
    HANDLE started[THREADS];
    int i, k;

    if (rounds < 1 || rounds > MOST_ROUNDS)
        exit(EXIT_USAGE);
    for (i = 0; i < THREADS; i++) {
        workers[i].rounds = rounds;
        started[i] = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
    }
    if (WaitForMultipleObjects(THREADS, started, TRUE, INFINITE) == WAIT_FAILED)
        fail("the threads did not run");
    for (i = 0; i < THREADS; i++) {
        CloseHandle(started[i]);
        for (k = 0; k < rounds; k++)
            puts(workers[i].signatures[k]);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    expect(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK, "CoInitializeEx");
    create();
    if (strcmp(what, "rules") == 0)
        rules();
    else if (strcmp(what, "sign") == 0)
        sign();
    else if (strcmp(what, "threads") == 0 && argc == 3)
        threads(atoi(argv[2]));
    else
        return EXIT_USAGE;
    IDispatch_Release(component);
    CoUninitialize();
    return 0;
}
