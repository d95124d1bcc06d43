#include "parts.h"

#include <stdio.h>

#include "line.h"
#include "loss.h"
#include "paths.h"
#include "private.h"
#include "process_state.h"
#include "recorder.h"
#include "settings.h"

#define AGAIN_AFTER 1000u /* milliseconds between two looks whether the file is there, or can be made */
#define FORMAT 1          /* of the trace, docs/reference/trace-format.md */
#define BITS ((int)(8 * sizeof(void *)))

static HANDLE file = INVALID_HANDLE_VALUE;
static uint64_t file_bytes;
static LONG file_part;
static LONG unchecked; /* lines since it was last seen that the file is there */
static ULONGLONG next_look;

bool recorder_part_is_open(void)
{
    return file != INVALID_HANDLE_VALUE;
}

static void part_path(wchar_t *path, LONG part)
{
    FILETIME began = {(DWORD)recorder_state()->started, (DWORD)(recorder_state()->started >> 32)};
    wchar_t program[MAX_PATH];
    SYSTEMTIME at = {0};
    wchar_t *ending;

    recorder_program(program, MAX_PATH);
    ending = wcsrchr(program, L'.');
    if (ending != NULL)
        *ending = L'\0';
    (void)FileTimeToSystemTime(&began, &at);
    _snwprintf(path, RECORDER_MOST_PATH - 1, L"%ls\\%.100ls-%lu-%04d%02d%02dT%02d%02d%02d-%04ld.jsonl",
               recorder_settings()->folder, program, GetCurrentProcessId(), at.wYear, at.wMonth, at.wDay,
               at.wHour, at.wMinute, at.wSecond, part);
    path[RECORDER_MOST_PATH - 1] = L'\0';
}

/* Nobody may delete or rename it meanwhile, where the system keeps to that. */
static HANDLE open_part(LONG part, DWORD how)
{
    wchar_t path[RECORDER_MOST_PATH];

    part_path(path, part);
    return CreateFileW(path, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
                       FILE_SHARE_READ | FILE_SHARE_WRITE, recorder_private(), how, FILE_ATTRIBUTE_NORMAL,
                       NULL);
}

static void delete_part(LONG part)
{
    wchar_t path[RECORDER_MOST_PATH];

    if (part <= 0)
        return;
    part_path(path, part);
    (void)DeleteFileW(path);
}

static void compose_header(struct cshis_bytes *line, LONG part)
{
    wchar_t program[MAX_PATH];

    recorder_program(program, MAX_PATH);
    recorder_open_object(line);
    recorder_add_number(line, "trace", FORMAT);
    recorder_add_string(line, "recorder", "dll");
    recorder_add_string(line, "software", recorder_software);
    recorder_add_string(line, "table", recorder_table);
    recorder_add_number(line, "bits", BITS);
    recorder_add_number(line, "process", GetCurrentProcessId());
    recorder_put_key(line, "program");
    recorder_put_wide(line, program);
    recorder_add_time(line, "started", recorder_state()->started);
    recorder_add_number(line, "part", part);
    recorder_end_line(line);
}

static bool write_header(HANDLE made, LONG part)
{
    struct cshis_bytes line = {0};
    DWORD written = 0;
    bool whole;

    compose_header(&line, part);
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    whole = !line.failed && WriteFile(made, line.data, (DWORD)line.length, &written, NULL);
    if (whole && written != line.length) {
        SetLastError(ERROR_DISK_FULL);
        whole = false;
    }
    file_bytes = line.length;
    cshis_release(&line);
    return whole;
}

void recorder_close_part(void)
{
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    file = INVALID_HANDLE_VALUE;
}

/* Without a whole header there is no new part: what was written to so far serves on. */
static bool begin_part(LONG part)
{
    HANDLE made;
    DWORD error;

    (void)recorder_make_folder(recorder_settings()->folder);
    made = open_part(part, CREATE_NEW);
    while (made == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_EXISTS)
        made = open_part(++part, CREATE_NEW);
    if (made == INVALID_HANDLE_VALUE) {
        recorder_lost_by_error(GetLastError(), "making a file");
        return false;
    }
    if (!write_header(made, part)) {
        error = GetLastError();
        CloseHandle(made);
        delete_part(part);
        recorder_lost_by_error(error, "writing to a new file");
        return false;
    }
    recorder_close_part();
    file = made;
    file_part = part;
    unchecked = 0;
    recorder_state()->part = part;
    recorder_state()->broken = 0;
    delete_part(part - (LONG)recorder_settings()->most_parts);
    return true;
}

/* The part that this DLL's last life in the process has left. */
static bool go_on(LONG part)
{
    LARGE_INTEGER size;
    HANDLE found = part > 0 ? open_part(part, OPEN_EXISTING) : INVALID_HANDLE_VALUE;

    if (found == INVALID_HANDLE_VALUE)
        return false;
    file = found;
    file_part = part;
    file_bytes = GetFileSizeEx(found, &size) ? (uint64_t)size.QuadPart : 0;
    return true;
}

static bool is_deleted(void)
{
    BY_HANDLE_FILE_INFORMATION facts;

    return GetFileInformationByHandle(file, &facts) && facts.nNumberOfLinks == 0;
}

/* A file that somebody has deleted takes along what was written to it since. */
static void check_file(void)
{
    if (!is_deleted())
        return;
    recorder_close_part();
    InterlockedExchangeAdd(&recorder_state()->lost, unchecked);
    recorder_lost_because("the file was deleted");
    recorder_say_loss();
}

void recorder_look_at_part(void)
{
    LONG part = recorder_state()->part;

    if (GetTickCount64() < next_look)
        return;
    next_look = GetTickCount64() + AGAIN_AFTER;
    if (file != INVALID_HANDLE_VALUE)
        check_file();
    if (file == INVALID_HANDLE_VALUE && !go_on(part) && !begin_part(part + 1))
        recorder_say_loss();
    unchecked = 0;
}

void recorder_turn_page(void)
{
    static ULONGLONG not_before;

    if (file == INVALID_HANDLE_VALUE || file_bytes < recorder_settings()->part_bytes ||
        GetTickCount64() < not_before)
        return;
    if (!begin_part(file_part + 1))
        not_before = GetTickCount64() + AGAIN_AFTER;
}

bool recorder_append(const void *data, size_t length)
{
    DWORD written = 0;
    BOOL done = WriteFile(file, data, (DWORD)length, &written, NULL);

    file_bytes += written;
    if (done && written == length)
        return true;
    recorder_lost_by_error(done ? ERROR_DISK_FULL : GetLastError(), "writing");
    if (written > 0)
        recorder_state()->broken = 1;
    return false;
}

void recorder_count_line(void)
{
    unchecked++;
}
