#include "supervise.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

enum {
    LONGEST_LINE = 32768,
    FIRST_PAUSE = 1000, /* milliseconds; twice as long after each crash that follows at once */
    LONGEST_PAUSE = 60000,
    SETTLED = 60000, /* who ran for so long has not crashed at its start */
};

/* Ends the bridge with this process, however that ends; what the bridge itself starts goes on. */
static HANDLE new_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);

    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    if (job != NULL)
        (void)SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    return job;
}

/* Out: the exit code; false where there is no process. */
static BOOL run(HANDLE job, DWORD *code)
{
    static wchar_t line[LONGEST_LINE + 1];
    STARTUPINFOW how = {.cb = sizeof how};
    PROCESS_INFORMATION started;

    GetStartupInfoW(&how); /* the same window and streams */
    how.lpReserved = NULL;
    wcsncpy(line, GetCommandLineW(), LONGEST_LINE);
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &how, &started))
        return FALSE;
    if (job != NULL)
        (void)AssignProcessToJobObject(job, started.hProcess);
    ResumeThread(started.hThread);
    CloseHandle(started.hThread);
    WaitForSingleObject(started.hProcess, INFINITE);
    if (!GetExitCodeProcess(started.hProcess, code))
        *code = (DWORD)-1;
    CloseHandle(started.hProcess);
    return TRUE;
}

/* 0: it was asked to end. 2: its arguments are wrong. 3: another bridge does its work. */
static BOOL ended_by_itself(DWORD code)
{
    return code == 0 || code == 2 || code == 3;
}

int supervise(void)
{
    HANDLE job = new_job();
    DWORD pause = FIRST_PAUSE;
    wchar_t before[16] = L"0";

    for (;;) {
        ULONGLONG began = GetTickCount64();
        DWORD code;
        SetEnvironmentVariableW(SUPERVISED, before);
        if (!run(job, &code))
            return -1;
        if (ended_by_itself(code))
            return (int)code;
        if (GetTickCount64() - began >= SETTLED)
            pause = FIRST_PAUSE;
        Sleep(pause);
        pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
        swprintf(before, sizeof before / sizeof *before, L"%lu", code);
    }
}
