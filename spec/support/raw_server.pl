# A TCP server that does what HTTP servers should not. Single-threaded; tells on standard output what happens.
#
#   perl raw_server.pl SCRIPT
#
# Each line of the file SCRIPT is what is done to one request, in the order in which requests are complete, whatever
# their connection; the last line goes for all that follow. Bytes are written in hexadecimal.
#   reply BYTES          answers and keeps the connection
#   reply-close BYTES    answers and closes it
#   close                closes it without an answer
#   hang                 nothing, ever
#   hold COUNT BYTES     answers once COUNT requests wait, all of them
#   endless HEAD MORE    sends HEAD and then MORE until the client has enough
#   tunnel               for a CONNECT: what a proxy does
# Lines of output: "listening PORT PID", "open C", "request C BYTES", "closed C" (by either side).
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

alarm 60; # never left behind
$SIG{PIPE} = 'IGNORE';
$| = 1;

open(my $file, '<', $ARGV[0]) or die "$ARGV[0]: $!";
chomp(my @script = <$file>);
close $file;

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64, Proto => 'tcp') or die "listen: $!";
print 'listening ', $listener->sockport, " $$\n";

my $select = IO::Select->new($listener);
my (%connections, @held, $count);

sub bytes { return pack 'H*', $_[0] // '' }

sub drop {
  my ($c) = @_;
  $select->remove($c->{socket});
  delete $connections{$c->{socket}};
  close $c->{socket};
  print "closed $c->{number}\n" if $c->{number};
}

sub send_all {
  my ($c, $text) = @_;
  while (length $text) {
    my $sent = syswrite $c->{socket}, $text;
    return 0 unless defined $sent;
    substr($text, 0, $sent) = '';
  }
  return 1;
}

# The backlog first: connections that came too early must show before the held are answered.
sub answer_held {
  accept_one() while IO::Select->new($listener)->can_read(0.05);
  send_all($_->[0], $_->[1]) for @held;
  @held = ();
}

sub endless {
  my ($c, $head, $more) = @_;
  my $sent = send_all($c, $head);
  for (my $i = 0; $sent && $i < 1_000_000; $i++) { $sent = send_all($c, $more) }
  drop($c);
}

sub tunnel {
  my ($c) = @_;
  my ($target) = $c->{request} =~ /^CONNECT (\S+) /;
  my $socket = IO::Socket::INET->new(PeerAddr => $target) or return drop($c);
  $connections{$socket} = { socket => $socket, number => 0, peer => $c };
  $c->{peer} = $connections{$socket};
  $select->add($socket);
  send_all($c, "HTTP/1.1 200 OK\r\n\r\n");
}

sub pass_on {
  my ($c) = @_;
  my $got = sysread $c->{socket}, my $text, 65536;
  return if $got && send_all($c->{peer}, $text);
  drop($_) for grep { $connections{$_->{socket}} } $c->{peer}, $c;
}

sub act {
  my ($c) = @_;
  my ($what, @rest) = split / /, @script > 1 ? shift @script : $script[0];
  if ($what eq 'reply') { send_all($c, bytes($rest[0])) }
  elsif ($what eq 'reply-close') { send_all($c, bytes($rest[0])); drop($c) }
  elsif ($what eq 'close') { drop($c) }
  elsif ($what eq 'hold') {
    push @held, [$c, bytes($rest[1])];
    answer_held() if @held >= $rest[0];
  }
  elsif ($what eq 'endless') { endless($c, bytes($rest[0]), bytes($rest[1])) }
  elsif ($what eq 'tunnel') { tunnel($c) }
}

# A client that begins with TLS: its first record is a request, too.
sub complete_record {
  my ($text) = @_;
  my $length = length $text < 5 ? 5 : 5 + unpack('x3 n', $text);
  return length $text >= $length ? $length : 0;
}

sub complete {
  my ($text) = @_;
  return complete_record($text) if $text =~ /^\x16\x03/;
  my $end = index $text, "\r\n\r\n";
  return 0 if $end < 0;
  my ($length) = substr($text, 0, $end) =~ /^content-length: *(\d+)/im;
  $length = $end + 4 + ($length // 0);
  return length $text >= $length ? $length : 0;
}

sub accept_one {
  my $socket = $listener->accept or return;
  my $c = { socket => $socket, number => ++$count, text => '' };
  $connections{$socket} = $c;
  $select->add($socket);
  print "open $c->{number}\n";
}

sub read_from {
  my ($c) = @_;
  return pass_on($c) if $c->{peer};
  my $got = sysread $c->{socket}, $c->{text}, 65536, length $c->{text};
  return drop($c) unless $got;
  while (my $length = complete($c->{text})) {
    $c->{request} = substr $c->{text}, 0, $length, '';
    print "request $c->{number} ", unpack('H*', $c->{request}), "\n";
    act($c);
    last unless $connections{$c->{socket}};
  }
}

while (1) {
  for my $ready ($select->can_read) {
    if ($ready == $listener) { accept_one() }
    elsif ($connections{$ready}) { read_from($connections{$ready}) }
  }
}
