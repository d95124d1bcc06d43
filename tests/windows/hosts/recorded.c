/*
 * recorded.c - a program that looks closely at what a recorder leaves of its calls.
 * The original is original.c.
 *
 *     recorded LIBRARY errors           GetLastError and errno before, inside and
 *                                       after a call        (CSHIS_STANDIN=error)
 *     recorded LIBRARY words            every bit of every word arrives, every
 *                                       bit of the code comes back    (=words)
 *     recorded LIBRARY parallel         four threads wait for a slow function at
 *                                       the same time               (=slow)
 *     recorded LIBRARY calls COUNT      so many calls of csCloseCom, each of which must answer 0
 *     recorded LIBRARY told COUNT       the same, one for each line on standard
 *                                       input; "call NUMBER" after each
 *     recorded LIBRARY codes            the codes of csOpenCom, hisGetBasicData, hisWriteOrganDonate
 *     recorded LIBRARY unhandled        an exception in hisGetOrganDonate ends the
 *                                       program: exit code 42     (=crash, =raise)
 *     recorded LIBRARY caught           the program jumps out of such a call and goes
 *                                       on                      (=crash, =raise)
 *     recorded LIBRARY donated          its answer, and the two calls after it
 *                                       (=probe)
 *     recorded LIBRARY gone             a fault of the program after it has let the recorder go: exit code 42
 *     recorded LIBRARY ended            a thread that ends within hisGetOrganDonate
 *                                       (=end)
 *     recorded LIBRARY nested           the original calls csCloseCom of the
 *                                       recorder from within a call       (=nested)
 *     recorded LIBRARY mixed MS         csOpenCom, a read, a write, an unknown function; when its
 *                                       input has ended it waits so long, and ends
 *     recorded LIBRARY compared COUNT   so many hisGetBasicData; prints the longest in
 *                                       microseconds, and ends with its input
 */
#include "caller.h"

#include <errno.h>

#include "original.h"

enum { THREADS = 4, WORDS = 19, ENDED = 42, MARK = 77, C_MARK = 33 };

typedef int (CARDAPI *PLAIN)(void);
typedef int (CARDAPI *NUMBER)(intptr_t);
typedef int (CARDAPI *READ)(char *, short *);
typedef int (CARDAPI *THREE)(intptr_t, intptr_t, intptr_t);
typedef int (CARDAPI *FOUR)(intptr_t, intptr_t, intptr_t, intptr_t);
typedef int(CARDAPI *NINETEEN)(intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t,
                               intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t,
                               intptr_t, intptr_t, intptr_t);

static HMODULE library;

static void check_errors(void)
{
    PLAIN version = (PLAIN)find(library, "csGetVersion"), close = (PLAIN)find(library, "csCloseCom");
    int i;

    for (i = 0; i < 3; i++) {        /* the first call loads the original and makes the file */
        SetLastError(MARK);
        errno = C_MARK;
        if (version() != MARK)
            fail("call %d: the original did not find the program's last error", i);
        if (GetLastError() != MARK || errno != C_MARK)
            fail("call %d: last error %lu, errno %d", i, GetLastError(), errno);
        if (close() != 0 || GetLastError() != ERROR_LEFT)
            fail("call %d: the original's last error is %lu", i, GetLastError());
    }
}

static void check_words(void)
{
    NINETEEN many = (NINETEEN)find(library, "csHisAPI");
    NUMBER one = (NUMBER)find(library, "hisGetCardStatus");
    intptr_t w[WORDS];
    int i;

    for (i = 0; i < WORDS; i++)
        w[i] = (intptr_t)(0x9E3779B97F4A7C15u * (uint64_t)(i + 1));
    if (many(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11], w[12], w[13], w[14],
             w[15], w[16], w[17], w[18]) != sum_of_words(w, WORDS))
        fail("a word did not arrive as it was passed");
    if (one(DIRTY(2)) != DIRTY(2))
        fail("half a word was lost");
}

static DWORD WINAPI ask_status(LPVOID unused)
{
    (void)unused;
    return (DWORD)((NUMBER)find(library, "hisGetCardStatus"))(2);
}

static void check_parallel(void)
{
    HANDLE threads[THREADS];
    ULONGLONG began;
    int i;

    (void)((PLAIN)find(library, "csCloseCom"))();
    began = GetTickCount64();
    for (i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, ask_status, NULL, 0, NULL);
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    printf("%llu\n", GetTickCount64() - began);
}

static void call_often(int count, int told)
{
    PLAIN close = (PLAIN)find(library, "csCloseCom");
    char line[16];
    int i, code;

    for (i = 1; i <= count; i++) {
        if (told && fgets(line, sizeof line, stdin) == NULL)
            fail("nobody tells");
        code = close();
        if (code != 0)
            fail("call %d answered %d", i, code);
        if (told) {
            printf("call %d\n", i);
            fflush(stdout);
        }
    }
}

static void show_codes(void)
{
    char buffer[80];
    short length = 72;

    printf("%d ", ((NUMBER)find(library, "csOpenCom"))(0));
    printf("%d ", ((READ)find(library, "hisGetBasicData"))(buffer, &length));
    printf("%d\n", ((THREE)find(library, "hisWriteOrganDonate"))((intptr_t)"Z299999929", (intptr_t)"0920315",
                                                                 (intptr_t)"A"));
}

/* Deep in the stack, so that what is called afterwards stands above it. */
static __attribute__((noinline)) int donate(void)
{
    char volatile deep[4096] = "";
    char buffer[1] = {deep[0]};
    short length = 1;

    return ((READ)find(library, "hisGetOrganDonate"))(buffer, &length);
}

static LONG WINAPI last_resort(EXCEPTION_POINTERS *facts)
{
    printf("%08lX\n", facts->ExceptionRecord->ExceptionCode);
    fflush(stdout);
    TerminateProcess(GetCurrentProcess(), ENDED);
    return EXCEPTION_EXECUTE_HANDLER;
}

static uintptr_t volatile nowhere = 16;

/* What was called for faults must not be called any more. */
static void fault_alone(void)
{
    call_often(1, 0);
    if (!FreeLibrary(library) || GetModuleHandleA("cshis.dll") != NULL ||
        GetModuleHandleA("cshis_original.dll") != NULL)
        fail("the recorder or the original did not go");
    SetUnhandledExceptionFilter(last_resort);
    *(volatile int *)nowhere = 1;
}

static DWORD WINAPI donate_alone(LPVOID unused)
{
    (void)unused;
    return (DWORD)donate();
}

static void end_within(void)
{
    HANDLE thread = CreateThread(NULL, 0, donate_alone, NULL, 0, NULL);

    WaitForSingleObject(thread, INFINITE);
    call_often(1, 0);
}

static void *jump[5];
static DWORD volatile caught;

static LONG CALLBACK jump_out(EXCEPTION_POINTERS *facts)
{
    if (facts->ExceptionRecord->ExceptionCode != EXCEPTION_ACCESS_VIOLATION &&
        facts->ExceptionRecord->ExceptionCode != 0xE0000001)
        return EXCEPTION_CONTINUE_SEARCH;
    caught = facts->ExceptionRecord->ExceptionCode;
    __builtin_longjmp(jump, 1);
}

static void catch_it(void)
{
    void *handler = AddVectoredExceptionHandler(0, jump_out);

    if (__builtin_setjmp(jump) == 0)
        printf("answered %d\n", donate());
    else
        printf("caught %08lX\n", caught);
    RemoveVectoredExceptionHandler(handler);
    call_often(2, 0);
}

static void nest(void)
{
    char address[32];

    sprintf(address, "%llu", (unsigned long long)(uintptr_t)find(library, "csCloseCom"));
    SetEnvironmentVariableA("CSHIS_STANDIN_NESTED", address);
    printf("%d\n", ((PLAIN)find(library, "hisGetHPCType"))());
}

static void wait_for_end_of_input(void)
{
    while (getchar() != EOF)
        continue;
}

static void mix(int wait)
{
    char buffer[80] = "", phone[16] = "0912345678";
    short length = 72;

    ((NUMBER)find(library, "csOpenCom"))(0);
    ((READ)find(library, "hisGetBasicData"))(buffer, &length);
    ((THREE)find(library, "hisWriteEmergentTel"))((intptr_t)"Z299999929", (intptr_t)"0920315",
                                                  (intptr_t)phone);
    ((FOUR)find(library, "hisWriteNewBorn"))((intptr_t)"Z299999929", (intptr_t)"0920315", (intptr_t)"1141001",
                                             (intptr_t)"1");
    ((PLAIN)find(library, "hpcVerifyHPCPIN"))();
    ((PLAIN)find(library, "csEnableHCAAPI"))();
    memset(buffer, 0, sizeof buffer);
    strcpy(phone, "0000000000");     /* what was asked is asked as it was */
    wait_for_end_of_input();
    Sleep((DWORD)wait);
}

static void read_often(int count)
{
    READ read = (READ)find(library, "hisGetBasicData");
    LARGE_INTEGER begin, end, frequency;
    int64_t longest = 0;
    char buffer[72];
    short length;
    int i;

    QueryPerformanceFrequency(&frequency);
    for (i = 0; i < count; i++) {
        length = 72;
        QueryPerformanceCounter(&begin);
        if (read(buffer, &length) != 0 || length != 72)
            fail("read %d went wrong", i);
        QueryPerformanceCounter(&end);
        if (i > 0 && end.QuadPart - begin.QuadPart > longest)
            longest = end.QuadPart - begin.QuadPart;
    }
    printf("%lld\n", longest * 1000000 / frequency.QuadPart);
    wait_for_end_of_input();
}

static int run(const char *what, int number)
{
    if (strcmp(what, "errors") == 0)
        check_errors();
    else if (strcmp(what, "words") == 0)
        check_words();
    else if (strcmp(what, "parallel") == 0)
        check_parallel();
    else if (strcmp(what, "calls") == 0 || strcmp(what, "told") == 0)
        call_often(number, what[0] == 't');
    else if (strcmp(what, "codes") == 0)
        show_codes();
    else if (strcmp(what, "unhandled") == 0)
        SetUnhandledExceptionFilter(last_resort), donate();
    else if (strcmp(what, "caught") == 0)
        catch_it();
    else if (strcmp(what, "donated") == 0)
        printf("answered %d\n", donate()), call_often(2, 0);
    else if (strcmp(what, "gone") == 0)
        fault_alone();
    else if (strcmp(what, "ended") == 0)
        end_within();
    else if (strcmp(what, "nested") == 0)
        nest();
    else if (strcmp(what, "mixed") == 0)
        mix(number);
    else if (strcmp(what, "compared") == 0)
        read_often(number);
    else
        return EXIT_USAGE;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return EXIT_USAGE;
    library = load(argv[1]);
    return run(argv[2], argc > 3 ? atoi(argv[3]) : 0);
}
