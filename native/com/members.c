#include "members.h"

#include <stddef.h>
#include <wchar.h>

#include "cshisx.h"

enum { RANDOM, CARD_TYPE, SERVICE_CODE };

/* The last byte stays a NUL. */
#define CAPACITY (CSHISX_ROOM - 1)

static HRESULT get_random(VARIANT *const *given, struct cshisx_answer *answer, UINT *wrong)
{
    (void)given;
    (void)wrong;
    answer->code = VPNGetRandomX(answer->text.bytes);
    return S_OK;
}

static HRESULT sign(VARIANT *const *given, struct cshisx_answer *answer, UINT *wrong)
{
    struct cshisx_text random, service_code;
    short length = CAPACITY;
    SHORT card_type;
    HRESULT outcome;

    *wrong = RANDOM;
    outcome = cshisx_text(given[RANDOM], &random);
    if (FAILED(outcome))
        return outcome;
    *wrong = CARD_TYPE;
    outcome = cshisx_number(given[CARD_TYPE], &card_type);
    if (FAILED(outcome))
        return outcome;
    *wrong = SERVICE_CODE;
    outcome = cshisx_two_digits(given[SERVICE_CODE], &service_code);
    if (FAILED(outcome))
        return outcome;
    answer->code = VPNH_SignX(random.bytes, card_type, service_code.bytes, answer->text.bytes, &length);
    return S_OK;
}

static HRESULT get_sam_card(VARIANT *const *given, struct cshisx_answer *answer, UINT *wrong)
{
    short length = CAPACITY;

    (void)given;
    (void)wrong;
    answer->code = GetSAMCardInfoInCS(answer->text.bytes, &length);
    return S_OK;
}

/* The place in this list, counted from 1, is the DISPID;
 * programs may keep it, so new members go to the end. */
static const struct cshisx_member members[] = {
    {L"VPNGetRandomX", 0, get_random},
    {L"VPNH_SignX", CSHISX_MOST_ARGUMENTS, sign},
    {L"GetSAMCardInfoInCS", 0, get_sam_card},
    {L"LastCode", 0, NULL},
};

#define MEMBERS ((DISPID)(sizeof members / sizeof members[0]))

DISPID cshisx_find(const OLECHAR *name)
{
    DISPID id;

    for (id = 1; id <= MEMBERS; id++)
        if (_wcsicmp(name, members[id - 1].name) == 0)
            return id;
    return DISPID_UNKNOWN;
}

const struct cshisx_member *cshisx_member(DISPID id)
{
    return id >= 1 && id <= MEMBERS ? &members[id - 1] : NULL;
}
