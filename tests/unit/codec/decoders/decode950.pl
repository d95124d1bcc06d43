# As Decode950.java, by Perl's Encode.
use strict;
use warnings;
use Encode qw(decode encode FB_CROAK);

$| = 1;
while (my $line = <STDIN>) {
    chomp $line;
    my $text = decode('cp950', pack('H*', $line), FB_CROAK);
    my $points = join '+', map { sprintf '%x', ord } split //, $text;
    print $points, ' ', unpack('H*', encode('cp950', $text, FB_CROAK)), "\n";
}
