/*
 * delphi.c - calls as a Delphi program does.
 *
 *     delphi LIBRARY UPLOAD        UPLOAD: a file of 25 bytes for csUploadData
 *
 *     function csGetCardNo(CardType: ShortInt; pBuffer: PChar; var iBufferLen: SmallInt): SmallInt; stdcall;
 *
 * ShortInt (8 bits) arrives sign-extended, SmallInt (16 bits) with whatever was in the register's upper half.
 * Results are taken as SmallInt. Strings are PChar: literals that lie in read-only memory, or one trailing
 * blank. Buffers are array[0..N] of Char on the stack, zeroed, with room for the NUL that Delphi wants.
 * Prints one line per call: NAME CODE LENGTH [RECORD].
 */
#include "caller.h"

enum { BESIDE = 0x5AA5 };

typedef int PUSHED;                  /* the word in which a small number is pushed */
typedef int (CARDAPI *PLAIN)(void);
typedef int (CARDAPI *NUMBER)(PUSHED);
typedef int (CARDAPI *TEXT)(char *);
typedef int (CARDAPI *READ)(char *, short *);
typedef int (CARDAPI *READ_CARD)(PUSHED, char *, short *);
typedef int (CARDAPI *READ_RANGE)(char *, short *, PUSHED, PUSHED, short *);
typedef int (CARDAPI *SEQUENCE)(char *, char *, char *, char *, short *);
typedef int (CARDAPI *WRITE_THREE)(char *, char *, char *);
typedef int (CARDAPI *UPLOAD)(char *, char *, char *, char *, short *);

static HMODULE library;
static struct { short below, value, above; } length, count;

static PUSHED short_int(signed char number)
{
    return number;
}

static PUSHED small_int(short number)
{
    return DIRTY(number);
}

static char *literal(const char *text)
{
    char *page = VirtualAlloc(NULL, 4096, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    DWORD before;

    if (page == NULL)
        fail("no memory");
    strcpy(page, text);
    if (!VirtualProtect(page, 4096, PAGE_READONLY, &before))
        fail("no read-only memory");
    return page;
}

static char *zeroed(unsigned char *memory, int size)
{
    length.below = length.above = count.below = count.above = BESIDE;
    length.value = (short)size;
    return (char *)guarded(memory, 0, (size_t)size);
}

static void expect(const char *name, int code, int wanted)
{
    if ((short)code != wanted)
        fail("%s answered %d, expected %d", name, (short)code, wanted);
    printf("%s %d", name, (short)code);
}

static void expect_record(const char *name, int code, const unsigned char *memory, int room, int size)
{
    const char *bytes = (const char *)memory + MARGIN;

    expect(name, code, 0);
    if (!is_whole(memory, (size_t)room))
        fail("\n%s wrote beside its buffer", name);
    if (length.below != BESIDE || length.above != BESIDE || count.below != BESIDE || count.above != BESIDE)
        fail("\n%s wrote beside a SmallInt", name);
    if (length.value != size || bytes[size] != '\0')
        fail("\n%s gave %d bytes, expected %d with zeros behind", name, length.value, size);
    printf(" %d [%s]\n", size, bytes);
}

static void plain(const char *name)
{
    expect(name, ((PLAIN)find(library, name))(), 0);
    printf("\n");
}

static void read(const char *name, int size)
{
    unsigned char memory[MARGIN + 1500 + MARGIN];

    expect_record(name, ((READ)find(library, name))(zeroed(memory, size + 1), &length.value), memory,
                  size + 1, size);
}

static void read_card_no(PUSHED card)
{
    unsigned char memory[MARGIN + 13 + MARGIN];
    READ_CARD function = (READ_CARD)find(library, "csGetCardNo");

    expect_record("csGetCardNo", function(card, zeroed(memory, 13), &length.value), memory, 13, 12);
}

static void read_range(PUSHED first, PUSHED last)
{
    unsigned char memory[MARGIN + 123 + MARGIN];
    char *buffer = zeroed(memory, 123);
    int code;

    count.value = -1;
    code =
        ((READ_RANGE)find(library, "hisReadPrescriptMain"))(buffer, &length.value, first, last, &count.value);
    expect_record("hisReadPrescriptMain", code, memory, 123, 122);
    if (count.value != 2)
        fail("hisReadPrescriptMain read %d records, expected 2", count.value);
}

static void take_number(void)
{
    unsigned char memory[MARGIN + 317 + MARGIN];
    SEQUENCE next = (SEQUENCE)find(library, "hisGetSeqNumber256N1");
    char *buffer = zeroed(memory, 317);
    char time[15];

    expect_record("hisGetSeqNumber256N1",
                  next(literal("01"), literal(" "), literal("1"), buffer, &length.value), memory, 317, 316);
    memcpy(time, buffer, 13);
    strcpy(time + 13, " ");
    expect("csUnGetSeqNumber", ((TEXT)find(library, "csUnGetSeqNumber"))(time), 0);
    printf("\n");
}

/* The size and count may be written over by the library: here they are literals and must survive. */
static void upload(const char *file)
{
    unsigned char memory[MARGIN + 51 + MARGIN];
    char *size = literal("25"), *records = literal("1");
    char *buffer = zeroed(memory, 51);
    int code = ((UPLOAD)find(library, "csUploadData"))(literal(file), size, records, buffer, &length.value);

    expect_record("csUploadData", code, memory, 51, 50);
    if (strcmp(size, "25") != 0 || strcmp(records, "1") != 0)
        fail("csUploadData changed a literal");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return EXIT_USAGE;
    library = load(argv[1]);
    expect("csOpenCom", ((NUMBER)find(library, "csOpenCom"))(short_int(0)), 0);
    printf("\n");
    plain("csVerifySAMDC");
    read("csGetHospID", 10);
    read_card_no(short_int(2));
    read_card_no(small_int(2));
    expect("hisGetCardStatus", ((NUMBER)find(library, "hisGetCardStatus"))(small_int(2)), 3);
    printf("\n");
    read("hisGetBasicData", 72);
    read("hisGetRegisterBasic", 78);
    read("hisGetTreatmentNoNeedHPC", 498);
    read("hisGetInoculateData", 1400);
    read_range(short_int(1), small_int(2));
    take_number();
    expect("hisWriteEmergentTel", ((WRITE_THREE)find(library, "hisWriteEmergentTel"))(
        literal("Z299999929 "), literal("0920315"), literal("0912345678    ")), 0);
    printf("\n");
    read("hisGetEmergentTel", 14);
    upload(argv[2]);
    expect("csSoftwareReset", ((NUMBER)find(library, "csSoftwareReset"))(small_int(0)), 0);
    printf("\n");
    plain("csCloseCom");
    return 0;
}
