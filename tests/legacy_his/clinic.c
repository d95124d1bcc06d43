/*
 * clinic.c - one patient's visit to a clinic: registration, consultation, cancellation.
 *
 *     clinic LIBRARY [PORT]        PORT 0 = COM1 (default), 1 = COM2, ...
 *
 * Prints every field it reads. Exit code 0: all as expected; 1: an unexpected code, length or byte;
 * 2: LIBRARY lacks a function; 3: LIBRARY cannot be loaded; 64: wrong usage.
 *
 * Written the way hospital programs use the card library: the port is opened and closed around every
 * call, buffers have exactly the documented number of bytes, lengths are 16-bit variables, and small
 * integers travel with garbage in their upper half. Guard bytes lie around everything that is lent out.
 *
 * Linux:    cc -std=c11 -o clinic clinic.c -ldl
 * Windows:  i686-w64-mingw32-gcc -std=c11 -fexec-charset=BIG5 -o clinic.exe clinic.c
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#define CARDAPI __stdcall
#define OPEN_LIBRARY(path) ((void *)LoadLibraryA(path))
#define FIND_FUNCTION(library, name) ((void *)GetProcAddress((HMODULE)(library), name))
#else
#include <dlfcn.h>
#include <iconv.h>
#define CARDAPI
#define OPEN_LIBRARY(path) dlopen(path, RTLD_NOW)
#define FIND_FUNCTION(library, name) dlsym(library, name)
#endif

#define EXIT_UNEXPECTED 1
#define EXIT_NO_FUNCTION 2
#define EXIT_NO_LIBRARY 3
#define EXIT_USAGE 64

#define OK 0
#define CARD_EXPIRED 5003            /* 卡片已過有限期限: update the card, then it works */
#define SECOND_VISIT_TODAY 5010      /* 同一天看診兩科(含)以上: a number was given all the same */
#define FIRST_VERSION_WITH_N1 5153

#define HEALTH_CARD 2
#define CARD_STATUS_PRESENT 1
#define CARD_STATUS_VERIFIED 5

/* What a 16-bit program leaves in the upper half of a word that it pushes. */
#define DIRTY(number) ((int)0x4FFB0000 | ((number) & 0xFFFF))

/* ---- the library's functions ---- */

typedef int (CARDAPI *PLAIN_CALL)(void);
typedef int (CARDAPI *NUMBER_CALL)(int);
typedef int (CARDAPI *TEXT_CALL)(char *);
typedef int (CARDAPI *READ_CALL)(char *, short *);
typedef int (CARDAPI *CARD_READ_CALL)(int, char *, short *);
typedef int (CARDAPI *SEQUENCE_CALL)(char *, char *, char *, char *, short *);
typedef int (CARDAPI *WRITE_CALL)(char *, char *, char *, char *, char *);
typedef int (CARDAPI *SIGN_CALL)(char *, char *, char *, char *, short *, char *, short *);

static NUMBER_CALL csOpenCom, hisGetCardStatus;
static PLAIN_CALL csCloseCom, csVerifySAMDC, csUpdateHCContents;
static TEXT_CALL csGetVersionEx, csUnGetSeqNumber;
static READ_CALL csGetHospID, csGetDateTime, hisGetBasicData, hisGetRegisterBasic, hisGetRegisterBasic2;
static READ_CALL hisGetEmergentTel, hisGetTreatmentNoNeedHPC;
static CARD_READ_CALL csGetCardNo;
static SEQUENCE_CALL hisGetSeqNumber256N1;
static WRITE_CALL hisWriteTreatmentData;
static SIGN_CALL hisWriteMultiPrescriptSign;

#define FUNCTION(name) {#name, &name}
static const struct { const char *name; void *pointer; } functions[] = {
    FUNCTION(csOpenCom), FUNCTION(csCloseCom), FUNCTION(csGetVersionEx), FUNCTION(csVerifySAMDC),
    FUNCTION(csGetHospID), FUNCTION(csGetDateTime), FUNCTION(hisGetCardStatus), FUNCTION(csGetCardNo),
    FUNCTION(hisGetBasicData), FUNCTION(hisGetRegisterBasic), FUNCTION(hisGetRegisterBasic2),
    FUNCTION(csUpdateHCContents), FUNCTION(hisGetEmergentTel), FUNCTION(hisGetTreatmentNoNeedHPC),
    FUNCTION(hisGetSeqNumber256N1), FUNCTION(hisWriteTreatmentData),
    FUNCTION(hisWriteMultiPrescriptSign), FUNCTION(csUnGetSeqNumber),
};

static void load_library(const char *path)
{
    void *library = OPEN_LIBRARY(path);
    void *function;
    size_t i;

    if (library == NULL) {
        fprintf(stderr, "clinic: cannot load %s\n", path);
        exit(EXIT_NO_LIBRARY);
    }
    for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        function = FIND_FUNCTION(library, functions[i].name);
        if (function == NULL) {
            fprintf(stderr, "clinic: %s has no function %s\n", path, functions[i].name);
            exit(EXIT_NO_FUNCTION);
        }
        memcpy(functions[i].pointer, &function, sizeof function);
    }
}

/* ---- records: OFFSET, WIDTH in bytes ---- */

#define DATETIME_SIZE 13
#define DATETIME_DATE 0, 7
#define DATETIME_ALL 0, 13

#define HOSPITAL_SIZE 10
#define HOSPITAL_ALL 0, 10

#define CARD_NO_SIZE 12
#define CARD_NO_ALL 0, 12

#define BASIC_SIZE 72
#define REGISTER_SIZE 78
/* The first sixty bytes of both. */
#define PERSON_CARD_NO 0, 12
#define PERSON_NAME 12, 20
#define PERSON_ID_NO 32, 10
#define PERSON_BIRTHDAY 42, 7
#define PERSON_SEX 49, 1
#define PERSON_ISSUED 50, 7
#define PERSON_CANCEL_MARK 57, 1
#define BASIC_TEL 58, 14
#define REGISTER_INSURER 58, 2
#define REGISTER_IDENTITY 60, 1
#define REGISTER_VALID_UNTIL 61, 7
#define REGISTER_VISITS 68, 2
#define REGISTER_NEWBORN_BIRTHDAY 70, 7
#define REGISTER_NEWBORN_NUMBER 77, 1

#define REGISTER2_SIZE 9
#define REGISTER2_VALID_UNTIL 0, 7
#define REGISTER2_VISITS 7, 2

#define TEL_SIZE 14
#define TEL_ALL 0, 14

#define TREATMENT_SIZE 498
#define GROUPS 6
#define VALIDITY_SIZE 14
#define VALIDITY_FROM 0, 7
#define VALIDITY_UNTIL 7, 7
#define VISITS_AT (GROUPS * VALIDITY_SIZE)
#define VISIT_SIZE 69
#define VISIT_ITEM 0, 2
#define VISIT_NEWBORN 2, 1
#define VISIT_TIME 3, 13
#define VISIT_AFTER_CHECK 16, 1
#define VISIT_SEQUENCE 17, 4
#define VISIT_HOSPITAL 21, 10
#define VISIT_FEE 31, 8
#define VISIT_COPAY 39, 8
#define VISIT_INPATIENT_FEE 47, 8
#define VISIT_INPATIENT_30 55, 7
#define VISIT_INPATIENT_180 62, 7

#define NUMBER_SIZE 316
#define NUMBER_TIME 0, 13
#define NUMBER_SEQUENCE 13, 4
#define NUMBER_HOSPITAL 17, 10
#define NUMBER_SIGNATURE 27, 256
#define NUMBER_SAM 283, 12
#define NUMBER_SAME_DAY 295, 1
#define NUMBER_TREATMENT 296, 20

#define TREAT_SIZE 69
#define TREAT_AFTER_CHECK 0, 1
#define TREAT_MAIN_CODE 1, 5
#define TREAT_SUB_CODE_1 6, 5
#define TREAT_SUB_CODE_2 11, 5
#define TREAT_FEE 31, 8
#define TREAT_COPAY 39, 8
#define TREAT_INPATIENT_FEE 47, 8
#define TREAT_INPATIENT_30 55, 7
#define TREAT_INPATIENT_180 62, 7

#define DRUGS 2
#define DRUG_SIZE 61
#define DRUG_TIME 0, 13
#define DRUG_TYPE 13, 1
#define DRUG_CODE 14, 12
#define DRUG_USAGE 32, 18
#define DRUG_DAYS 50, 2
#define DRUG_QUANTITY 52, 7          /* five integer digits, two decimals, no point */
#define DRUG_DELIVERY 59, 2
#define SIGNATURE_SIZE 40

#define DOCTOR_ROOM 11
#define PATH_ROOM 260
#define VB_STRING 20                 /* Dim sId As String * 20 */

/* ---- what is lent to the library, with guards ---- */

#define GUARD 0xA5
#define MARGIN 64
#define LARGEST 512

struct room {
    const char *name;
    int out;                         /* may the library write into it? */
    int size;
    unsigned char raw[MARGIN + LARGEST + MARGIN];
    unsigned char kept[MARGIN + LARGEST + MARGIN];
};

struct number {
    const char *name;
    short below, value, above;
};

static struct room record = {.name = "the record buffer", .out = 1};
static struct room doctor = {.name = "the practitioner buffer", .out = 1};
static struct room path = {.name = "the path buffer", .out = 1};
static struct room item = {.name = "the visit item"}, baby = {.name = "the newborn mark"};
static struct room after_check = {.name = "the after-check mark"}, when = {.name = "the visit time"};
static struct room id_no = {.name = "the id number"}, birthday = {.name = "the birthday"};
static struct room data = {.name = "the data to write"};
static struct room *const rooms[] = {&record, &doctor, &path, &item, &baby, &after_check,
                                     &when, &id_no, &birthday, &data};

static struct number length = {"the length", 0x5AA5, 0, 0x5AA5};
static struct number count = {"the count", 0x5AA5, 0, 0x5AA5};

static int port, port_is_open, calls;

/* What the desk remembers of the patient and the visit, NUL behind each. */
static char today[8], hospital[11], card_no[13], patient_id[11], patient_birthday[8];
static char visit_time[14], visit_sequence[5];

static void fail(const char *call, const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "clinic: %s: ", call);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    if (port_is_open)
        csCloseCom();
    exit(EXIT_UNEXPECTED);
}

static char *fill(struct room *room, int byte, int size)
{
    memset(room->raw, GUARD, sizeof room->raw);
    memset(room->raw + MARGIN, byte, (size_t)size);
    memcpy(room->kept, room->raw, sizeof room->raw);
    room->size = size;
    return (char *)room->raw + MARGIN;
}

/* An input of SIZE bytes: the text, blanks, and a NUL as the last byte. One byte alone has no NUL. */
static char *lend(struct room *room, const char *text, int size)
{
    char *bytes = fill(room, ' ', size);

    memcpy(bytes, text, strlen(text));
    if (size > 1)
        bytes[size - 1] = '\0';
    memcpy(room->kept, room->raw, sizeof room->raw);
    return bytes;
}

static char *lend_exact(struct room *room, const char *text)
{
    return lend(room, text, (int)strlen(text) + 1);
}

static void check_room(const char *call, const struct room *room)
{
    int i, end = MARGIN + room->size;

    for (i = 0; i < (int)sizeof room->raw; i++) {
        if (room->out && i >= MARGIN && i < end)
            continue;
        if (room->raw[i] != room->kept[i])
            fail(call, "byte %d of %s (%d bytes long) was changed", i - MARGIN, room->name, room->size);
    }
}

static void check_number(const char *call, const struct number *number)
{
    if (number->below != 0x5AA5 || number->above != 0x5AA5)
        fail(call, "the memory beside %s was changed", number->name);
}

/* To be called with the result of every call. */
static int returned(const char *call, int code)
{
    size_t i;

    calls++;
    for (i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        check_room(call, rooms[i]);
    check_number(call, &length);
    check_number(call, &count);
    return code;
}

static void expect(const char *call, int code, int wanted)
{
    if (code != wanted)
        fail(call, "answered %d, expected %d", code, wanted);
}

static void open_port(const char *purpose)
{
    printf("%s\n", purpose);
    expect("csOpenCom", returned("csOpenCom", csOpenCom(DIRTY(port))), OK);
    port_is_open = 1;
}

static void close_port(void)
{
    int code;

    port_is_open = 0;                /* whatever it answers, it is not called twice */
    code = returned("csCloseCom", csCloseCom());
    expect("csCloseCom", code, OK);
}

/* ---- fields ---- */

static const char *bytes_of(const struct room *room)
{
    return (const char *)room->raw + MARGIN;
}

static int is_all(const char *bytes, int size, int (*kind)(int))
{
    while (size > 0 && kind((unsigned char)bytes[size - 1]))
        size--;
    return size == 0;
}

static int is_blank(int byte)
{
    return byte == ' ';
}

static int columns(const char *label)
{
#ifdef _WIN32
    return (int)strlen(label);       /* Big5: two bytes, two columns */
#else
    int wide = 0;

    for (; *label; label++)          /* UTF-8: three bytes, two columns */
        wide += (*label & 0x80) == 0 ? 1 : (*label & 0xC0) == 0xC0 ? 2 : 0;
    return wide;
#endif
}

static void print_label(const char *label)
{
    int column = columns(label);

    printf("  %s ", label);
    while (column++ < 36)
        putchar('.');
    putchar(' ');
}

#ifdef _WIN32
static void print_big5(const char *bytes, int size)
{
    printf("%.*s\n", size, bytes);
}
#else
static iconv_t converter(void)
{
    iconv_t made = iconv_open("UTF-8", "CP950");

    if (made == (iconv_t)-1)
        made = iconv_open("UTF-8", "BIG5");
    if (made == (iconv_t)-1)
        fail("iconv_open", "this system cannot convert Big5");
    return made;
}

static void print_big5(const char *bytes, int size)
{
    iconv_t big5 = converter();
    char text[4 * LARGEST], *in = (char *)bytes, *out = text;
    size_t in_left = (size_t)size, out_left = sizeof text;

    while (in_left > 0 && iconv(big5, &in, &in_left, &out, &out_left) == (size_t)-1) {
        out += sprintf(out, "\\x%02X", (unsigned char)*in++);
        out_left = sizeof text - (size_t)(out - text);
        in_left--;
    }
    iconv_close(big5);
    printf("%.*s\n", (int)(out - text), text);
}
#endif

static void show_text(const char *label, const char *bytes, int offset, int width)
{
    print_label(label);
    while (width > 0 && bytes[offset + width - 1] == ' ')
        width--;
    if (width == 0)
        printf("(blank)\n");
    else
        print_big5(bytes + offset, width);
}

/* A date or a date with time: all digits, or all blanks where there is none. */
static void show_date(const char *call, const char *label, const char *bytes, int offset, int width)
{
    if (!is_all(bytes + offset, width, isdigit) && !is_all(bytes + offset, width, is_blank))
        fail(call, "%s is no date: %.*s", label, width, bytes + offset);
    show_text(label, bytes, offset, width);
}

/* Programs convert every number field without looking: it must be digits even in an absent group. */
static long number_of(const char *call, const char *label, const char *bytes, int offset, int width)
{
    char digits[16] = "";

    if (!is_all(bytes + offset, width, isdigit))
        fail(call, "%s is no number: %.*s", label, width, bytes + offset);
    memcpy(digits, bytes + offset, (size_t)width);
    return atol(digits);
}

static void show_number(const char *call, const char *label, const char *bytes, int offset, int width)
{
    long number = number_of(call, label, bytes, offset, width);

    print_label(label);
    printf("%ld\n", number);
}

static void keep(char *text, const char *bytes, int offset, int width)
{
    memcpy(text, bytes + offset, (size_t)width);
    text[width] = '\0';
}

static void same(const char *call, const char *what, const char *known, const char *bytes, int offset,
                 int width)
{
    if (memcmp(known, bytes + offset, (size_t)width) != 0)
        fail(call, "%s is %.*s, was %s before", what, width, bytes + offset, known);
}

/* Left-aligned; the block is blank before. */
static void put(char *block, const char *text, int offset, int width)
{
    if ((int)strlen(text) > width)
        fail("clinic", "%s does not fit %d bytes", text, width);
    memcpy(block + offset, text, strlen(text));
}

/* ---- calls ---- */

static void check_record(const char *call, int code, int size)
{
    expect(call, code, OK);
    if (length.value != size)
        fail(call, "the length is %d, expected %d", length.value, size);
    if (memchr(bytes_of(&record), '\0', (size_t)size) != NULL)
        fail(call, "there is a NUL in the record");
    if (memcmp(bytes_of(&record), record.kept + MARGIN, (size_t)size) == 0)
        fail(call, "the record was not written");
}

static char *record_of(int size)
{
    length.value = (short)size;
    return fill(&record, GUARD, size);
}

static const char *read_record(const char *call, READ_CALL function, int size)
{
    int code;

    open_port(call);
    code = returned(call, function(record_of(size), &length.value));
    close_port();
    check_record(call, code, size);
    return bytes_of(&record);
}

static void call_plain(const char *call, PLAIN_CALL function)
{
    int code;

    open_port(call);
    code = returned(call, function());
    close_port();
    expect(call, code, OK);
}

static void read_version(void)
{
    const char *call = "csGetVersionEx";
    int version;

    open_port(call);
    version = returned(call, csGetVersionEx(fill(&path, GUARD, PATH_ROOM)));
    close_port();
    if (version < FIRST_VERSION_WITH_N1)
        fail(call, "version %d is older than %d", version, FIRST_VERSION_WITH_N1);
    if (memchr(bytes_of(&path), '\0', PATH_ROOM) == NULL)
        fail(call, "the path does not end");
    print_label("version 版本");
    printf("%d\n", version);
    show_text("library path 元件路徑", bytes_of(&path), 0, (int)strlen(bytes_of(&path)));
}

static void read_desk(void)
{
    const char *bytes;

    call_plain("csVerifySAMDC", csVerifySAMDC);

    bytes = read_record("csGetHospID", csGetHospID, HOSPITAL_SIZE);
    show_text("hospital 醫事機構代碼", bytes, HOSPITAL_ALL);
    keep(hospital, bytes, HOSPITAL_ALL);

    bytes = read_record("csGetDateTime", csGetDateTime, DATETIME_SIZE);
    if (!is_all(bytes, DATETIME_SIZE, isdigit))
        fail("csGetDateTime", "no date and time: %.*s", DATETIME_SIZE, bytes);
    show_text("date and time 日期時間", bytes, DATETIME_ALL);
    keep(today, bytes, DATETIME_DATE);
}

static void read_card(void)
{
    int status, code;

    open_port("hisGetCardStatus");
    status = returned("hisGetCardStatus", hisGetCardStatus(DIRTY(HEALTH_CARD)));
    close_port();
    if (status < CARD_STATUS_PRESENT || status > CARD_STATUS_VERIFIED)
        fail("hisGetCardStatus", "answered %d: no health card there", status);
    print_label("health card status 健保卡狀態");
    printf("%d\n", status);

    open_port("csGetCardNo");
    code = returned("csGetCardNo", csGetCardNo(DIRTY(HEALTH_CARD), record_of(CARD_NO_SIZE), &length.value));
    close_port();
    check_record("csGetCardNo", code, CARD_NO_SIZE);
    show_text("card number 卡號", bytes_of(&record), CARD_NO_ALL);
    keep(card_no, bytes_of(&record), CARD_NO_ALL);
}

static void show_person(const char *call, const char *bytes)
{
    same(call, "the card number", card_no, bytes, PERSON_CARD_NO);
    show_text("card number 卡片號碼", bytes, PERSON_CARD_NO);
    show_text("name 姓名", bytes, PERSON_NAME);
    show_text("id number 身分證號", bytes, PERSON_ID_NO);
    show_date(call, "birthday 出生日期", bytes, PERSON_BIRTHDAY);
    show_text("sex 性別", bytes, PERSON_SEX);
    show_date(call, "card issued on 發卡日期", bytes, PERSON_ISSUED);
    show_text("cancellation mark 註銷註記", bytes, PERSON_CANCEL_MARK);
}

static void read_patient(void)
{
    const char *call = "hisGetBasicData";
    const char *bytes = read_record(call, hisGetBasicData, BASIC_SIZE);

    show_person(call, bytes);
    show_text("emergency telephone 緊急聯絡電話", bytes, BASIC_TEL);
    keep(patient_id, bytes, PERSON_ID_NO);
    keep(patient_birthday, bytes, PERSON_BIRTHDAY);
}

static void read_registration(void)
{
    const char *call = "hisGetRegisterBasic";
    const char *bytes = read_record(call, hisGetRegisterBasic, REGISTER_SIZE);

    show_person(call, bytes);
    same(call, "the id number", patient_id, bytes, PERSON_ID_NO);
    same(call, "the birthday", patient_birthday, bytes, PERSON_BIRTHDAY);
    show_text("insurer 保險人代碼", bytes, REGISTER_INSURER);
    show_text("insured identity 保險對象身分註記", bytes, REGISTER_IDENTITY);
    show_date(call, "card valid until 卡片有效期限", bytes, REGISTER_VALID_UNTIL);
    show_number(call, "visits left 就醫可用次數", bytes, REGISTER_VISITS);
    show_date(call, "newborn's birthday 新生兒出生日期", bytes, REGISTER_NEWBORN_BIRTHDAY);
    show_text("newborn, number of births 胞胎註記", bytes, REGISTER_NEWBORN_NUMBER);
}

static int card_is_usable(void)
{
    const char *call = "hisGetRegisterBasic2";
    const char *bytes = read_record(call, hisGetRegisterBasic2, REGISTER2_SIZE);

    show_date(call, "card valid until 卡片有效期限", bytes, REGISTER2_VALID_UNTIL);
    show_number(call, "visits left 就醫可用次數", bytes, REGISTER2_VISITS);
    return memcmp(bytes, today, 7) >= 0 && number_of(call, "visits left", bytes, REGISTER2_VISITS) > 0;
}

static void check_availability(void)
{
    if (card_is_usable())
        return;
    call_plain("csUpdateHCContents", csUpdateHCContents);
    if (!card_is_usable())
        fail("csUpdateHCContents", "the card is expired or has no visits left, even after the update");
}

static void read_telephone(void)
{
    show_text("emergency telephone 緊急聯絡電話",
              read_record("hisGetEmergentTel", hisGetEmergentTel, TEL_SIZE), TEL_ALL);
}

static void show_visit(const char *call, int position, const char *visit)
{
    printf("  -- visit 就醫紀錄 %d\n", position);
    show_text("visit item 就醫類別", visit, VISIT_ITEM);
    show_text("newborn mark 新生兒就醫註記", visit, VISIT_NEWBORN);
    show_date(call, "visit time 就診日期時間", visit, VISIT_TIME);
    show_text("after-check mark 補卡註記", visit, VISIT_AFTER_CHECK);
    show_text("visit sequence 就醫序號", visit, VISIT_SEQUENCE);
    show_text("hospital 醫療院所代碼", visit, VISIT_HOSPITAL);
    show_number(call, "outpatient fee 門診醫療費用", visit, VISIT_FEE);
    show_number(call, "outpatient copayment 門診部分負擔", visit, VISIT_COPAY);
    show_number(call, "inpatient fee 住院醫療費用", visit, VISIT_INPATIENT_FEE);
    show_number(call, "copayment, 30 days 急性30天內", visit, VISIT_INPATIENT_30);
    show_number(call, "copayment, 31 days on 急性31天起", visit, VISIT_INPATIENT_180);
}

static const char *read_treatments(void)
{
    const char *call = "hisGetTreatmentNoNeedHPC";
    const char *bytes = read_record(call, hisGetTreatmentNoNeedHPC, TREATMENT_SIZE);
    int i;

    for (i = 0; i < GROUPS; i++) {
        printf("  -- critical illness 重大傷病 %d\n", i + 1);
        show_date(call, "valid from 有效起日", bytes + i * VALIDITY_SIZE, VALIDITY_FROM);
        show_date(call, "valid until 有效迄日", bytes + i * VALIDITY_SIZE, VALIDITY_UNTIL);
    }
    for (i = 0; i < GROUPS; i++)
        show_visit(call, i + 1, bytes + VISITS_AT + i * VISIT_SIZE);
    return bytes + VISITS_AT;
}

static int ask_for_number(void)
{
    const char *call = "hisGetSeqNumber256N1";
    int code;

    open_port(call);
    /* The after-check mark is one byte and nothing ends it. */
    code = returned(call, hisGetSeqNumber256N1(lend_exact(&item, "01"), lend_exact(&baby, " "),
                                               lend(&after_check, " ", 1), record_of(NUMBER_SIZE),
                                               &length.value));
    close_port();
    return code;
}

static void take_number(void)
{
    const char *call = "hisGetSeqNumber256N1";
    const char *bytes = bytes_of(&record);
    int code = ask_for_number();

    if (code == CARD_EXPIRED) {
        call_plain("csUpdateHCContents", csUpdateHCContents);
        code = ask_for_number();
    }
    check_record(call, code == SECOND_VISIT_TODAY ? OK : code, NUMBER_SIZE);
    if (!is_all(bytes, DATETIME_SIZE, isdigit))
        fail(call, "no visit time: %.*s", DATETIME_SIZE, bytes);
    same(call, "the hospital", hospital, bytes, NUMBER_HOSPITAL);
    show_text("visit time 就診日期時間", bytes, NUMBER_TIME);
    show_text("visit sequence 就醫序號", bytes, NUMBER_SEQUENCE);
    show_text("hospital 醫療院所代碼", bytes, NUMBER_HOSPITAL);
    show_text("security signature 安全簽章", bytes, NUMBER_SIGNATURE);
    show_text("security module 安全模組代碼", bytes, NUMBER_SAM);
    show_text("same day 同日就診註記", bytes, NUMBER_SAME_DAY);
    show_text("visit identifier 就醫識別碼", bytes, NUMBER_TREATMENT);
    keep(visit_time, bytes, NUMBER_TIME);
    keep(visit_sequence, bytes, NUMBER_SEQUENCE);
}

static char *treatment_to_write(void)
{
    char block[TREAT_SIZE + 1];

    memset(block, ' ', TREAT_SIZE);
    block[TREAT_SIZE] = '\0';
    put(block, "1", TREAT_AFTER_CHECK);
    put(block, "J069", TREAT_MAIN_CODE);
    put(block, "I10", TREAT_SUB_CODE_1);
    put(block, "R0981", TREAT_SUB_CODE_2);
    put(block, "1250", TREAT_FEE);
    put(block, "50", TREAT_COPAY);
    put(block, "0", TREAT_INPATIENT_FEE);
    put(block, "0", TREAT_INPATIENT_30);
    put(block, "0", TREAT_INPATIENT_180);
    return lend_exact(&data, block);
}

static void write_treatment(void)
{
    const char *call = "hisWriteTreatmentData";
    const char *practitioner = bytes_of(&doctor);
    int code;

    open_port(call);
    code = returned(call, hisWriteTreatmentData(lend(&when, visit_time, VB_STRING + 1),
                                                lend(&id_no, patient_id, VB_STRING + 1),
                                                lend(&birthday, patient_birthday, VB_STRING + 1),
                                                treatment_to_write(), fill(&doctor, 0, DOCTOR_ROOM)));
    close_port();
    expect(call, code, OK);
    if (practitioner[DOCTOR_ROOM - 1] != '\0')
        fail(call, "no NUL behind the practitioner's id");
    print_label("practitioner 醫事人員身分證號");
    printf("%s\n", practitioner[0] ? practitioner : "(blank)");
}

static void prescribe(char *block, const char *code, const char *usage, const char *days,
                      const char *quantity)
{
    put(block, visit_time, DRUG_TIME);
    put(block, "1", DRUG_TYPE);
    put(block, code, DRUG_CODE);
    put(block, usage, DRUG_USAGE);
    put(block, days, DRUG_DAYS);
    put(block, quantity, DRUG_QUANTITY);
    put(block, "01", DRUG_DELIVERY);
}

static char *prescriptions_to_write(void)
{
    char block[DRUGS * DRUG_SIZE + 1];

    memset(block, ' ', DRUGS * DRUG_SIZE);
    block[DRUGS * DRUG_SIZE] = '\0';
    prescribe(block, "AC48503100", "TID PC", "03", "0000900");
    prescribe(block + DRUG_SIZE, "AB39825100", "QD HS", "07", "0000350");
    return lend_exact(&data, block);
}

static void write_prescriptions(void)
{
    const char *call = "hisWriteMultiPrescriptSign";
    const char *bytes = bytes_of(&record);
    char *in_time = lend_exact(&when, visit_time);
    char *in_id = lend_exact(&id_no, patient_id);
    char *in_birthday = lend_exact(&birthday, patient_birthday);
    int code;

    count.value = DRUGS;
    open_port(call);
    code = returned(call, hisWriteMultiPrescriptSign(in_time, in_id, in_birthday, prescriptions_to_write(),
                                                     &count.value, record_of(DRUGS * SIGNATURE_SIZE),
                                                     &length.value));
    close_port();
    check_record(call, code, DRUGS * SIGNATURE_SIZE);
    if (count.value != DRUGS)
        fail(call, "the count is %d, expected %d", count.value, DRUGS);
    if (!is_all(bytes, DRUGS * SIGNATURE_SIZE, isxdigit))
        fail(call, "a signature is not hexadecimal: %.*s", DRUGS * SIGNATURE_SIZE, bytes);
    show_text("signature 1 處方箋簽章", bytes, 0, SIGNATURE_SIZE);
    show_text("signature 2 處方箋簽章", bytes, SIGNATURE_SIZE, SIGNATURE_SIZE);
}

static void find_new_visit(void)
{
    const char *call = "hisGetTreatmentNoNeedHPC";
    const char *newest = read_treatments();

    same(call, "the newest visit's item", "01", newest, VISIT_ITEM);
    same(call, "the newest visit's time", visit_time, newest, VISIT_TIME);
    same(call, "the newest visit's sequence", visit_sequence, newest, VISIT_SEQUENCE);
    same(call, "the newest visit's hospital", hospital, newest, VISIT_HOSPITAL);
    same(call, "the newest visit's fee", "00001250", newest, VISIT_FEE);
    same(call, "the newest visit's copayment", "00000050", newest, VISIT_COPAY);
}

static void cancel_visit(void)
{
    int code;

    open_port("csUnGetSeqNumber");
    code = returned("csUnGetSeqNumber", csUnGetSeqNumber(lend_exact(&when, visit_time)));
    close_port();
    expect("csUnGetSeqNumber", code, OK);
    show_text("visit cancelled 退掛", visit_time, DATETIME_ALL);
}

int main(int argc, char **argv)
{
    char *end = "";

    if (argc == 3)
        port = (int)strtol(argv[2], &end, 10);
    if (argc < 2 || argc > 3 || *end != '\0' || (argc == 3 && *argv[2] == '\0')) {
        fprintf(stderr, "usage: clinic LIBRARY [PORT]\n");
        return EXIT_USAGE;
    }
    load_library(argv[1]);

    read_version();
    read_desk();
    read_card();
    read_patient();
    read_registration();
    check_availability();
    read_telephone();
    read_treatments();
    take_number();
    write_treatment();
    write_prescriptions();
    find_new_visit();
    cancel_visit();
    close_port();                    /* programs close once more when they end */
    printf("clinic: %d calls, all as expected\n", calls);
    return 0;
}
