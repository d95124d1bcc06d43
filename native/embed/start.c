#define _GNU_SOURCE /* dladdr, RTLD_NOLOAD */
#include <Python.h>

#include "python.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "paths.h" /* generated: CSHIS_PYTHON_PATHS, where the building interpreter finds its modules */
#include "platform.h"

static const char *const paths[] = {CSHIS_PYTHON_PATHS};
#define PATHS (sizeof paths / sizeof paths[0])
/* Absolute, so that Python looks for itself neither on the program's PATH,
 * where another Python may be, nor in its working directory, which may be gone. */
#define PROGRAM_NAME "/cshis-bridge-embedded"

/* Python's extension modules take their symbols from the whole process,
 * and a program that loaded us with RTLD_LOCAL hides libpython from them.
 * A Python that is part of the program itself is not found this way and needs nothing. */
static void show_libpython(void)
{
    Dl_info info;
    void *address;
    int (*function)(void) = Py_IsInitialized;

    memcpy(&address, &function, sizeof address);
    if (dladdr(address, &info) != 0 && info.dli_fname != NULL)
        (void)dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

static bool can_open(const char *name)
{
    int opened = open(name, O_RDONLY | O_CLOEXEC);

    if (opened < 0)
        return false;
    close(opened);
    return true;
}

/* Where it cannot open its library Python would print a
 * page to standard error before it reports the failure. */
static bool has_library(void)
{
    char name[PATH_MAX];
    size_t i;

    for (i = 0; i < PATHS; i++)
        if ((size_t)snprintf(name, sizeof name, "%s/encodings/__init__.py", paths[i]) < sizeof name &&
            can_open(name))
            return true;
    return false;
}

static PyStatus add_path(PyWideStringList *list, const char *path)
{
    wchar_t *wide = Py_DecodeLocale(path, NULL);
    PyStatus status;

    if (wide == NULL)
        return PyStatus_NoMemory();
    status = PyWideStringList_Append(list, wide);
    PyMem_RawFree(wide);
    return status;
}

/* Isolated: the program's PYTHONHOME, PYTHONSTARTUP, signal
 * handlers and locale are none of our business, nor ours of it. */
static PyStatus initialise(PyConfig *config)
{
    PyPreConfig before;
    PyStatus status;
    size_t i;

    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    status = Py_PreInitialize(&before);
    if (PyStatus_Exception(status))
        return status;
    PyConfig_InitIsolatedConfig(config);
    config->site_import = 0;
    config->write_bytecode = 0;
    config->module_search_paths_set = 1;
    status = PyConfig_SetBytesString(config, &config->program_name, PROGRAM_NAME);
    for (i = 0; i < PATHS && !PyStatus_Exception(status); i++)
        status = add_path(&config->module_search_paths, paths[i]);
    return PyStatus_Exception(status) ? status : Py_InitializeFromConfig(config);
}

/* What Python prints from now on (warnings, traces) goes
 * to the log: the program's standard streams are its own. */
static bool redirect_output(void)
{
    static const char code[] =
        "import os, sys\n"
        "sys.stdout = sys.stderr = os.fdopen(log, 'w', 1, encoding='utf-8', errors='backslashreplace')\n";
    PyObject *names = PyDict_New();
    PyObject *number = PyLong_FromLong(cshis_open_log());
    PyObject *compiled = Py_CompileString(code, "<log>", Py_file_input);
    PyObject *done = NULL;

    if (names != NULL && number != NULL && compiled != NULL &&
        PyDict_SetItemString(names, "log", number) == 0)
        done = PyEval_EvalCode(compiled, names, names);
    PyErr_Clear();
    Py_XDECREF(names);
    Py_XDECREF(number);
    Py_XDECREF(compiled);
    Py_XDECREF(done);
    return done != NULL;
}

static void silence(void)
{
    PySys_SetObject("stdout", Py_None);
    PySys_SetObject("stderr", Py_None);
}

static bool start_own(void)
{
    PyConfig config;
    PyStatus status;

    if (!has_library()) {
        cshis_log("Python cannot start: its library cannot be opened; looked for first in", paths[0]);
        return false;
    }
    status = initialise(&config);
    if (PyStatus_Exception(status)) {
        cshis_log("Python cannot start", status.err_msg != NULL ? status.err_msg : "no reason given");
        return false;
    }
    PyConfig_Clear(&config);
    if (!redirect_output())
        silence();
    (void)PyEval_SaveThread();
    return true;
}

/* A program that has closed its standard streams may still print to
 * their numbers: what it prints must not end in our log or sockets. */
static void occupy_standard_streams(void)
{
    int opened;

    do
        opened = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (opened >= 0 && opened <= STDERR_FILENO);
    if (opened >= 0)
        close(opened);
}

bool cshis_start_python(void)
{
    if (cshis_other_python())
        return false;
    occupy_standard_streams();
    show_libpython();
    return Py_IsInitialized() || start_own();
}
