package main

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

typedef int (*plain_call)(void);
typedef int (*number_call)(int);
typedef int (*text_call)(char *);
typedef int (*read_call)(char *, short *);
typedef int (*next_call)(char *, char *, char *, char *, short *);
typedef int (*four_texts)(char *, char *, char *, char *);
typedef int (*sign_call)(char *, char *, char *, char *, short *, char *, short *);

static int plain(void *f) { return ((plain_call)f)(); }
static int number(void *f, int n) { return ((number_call)f)(n); }
static int text(void *f, char *t) { return ((text_call)f)(t); }
static int read_record(void *f, char *r, short *n) { return ((read_call)f)(r, n); }
static int four(void *f, char *a, char *b, char *c, char *r, short *n) { return ((next_call)f)(a, b, c, r, n); }
static int write_four(void *f, char *a, char *b, char *c, char *d) { return ((four_texts)f)(a, b, c, d); }
static int sign(void *f, char *t, char *i, char *b, char *d, short *c, char *s, short *n)
{
    return ((sign_call)f)(t, i, b, d, c, s, n);
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Cshis is libcshis.so; on Windows syscall.NewLazyDLL takes the place of dlopen. Texts: []byte("01") is enough.
type Cshis struct{ library unsafe.Pointer }

// Load opens the library.
func Load(path string) (Cshis, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	library := C.dlopen(name, C.RTLD_NOW)
	if library == nil {
		return Cshis{}, fmt.Errorf("%s", C.GoString(C.dlerror()))
	}
	return Cshis{library}, nil
}

func (c Cshis) find(name string) unsafe.Pointer {
	symbol := C.CString(name)
	defer C.free(unsafe.Pointer(symbol))
	return C.dlsym(c.library, symbol)
}

func chars(data []byte) *C.char {
	if len(data) == 0 {
		return nil
	}
	return (*C.char)(unsafe.Pointer(&data[0]))
}

func short(value *int16) *C.short { return (*C.short)(unsafe.Pointer(value)) }

// Call makes a call without arguments: csCloseCom, csVerifySAMDC.
func (c Cshis) Call(name string) int { return int(C.plain(c.find(name))) }

// CallNumber makes a call with a number: csOpenCom, hisGetCardStatus.
func (c Cshis) CallNumber(name string, value int32) int {
	return int(C.number(c.find(name), C.int(value)))
}

// CallText makes a call with one text: csUnGetSeqNumber, csGetVersionEx.
func (c Cshis) CallText(name string, value []byte) int {
	return int(C.text(c.find(name), chars(value)))
}

// Read fills a record: hisGetBasicData. Its name: traditionalchinese.Big5.NewDecoder().Bytes(record[12:32])
func (c Cshis) Read(name string, record []byte, length *int16) int {
	return int(C.read_record(c.find(name), chars(record), short(length)))
}

// Call3 fills a record for three texts: hisGetSeqNumber256, csUploadData.
func (c Cshis) Call3(name string, one, two, three, record []byte, length *int16) int {
	return int(C.four(c.find(name), chars(one), chars(two), chars(three), chars(record), short(length)))
}

// Write4 writes four texts: hisWriteInoculateData.
func (c Cshis) Write4(name string, one, two, three, four []byte) int {
	return int(C.write_four(c.find(name), chars(one), chars(two), chars(three), chars(four)))
}

// Sign writes prescriptions: hisWriteMultiPrescriptSign.
func (c Cshis) Sign(time, id, birthday, data []byte, count *int16, signatures []byte, length *int16) int {
	return int(C.sign(c.find("hisWriteMultiPrescriptSign"), chars(time), chars(id), chars(birthday), chars(data),
		short(count), chars(signatures), short(length)))
}
