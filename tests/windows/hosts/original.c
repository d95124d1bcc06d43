/*
 * original.c - a stand-in for the official cshis.dll of before 6.0: a DLL that needs no bridge and no card.
 *
 * It exports every function at its official ordinal (the definition file is build/native/generated/cshis.def,
 * or official.def's numbers) and takes the words that the official header says.
 *
 * The card in its reader is the first of the simulators' people (bridge/sim/scenario/people.yaml: 測試十),
 * with the records that a simulator that starts today gives it. So without switches its answers are those of
 * the bridge: calls in the order of vb6.c are answered with the codes and lengths that vb6.c expects.
 * Visit numbers, signatures, random numbers and times differ, as they do from one day to the next.
 * Writes are answered with 0 and change nothing but the count of visits of the day.
 *
 * The environment variable CSHIS_STANDIN holds switches, in any order, separated by blanks.
 * Differences from the bridge:
 *     order      hisGetRegisterBasic: validity and visits left (可用次數) change places
 *     blanks     hisGetTreatmentNoNeedHPC: blanks where 6.0 has
 *                zeros, in the places of visits that there are not
 *     code       hisGetLastSeqNum: answers 5022 and leaves the buffer alone
 *     oldest     hisGetTreatmentNoNeedHPC, hisGetTreatmentNeedHPC, hisReadPrescription: oldest first
 * Behaviour, for the tests of the recorder:
 *     slow       hisGetCardStatus takes SLOW milliseconds
 *     nopin      no practitioner's PIN is verified: hisGetCardStatus is 2 and not 3
 *     crash      hisGetOrganDonate writes to address 16
 *     probe      hisGetOrganDonate has Windows probe address 16 (IsBadReadPtr), and answers
 *     end        hisGetOrganDonate ends the thread that calls it
 *     raise      hisGetOrganDonate raises the exception 0xE0000001
 *     error      every function leaves ERROR_LEFT to GetLastError;
 *                csGetVersion answers with what it found there
 *     words      csHisAPI answers with sum_of_words() of its words,
 *                hisGetCardStatus with its word's low 32 bits
 *     wide       hisGetBasicData writes a 32-bit length
 *     nested     hisGetHPCType calls the function at the address in
 *                CSHIS_STANDIN_NESTED (decimal) before it answers
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <windows.h>

#include "original.h"

#ifdef _WIN64
#define CARD int
#else
#define CARD int __stdcall
#endif

typedef intptr_t W;                  /* an argument of which nothing but its place matters, or a whole word */

enum { SAME_DAY = 5010, SAME_FILE = 9071, NOT_FOUND = 5022, NO_ROOM = 6018, DROPPED = -2 };
enum { VISITS = 6, ORDERS = 60, SHOTS = 40, LARGEST = 3660 };

#define CARD_NUMBER "000073898381"
#define WHO CARD_NUMBER "\xB4\xFA\xB8\xD5\xA4Q              " "Z299999929" "0920315" "F" "1050217" "1"
#define HERE "3501200000"
#define ELSEWHERE "9999999901"
#define SAM "001000000103"
#define DOCTOR "C123456789"

static LONG volatile taken;          /* visit numbers since the DLL was loaded */
static char uploaded[200];
static uintptr_t volatile nowhere = 16;

/* --- switches and answers ------------------------------------------------------------------------------- */

static int is_on(const char *name)
{
    char switches[200], *word, *rest = switches;
    DWORD length = GetEnvironmentVariableA("CSHIS_STANDIN", switches, sizeof switches);

    if (length == 0 || length >= sizeof switches)
        return 0;
    while ((word = strtok_s(rest, " ", &rest)) != NULL)
        if (strcmp(word, name) == 0)
            return 1;
    return 0;
}

static int answer(int code)
{
    if (is_on("error"))
        SetLastError(ERROR_LEFT);
    return code;
}

static int give(char *buffer, short *length, const char *record, size_t size)
{
    if (*length < (short)size)
        return answer(NO_ROOM);
    memcpy(buffer, record, size);
    *length = (short)size;
    return answer(0);
}

static int give_text(char *buffer, short *length, const char *text)
{
    return give(buffer, length, text, strlen(text));
}

/* --- dates of the Republic of China (民國), Taiwan time ------------------------------------------------- */

static SYSTEMTIME days_from_now(int days)
{
    const int64_t day = 864000000000, taipei = day / 3;
    FILETIME now;
    SYSTEMTIME parts;
    int64_t time;

    GetSystemTimeAsFileTime(&now);
    time = ((int64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) + taipei + days * day;
    now.dwLowDateTime = (DWORD)time;
    now.dwHighDateTime = (DWORD)(time >> 32);
    FileTimeToSystemTime(&now, &parts);
    return parts;
}

static const char *roc_date(char *text, int days)
{
    SYSTEMTIME day = days_from_now(days);

    sprintf(text, "%03d%02d%02d", day.wYear - 1911, day.wMonth, day.wDay);
    return text;
}

static const char *roc_now(char *text)
{
    SYSTEMTIME now = days_from_now(0);

    sprintf(text, "%03d%02d%02d%02d%02d%02d", now.wYear - 1911, now.wMonth, now.wDay, now.wHour, now.wMinute,
            now.wSecond);
    return text;
}

/* --- the person's records ------------------------------------------------------------------------------- */

struct visit {
    int days_ago;
    const char *item, *time, *hospital, *codes, *fees;
};

static const struct visit visits[] = {
    {40, "01", "093000", HERE, "J029 ", "00000450" "00000150" "00000000"},
    {95, "02", "141510", ELSEWHERE, "K0253" "K0251", "00001250" "00000050" "00000000"},
    {180, "AC", "100000", HERE, "Z0000", "00000000" "00000000" "00000000"},
};
enum { KNOWN = sizeof visits / sizeof visits[0] };

static const struct { int visit; const char *rest; } orders[] = {
    {0, "1" "AC12345100  " "      " "TIDPC             " "03" "0000900" "01"},
    {0, "1" "BC98765100  " "      " "HS                " "03" "0000150" "01"},
    {1, "3" "89004C      " "16    " "                  " "00" "0000100" "03"},
};
enum { ORDERED = sizeof orders / sizeof orders[0] };

static int turned(int index, int count)
{
    return is_on("oldest") ? count - 1 - index : index;
}

static size_t put(char *to, const char *text, size_t width)
{
    size_t length = strlen(text);

    memset(to, ' ', width);
    memcpy(to, text, length < width ? length : width);
    return width;
}

static size_t put_visit_time(char *to, const struct visit *visit)
{
    char date[16];

    put(to, roc_date(date, -visit->days_ago), 7);
    put(to + 7, visit->time, 6);
    return 13;
}

/* 69 bytes: item 2, baby 1, time 13, after check 1, sequence 4, hospital 10, fees 8+8+8+7+7. */
static size_t put_visit(char *to, int index)
{
    const struct visit *visit = index < KNOWN ? &visits[turned(index, KNOWN)] : NULL;

    memset(to, ' ', 31);
    memset(to + 31, visit == NULL && is_on("blanks") ? ' ' : '0', 38);
    if (visit == NULL)
        return 69;
    put(to, visit->item, 2);
    put_visit_time(to + 3, visit);
    sprintf(to + 16, "1%04d", visit->days_ago);
    memcpy(to + 21, visit->hospital, 10);
    memcpy(to + 31, visit->fees, 24);
    return 69;
}

static size_t put_order(char *to, int index)
{
    memset(to, ' ', 61);
    memset(to + 50, '0', 9);
    if (index < ORDERED) {
        put_visit_time(to, &visits[orders[turned(index, ORDERED)].visit]);
        memcpy(to + 13, orders[turned(index, ORDERED)].rest, 48);
    }
    return 61;
}

static size_t put_many(char *to, int count, size_t (*one)(char *to, int index))
{
    size_t size = 0;
    int i;

    for (i = 0; i < count; i++)
        size += one(to + size, i);
    return size;
}

static size_t put_long_term(char *to, int index)
{
    (void)index;
    memset(to, ' ', 35);
    memset(to + 35, '0', 9);
    return 44;
}

static size_t put_important(char *to, int index)
{
    (void)index;
    memset(to, ' ', 29);
    memset(to + 29, '0', 7);
    return 36;
}

static size_t put_allergy(char *to, int index)
{
    return put(to, index == 0 ? "PENICILLIN" : "", 40);
}

/* --- who and what: reads -------------------------------------------------------------------------------- */

CARD hisGetBasicData(char *buffer, short *length)
{
    int code = give(buffer, length, WHO "              ", 72);

    if (code == 0 && is_on("wide"))
        *(int *)(void *)length = 72;
    return code;
}

CARD hisGetRegisterBasic(char *buffer, short *length)
{
    char record[100], valid[16];

    roc_date(valid, 400);
    if (is_on("order"))
        sprintf(record, WHO "10306%s%8s", valid, "");
    else
        sprintf(record, WHO "103%s06%8s", valid, "");
    return give(buffer, length, record, 78);
}

CARD hisGetRegisterBasic2(char *buffer, short *length)
{
    char record[16];

    roc_date(record, 400);
    return give_text(buffer, length, strcat(record, "06"));
}

static int give_blanks(char *buffer, short *length, size_t size)
{
    char record[LARGEST];

    memset(record, ' ', size);
    return give(buffer, length, record, size);
}

CARD hisGetRegisterPrevent(char *buffer, short *length)
{
    return give_blanks(buffer, length, 126);
}

CARD hisGetRegisterPregnant(char *buffer, short *length)
{
    return give_blanks(buffer, length, 209);
}

CARD hisGetCriticalIllness(char *buffer, short *length)
{
    return give_blanks(buffer, length, 114);
}

CARD hisGetCriticalIllnessID(W id, W birthday, char *buffer, short *length)
{
    (void)id;
    (void)birthday;
    return give_blanks(buffer, length, 114);
}

CARD hisGetTreatmentNoNeedHPC(char *buffer, short *length)
{
    char record[498];

    memset(record, ' ', 84);
    put_many(record + 84, VISITS, put_visit);
    return give(buffer, length, record, sizeof record);
}

static size_t put_codes(char *to, int index)
{
    memset(to, ' ', 43);
    if (index < KNOWN) {
        put_visit_time(to, &visits[turned(index, KNOWN)]);
        memcpy(to + 13, visits[turned(index, KNOWN)].codes, strlen(visits[turned(index, KNOWN)].codes));
    }
    return 43;
}

CARD hisGetTreatmentNeedHPC(char *buffer, short *length)
{
    char record[372];

    memset(record, ' ', 114);
    put_many(record + 114, VISITS, put_codes);
    return give(buffer, length, record, sizeof record);
}

static int year_of(const struct visit *visit)
{
    return days_from_now(-visit->days_ago).wYear - 1911;
}

static int number_at(const char *digits, size_t width)
{
    char text[16] = "";

    memcpy(text, digits, width);
    return atoi(text);
}

/* Year 3, visits with a numeric item 4, fees: outpatient
 * 10, inpatient 10, own 8, 8, 8, their sums 8, 8. 67 bytes. */
static void put_year(char *to, int year)
{
    int own = 0, fees = 0, counted = 0, i;
    char record[80];

    for (i = 0; i < KNOWN; i++) {
        if (year_of(&visits[i]) != year)
            continue;
        fees += number_at(visits[i].fees, 8);
        own += number_at(visits[i].fees + 8, 8);
        counted += visits[i].item[0] != 'A';
    }
    sprintf(record, "%03d%04d%010d%010d%08d%08d%08d%08d%08d", year, counted, fees, 0, own, 0, 0, own, own);
    memcpy(to, record, 67);
}

/* The two newest years with a visit. */
CARD hisGetCumulativeData(char *buffer, short *length)
{
    int newest = year_of(&visits[0]), i;
    char record[134];

    memset(record, '0', sizeof record);
    put_year(record, newest);
    for (i = 1; i < KNOWN; i++)
        if (year_of(&visits[i]) != newest) {
            put_year(record + 67, year_of(&visits[i]));
            break;
        }
    return give(buffer, length, record, sizeof record);
}

CARD hisGetCumulativeFee(char *buffer, short *length)
{
    return give_text(buffer, length, "0000001700" "0000000000");
}

static size_t put_shot(char *to, int index)
{
    char date[16];

    memset(to, ' ', 35);
    if (index == 0) {
        memcpy(to, "FLU", 3);
        memcpy(to + 6, roc_date(date, -200), 7);
        memcpy(to + 13, HERE "TEST0001", 18);
    }
    return 35;
}

CARD hisGetInoculateData(char *buffer, short *length)
{
    char record[1400];

    return give(buffer, length, record, put_many(record, SHOTS, put_shot));
}

CARD hisGetOrganDonate(char *buffer, short *length)
{
    if (is_on("crash"))
        *(volatile int *)nowhere = 1;
    if (is_on("raise"))
        RaiseException(0xE0000001, 0, 0, NULL);
    if (is_on("end"))
        ExitThread(0);
    if (is_on("probe"))
        (void)IsBadReadPtr((const void *)nowhere, 1);
    return give(buffer, length, "A", 1);
}

CARD hisGetEmergentTel(char *buffer, short *length)
{
    return give_blanks(buffer, length, 14);
}

CARD hisGetLastSeqNum(char *buffer, short *length)
{
    char record[16];

    if (is_on("code"))
        return answer(NOT_FOUND);
    roc_date(record, -visits[0].days_ago);
    sprintf(record + 3, "%04d", visits[0].days_ago);
    return give_text(buffer, length, record);
}

CARD hisReadPrescription(char *outpatient, short *length, char *long_term, short *long_length,
                         char *important, short *important_length, char *allergic, short *allergic_length)
{
    char record[LARGEST];
    int code = give(outpatient, length, record, put_many(record, ORDERS, put_order));

    if (code == 0)
        code = give(long_term, long_length, record, put_many(record, 30, put_long_term));
    if (code == 0)
        code = give(important, important_length, record, put_many(record, 10, put_important));
    if (code == 0)
        code = give(allergic, allergic_length, record, put_many(record, 3, put_allergy));
    return code;
}

/* Positions from first to last, from 1; how many of them are there. */
static int read_some(char *buffer, short *length, W first, W last, short *count, int known,
                     size_t (*one)(char *to, int index))
{
    char record[LARGEST];
    int from = (short)first - 1, to = (short)last, i;
    size_t size = 0;

    if (from < 0 || to > ORDERS || from >= to)
        return answer(NO_ROOM);
    for (i = from; i < to; i++)
        size += one(record + size, i);
    *count = (short)(known <= from ? 0 : (known < to ? known : to) - from);
    return give(buffer, length, record, size);
}

CARD hisReadPrescriptMain(char *buffer, short *length, W first, W last, short *count)
{
    return read_some(buffer, length, first, last, count, ORDERED, put_order);
}

CARD hisReadPrescriptLongTerm(char *buffer, short *length, W first, W last, short *count)
{
    return read_some(buffer, length, first, last, count, 0, put_long_term);
}

CARD hisReadPrescriptHVE(char *buffer, short *length, W first, W last, short *count)
{
    return read_some(buffer, length, first, last, count, 0, put_important);
}

CARD hisReadPrescriptAllergic(char *buffer, short *length, W first, W last, short *count)
{
    return read_some(buffer, length, first, last, count, 1, put_allergy);
}

/* --- reader, hospital, doctor --------------------------------------------------------------------------- */

CARD hisGetCardStatus(W card)
{
    if (is_on("words"))
        return (int)card;
    if (is_on("slow"))
        Sleep(SLOW);
    return answer(is_on("nopin") ? 2 : 3);
}

CARD hpcGetHPCStatus(W request, short *status)
{
    (void)request;
    *status = 1;
    return answer(0);
}

CARD csGetCardNo(W card, char *buffer, short *length)
{
    return give_text(buffer, length,
                     (short)card == 1   ? SAM
                     : (short)card == 3 ? "000000329470"
                                        : CARD_NUMBER);
}

CARD csGetDateTime(char *buffer, short *length)
{
    char text[32];

    return give_text(buffer, length, roc_now(text));
}

CARD csGetVersion(void)
{
    return is_on("error") ? (int)GetLastError() : answer(60);
}

CARD csGetVersionEx(char *path)
{
    strcpy(path, "C:\\Program Files (x86)\\nhi\\cshis6\\ciet6001s01.exe");
    return answer(6000);
}

CARD csGetHospID(char *buffer, short *length) { return give_text(buffer, length, HERE); }
CARD csGetHospName(char *buffer, short *length)
{
    return give_text(buffer, length,
                     "\xBBO\xA5_\xB5\xEA\xC0\xC0\xB6"
                     "E\xA9\xD2");
}
CARD csGetHospAbbName(char *buffer, short *length)
{
    return give_text(buffer, length,
                     "\xBBO\xA5_\xB5\xEA\xC0\xC0\xB6"
                     "E");
}
CARD hpcGetHPCSN(char *buffer, short *length) { return give_text(buffer, length, "000000329470"); }
CARD hpcGetHPCSSN(char *buffer, short *length) { return give_text(buffer, length, DOCTOR); }
CARD hpcGetHPCCNAME(char *buffer, short *length)
{
    return give_text(buffer, length, "\xB4\xFA\xB8\xD5\xC2\xE5\xAEv");
}
CARD hpcGetHPCENAME(char *buffer, short *length) { return give_text(buffer, length, ""); }

typedef int (
#ifndef _WIN64
    __stdcall
#endif
    *nested_call)(void);

CARD hisGetHPCType(void)
{
    char address[32];

    if (is_on("nested") && GetEnvironmentVariableA("CSHIS_STANDIN_NESTED", address, sizeof address) > 0)
        (void)((nested_call)(uintptr_t)_strtoui64(address, NULL, 10))();
    return answer(1);
}

/* --- visits --------------------------------------------------------------------------------------------- */

static const char *digits(size_t count)
{
    static const char signature[] = "0F1E2D3C4B5A69788796A5B4C3D2E1F0" "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
                                    "0F1E2D3C4B5A69788796A5B4C3D2E1F0" "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
                                    "0F1E2D3C4B5A69788796A5B4C3D2E1F0" "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
                                    "0F1E2D3C4B5A69788796A5B4C3D2E1F0" "0F1E2D3C4B5A69788796A5B4C3D2E1F0";

    return signature + sizeof signature - 1 - count;
}

/* Time, number, hospital, signature of so many characters, SAM: the beginning of three records.
 * The number has four digits, as before 6.0. Out: the code of the row. */
static int take_number(char *record, size_t signature)
{
    LONG number = InterlockedIncrement(&taken);
    char now[32];

    sprintf(record, "%s%04ld" HERE "%.*s" SAM, roc_now(now), 40 + number, (int)signature, digits(signature));
    return number == 1 ? 0 : SAME_DAY;
}

static int give_number(char *buffer, short *length, const char *record, int code)
{
    int given = give_text(buffer, length, record);

    return given == 0 ? answer(code) : given;
}

CARD hisGetSeqNumber(W item, W baby, char *buffer, short *length)
{
    char record[400];
    int code = take_number(record, 128);

    (void)item;
    (void)baby;
    return give_number(buffer, length, record, code);
}

CARD hisGetSeqNumber256(W item, W baby, W check, char *buffer, short *length)
{
    char record[400];
    int code = take_number(record, 256);

    (void)item;
    (void)baby;
    (void)check;
    return give_number(buffer, length, strcat(record, code == 0 ? "N" : "Y"), code);
}

CARD hisGetSeqNumber256N1(W item, W baby, W check, char *buffer, short *length)
{
    char record[400];
    int code = take_number(record, 256);

    (void)item;
    (void)baby;
    (void)check;
    strcat(record, code == 0 ? "N" : "Y");
    return give_number(buffer, length, strcat(record, "STANDIN0000000000001"), code);
}

CARD hisGetTreatNumNoICCard(W id, W hospital, char *buffer, short *length)
{
    char record[64];

    (void)id;
    (void)hospital;
    roc_now(record);
    return give_text(buffer, length, strcat(record, HERE "STANDIN0000000000002"));
}

CARD hisGetTreatNumICCard(W time, char *buffer, short *length)
{
    (void)time;
    return give_text(buffer, length, "STANDIN0000000000001");
}

CARD hisWriteTreatmentCode(W time, W id, W birthday, W data, char *doctor)
{
    (void)time, (void)id, (void)birthday, (void)data;
    memcpy(doctor, DOCTOR, 10);
    return answer(0);
}

CARD hisWriteTreatmentData(W time, W id, W birthday, W data, char *doctor)
{
    return hisWriteTreatmentCode(time, id, birthday, data, doctor);
}

CARD hisWriteAllergicMedicines(W id, W birthday, W data, char *doctor)
{
    return hisWriteTreatmentCode(0, id, birthday, data, doctor);
}

CARD hisWriteAllergicNum(W id, W birthday, W data, char *doctor, W number)
{
    (void)number;
    return hisWriteTreatmentCode(0, id, birthday, data, doctor);
}

CARD hisWritePrescriptionSign(W time, W id, W birthday, W data, char *buffer, short *length)
{
    (void)time, (void)id, (void)birthday, (void)data;
    return give_text(buffer, length, digits(40));
}

CARD hisWriteMultiPrescriptSign(W time, W id, W birthday, W data, short *count, char *buffer, short *length)
{
    char record[40 * ORDERS];
    int i;

    (void)time, (void)id, (void)birthday, (void)data;
    if (*count < 1 || *count > ORDERS)
        return answer(NO_ROOM);
    for (i = 0; i < *count; i++)
        memcpy(record + 40 * i, digits(40), 40);
    return give(buffer, length, record, 40 * (size_t)*count);
}

/* --- codes, uploads, signatures ------------------------------------------------------------------------- */

static int translate(const char *from, char *to, const char *known, const char *as)
{
    strcpy(to, strncmp(from, known, strlen(known)) == 0 ? as : "");
    return answer(0);
}

CARD hisGetICD10EnC(char *from, char *to) { return translate(from, to, "G44201", "\"M7WK"); }
CARD hisGetICD10DeC(char *from, char *to) { return translate(from, to, "\"M7WK", "G44201"); }

static int upload(const char *name, char *buffer, short *length)
{
    SYSTEMTIME now = days_from_now(0);
    char receipt[64];

    if (strncmp(name, uploaded, sizeof uploaded - 1) == 0)
        return answer(SAME_FILE);
    strncpy(uploaded, name, sizeof uploaded - 1);
    sprintf(receipt, SAM HERE "%04d%02d%02d%02d%02d%02d", now.wYear, now.wMonth, now.wDay, now.wHour,
            now.wMinute, now.wSecond);
    memcpy(receipt + 36, receipt + 22, 14);
    return give(buffer, length, receipt, 50);
}

CARD csUploadData(char *name, W size, W number, char *buffer, short *length)
{
    (void)size, (void)number;
    return upload(name, buffer, length);
}

CARD csUploadDataPrec(char *name, W size, W number, W orders, char *buffer, short *length)
{
    (void)size, (void)number, (void)orders;
    return upload(name, buffer, length);
}

CARD VPNGetRandom(char *buffer, short *length) { return give_text(buffer, length, "AAECAwQFBgc="); }

CARD VPNH_Sign(W random, W card, W service, char *buffer, short *length)
{
    char signature[344];

    (void)random, (void)card, (void)service;
    memset(signature, 'A', sizeof signature - 2);
    memcpy(signature + sizeof signature - 2, "==", 2);
    return give(buffer, length, signature, sizeof signature);
}

/* --- the rest: a code ----------------------------------------------------------------------------------- */

CARD csHisAPI(W a, W b, W c, W d, W e, W f, W g, W h, W i, W j, W k, W l, W m, W n, W o, W p, W q, W r, W s)
{
    const W words[] = {a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s};

    return is_on("words") ? sum_of_words(words, sizeof words / sizeof words[0]) : answer(DROPPED);
}

#define PLAIN(name, code) CARD name(void) { return answer(code); }
#define ONE(name, code) CARD name(W a) { (void)a; return answer(code); }
#define TWO(name, code) CARD name(W a, W b) { (void)a, (void)b; return answer(code); }
#define THREE(name, code) CARD name(W a, W b, W c) { (void)a, (void)b, (void)c; return answer(code); }
#define FOUR(name, code)                                                                                     \
    CARD name(W a, W b, W c, W d)                                                                            \
    {                                                                                                        \
        (void)a, (void)b, (void)c, (void)d;                                                                  \
        return answer(code);                                                                                 \
    }
#define FIVE(name, code)                                                                                     \
    CARD name(W a, W b, W c, W d, W e)                                                                       \
    {                                                                                                        \
        (void)a, (void)b, (void)c, (void)d, (void)e;                                                         \
        return answer(code);                                                                                 \
    }

ONE(csOpenCom, 0)
ONE(csUnGetSeqNumber, 0)
ONE(csSoftwareReset, 0)
PLAIN(csCloseCom, 0)
PLAIN(csVerifySAMDC, 0)
PLAIN(csISSetPIN, 0)
PLAIN(csVerifyHCPIN, 0)
PLAIN(csInputHCPIN, 0)
PLAIN(csDisableHCPIN, 0)
PLAIN(csUpdateHCContents, 0)
PLAIN(csUpdateHCNoReset, 0)
PLAIN(hpcVerifyHPCPIN, 0)
PLAIN(hpcInputHPCPIN, 0)
PLAIN(hpcUnlockHPC, 0)
PLAIN(hpcVHPCLogout, 0)
PLAIN(hpcVerifyHPCPINR, DROPPED)
PLAIN(csEnableHCAAPI, DROPPED)
PLAIN(csDisableHCAAPI, DROPPED)
TWO(hisQuickInsurance, 0)
TWO(hisDeletePredeliveryData, 0)
TWO(hisGetInsurerData, DROPPED)
TWO(hisGetSam0, DROPPED)
TWO(hpcGetAllData, DROPPED)
THREE(hisWriteOrganDonate, DROPPED)
THREE(hisWriteEmergentTel, 0)
THREE(hisWritePredeliveryCheckup, 0)
FOUR(hisWriteTreatmentFee, 0)
FOUR(hisWritePrescription, 0)
FOUR(hisWriteNewBorn, 0)
FOUR(hisWriteHealthInsurance, 0)
FOUR(hisWriteInoculateData, 0)
FIVE(hisWriteMultiPrescript, 0)
FIVE(VPNH_VerifySign, DROPPED)
TWO(csGetLastUnTreatmentData, DROPPED)
PLAIN(csDownloadHCApplet, DROPPED)

CARD csDownloadData(W a, W b, W c, W d, W e, W f, W g)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    return answer(DROPPED);
}

CARD HCA_GNFuncCall(W a, W b, W c, W d, W e, W f, W g, W h)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    return answer(DROPPED);
}
