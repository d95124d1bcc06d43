/*
 * standin.c - a small library that answers like the card library, to test the test programs themselves.
 *
 * One invented card, fixed answers. STANDIN_FAULT in the environment makes it misbehave for clinic.c:
 *     guard     one byte too many behind the basic data        input     writes into the patient's id
 *     length    the basic data's length one byte too long      wide      32 bits for that 16-bit length
 *     code      4013 for the basic data                        silent    success, nothing written
 *     nul       NUL instead of blanks in the basic data        number    a fee that is no number
 *     old       a visit list without the new visit             expired   5003 until the card is updated
 *     empty     no visits left until the card is updated       same-day  5010 with the visit number
 *     other     another patient's card behind the first
 * The functions standin... at the end misbehave for the driver's tests.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#define CARDAPI __stdcall
#else
#define EXPORT __attribute__((visibility("default")))
#define CARDAPI
#endif

#define FUNCTION(name) EXPORT int CARDAPI name

enum { OK = 0, NO_CARD = 4013, EXPIRED = 5003, SAME_DAY = 5010, OTHER_PERSON = 5020, NO_VISIT = 5150 };
enum { BAD_ARGUMENT = 6018, NO_PORT = -1 };
enum { VALIDITY_BYTES = 84, VISIT_BYTES = 69, TREATMENT_BYTES = 498, SIGNATURE_BYTES = 40 };

static const char card_no[] = "000073898381", id_no[] = "Z299999929", birthday[] = "0920315";
static const char hospital[] = "3501200000", now[] = "1131120103000";

static int port_is_open, card_is_updated, has_visit;

static int fault(const char *name)
{
    const char *wanted = getenv("STANDIN_FAULT");

    return wanted != NULL && strcmp(wanted, name) == 0;
}

/* A record into the caller's buffer, the way every reading function ends. */
static int answer(const char *bytes, int size, char *buffer, short *length)
{
    if (buffer == NULL || length == NULL || *length < size)
        return BAD_ARGUMENT;
    if (!port_is_open)
        return NO_PORT;
    memcpy(buffer, bytes, (size_t)size);
    *length = (short)size;
    return OK;
}

static char *put(char *at, const char *text, size_t width)
{
    memset(at, ' ', width);
    memcpy(at, text, strlen(text));
    return at + width;
}

static int is_patient(const char *id, const char *birth)
{
    return memcmp(id, id_no, sizeof id_no - 1) == 0 && memcmp(birth, birthday, sizeof birthday - 1) == 0;
}

FUNCTION(csOpenCom)(int port)
{
    port_is_open = (short)port >= 0;
    return port_is_open ? OK : NO_PORT;
}

FUNCTION(csCloseCom)(void)
{
    port_is_open = 0;
    return OK;
}

FUNCTION(csGetVersionEx)(char *path)
{
    strcpy(path, "/opt/standin/library.so");
    return 6000;
}

FUNCTION(csVerifySAMDC)(void)
{
    return port_is_open ? OK : NO_PORT;
}

FUNCTION(csGetHospID)(char *buffer, short *length)
{
    return answer(hospital, 10, buffer, length);
}

FUNCTION(csGetDateTime)(char *buffer, short *length)
{
    return answer(now, 13, buffer, length);
}

FUNCTION(hisGetCardStatus)(int card)
{
    return (short)card == 2 ? 2 : 0;
}

FUNCTION(csGetCardNo)(int card, char *buffer, short *length)
{
    return (short)card == 2 ? answer(card_no, 12, buffer, length) : BAD_ARGUMENT;
}

static char *put_person(char *at)
{
    at = put(at, fault("other") ? "000073898390" : card_no, 12);
    at = put(at, "\xB4\xFA\xB8\xD5\xA4\x51", 20);      /* 測試十 */
    at = put(at, id_no, 10);
    at = put(at, birthday, 7);
    at = put(at, "F", 1);
    at = put(at, "1050217", 7);
    return put(at, "1", 1);
}

FUNCTION(hisGetBasicData)(char *buffer, short *length)
{
    char record[72];
    int code;

    put(put_person(record), "0223456789", 14);
    if (fault("silent"))
        return OK;
    if (fault("nul"))
        record[71] = '\0';
    code = fault("code") ? NO_CARD : answer(record, sizeof record, buffer, length);
    if (fault("guard"))
        buffer[72] = ' ';
    if (fault("length"))
        *length = 73;
    if (fault("wide"))
        length[1] = 0;
    return code;
}

FUNCTION(hisGetRegisterBasic)(char *buffer, short *length)
{
    char record[78], *at = put_person(record);

    at = put(at, "01", 2);
    at = put(at, "1", 1);
    at = put(at, "1141231", 7);
    at = put(at, "06", 2);
    put(at, "", 8);
    return answer(record, sizeof record, buffer, length);
}

FUNCTION(hisGetRegisterBasic2)(char *buffer, short *length)
{
    int is_empty = fault("empty") && !card_is_updated;

    return answer(is_empty ? "114123100" : "114123106", 9, buffer, length);
}

FUNCTION(csUpdateHCContents)(void)
{
    card_is_updated = 1;
    return OK;
}

FUNCTION(hisGetEmergentTel)(char *buffer, short *length)
{
    return answer("0223456789    ", 14, buffer, length);
}

/* One visit of the list; sequence NULL: the absent one, blanks and zeros. */
static char *put_visit(char *at, const char *sequence, const char *time, const char *fee)
{
    char *numbers = at + 31;

    put(at, "", VISIT_BYTES);
    memset(numbers, '0', 38);
    if (sequence != NULL) {
        put(at, "01", 2);
        put(at + 3, time, 13);
        put(at + 16, "1", 1);
        put(at + 17, sequence, 4);
        put(at + 21, hospital, 10);
        memcpy(numbers, fee, 16);
    }
    return at + VISIT_BYTES;
}

FUNCTION(hisGetTreatmentNoNeedHPC)(char *buffer, short *length)
{
    char record[TREATMENT_BYTES], *at = record + VALIDITY_BYTES;
    int i, shown = 1;

    put(record, "11001011151231", VALIDITY_BYTES);
    if (has_visit && !fault("old")) {
        at = put_visit(at, "W002", now, "0000125000000050");
        shown = 2;
    }
    at = put_visit(at, "W001", "1130901083000", "0000060000000050");
    for (i = shown; i < 6; i++)
        at = put_visit(at, NULL, NULL, NULL);
    if (fault("number"))
        record[TREATMENT_BYTES - 1] = ' ';
    return answer(record, sizeof record, buffer, length);
}

FUNCTION(hisGetSeqNumber256N1)(char *item, char *baby, char *after_check, char *buffer, short *length)
{
    char record[316], *at = record;
    int code, i;

    if (memcmp(item, "01", 2) != 0 || *baby != ' ' || *after_check != ' ')
        return BAD_ARGUMENT;
    if (fault("expired") && !card_is_updated)
        return EXPIRED;
    at = put(at, now, 13);
    at = put(at, "W002", 4);
    at = put(at, hospital, 10);
    for (i = 0; i < 256; i++)
        *at++ = "0123456789ABCDEF"[i % 16];
    at = put(at, "001000000103", 12);
    at = put(at, "N", 1);
    put(at, "STANDIN0000000000001", 20);
    code = answer(record, sizeof record, buffer, length);
    has_visit = code == OK;
    return code == OK && fault("same-day") ? SAME_DAY : code;
}

FUNCTION(hisWriteTreatmentData)(char *time, char *id, char *birth, char *block, char *doctor)
{
    const char *wanted = "1J069 I10  R0981               1250    50      0       0      0      ";

    if (fault("input"))
        id[0] = 'A';
    if (!is_patient(id, birth))
        return OTHER_PERSON;
    if (memcmp(time, now, 13) != 0)
        return NO_VISIT;
    if (strcmp(block, wanted) != 0)
        return BAD_ARGUMENT;
    strcpy(doctor, "C123456789");
    return OK;
}

FUNCTION(hisWriteMultiPrescriptSign)(char *time, char *id, char *birth, char *block, short *count,
                                     char *buffer, short *length)
{
    const char *signatures = "0123456789ABCDEF0123456789ABCDEF01234567"
                             "89ABCDEF0123456789ABCDEF0123456789ABCDEF";

    if (!is_patient(id, birth))
        return OTHER_PERSON;
    if (memcmp(time, now, 13) != 0 || memcmp(block, now, 13) != 0 || memcmp(block + 61, now, 13) != 0)
        return NO_VISIT;
    if (*count != 2 || strlen(block) != 122 || memcmp(block + 52, "0000900", 7) != 0)
        return BAD_ARGUMENT;
    return answer(signatures, 2 * SIGNATURE_BYTES, buffer, length);
}

FUNCTION(csUnGetSeqNumber)(char *time)
{
    if (!has_visit || memcmp(time, now, 13) != 0)
        return NO_VISIT;
    has_visit = 0;
    return OK;
}

/* ---- for the driver's tests ---- */

FUNCTION(standinWriteBehind)(char *buffer, short *length)
{
    buffer[*length] ^= 1;
    return OK;
}

FUNCTION(standinWriteBefore)(char *buffer)
{
    buffer[-1] ^= 1;
    return OK;
}

FUNCTION(standinWriteWide)(short *length)
{
    length[1] ^= 1;
    return OK;
}

FUNCTION(standinFill)(char *buffer, short *length)
{
    memset(buffer, 'x', (size_t)*length);
    *length = (short)-*length;
    return OK;
}

FUNCTION(standinNegate)(int32_t *number)
{
    *number = -*number;
    return OK;
}

FUNCTION(standinChangeText)(char *text)
{
    text[0] ^= 1;
    return OK;
}

/* Reads the byte with this index, as a careless strlen would. */
FUNCTION(standinReadAt)(char *text, int position)
{
    return ((volatile char *)text)[position];
}

FUNCTION(standinEcho)(int number)
{
    return number;
}

FUNCTION(standinIsNull)(char *pointer)
{
    return pointer == NULL;
}

FUNCTION(standinSum8)(int a, int b, int c, int d, int e, int f, int g, int h)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}

FUNCTION(standinNineteenth)(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k,
                            int l, int m, int n, int o, int p, int q, int r, int s)
{
    int others = a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q | r;

    return others == 0 ? s : -1;
}

FUNCTION(standinCount)(void)
{
    static int calls;

    return ++calls;
}

FUNCTION(standinCrash)(void)
{
    fprintf(stderr, "standin: about to crash\n");
    fflush(stderr);
    abort();
}

FUNCTION(standinHang)(void)
{
    volatile int forever = 1;

    while (forever)
        continue;
    return OK;
}
