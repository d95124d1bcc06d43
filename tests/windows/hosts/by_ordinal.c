/*
 * by_ordinal.c - a program linked with the official import library: every function by its ordinal, none
 * by its name, and no LoadLibrary. Windows refuses to start it where an ordinal is missing.
 *
 *     by_ordinal
 */
#include "caller.h"

#define CARD(name, ...) __declspec(dllimport) int CARDAPI name(__VA_ARGS__)

CARD(csOpenCom, int port);
CARD(csCloseCom, void);
CARD(csVerifySAMDC, void);
CARD(csGetHospID, char *buffer, short *length);
CARD(csGetDateTime, char *buffer, short *length);
CARD(csGetCardNo, int card, char *buffer, short *length);
CARD(hisGetBasicData, char *buffer, short *length);
CARD(hisGetRegisterBasic, char *buffer, short *length);
CARD(hisGetCardStatus, int card);
CARD(hisGetSeqNumber256, char *item, char *baby, char *after_check, char *buffer, short *length);
CARD(csUnGetSeqNumber, char *time);
CARD(hpcGetHPCStatus, int request, short *status);
CARD(csEnableHCAAPI, void);
CARD(csHisAPI, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int);

static unsigned char memory[MARGIN + 512 + MARGIN];
static short length;

static char *room(short size)
{
    length = size;
    return (char *)guarded(memory, ' ', (size_t)size);
}

static void show(const char *call, int code, short size)
{
    if (!is_whole(memory, (size_t)size))
        fail("%s wrote beside its buffer", call);
    printf("%s %d %d [%.*s]\n", call, code, length, length, (char *)memory + MARGIN);
}

int main(void)
{
    char time[14] = "";
    short status = -1;
    int code;

    printf("csOpenCom %d\n", csOpenCom(0));
    printf("csVerifySAMDC %d\n", csVerifySAMDC());
    show("csGetHospID", csGetHospID(room(10), &length), 10);
    show("csGetCardNo", csGetCardNo(2, room(12), &length), 12);
    printf("hisGetCardStatus %d\n", hisGetCardStatus(2));
    show("hisGetBasicData", hisGetBasicData(room(72), &length), 72);
    show("hisGetRegisterBasic", hisGetRegisterBasic(room(78), &length), 78);
    code = hisGetSeqNumber256("01", " ", " ", room(296), &length);
    memcpy(time, memory + MARGIN, 13);
    show("hisGetSeqNumber256", code, 296);
    printf("csUnGetSeqNumber %d\n", csUnGetSeqNumber(time));
    code = hpcGetHPCStatus(1, &status);
    printf("hpcGetHPCStatus %d %d\n", code, status);
    printf("csEnableHCAAPI %d\n", csEnableHCAAPI());
    printf("csHisAPI %d\n", csHisAPI(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
    show("csGetDateTime", csGetDateTime(room(13), &length), 13);
    printf("csCloseCom %d\n", csCloseCom());
    return 0;
}
