<?php
// As Decode950.java, by PHP's mbstring.
while (($line = fgets(STDIN)) !== false) {
    $text = mb_convert_encoding(hex2bin(trim($line)), 'UTF-8', 'CP950');
    $points = implode('+', array_map(fn ($character) => dechex(mb_ord($character, 'UTF-8')), mb_str_split($text)));
    echo $points, ' ', bin2hex(mb_convert_encoding($text, 'CP950', 'UTF-8')), "\n";
}
