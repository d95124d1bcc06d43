/* What every COM library offers: the factory of its class, and whether it may be unloaded. */
#define COBJMACROS
#include "component.h"

#include "lifetime.h"
#include "object.h"

/* {3c1dd4a2-0134-4bef-8f14-fe4498f3a504} */
const CLSID cshisx_class = {0x3c1dd4a2, 0x0134, 0x4bef, {0x8f, 0x14, 0xfe, 0x44, 0x98, 0xf3, 0xa5, 0x04}};

static HRESULT STDMETHODCALLTYPE query(IClassFactory *factory, REFIID wanted, void **found)
{
    if (found == NULL)
        return E_POINTER;
    *found = NULL;
    if (!IsEqualIID(wanted, &IID_IUnknown) && !IsEqualIID(wanted, &IID_IClassFactory))
        return E_NOINTERFACE;
    *found = factory;
    IClassFactory_AddRef(factory);
    return S_OK;
}

/* The factory is static: a reference to it is a reference to the library.
 * The numbers mean nothing but "not gone". */
static ULONG STDMETHODCALLTYPE add_reference(IClassFactory *factory)
{
    (void)factory;
    cshisx_keep();
    return 2;
}

static ULONG STDMETHODCALLTYPE release(IClassFactory *factory)
{
    (void)factory;
    cshisx_let_go();
    return 1;
}

static HRESULT STDMETHODCALLTYPE create(IClassFactory *factory, IUnknown *outer, REFIID wanted, void **made)
{
    (void)factory;
    if (made == NULL)
        return E_POINTER;
    *made = NULL;
    return outer != NULL ? CLASS_E_NOAGGREGATION : cshisx_new_object(wanted, made);
}

static HRESULT STDMETHODCALLTYPE lock(IClassFactory *factory, BOOL on)
{
    (void)factory;
    if (on)
        cshisx_keep();
    else
        cshisx_let_go();
    return S_OK;
}

static const IClassFactoryVtbl calls = {query, add_reference, release, create, lock};
static IClassFactory only_factory = {(IClassFactoryVtbl *)&calls};

STDAPI DllGetClassObject(REFCLSID class, REFIID wanted, void **found)
{
    if (found == NULL)
        return E_POINTER;
    *found = NULL;
    if (!IsEqualCLSID(class, &cshisx_class))
        return CLASS_E_CLASSNOTAVAILABLE;
    return query(&only_factory, wanted, found);
}

STDAPI DllCanUnloadNow(void)
{
    return cshisx_is_kept() ? S_FALSE : S_OK;
}
