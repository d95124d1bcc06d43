/*
 * threads.c - eight threads of one program call eight different functions for a time.
 *
 *     threads LIBRARY SECONDS
 *
 * Each answer is compared with the first one of the same function. Prints NAME CALLS per thread, then
 * "handles BEFORE AFTER" of the process: before the threads began, after they have ended.
 */
#include "caller.h"

enum { THREADS = 8, LARGEST = 498 };

typedef int (CARDAPI *READ)(char *, short *);
typedef int (CARDAPI *READ_CARD)(int, char *, short *);
typedef int (CARDAPI *NUMBER)(int);
typedef int (CARDAPI *STATUS)(int, short *);

struct worker {
    const char *name;
    char kind; /* r: record, c: record of a card, s: status by value, p: status by address */
    int size;
    void *function;
    unsigned char memory[MARGIN + LARGEST + MARGIN];
    char first[LARGEST];
    int first_code;
    long calls;
    const char *fault;
};

static struct worker workers[THREADS] = {
    {.name = "hisGetBasicData", .kind = 'r', .size = 72},
    {.name = "hisGetRegisterBasic", .kind = 'r', .size = 78},
    {.name = "hisGetTreatmentNoNeedHPC", .kind = 'r', .size = 498},
    {.name = "csGetHospID", .kind = 'r', .size = 10},
    {.name = "hisGetEmergentTel", .kind = 'r', .size = 14},
    {.name = "csGetCardNo", .kind = 'c', .size = 12},
    {.name = "hisGetCardStatus", .kind = 's'},
    {.name = "hpcGetHPCStatus", .kind = 'p'},
};
static ULONGLONG end;

/* One call; the answer's bytes stand in the worker's memory afterwards. */
static int call(struct worker *worker)
{
    char *buffer = (char *)guarded(worker->memory, 0, (size_t)worker->size);
    short length = (short)worker->size, status = -1;
    int code;

    switch (worker->kind) {
    case 'r': code = ((READ)worker->function)(buffer, &length); break;
    case 'c': code = ((READ_CARD)worker->function)(2, buffer, &length); break;
    case 's': return ((NUMBER)worker->function)(2);
    default:
        code = ((STATUS)worker->function)(1, &status);
        return code == 0 ? status : -1;
    }
    return length == worker->size ? code : -1;
}

static int same_as_first(const struct worker *worker, int code)
{
    return code == worker->first_code && is_whole(worker->memory, (size_t)worker->size) &&
           memcmp(worker->memory + MARGIN, worker->first, (size_t)worker->size) == 0;
}

static DWORD WINAPI work(LPVOID parameter)
{
    struct worker *worker = parameter;

    while (GetTickCount64() < end && worker->fault == NULL) {
        if (!same_as_first(worker, call(worker)))
            worker->fault = "another answer than at first";
        worker->calls++;
    }
    return 0;
}

static void prepare(HMODULE library, struct worker *worker)
{
    worker->function = find(library, worker->name);
    worker->first_code = call(worker);
    memcpy(worker->first, worker->memory + MARGIN, (size_t)worker->size);
    if (worker->first_code < 0 || worker->first_code > 9)
        fail("%s answered %d", worker->name, worker->first_code);
}

static void run_all(void)
{
    HANDLE threads[THREADS];
    int i;

    for (i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
    if (WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE) == WAIT_FAILED)
        fail("the threads did not run");
    for (i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
}

int main(int argc, char **argv)
{
    HMODULE library;
    int before;
    int i;

    if (argc != 3)
        return EXIT_USAGE;
    library = load(argv[1]);
    if (((NUMBER)find(library, "csOpenCom"))(0) != 0)
        fail("csOpenCom failed");
    for (i = 0; i < THREADS; i++)
        prepare(library, &workers[i]);
    end = 0;                         /* one round that calls nothing: what the system keeps for threads */
    run_all();
    before = open_handles();
    end = GetTickCount64() + (ULONGLONG)atoi(argv[2]) * 1000;
    run_all();
    for (i = 0; i < THREADS; i++) {
        printf("%s %ld\n", workers[i].name, workers[i].calls);
        if (workers[i].fault)
            fail("%s: %s, at call %ld", workers[i].name, workers[i].fault, workers[i].calls);
    }
    printf("handles %d %d\n", before, open_handles());
    return 0;
}
