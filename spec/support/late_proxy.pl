# Passes HTTP requests on to a server, but delivers one of them late: long after its client has given up.
#
#   perl late_proxy.pl PORT PATTERN COUNT
#
# PORT is the server's, on 127.0.0.1. The first request that PATTERN matches at its start is kept and not answered. It is delivered
# when COUNT further requests were passed on, before the last of those is answered; its own answer is thrown away.
# Lines of output: "listening PORT PID", then "delivered".
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

alarm 60; # never left behind
$SIG{PIPE} = 'IGNORE';
$| = 1;

my ($port, $pattern, $left) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16, Proto => 'tcp') or die "listen: $!";
print 'listening ', $listener->sockport, " $$\n";

my $select = IO::Select->new($listener);
my %text; # what has come of a request, by socket
my ($seen, $kept);

# The length of the message that a text begins with, or 0 while it is not whole.
sub whole {
  my ($bytes) = @_;
  my $end = index $bytes, "\r\n\r\n";
  return 0 if $end < 0;
  my ($length) = substr($bytes, 0, $end) =~ /^content-length: *(\d+)/im;
  $length = $end + 4 + ($length // 0);
  return length $bytes >= $length ? $length : 0;
}

sub ask {
  my ($request) = @_;
  my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp') or die "connect: $!";
  syswrite $server, $request;
  my $answer = '';
  while (!whole($answer)) { last unless sysread $server, $answer, 65536, length $answer }
  close $server;
  return $answer;
}

sub deliver {
  ask($kept);
  $kept = undef;
  print "delivered\n";
}

sub take {
  my ($client, $request) = @_;
  if (!$seen && $request =~ /^$pattern/) {
    ($seen, $kept) = (1, $request);
    return;
  }
  my $answer = ask($request);
  deliver() if defined $kept && --$left == 0;
  syswrite $client, $answer;
}

sub read_from {
  my ($client) = @_;
  my $name = fileno $client;
  unless (sysread $client, $text{$name}, 65536, length($text{$name} //= '')) {
    $select->remove($client);
    delete $text{$name};
    close $client;
    return;
  }
  while (my $length = whole($text{$name})) { take($client, substr $text{$name}, 0, $length, '') }
}

while (1) {
  for my $ready ($select->can_read) {
    if ($ready == $listener) { $select->add($listener->accept) }
    else { read_from($ready) }
  }
}
