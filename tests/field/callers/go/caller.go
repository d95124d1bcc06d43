// caller LIBRARY FILE HABIT...: a program in Go; FILE is what it uploads.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/text/encoding/traditionalchinese"
)

var (
	library Cshis
	dirt    = []byte{0xA5}
	rubbish = bytes.Repeat([]byte{0xFE, 0x01, 'Q', 0xFF}, 16)
)

func text(record []byte, from, width int) string {
	decoded, err := traditionalchinese.Big5.NewDecoder().Bytes(record[from : from+width])
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(decoded))
}

func person(record []byte) string {
	return strings.Join([]string{text(record, 0, 12), text(record, 12, 20), text(record, 32, 10), text(record, 42, 7)}, " ")
}

func kept(record []byte, from int) string {
	if bytes.Equal(record[from:], bytes.Repeat(dirt, len(record)-from)) {
		return "kept"
	}
	return "CHANGED"
}

func basic(size int) (int, int16, []byte) {
	record, length := bytes.Repeat(dirt, size), int16(size)
	return library.Read("hisGetBasicData", record, &length), length, record
}

func wholeVisit(habit string, made func(string) []byte, count int16) {
	_, _, who := basic(72)
	number, length := make([]byte, 296), int16(296)
	code := library.Call3("hisGetSeqNumber256", made("01"), made(" "), made("1"), number, &length)
	fmt.Println(habit, "number", code, length, text(number, 13, 4))
	at := text(number, 0, 13)
	data := strings.Repeat(at+"1AC44444100        TIDPC             03000090001", int(count))
	signatures, length := make([]byte, 40*count), 40*count
	code = library.Sign(made(at), made(text(who, 32, 10)), made(text(who, 42, 7)), made(data), &count, signatures, &length)
	fmt.Println(habit, "write", code, length)
	fmt.Println(habit, "back", library.CallText("csUnGetSeqNumber", made(at)))
}

func visit() {
	fmt.Println("visit open", library.CallNumber("csOpenCom", 0))
	fmt.Println("visit sam", library.Call("csVerifySAMDC"))
	code, length, record := basic(72)
	fmt.Println("visit basic", code, length, person(record))
	fmt.Println("visit status", library.CallNumber("hisGetCardStatus", 2))
	wholeVisit("visit", func(value string) []byte { return append([]byte(value), 0) }, 2)
	fmt.Println("visit close", library.Call("csCloseCom"))
}

func large() {
	code, length, record := basic(4096)
	fmt.Println("large basic", code, length, person(record), kept(record, 72))
}

func unterminated() {
	wholeVisit("unterminated", func(value string) []byte { return append([]byte(value), rubbish...) }, 1)
}

func blanks() {
	wholeVisit("blanks", func(value string) []byte { return append([]byte(fmt.Sprintf("%-200s", value)), 0) }, 1)
}

func wide() {
	fmt.Println("wide status", library.CallNumber("hisGetCardStatus", 0x4FFB0002))
	record, length := make([]byte, 72), int32(72)
	code := library.Read("hisGetBasicData", record, (*int16)(unsafe.Pointer(&length)))
	fmt.Println("wide basic", code, length, person(record))
}

func marks() {
	for mark := byte(0); mark <= 2; mark++ {
		number, length := make([]byte, 296), int16(296)
		code := library.Call3("hisGetSeqNumber256", []byte("01"), []byte(" "), []byte{mark}, number, &length)
		fmt.Println("marks", mark, code, text(number, 13, 4), library.CallText("csUnGetSeqNumber", number[:13]))
	}
}

func threads() {
	var crowd sync.WaitGroup
	var good int32
	for each := 0; each < 8; each++ {
		crowd.Add(1)
		go func() {
			defer crowd.Done()
			for read := 0; read < 10; read++ {
				if code, _, record := basic(72); code == 0 && text(record, 0, 12) == "000073898381" {
					atomic.AddInt32(&good, 1)
				}
			}
		}()
	}
	crowd.Wait()
	fmt.Println("threads", good, "of 80")
}

func reopen() {
	good := 0
	for turn := 0; turn < 20; turn++ {
		opened := library.CallNumber("csOpenCom", 0)
		if code, _, _ := basic(72); opened == 0 && code == 0 && library.Call("csCloseCom") == 0 {
			good++
		}
	}
	fmt.Println("reopen", good, "of 20")
}

func version() {
	room := bytes.Repeat(dirt, 64)
	code := library.CallText("csGetVersionEx", room)
	fmt.Println("version", code, string(room[:bytes.IndexByte(room, 0)]), kept(room, 16))
}

func order() {
	fmt.Println("order close", library.Call("csCloseCom"))
	code, length, record := basic(72)
	fmt.Println("order basic", code, length, person(record))
	code, length, record = basic(71)
	fmt.Println("order small", code, length, kept(record, 0))
	fmt.Println("order null", library.Read("hisGetBasicData", nil, nil))
	fmt.Println("order back", library.CallText("csUnGetSeqNumber", []byte("1010101010101")))
}

func unended(value string) []byte { return append([]byte(value), rubbish...) }

func upload() {
	receipt, length := make([]byte, 50), int16(50)
	code := library.Call3("csUploadData", append([]byte(os.Args[2]), 0), unended("3"), unended("1"), receipt, &length)
	fmt.Println("upload", code, length, text(receipt, 0, 22))
}

func names() {
	for _, name := range strings.Split(os.Getenv("UPLOAD_NAMES"), "|") {
		receipt, length := make([]byte, 50), int16(50)
		size := strconv.Itoa(len(name))
		code := library.Call3("csUploadData", unended(name), unended(size), unended("1"), receipt, &length)
		fmt.Println("names", len(name), code)
	}
}

func chinese() {
	item, err := traditionalchinese.Big5.NewEncoder().Bytes([]byte("流感疫"))
	if err != nil {
		panic(err)
	}
	id, birthday, batch := []byte("Z299999929"), []byte("0920315"), []byte("TEST0010\x00")
	fmt.Println("chinese", library.Write4("hisWriteInoculateData", id, birthday, item, batch))
}

func offline() {
	fmt.Println("offline open", library.CallNumber("csOpenCom", 0))
	code, length, _ := basic(72)
	fmt.Println("offline basic", code, length)
}

func main() {
	var err error
	if library, err = Load(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	habits := map[string]func(){
		"visit": visit, "large": large, "unterminated": unterminated, "blanks": blanks, "wide": wide, "marks": marks,
		"threads": threads, "reopen": reopen, "version": version, "order": order, "upload": upload,
		"names": names, "chinese": chinese, "offline": offline,
	}
	for _, habit := range os.Args[3:] {
		habits[habit]()
	}
}
