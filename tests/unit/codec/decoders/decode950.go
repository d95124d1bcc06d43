// As Decode950.java, by golang.org/x/text, whose Big5 is that of the Encoding Standard.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"golang.org/x/text/encoding/traditionalchinese"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		data, _ := hex.DecodeString(lines.Text())
		text, err := traditionalchinese.Big5.NewDecoder().Bytes(data)
		if err != nil {
			os.Exit(1)
		}
		var points []string
		for _, character := range string(text) {
			points = append(points, fmt.Sprintf("%x", character))
		}
		again, err := traditionalchinese.Big5.NewEncoder().Bytes(text)
		if err != nil {
			os.Exit(1)
		}
		fmt.Println(strings.Join(points, "+") + " " + hex.EncodeToString(again))
	}
}
