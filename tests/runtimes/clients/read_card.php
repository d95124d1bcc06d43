<?php
// A program on the PHP client of openapi-generator: URL and QR code in, the read card out.
require 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/lib/' . str_replace('\\', '/', substr($class, strlen('OpenAPI\\Client\\'))) . '.php';
    if (str_starts_with($class, 'OpenAPI\\Client\\') && is_file($file)) {
        require $file;
    }
});

[, $url, $qr] = $argv;
$settings = (new OpenAPI\Client\Configuration())->setHost($url);
$http = new GuzzleHttp\Client();
$reader = new OpenAPI\Client\Api\QRCodeReaderApi($http, $settings);
$vhc = new OpenAPI\Client\Api\VHCApi($http, $settings);
$request = new OpenAPI\Client\Model\QRCodeReaderUploadqrcodeRequest(['qr_code_string' => $qr]);
echo $reader->qRCodeReaderUploadqrcode($request)->getErrorcode(), "\n";
$plain = $vhc->vHCVHChisGetBasicData();
echo $plain->getErrorcode(), ' ', $plain->getStatusCode(), ' ', $plain->getPBuffer(), "\n";
$named = $vhc->vHCVHChisGetBasicDataJson(new stdClass());
echo $named->getErrorcode(), ' ', $named->getPBuffer()->getName(), ' ', $named->getPBuffer()->getIdNo(), "\n";
