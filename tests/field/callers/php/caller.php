<?php
// caller.php LIBRARY FILE HABIT...: a program in PHP; FILE is what it uploads.
require __DIR__ . '/Cshis.php';

const DIRT = "\xA5";
const RUBBISH = "\xFE\x01Q\xFF\xFE\x01Q\xFF\xFE\x01Q\xFF\xFE\x01Q\xFF";
[, $path, $file] = $argv;
$library = Cshis::load($path);

function say(...$words): void
{
    echo implode(' ', $words), "\n";
}

function text(string $record, int $from, int $width): string
{
    return trim(mb_convert_encoding(substr($record, $from, $width), 'UTF-8', 'CP950'));
}

function person(string $record): string
{
    return implode(' ', [text($record, 0, 12), text($record, 12, 20), text($record, 32, 10), text($record, 42, 7)]);
}

function kept(string $record, int $from): string
{
    return trim(substr($record, $from), DIRT) === '' ? 'kept' : 'CHANGED';
}

function bytes(string $value): FFI\CData
{
    $made = FFI::new('char[' . strlen($value) . ']');
    FFI::memcpy($made, $value, strlen($value));
    return $made;
}

function short(int $value, string $type = 'short'): FFI\CData
{
    $made = FFI::new($type);
    $made->cdata = $value;
    return $made;
}

/** A call whose last arguments are a record and its length: its code, the length, the whole record. */
function read(string $name, array $before, int $size = 72, string $type = 'short'): array
{
    global $library;
    $record = bytes(str_repeat(DIRT, $size));
    $length = short($size, $type);
    $code = $library->$name(...[...$before, $record, FFI::cast('short *', FFI::addr($length))]);
    return [$code, $length->cdata, FFI::string($record, $size)];
}

function whole_visit(string $habit, callable $made, int $count): void
{
    global $library;
    [, , $who] = read('hisGetBasicData', []);
    [$code, $length, $number] = read('hisGetSeqNumber256', [$made('01'), $made(' '), $made('1')], 296);
    say($habit, 'number', $code, $length, text($number, 13, 4));
    $at = substr($number, 0, 13);
    $data = str_repeat($at . '1AC44444100        TIDPC             03000090001', $count);
    $rows = short($count);
    $before = [$made($at), $made(substr($who, 32, 10)), $made(substr($who, 42, 7)), $made($data), FFI::addr($rows)];
    [$code, $length] = read('hisWriteMultiPrescriptSign', $before, 40 * $count);
    say($habit, 'write', $code, $length);
    say($habit, 'back', $library->csUnGetSeqNumber($made($at)));
}

$habits = [
    'visit' => function () use ($library) {
        say('visit open', $library->csOpenCom(0));
        say('visit sam', $library->csVerifySAMDC());
        [$code, $record] = Cshis::readBasic($library);
        say('visit basic', $code, strlen($record), person($record));
        say('visit status', $library->hisGetCardStatus(2));
        whole_visit('visit', fn ($value) => $value, 2);
        say('visit close', $library->csCloseCom());
    },
    'large' => function () {
        [$code, $length, $record] = read('hisGetBasicData', [], 4096);
        say('large basic', $code, $length, person($record), kept($record, 72));
    },
    'unterminated' => fn () => whole_visit('unterminated', fn ($value) => bytes($value . RUBBISH), 1),
    'blanks' => fn () => whole_visit('blanks', fn ($value) => str_pad($value, 200), 1),
    'wide' => function () use ($library) {
        say('wide status', $library->hisGetCardStatus(0x4FFB0002));
        [$code, $length, $record] = read('hisGetBasicData', [], 72, 'int');
        say('wide basic', $code, $length, person($record));
    },
    'marks' => function () use ($library) {
        foreach ([0, 1, 2] as $mark) {
            [$code, , $number] = read('hisGetSeqNumber256', ['01', ' ', chr($mark)], 296);
            say('marks', $mark, $code, text($number, 13, 4), $library->csUnGetSeqNumber(substr($number, 0, 13)));
        }
    },
    'reopen' => function () use ($library) {
        $good = 0;
        for ($turn = 0; $turn < 20; $turn++) {
            $good += $library->csOpenCom(0) === 0 && Cshis::readBasic($library)[0] === 0 && $library->csCloseCom() === 0;
        }
        say('reopen', $good, 'of 20');
    },
    'version' => function () use ($library) {
        $room = bytes(str_repeat(DIRT, 64));
        $code = $library->csGetVersionEx($room);
        say('version', $code, FFI::string(FFI::cast('char *', $room)), kept(FFI::string($room, 64), 16));
    },
    'order' => function () use ($library) {
        say('order close', $library->csCloseCom());
        [$code, $length, $record] = read('hisGetBasicData', []);
        say('order basic', $code, $length, person($record));
        [$code, $length, $record] = read('hisGetBasicData', [], 71);
        say('order small', $code, $length, kept($record, 0));
        say('order null', $library->hisGetBasicData(null, null));
        say('order back', $library->csUnGetSeqNumber('1010101010101'));
    },
    'upload' => function () use ($file) {
        $before = [$file, bytes('3' . RUBBISH), bytes('1' . RUBBISH)];
        [$code, $length, $receipt] = read('csUploadData', $before, 50);
        say('upload', $code, $length, text($receipt, 0, 22));
    },
    'names' => function () {
        foreach (explode('|', getenv('UPLOAD_NAMES')) as $name) {
            $before = [bytes($name . RUBBISH), bytes(strlen($name) . RUBBISH), bytes('1' . RUBBISH)];
            say('names', strlen($name), read('csUploadData', $before, 50)[0]);
        }
    },
    'chinese' => function () use ($library) {
        $item = mb_convert_encoding('流感疫', 'CP950', 'UTF-8');
        say('chinese', $library->hisWriteInoculateData('Z299999929', '0920315', $item, 'TEST0010'));
    },
    'offline' => function () use ($library) {
        say('offline open', $library->csOpenCom(0));
        [$code, $length] = read('hisGetBasicData', []);
        say('offline basic', $code, $length);
    },
];
foreach (array_slice($argv, 3) as $habit) {
    $habits[$habit]();
}
