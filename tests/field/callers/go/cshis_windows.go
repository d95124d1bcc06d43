package main

import (
	"syscall"
	"unsafe"
)

// Cshis is cshis.dll; its functions are stdcall in a 32-bit program. Texts: []byte("01") is enough.
type Cshis struct{ library *syscall.DLL }

// Load opens the library.
func Load(path string) (Cshis, error) {
	library, err := syscall.LoadDLL(path)
	return Cshis{library}, err
}

// The directive keeps what the words point to alive and in its place until the call is over.
//
//go:uintptrescapes
func (c Cshis) call(name string, words ...uintptr) int {
	code, _, _ := c.library.MustFindProc(name).Call(words...)
	return int(int32(code)) // the return code has 32 bits in a 64-bit program, too
}

func at(data []byte) unsafe.Pointer {
	if len(data) == 0 {
		return nil
	}
	return unsafe.Pointer(&data[0])
}

// Call makes a call without arguments: csCloseCom, csVerifySAMDC.
func (c Cshis) Call(name string) int { return c.call(name) }

// CallNumber makes a call with a number: csOpenCom, hisGetCardStatus.
func (c Cshis) CallNumber(name string, value int32) int { return c.call(name, uintptr(value)) }

// CallText makes a call with one text: csUnGetSeqNumber, csGetVersionEx.
func (c Cshis) CallText(name string, value []byte) int { return c.call(name, uintptr(at(value))) }

// Read fills a record: hisGetBasicData. Its name: traditionalchinese.Big5.NewDecoder().Bytes(record[12:32])
func (c Cshis) Read(name string, record []byte, length *int16) int {
	return c.call(name, uintptr(at(record)), uintptr(unsafe.Pointer(length)))
}

// Call3 fills a record for three texts: hisGetSeqNumber256, csUploadData.
func (c Cshis) Call3(name string, one, two, three, record []byte, length *int16) int {
	return c.call(name, uintptr(at(one)), uintptr(at(two)), uintptr(at(three)), uintptr(at(record)),
		uintptr(unsafe.Pointer(length)))
}

// Write4 writes four texts: hisWriteInoculateData.
func (c Cshis) Write4(name string, one, two, three, four []byte) int {
	return c.call(name, uintptr(at(one)), uintptr(at(two)), uintptr(at(three)), uintptr(at(four)))
}

// Sign writes prescriptions: hisWriteMultiPrescriptSign.
func (c Cshis) Sign(time, id, birthday, data []byte, count *int16, signatures []byte, length *int16) int {
	return c.call("hisWriteMultiPrescriptSign", uintptr(at(time)), uintptr(at(id)), uintptr(at(birthday)),
		uintptr(at(data)), uintptr(unsafe.Pointer(count)), uintptr(at(signatures)), uintptr(unsafe.Pointer(length)))
}
