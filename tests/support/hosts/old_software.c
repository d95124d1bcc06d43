/*
 * old_software.c - a stand-in for the official library with a reader of its own, for both systems.
 *
 * CSHIS_OLD names a folder:
 *     card       whose card lies in the reader: "CARD_NO ID BIRTHDAY"; empty or missing: none
 *     next       whose card lies there after the next read of whose it is; missing: the same
 *     switches   what goes wrong: "hang NAME" (for six seconds), "crash NAME", "raise NAME", a line each
 *     calls      a line for each call: the function's name
 *
 * Reads without a card answer 4013. Visit numbers are given the times 1151130080000, ...01 and so on.
 */
#define _DEFAULT_SOURCE /* usleep */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#define PAUSE(milliseconds) Sleep(milliseconds)
#ifdef _WIN64
#define CARD __declspec(dllexport) int
#else
#define CARD __declspec(dllexport) int __stdcall
#endif
#else
#include <unistd.h>
#define PAUSE(milliseconds) usleep((milliseconds) * 1000u)
#define CARD int
#endif

enum { NO_CARD = 4013, NO_ROOM = 6018, BASIC = 72, NUMBER = 316, LEFT = 4711 };

static int visits;
static uintptr_t volatile nowhere = 16;

static FILE *open_file(const char *name, const char *mode)
{
    const char *folder = getenv("CSHIS_OLD");
    char path[400];

    if (folder == NULL)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, mode);
}

static void go_wrong(const char *kind, const char *name)
{
    if (strcmp(kind, "hang") == 0)
        PAUSE(6000);
    if (strcmp(kind, "crash") == 0)
        *(volatile int *)nowhere = 1;
#ifdef _WIN32
    if (strcmp(kind, "raise") == 0)
        RaiseException(0xE0000001, 0, 0, NULL);
    if (strcmp(kind, "error") == 0)
        SetLastError(LEFT);
#endif
    (void)name;
}

static void called(const char *name)
{
    FILE *file = open_file("calls", "ab");
    char kind[16], whose[64];

    if (file != NULL) {
        fprintf(file, "%s\n", name);
        fclose(file);
    }
    file = open_file("switches", "r");
    if (file == NULL)
        return;
    while (fscanf(file, "%15s %63s", kind, whose) == 2)
        if (strcmp(whose, name) == 0) {
            fclose(file);
            go_wrong(kind, name);
            return;
        }
    fclose(file);
}

static int whose_card(char *card_no, char *id, char *birthday)
{
    FILE *file = open_file("card", "r");
    int there;

    if (file == NULL)
        return 0;
    there = fscanf(file, "%12s %10s %7s", card_no, id, birthday) == 3;
    fclose(file);
    return there;
}

/* Somebody exchanges the card behind the call: "next" becomes "card". */
static void exchange_card(void)
{
    FILE *next = open_file("next", "r"), *card;
    char line[64];
    size_t length;

    if (next == NULL)
        return;
    length = fread(line, 1, sizeof line, next);
    fclose(next);
    card = open_file("card", "w");
    if (card != NULL) {
        fwrite(line, 1, length, card);
        fclose(card);
    }
}

static int give(char *buffer, short *length, const char *record, size_t size)
{
    if (*length < (short)size)
        return NO_ROOM;
    memcpy(buffer, record, size);
    *length = (short)size;
    return 0;
}

#define PLAIN(name, parameters)                                                                              \
    CARD name parameters                                                                                     \
    {                                                                                                        \
        called(#name);                                                                                       \
        return 0;                                                                                            \
    }

typedef char *T;
typedef intptr_t W;

PLAIN(csOpenCom, (int port))
PLAIN(csCloseCom, (void))
PLAIN(csVerifySAMDC, (void))
PLAIN(csUnGetSeqNumber, (T when))
PLAIN(hisWriteEmergentTel, (T id, T birthday, T tel))
PLAIN(hisWriteOrganDonate, (T id, T birthday, T mark))
PLAIN(hisWriteTreatmentData, (T when, T id, T birthday, T data, T doctor))
PLAIN(csUploadData, (T file, T size, T count, T buffer, short *length))

CARD hisGetBasicData(char *buffer, short *length)
{
    char card_no[13], id[11], birthday[8], record[BASIC + 1];

    called("hisGetBasicData");
    if (!whose_card(card_no, id, birthday))
        return NO_CARD;
    exchange_card();
    snprintf(record, sizeof record, "%-12s%-20s%-10s%-7s%c%-7s%c%-14s", card_no, "OLD", id, birthday, 'F',
             "1050217", '1', "");
    return give(buffer, length, record, BASIC);
}

CARD hisGetEmergentTel(char *buffer, short *length)
{
    char card_no[13], id[11], birthday[8];

    called("hisGetEmergentTel");
    if (!whose_card(card_no, id, birthday))
        return NO_CARD;
    return give(buffer, length, "0200000000OLD ", 14);
}

CARD hisGetSeqNumber256N1(T item, T baby, T after, char *buffer, short *length)
{
    char record[NUMBER];
    char time[32];

    (void)item;
    (void)baby;
    (void)after;
    called("hisGetSeqNumber256N1");
    snprintf(time, sizeof time, "1151130%06d", 80000 + visits++);
    memset(record, '0', sizeof record);
    memcpy(record, time, 13);
    return give(buffer, length, record, NUMBER);
}

CARD hisGetICD10EnC(char *in, char *out)
{
    (void)in;
    called("hisGetICD10EnC");
    memcpy(out, "OLD   ", 6);
    return 0;
}

CARD csGetHospID(char *buffer, short *length)
{
    called("csGetHospID");
    return give(buffer, length, "3501200000", 10);
}

/* The sum of its words, each times its place: that all of them arrive in their places. */
CARD csHisAPI(W a, W b, W c, W d, W e, W f, W g, W h, W i, W j, W k, W l, W m, W n, W o, W p, W q, W r, W s)
{
    called("csHisAPI");
    return (int)(a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k +
                 12 * l + 13 * m + 14 * n + 15 * o + 16 * p + 17 * q + 18 * r + 19 * s);
}
