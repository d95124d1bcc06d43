/*
 * csharp.c - calls as a C# program does through DllImport.
 *
 *     csharp LIBRARY
 *
 *     static extern int hisGetBasicData(byte[] pBuffer, ref int iBufferLen);
 *
 * Lengths are 32-bit variables, byte arrays have exactly the record's size, the after-check mark is an
 * array of ONE byte with nothing readable behind it, and every call comes from a thread of its own.
 * Prints one line per call: NAME CODE LENGTH [RECORD].
 */
#include "caller.h"

enum { LARGEST = 1400, BAD_ARGUMENT = 6018, SAME_DAY = 5010 };

typedef int (CARDAPI *PLAIN)(void);
typedef int (CARDAPI *NUMBER)(int);
typedef int (CARDAPI *TEXT)(const void *);
typedef int (CARDAPI *READ)(void *, int *);
typedef int (CARDAPI *READ_CARD)(int, void *, int *);
typedef int (CARDAPI *SEQUENCE)(const void *, const void *, const void *, void *, int *);
typedef int (CARDAPI *STATUS)(int, int *);

static HMODULE library;
static unsigned char memory[MARGIN + LARGEST + MARGIN];
static struct { int below, value, above; } length;
static unsigned char *after_check;   /* one byte, then a page that cannot be read */

static DWORD WINAPI in_thread(LPVOID work)
{
    (*(void (**)(void))work)();
    return 0;
}

static void in_fresh_thread(void (*work)(void))
{
    HANDLE thread = CreateThread(NULL, 0, in_thread, &work, 0, NULL);

    if (thread == NULL || WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0)
        fail("no thread");
    CloseHandle(thread);
}

static unsigned char *array(int size)
{
    length.below = length.above = 0x5AA55AA5;
    length.value = size;
    return guarded(memory, 0, (size_t)size);  /* new byte[size] is zeros */
}

static void check(const char *name, int code, int wanted, int size)
{
    if (!is_whole(memory, (size_t)size))
        fail("%s wrote beside its array of %d bytes", name, size);
    if (length.below != 0x5AA55AA5 || length.above != 0x5AA55AA5)
        fail("%s wrote beside its length", name);
    if (code != wanted)
        fail("%s answered %d, expected %d", name, code, wanted);
    if (length.value != size)
        fail("%s gave the length %d, expected %d", name, length.value, size);
}

/* What READ_ONE reads next. */
static const char *name;
static int record_size;

static void read_one(void)
{
    READ function = (READ)find(library, name);
    int code = function(array(record_size), &length.value);

    check(name, code, 0, record_size);
    printf("%s %d %d [%.*s]\n", name, code, length.value, length.value, (char *)memory + MARGIN);
}

/* An array that is one byte too small: a refusal, and every byte of it as it was. */
static void read_too_small(void)
{
    READ function = (READ)find(library, name);
    int i, code = function(array(record_size - 1), &length.value);

    check(name, code, BAD_ARGUMENT, record_size - 1);
    for (i = 0; i < record_size - 1; i++)
        if (memory[MARGIN + i] != 0)
            fail("%s wrote into an array that is too small", name);
}

static void read(const char *function, int size)
{
    name = function;
    record_size = size;
    in_fresh_thread(read_one);
    in_fresh_thread(read_too_small);
}

static void open(void)
{
    int code = ((NUMBER)find(library, "csOpenCom"))(0);

    printf("csOpenCom %d\n", code);
    if (code != 0)
        fail("csOpenCom answered %d", code);
}

static void read_card_no(void)
{
    int code = ((READ_CARD)find(library, "csGetCardNo"))(2, array(12), &length.value);

    check("csGetCardNo", code, 0, 12);
    printf("csGetCardNo %d %d [%.12s]\n", code, length.value, (char *)memory + MARGIN);
}

static void read_status(void)
{
    int status = 0, code = ((STATUS)find(library, "hpcGetHPCStatus"))(1, &status);

    printf("hpcGetHPCStatus %d %d\n", code, status);
    if (code != 0 || status != 1)
        fail("hpcGetHPCStatus answered %d with %d", code, status);
}

static void take_number(void)
{
    SEQUENCE next = (SEQUENCE)find(library, "hisGetSeqNumber256N1");
    int code;

    *after_check = ' ';
    code = next("01", " ", after_check, array(316), &length.value);
    check("hisGetSeqNumber256N1", code, 0, 316);
    printf("hisGetSeqNumber256N1 %d %d\n", code, length.value);
    code = next("01", " ", after_check, array(316), &length.value);
    check("hisGetSeqNumber256N1, again", code, SAME_DAY, 316);
    /* the whole record: its first thirteen bytes are the time, and nobody looks behind them */
    code = ((TEXT)find(library, "csUnGetSeqNumber"))((char *)memory + MARGIN);
    printf("csUnGetSeqNumber %d\n", code);
    if (code != 0)
        fail("csUnGetSeqNumber answered %d", code);
}

static void close(void)
{
    printf("csCloseCom %d\n", ((PLAIN)find(library, "csCloseCom"))());
}

static unsigned char *last_byte_before_nothing(void)
{
    unsigned char *pages = VirtualAlloc(NULL, 8192, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    DWORD before;

    if (pages == NULL || !VirtualProtect(pages + 4096, 4096, PAGE_NOACCESS, &before))
        fail("no memory");
    return pages + 4095;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return EXIT_USAGE;
    library = load(argv[1]);
    after_check = last_byte_before_nothing();
    in_fresh_thread(open);
    read("csGetHospID", 10);
    read("csGetDateTime", 13);
    read("hisGetBasicData", 72);
    read("hisGetRegisterBasic", 78);
    read("hisGetRegisterBasic2", 9);
    read("hisGetTreatmentNoNeedHPC", 498);
    read("hisGetTreatmentNeedHPC", 372);
    read("hisGetInoculateData", 1400);
    read("hisGetOrganDonate", 1);
    in_fresh_thread(read_card_no);
    in_fresh_thread(read_status);
    in_fresh_thread(take_number);
    in_fresh_thread(close);
    return 0;
}
