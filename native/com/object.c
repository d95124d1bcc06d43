/* The object behind CsHisX.nhicshisx: IDispatch without type information, as programs drive it late-bound.
 * Any thread may call it. */
#define COBJMACROS
#include "object.h"

#include <stdlib.h>

#include "cshisx.h"
#include "lifetime.h"
#include "members.h"

struct object {
    IDispatch face; /* first: a pointer to it is one to the object */
    volatile LONG references;
    volatile LONG last_code;
};

static HRESULT STDMETHODCALLTYPE query(IDispatch *face, REFIID wanted, void **found)
{
    if (found == NULL)
        return E_POINTER;
    *found = NULL;
    if (!IsEqualIID(wanted, &IID_IUnknown) && !IsEqualIID(wanted, &IID_IDispatch))
        return E_NOINTERFACE;
    *found = face;
    IDispatch_AddRef(face);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE add_reference(IDispatch *face)
{
    return (ULONG)InterlockedIncrement(&((struct object *)face)->references);
}

static ULONG STDMETHODCALLTYPE release(IDispatch *face)
{
    LONG left = InterlockedDecrement(&((struct object *)face)->references);

    if (left == 0) {
        free(face);
        cshisx_let_go();
    }
    return (ULONG)left;
}

static HRESULT STDMETHODCALLTYPE count_type_info(IDispatch *face, UINT *count)
{
    (void)face;
    if (count == NULL)
        return E_POINTER;
    *count = 0;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE get_type_info(IDispatch *face, UINT index, LCID locale, ITypeInfo **info)
{
    (void)face;
    (void)index;
    (void)locale;
    if (info == NULL)
        return E_POINTER;
    *info = NULL;
    return DISP_E_BADINDEX;
}

/* The first name is a member's; names of arguments would follow, and we have none to offer. */
static HRESULT STDMETHODCALLTYPE get_ids(IDispatch *face, REFIID reserved, LPOLESTR *names, UINT count,
                                         LCID locale, DISPID *ids)
{
    UINT i;

    (void)face;
    (void)locale;
    if (!IsEqualIID(reserved, &IID_NULL))
        return DISP_E_UNKNOWNINTERFACE;
    if (names == NULL || ids == NULL || count == 0)
        return E_INVALIDARG;
    for (i = 0; i < count; i++)
        ids[i] = DISPID_UNKNOWN;
    ids[0] = cshisx_find(names[0]);
    return ids[0] == DISPID_UNKNOWN || count > 1 ? DISP_E_UNKNOWNNAME : S_OK;
}

static HRESULT give_number(LONG number, VARIANT *result)
{
    if (result == NULL)
        return S_OK;
    V_VT(result) = VT_I4;
    V_I4(result) = number;
    return S_OK;
}

/* A failure leaves no text, so that a program that looks for one
 * and knows nothing of LastCode cannot take it for a success. */
static HRESULT give_text(struct object *object, struct cshisx_answer *answer, VARIANT *result)
{
    BSTR text;

    if (answer->code != 0)
        answer->text.bytes[0] = '\0';
    text = cshisx_string(&answer->text);
    InterlockedExchange(&object->last_code, text != NULL ? answer->code : CSHISX_UNREACHABLE);
    if (text == NULL)
        return E_OUTOFMEMORY;
    if (result == NULL) {
        SysFreeString(text);
        return S_OK;
    }
    V_VT(result) = VT_BSTR;
    V_BSTR(result) = text;
    return S_OK;
}

/* Automation hands the last argument first. */
static HRESULT run(struct object *object, const struct cshisx_member *member, const DISPPARAMS *given,
                   VARIANT *result, UINT *wrong)
{
    VARIANT *arguments[CSHISX_MOST_ARGUMENTS] = {NULL};
    struct cshisx_answer answer = {CSHISX_UNREACHABLE, {{0}}};
    HRESULT outcome;
    UINT place = 0;
    UINT i;

    for (i = 0; i < given->cArgs; i++)
        arguments[i] = &given->rgvarg[given->cArgs - 1 - i];
    InterlockedExchange(&object->last_code, CSHISX_BAD_ARGUMENT);
    outcome = member->method(arguments, &answer, &place);
    if (SUCCEEDED(outcome))
        return give_text(object, &answer, result);
    if (wrong != NULL)
        *wrong = given->cArgs - 1 - place;
    return outcome;
}

static HRESULT STDMETHODCALLTYPE invoke(IDispatch *face, DISPID id, REFIID reserved, LCID locale, WORD how,
                                        DISPPARAMS *given, VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    struct object *object = (struct object *)face;
    const struct cshisx_member *member = cshisx_member(id);

    (void)locale;
    (void)exception;
    if (!IsEqualIID(reserved, &IID_NULL))
        return DISP_E_UNKNOWNINTERFACE;
    if (given == NULL)
        return E_INVALIDARG;
    if (member == NULL || (how & (DISPATCH_METHOD | DISPATCH_PROPERTYGET)) == 0)
        return DISP_E_MEMBERNOTFOUND;
    if (given->cNamedArgs != 0)
        return DISP_E_NONAMEDARGS;
    if (given->cArgs != member->arguments)
        return DISP_E_BADPARAMCOUNT;
    if (result != NULL)
        VariantInit(result);
    if (member->method == NULL)
        return give_number(object->last_code, result);
    return run(object, member, given, result, wrong);
}

static const IDispatchVtbl calls = {query,         add_reference, release, count_type_info,
                                    get_type_info, get_ids,       invoke};

HRESULT cshisx_new_object(REFIID wanted, void **made)
{
    struct object *object = calloc(1, sizeof *object);
    HRESULT outcome;

    if (object == NULL)
        return E_OUTOFMEMORY;
    object->face.lpVtbl = (IDispatchVtbl *)&calls;
    object->references = 1;
    object->last_code = CSHISX_UNREACHABLE; /* nothing has been called; 0 would read as a success */
    cshisx_keep();
    outcome = query(&object->face, wanted, made);
    release(&object->face);
    return outcome;
}
