#include "private.h"

#include <wchar.h>

#include "paths.h"

#define MOST_SID 68 /* SECURITY_MAX_SID_SIZE */
#define FILE_RIGHTS (FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE | READ_CONTROL | WRITE_DAC | WRITE_OWNER)
#define FOLDER_RIGHTS (FILE_RIGHTS | FILE_DELETE_CHILD | FILE_TRAVERSE)

/* A security descriptor and what it is made of. */
struct protection {
    SECURITY_ATTRIBUTES attributes;
    SECURITY_DESCRIPTOR descriptor;
    union {
        ACL acl;
        unsigned char room[sizeof(ACL) + sizeof(ACCESS_ALLOWED_ACE) + MOST_SID];
    } list;
    unsigned char user[MOST_SID];
    bool made;
};

static struct protection of_files, of_folders;

/* What is made inside a private folder is private, whoever makes it. */
static bool describe(struct protection *made, SID *user, DWORD rights, DWORD inherited)
{
    ACL *list = &made->list.acl;

    made->attributes.nLength = sizeof made->attributes;
    made->attributes.lpSecurityDescriptor = &made->descriptor;
    return CopySid(sizeof made->user, made->user, user) &&
           InitializeAcl(list, sizeof made->list, ACL_REVISION) &&
           AddAccessAllowedAceEx(list, ACL_REVISION, inherited, rights, user) &&
           InitializeSecurityDescriptor(&made->descriptor, SECURITY_DESCRIPTOR_REVISION) &&
           SetSecurityDescriptorOwner(&made->descriptor, made->user, FALSE) &&
           SetSecurityDescriptorDacl(&made->descriptor, TRUE, list, FALSE) &&
           SetSecurityDescriptorControl(&made->descriptor, SE_DACL_PROTECTED, SE_DACL_PROTECTED);
}

static BOOL CALLBACK make(INIT_ONCE *unused, void *parameter, void **context)
{
    union {
        TOKEN_USER user;
        unsigned char room[sizeof(TOKEN_USER) + MOST_SID];
    } found;
    DWORD length;
    HANDLE token;

    (void)unused;
    (void)parameter;
    (void)context;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return TRUE;
    if (GetTokenInformation(token, TokenUser, &found, sizeof found, &length)) {
        of_files.made = describe(&of_files, found.user.User.Sid, FILE_RIGHTS, 0);
        of_folders.made = describe(&of_folders, found.user.User.Sid, FOLDER_RIGHTS,
                                   OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE);
    }
    CloseHandle(token);
    return TRUE;
}

static SECURITY_ATTRIBUTES *made(struct protection *protection)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    (void)InitOnceExecuteOnce(&once, make, NULL, NULL);
    return protection->made ? &protection->attributes : NULL;
}

SECURITY_ATTRIBUTES *recorder_private(void)
{
    return made(&of_files);
}

static bool is_folder(const wchar_t *path)
{
    DWORD facts = GetFileAttributesW(path);

    return facts != INVALID_FILE_ATTRIBUTES && (facts & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

bool recorder_make_folder(const wchar_t *folder)
{
    wchar_t part[RECORDER_MOST_PATH];
    size_t i;

    if (is_folder(folder))
        return true;
    for (i = 0; i < RECORDER_MOST_PATH - 1; i++) {
        bool end = folder[i] == L'\0';

        if (i > 2 && (end || folder[i] == L'\\' || folder[i] == L'/')) {
            part[i] = L'\0';
            if (!is_folder(part) && !CreateDirectoryW(part, made(&of_folders)) && end &&
                GetLastError() != ERROR_ALREADY_EXISTS)
                return false;
        }
        part[i] = folder[i];
        if (end)
            return true;
    }
    SetLastError(ERROR_FILENAME_EXCED_RANGE);
    return false;
}
