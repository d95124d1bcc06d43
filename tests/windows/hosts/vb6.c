/*
 * vb6.c - calls every export as Visual Basic 6 does.
 *
 *     vb6 LIBRARY UPLOAD        UPLOAD: a file of 25 bytes for csUploadData
 *
 * Numbers are 16 bits wide with garbage in the upper half of their word; length variables are 16 bits
 * wide with other variables on both sides; strings are fixed-length, blank-padded to 20 bytes (data blocks
 * and paths to 200) with a NUL behind them; one buffer is used again and again, with far more room than
 * any record. On 32 bits the stack pointer is looked at before and after each call.
 *
 * Prints one line per call: NAME CODE LENGTH, length 0 where no record was written.
 */
#include "caller.h"

#include "driver_call.h"

enum {
    MOST_ARGUMENTS = 20,
    STRING = 20,
    BLOCK = 200,
    ROOM = 4000,
    TEXT_ROOM = 260,
    TIME_WIDTH = 13,
    BESIDE = 0x5AA5
};
enum { ANY_LOW = -32768, ANY_HIGH = 32767, DROPPED = -2, SAME_FILE = 9071 };

/*
 * How the arguments are declared in a program's .bas module:
 *     i  ByVal Integer                      n  ByRef Integer, the room of the buffer before it
 *     b  ByVal String, a buffer             r  ByRef Integer, a result or a count
 *     s  ByVal String * 20                  o  ByVal String, a text without a stated room
 *     d  ByVal String * 200                 z  ByVal String * 20 that the library may write over
 *     w  ByVal Long, meaning unknown
 * given: what stands in i, r, s, d and z, one after the other; @time and @upload are filled in.
 * least, most: the codes that are right. length: that of the first record, 0 for none.
 */
struct declaration {
    const char *name, *arguments;
    const char *given[6];
    int least, most, length;
};

#define PERSON "Z299999929", "0920315"
#define VISIT "@time", PERSON
#define ONE_DRUG "@time1AC44444100        TIDPC             03000090001"
#define READ(name, length) {name, "bn", {0}, 0, 0, length}
#define PLAIN(name, code) {name, "", {0}, code, code, 0}
#define PIN_ASKED(name) {name, "", {0}, ANY_LOW, ANY_HIGH, 0}

static const struct declaration declarations[] = {
    {"csOpenCom", "i", {"0"}, 0, 0, 0},
    PLAIN("csVerifySAMDC", 0),
    PLAIN("csGetVersion", 60),
    {"csGetVersionEx", "o", {0}, 6000, 6000, 0},
    READ("csGetHospID", 10),
    READ("csGetHospName", 12),
    READ("csGetHospAbbName", 10),
    READ("csGetDateTime", 13),
    {"csGetCardNo", "ibn", {"2"}, 0, 0, 12},
    {"hisGetCardStatus", "i", {"2"}, 2, 5, 0},
    {"hpcGetHPCStatus", "ir", {"1", "0"}, 0, 0, 0},
    PLAIN("hisGetHPCType", 1),
    READ("hpcGetHPCSN", 12),
    READ("hpcGetHPCSSN", 10),
    READ("hpcGetHPCCNAME", 8),
    {"hpcGetHPCENAME", "bn", {0}, 0, 0, 0},
    PLAIN("csISSetPIN", 0),
    READ("hisGetBasicData", 72),
    READ("hisGetRegisterBasic", 78),
    READ("hisGetRegisterBasic2", 9),
    READ("hisGetRegisterPrevent", 126),
    READ("hisGetRegisterPregnant", 209),
    READ("hisGetTreatmentNoNeedHPC", 498),
    READ("hisGetTreatmentNeedHPC", 372),
    READ("hisGetCumulativeData", 134),
    READ("hisGetCumulativeFee", 20),
    READ("hisGetInoculateData", 1400),
    READ("hisGetOrganDonate", 1),
    READ("hisGetEmergentTel", 14),
    READ("hisGetLastSeqNum", 7),
    READ("hisGetCriticalIllness", 114),
    {"hisGetCriticalIllnessID", "ssbn", {PERSON}, 0, 0, 114},
    {"hisReadPrescription", "bnbnbnbn", {0}, 0, 0, 3660},
    {"hisReadPrescriptMain", "bniir", {"1", "2", "0"}, 0, 0, 122},
    {"hisReadPrescriptLongTerm", "bniir", {"1", "2", "0"}, 0, 0, 88},
    {"hisReadPrescriptHVE", "bniir", {"1", "2", "0"}, 0, 0, 72},
    {"hisReadPrescriptAllergic", "bniir", {"1", "2", "0"}, 0, 0, 80},
    {"hisQuickInsurance", "bn", {0}, ANY_LOW, ANY_HIGH, -1},
    {"hisGetSeqNumber256N1", "sssbn", {"01", " ", "1"}, 0, 0, 316},
    {"hisGetSeqNumber256", "sssbn", {"01", " ", "1"}, 5010, 5010, 296},
    {"hisGetSeqNumber", "ssbn", {"01", " "}, 5010, 5010, 167},
    {"hisGetTreatNumNoICCard", "ssbn", {"Z299999929", "3501200000"}, 0, 0, 43},
    {"hisGetTreatNumICCard", "sbn", {"@time"}, 0, 0, 20},
    {"hisWriteTreatmentCode", "sssdo", {VISIT, "1J029 R509 "}, 0, 0, 0},
    {"hisWriteTreatmentFee", "sssd", {VISIT, "450     150     0       0      0      "}, 0, 0, 0},
    {"hisWriteTreatmentData", "sssdo",
     {VISIT, "1J029 R509                     450     150     0       0      0      "}, 0, 0, 0},
    {"hisWritePrescription", "sssd", {VISIT, ONE_DRUG}, 0, 0, 0},
    {"hisWritePrescriptionSign", "sssdbn", {VISIT, ONE_DRUG}, 0, 0, 40},
    {"hisWriteMultiPrescript", "sssdr", {VISIT, ONE_DRUG ONE_DRUG, "2"}, 0, 0, 0},
    {"hisWriteMultiPrescriptSign", "sssdrbn", {VISIT, ONE_DRUG ONE_DRUG, "2"}, 0, 0, 80},
    {"hisWriteNewBorn", "ssss", {PERSON, "1141001", "1"}, 0, 0, 0},
    {"hisWriteAllergicMedicines", "ssdo", {PERSON, "LATEX"}, 0, 0, 0},
    {"hisWriteAllergicNum", "ssdoi", {PERSON, "LATEX", "3"}, 0, 0, 0},
    {"hisWriteHealthInsurance", "ssss", {PERSON, "02", "21"}, 0, 0, 0},
    {"hisWriteEmergentTel", "sss", {PERSON, "0912345678"}, 0, 0, 0},
    {"hisWritePredeliveryCheckup", "sss", {PERSON, "41"}, 0, 0, 0},
    {"hisDeletePredeliveryData", "ss", {PERSON}, 0, 0, 0},
    {"hisWriteInoculateData", "ssss", {PERSON, "FLU", "TEST0009"}, 0, 0, 0},
    {"hisWriteOrganDonate", "sss", {PERSON, "A"}, DROPPED, DROPPED, 0},
    {"hisGetICD10EnC", "so", {"G44201"}, 0, 0, 0},
    {"hisGetICD10DeC", "so", {"\"M7WK"}, 0, 0, 0},
    {"csUploadData", "dzzbn", {"@upload", "25", "1"}, 0, 0, 50},
    {"csUploadDataPrec", "dzzzbn", {"@upload", "25", "1", "1"}, SAME_FILE, SAME_FILE, 0},
    {"csUnGetSeqNumber", "s", {"@time"}, 0, 0, 0},
    PLAIN("csUpdateHCContents", 0),
    PLAIN("csUpdateHCNoReset", 0),
    PIN_ASKED("csVerifyHCPIN"),
    PIN_ASKED("csInputHCPIN"),
    PIN_ASKED("csDisableHCPIN"),
    PIN_ASKED("hpcVerifyHPCPIN"),
    PIN_ASKED("hpcInputHPCPIN"),
    PIN_ASKED("hpcUnlockHPC"),
    PLAIN("hpcVHPCLogout", 0),
    PLAIN("hpcVerifyHPCPINR", DROPPED),
    PLAIN("csDownloadHCApplet", DROPPED),
    {"csGetLastUnTreatmentData", "ww", {0}, DROPPED, DROPPED, 0},
    {"csDownloadData", "wwwwwww", {0}, DROPPED, DROPPED, 0},
    PLAIN("csEnableHCAAPI", DROPPED),
    PLAIN("csDisableHCAAPI", DROPPED),
    {"hisGetInsurerData", "ww", {0}, DROPPED, DROPPED, 0},
    {"hisGetSam0", "ww", {0}, DROPPED, DROPPED, 0},
    {"hpcGetAllData", "ww", {0}, DROPPED, DROPPED, 0},
    {"HCA_GNFuncCall", "wwwwwwww", {0}, DROPPED, DROPPED, 0},
    {"csHisAPI", "wwwwwwwwwwwwwwwwwww", {0}, DROPPED, DROPPED, 0},
    {"VPNGetRandom", "bn", {0}, 0, 0, 12},
    {"VPNH_Sign", "sisbn", {"", "3", "30"}, 0, 0, 344},
    {"VPNH_VerifySign", "wwwww", {0}, DROPPED, DROPPED, 0},
    {"csSoftwareReset", "i", {"0"}, 0, 0, 0},
    PLAIN("csCloseCom", 0),
};

/* One argument and what it lent. Buffers keep what the last call left in them. */
struct argument {
    char kind;
    uintptr_t word;
    size_t size;
    unsigned char memory[MARGIN + ROOM + MARGIN], kept[MARGIN + ROOM + MARGIN];
    struct { short below, value, above; } number;
};

static struct argument arguments[MOST_ARGUMENTS];
static char visit_time[TIME_WIDTH];
static const char *upload;

static const char *filled_in(const char *given)
{
    static char text[BLOCK + 1];
    size_t length = 0;

    if (strcmp(given, "@upload") == 0)
        return upload;
    while (*given && length + TIME_WIDTH < sizeof text) {
        if (strncmp(given, "@time", 5) == 0) {
            memcpy(text + length, visit_time, TIME_WIDTH);
            length += TIME_WIDTH;
            given += 5;
        } else {
            text[length++] = *given++;
        }
    }
    text[length] = '\0';
    return text;
}

static void lend_string(struct argument *argument, const char *text, size_t size)
{
    unsigned char *place = guarded(argument->memory, ' ', size + 1);

    if (strlen(text) > size)
        fail("%s is too long", text);
    memcpy(place, text, strlen(text));
    place[size] = '\0';
    argument->size = size + 1;
    argument->word = (uintptr_t)place;
}

/* Filled with blanks once, at its first use. */
static void lend_buffer(struct argument *argument, size_t size)
{
    if (argument->size != size)
        (void)guarded(argument->memory, ' ', size);
    argument->size = size;
    argument->word = (uintptr_t)(argument->memory + MARGIN);
}

static void lend_number(struct argument *argument, int value)
{
    argument->number.below = argument->number.above = BESIDE;
    argument->number.value = (short)value;
    argument->word = (uintptr_t)&argument->number.value;
}

/* Takes the next of the given values where it needs one. */
static const char *const *lend(struct argument *argument, char kind, const char *const *given)
{
    argument->kind = kind;
    switch (kind) {
    case 'i': argument->word = (uintptr_t)(unsigned)DIRTY(atoi(*given++)); break;
    case 'r': lend_number(argument, atoi(*given++)); break;
    case 'n': lend_number(argument, ROOM); break;
    case 's':
    case 'z': lend_string(argument, filled_in(*given++), STRING); break;
    case 'd': lend_string(argument, filled_in(*given++), BLOCK); break;
    case 'b': lend_buffer(argument, ROOM); break;
    default: lend_buffer(argument, TEXT_ROOM); break;
    }
    memcpy(argument->kept, argument->memory, sizeof argument->kept);
    return given;
}

static void check_string(const char *name, int position, const struct argument *argument)
{
    if (!is_whole(argument->memory, argument->size))
        fail("%s wrote beside argument %d", name, position);
    if (strchr("sdw", argument->kind) && memcmp(argument->memory, argument->kept, sizeof argument->kept) != 0)
        fail("%s changed argument %d, a string that it was only given", name, position);
}

static void check_number(const char *name, int position, const struct argument *argument)
{
    if (argument->number.below != BESIDE || argument->number.above != BESIDE)
        fail("%s wrote beside the 16-bit variable of argument %d", name, position);
}

/* Bytes written, 0 for none. Behind them nothing may have changed. */
static int written(const char *name, const struct argument *buffer, const struct argument *length)
{
    int size = length->number.value == ROOM ? 0 : length->number.value;

    if (size < 0 || size > ROOM)
        fail("%s gave the length %d", name, size);
    if (memcmp(buffer->memory + MARGIN + size, buffer->kept + MARGIN + size, ROOM - (size_t)size) != 0)
        fail("%s wrote behind the %d bytes of its record", name, size);
    return size;
}

static int check_arguments(const char *name, int count)
{
    int position, size, first = 0;

    for (position = 0; position < count; position++) {
        const struct argument *argument = &arguments[position];

        if (argument->kind == 'n') {
            size = written(name, argument - 1, argument);
            first = position == 1 || first == 0 ? size : first;
        }
        if (strchr("nr", argument->kind))
            check_number(name, position, argument);
        else if (argument->kind != 'i')
            check_string(name, position, argument);
    }
    return first;
}

static void call(HMODULE library, const struct declaration *declaration)
{
    const char *const *given = declaration->given;
    uintptr_t words[MOST_ARGUMENTS] = {0};
    int length, i, count = (int)strlen(declaration->arguments);
    struct outcome outcome;

    for (i = 0; i < count; i++) {
        given = lend(&arguments[i], declaration->arguments[i], given);
        words[i] = arguments[i].word;
    }
    outcome = call_function(find(library, declaration->name), words, count);
    if (outcome.stack != 0)
        fail("%s left the stack wrong by %d bytes", declaration->name, outcome.stack);
    length = check_arguments(declaration->name, count);
    printf("%s %d %d\n", declaration->name, outcome.code, length);
    if (outcome.code < declaration->least || outcome.code > declaration->most)
        fail("%s answered %d, expected %d", declaration->name, outcome.code, declaration->least);
    if (declaration->length >= 0 && length != declaration->length)
        fail("%s gave %d bytes, expected %d", declaration->name, length, declaration->length);
    if (strcmp(declaration->name, "hisGetSeqNumber256N1") == 0)
        memcpy(visit_time, arguments[3].memory + MARGIN, TIME_WIDTH);
}

int main(int argc, char **argv)
{
    HMODULE library;
    size_t i;

    if (argc != 3)
        return EXIT_USAGE;
    upload = argv[2];
    library = load(argv[1]);
    for (i = 0; i < sizeof declarations / sizeof declarations[0]; i++)
        call(library, &declarations[i]);
    printf("vb6: %d calls\n", (int)i);
    return 0;
}
