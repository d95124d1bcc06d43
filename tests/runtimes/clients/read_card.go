// A program on the Go client of openapi-generator: URL and QR code in, the read card out.
package main

import (
	"context"
	"fmt"
	"os"

	sdk "github.com/GIT_USER_ID/GIT_REPO_ID"
)

func main() {
	settings := sdk.NewConfiguration()
	settings.Servers = sdk.ServerConfigurations{{URL: os.Args[1]}}
	client, ctx := sdk.NewAPIClient(settings), context.Background()
	request := *sdk.NewQRCodeReaderUploadqrcodeRequest(os.Args[2])
	uploaded, _, err := client.QRCodeReaderAPI.QRCodeReaderUploadqrcode(ctx).QRCodeReaderUploadqrcodeRequest(request).Execute()
	fail(err)
	fmt.Println(uploaded.GetERRORCODE())
	plain, _, err := client.VHCAPI.VHCVHChisGetBasicData(ctx).Execute()
	fail(err)
	fmt.Println(plain.GetERRORCODE(), plain.GetStatusCode(), plain.GetPBuffer())
	named, _, err := client.VHCAPI.VHCVHChisGetBasicDataJson(ctx).Body(map[string]interface{}{}).Execute()
	fail(err)
	fields := named.GetPBuffer()
	fmt.Println(named.GetERRORCODE(), fields.GetName(), fields.GetIdNo())
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
