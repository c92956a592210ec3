# A server that means harm: does one thing to the first request, and answers those after it as it should.
#
#   perl hostile_server.pl WHAT [ARGUMENT ...]
#
#   body SIZE KIND        a body of SIZE bytes: letters, spaces (before a good answer), string, numbers, objects, arrays,
#                         words, ids, names, half (a good answer, cut), most (a good answer of many members), refused,
#                         nodes (small ones), percent and backslash (where a secret might begin), failed (entries)
#   headers               header lines without end           header    one header line without end
#   chunks                a chunked body without end         chunk     one that says it has 2^62 bytes
#   bomb SIZE             SIZE zero bytes, as gzip           interim STATUS   interim answers without end
#   reply BYTES           exactly these, in hexadecimal; then the connection is closed
#   keep BYTES            the same, and the connection stays
#   drip SECONDS BYTES MORE     these bytes at once, then MORE byte by byte, over and over
# Lines of output: "listening PORT PID"; "open N" for the N-th connection.
use strict;
use warnings;
use IO::Socket::INET;

alarm 60; # never left behind
$SIG{PIPE} = 'IGNORE';
$| = 1;

my ($what, @arguments) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 8, Proto => 'tcp') or die "listen: $!";
print 'listening ', $listener->sockport, " $$\n";

my $GOOD = '{"request_id":"r","http_code":200,"response":{"code":200,"error_data":null,"status":"success","data":{"id":"41512"}}}';
my $CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
my ($client, $alive);

# What begins a body, what is repeated, and what ends it.
my %KINDS = (
  letters => ['', 'x', ''],
  percent => ['', '%', ''],
  backslash => ['', '\\', ''],
  spaces  => ['', ' ', $GOOD],
  string  => ['{"request_id":"', 'x', '"}'],
  numbers => ['{"response":[', '0,', '0]}'],
  objects => ['{"response":[', '{"data":{}},', '{}]}'],
  arrays  => ['{"response":', '[', ''],
  words   => ['{"response":[', 'pstn,', 'pstn]}'],
  ids     => ['{"response":[', '{"id":1},', '{}]}'],
  names   => ['{"response":{"data":{', '"abcdefgh":"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",', '"a":0}}}'],
  half    => ['', ' ', substr $GOOD, 0, 60],
  most    => ['', ' ', most()],
  refused => ['', ' ', refused()],
  nodes   => ['', ' ', '{"response":[' . '{},' x 240000 . '{}]}'],
  failed  => ['', ' ', failed()],
);

# As much as is taken of values and of text, and an id that makes the reader write it all anew.
sub most {
  my $members = join ',', map { sprintf '"k%05d":"%s"', $_, 'v' x 32 } 1 .. 49900;
  return '{"response":{"code":200,"status":"success","data":{"id":1,' . $members . '}}}';
}

# A refusal with long texts in every field that an error has.
sub refused {
  my $long = 't' x 60000;
  return qq({"request_id":"$long","response":{"code":400,"status":"failure","error_data":{"code":1002,"message":"$long","description":"$long"}}});
}

# Entries that failed, with texts that a secret might begin at every character of.
sub failed {
  my $long = 'a' x 1000;
  my $entry = qq({"code":400,"status":"failure","error_data":{"code":1002,"message":"$long","description":"$long"},"data":null});
  return '{"response":[' . join(',', ($entry) x 950) . ']}';
}

sub send_all {
  my ($text) = @_;
  while ($alive && length $text) {
    my $sent = syswrite $client, $text;
    $alive = defined $sent;
    substr($text, 0, $sent) = '' if $alive;
  }
  return $alive;
}

sub send_without_end { my ($text) = @_; 1 while send_all($text) }

sub send_body {
  my ($size, $kind) = @_;
  my ($begin, $unit, $end) = @{ $KINDS{$kind} };
  my $left = $size - length($begin) - length $end;
  my $block = $unit x int(65536 / length $unit);
  send_all("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: $size\r\n\r\n$begin");
  for (; $alive && $left >= length $block; $left -= length $block) { send_all($block) }
  for (; $alive && $left >= length $unit; $left -= length $unit) { send_all($unit) }
  send_all(' ' x $left . $end);
}

sub bomb {
  my $bytes = `head -c $arguments[0] /dev/zero | gzip -9`;
  send_all("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " . length($bytes) . "\r\n\r\n$bytes");
}

sub drip {
  my ($seconds, $head, $more) = @_;
  send_all(pack 'H*', $head);
  while ($alive) {
    for my $byte (split //, pack 'H*', $more) {
      select undef, undef, undef, $seconds;
      send_all($byte) or return;
    }
  }
}

my %DEEDS = (
  body    => sub { send_body(@arguments) },
  headers => sub { send_all("HTTP/1.1 200 OK\r\n"); send_without_end('X-Filler: ' . 'x' x 1000 . "\r\n") },
  header  => sub { send_all("HTTP/1.1 200 OK\r\nX-Filler: "); send_without_end('x' x 65536) },
  chunks  => sub { send_all($CHUNKED); send_without_end("10000\r\n" . ' ' x 65536 . "\r\n") },
  chunk   => sub { send_all($CHUNKED . "4000000000000000\r\n"); send_without_end(' ' x 65536) },
  bomb    => \&bomb,
  interim => sub { send_without_end("HTTP/1.1 $arguments[0] Go on\r\nX-Filler: x\r\n\r\n") },
  reply   => sub { send_all(pack 'H*', $arguments[0]) },
  keep    => sub { send_all(pack 'H*', $arguments[0]) },
  drip    => sub { drip(@arguments) },
);

# False at the end of the connection.
sub read_request {
  my $text = '';
  until ($text =~ /\r\n\r\n/) { sysread($client, $text, 65536, length $text) or return 0 }
  my ($length) = $text =~ /^content-length: *(\d+)/im;
  my $whole = index($text, "\r\n\r\n") + 4 + ($length // 0);
  while (length $text < $whole) { sysread($client, $text, 65536, length $text) or return 0 }
  return 1;
}

my ($requests, $connections) = (0, 0);
while ($client = $listener->accept) {
  $alive = 1;
  print 'open ', ++$connections, "\n";
  while ($alive && read_request()) {
    if ($requests++ == 0) {
      $DEEDS{$what}->();
      $alive = 0 if $what eq 'reply';
    } else {
      send_all("HTTP/1.1 200 OK\r\nContent-Length: " . length($GOOD) . "\r\n\r\n$GOOD");
    }
  }
  close $client;
}
