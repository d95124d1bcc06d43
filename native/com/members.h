/* The methods that programs know, and LastCode. */
#ifndef CSHISX_MEMBERS_H
#define CSHISX_MEMBERS_H

#include "values.h"

#define CSHISX_MOST_ARGUMENTS 3

/* code: legacy return code. text: what the method returns, empty unless code is 0. */
struct cshisx_answer {
    int code;
    struct cshisx_text text;
};

/* Fails as values.h says.
 * - given: the arguments in the order of the declaration.
 * - wrong: index of the argument that made it fail. */
typedef HRESULT (*cshisx_method)(VARIANT *const *given, struct cshisx_answer *answer, UINT *wrong);

/* method NULL: the property LastCode. */
struct cshisx_member {
    const OLECHAR *name;
    UINT arguments;
    cshisx_method method;
};

/* By name, letter case aside; DISPID_UNKNOWN if there is none. */
DISPID cshisx_find(const OLECHAR *name);

/* NULL if there is none. */
const struct cshisx_member *cshisx_member(DISPID id);

#endif
