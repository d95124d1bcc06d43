<?php
// A web page's part in PHP with curl, as many are: forms for token and lookup, the visits asked for by itself, a file in
// base64. Arguments: base address, file.
[, $base, $file] = $argv;
$username = '00001_TN';
$password = md5('thu-nghiem-1');

function post(string $url, string $body, string $type): array
{
    $ch = curl_init($url);
    curl_setopt($ch, CURLOPT_CUSTOMREQUEST, 'POST');
    curl_setopt($ch, CURLOPT_POSTFIELDS, $body);
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($ch, CURLOPT_PROXY, '');
    curl_setopt($ch, CURLOPT_HTTPHEADER, ["Content-Type: $type"]);
    $result = curl_exec($ch);
    if ($result === false || curl_getinfo($ch, CURLINFO_HTTP_CODE) !== 200) {
        fwrite(STDERR, "$url: " . curl_error($ch) . "\n$result\n");
        exit(1);
    }
    return json_decode($result, true, 512, JSON_THROW_ON_ERROR);
}

$form = 'application/x-www-form-urlencoded; charset=UTF-8';
$taken = post("$base/api/token/take", http_build_query(compact('username', 'password')), $form);
$key = $taken['APIKey'];
$query = "token={$key['access_token']}&id_token={$key['id_token']}&username=$username&password=$password";
$card = ['maThe' => 'DN4010000000000', 'hoTen' => 'Trần Thử Nghiệm', 'ngaySinh' => '05/03/1994'];
$found = post("$base/api/egw/KQnhanLichSuKCB595?$query", http_build_query($card), $form);
echo "{$taken['maKetQua']} {$found['maKetQua']} ", count($found['dsLichSuKCB']), "\n";
$officer = ['hoTenCb' => 'Cán Bộ Thử Nghiệm Hai', 'cccdCb' => '000000000002'];
$visits = post("$base/api/egw/Lskcb2025?$query", http_build_query($card + $officer), $form);
echo "{$visits['maKetQua']} ", count($visits['dsLichSuKCB2025']), "\n";
$url = "$base/api/egw/guiHoSoGiamDinh4210?$query&loaiHoSo=3&maTinh=01&maCSKCB=00001";
$sent = post($url, json_encode(['fileHS' => base64_encode(file_get_contents($file))]), 'application/json');
echo "{$sent['maKetQua']} {$sent['maGiaoDich']}\n";
