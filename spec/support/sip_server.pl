# A server that does what SIP servers do and should not. Single-threaded; tells on standard output what happens.
#
#   perl sip_server.pl udp|tcp ADDRESS SCRIPT
#
# Each line of the file SCRIPT is what is done about one request, in their order; the last line goes for all that
# follow. Bytes are written in hexadecimal; {via}, {from}, {to}, {call-id} and {cseq} in them are the request's.
#   reply BYTES ...      answers, with each of these in a packet of its own
#   drip BYTES           answers byte by byte, one every 5 milliseconds
#   endless HEAD MORE    sends HEAD and then MORE until the client has enough
#   silent               nothing
#   close                closes the connection
#   greet BYTES          as the first line, by TCP: sends this to who connects, before any request
# Lines of output: "listening PORT PID", "request BYTES".
use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;

alarm 60; # never left behind
$SIG{PIPE} = 'IGNORE';
$| = 1;

my ($transport, $address, $path) = @ARGV;
open(my $file, '<', $path) or die "$path: $!";
chomp(my @script = <$file>);
close $file;

my $listener = IO::Socket::IP->new(LocalHost => $address, LocalPort => 0, Proto => $transport,
  $transport eq 'tcp' ? (Listen => 64) : ()) or die "listen: $@";
print 'listening ', $listener->sockport, " $$\n";

my $greeting;
$greeting = pack 'H*', (split / /, shift @script)[1] if $script[0] =~ /^greet /;

sub fill {
  my ($hex, $request) = @_;
  my $text = pack 'H*', $hex // '';
  my %values = $request =~ /^(via|from|to|call-id|cseq): *(.*?)\r$/gmi;
  my %lower = map { lc($_) => $values{$_} } keys %values;
  $text =~ s/\{([a-z-]+)\}/$lower{$1} \/\/ "{$1}"/ge;
  return $text;
}

# What is sent by; false when nobody takes it any more.
sub act {
  my ($request, $send) = @_;
  print 'request ', unpack('H*', $request), "\n";
  my ($what, @rest) = split / /, @script > 1 ? shift @script : $script[0];
  if ($what eq 'reply') { $send->(fill($_, $request)) or return 0 for @rest }
  elsif ($what eq 'drip') { for (split //, fill($rest[0], $request)) { $send->($_) or return 0; select undef, undef, undef, 0.005 } }
  elsif ($what eq 'endless') {
    $send->(fill($rest[0], $request)) or return 0;
    my $more = fill($rest[1], $request);
    $more x= 1 + 20000 / length $more;

    1 while $send->($more);
  }
  return $what ne 'close' && $what ne 'endless';
}

sub serve_udp {
  while (defined(my $peer = $listener->recv(my $request, 65536))) { act($request, sub { $listener->send($_[0], 0, $peer) }) }
}

sub send_all {
  my ($socket, $text) = @_;
  while (length $text) {
    my $sent = syswrite $socket, $text;
    return 0 unless defined $sent;
    substr($text, 0, $sent) = '';
  }
  return 1;
}

my (%texts, $select);

sub drop {
  my ($socket) = @_;
  $select->remove($socket);
  delete $texts{$socket};
  close $socket;
}

sub read_from {
  my ($socket) = @_;
  return drop($socket) unless sysread $socket, $texts{$socket}, 65536, length $texts{$socket};
  while ($texts{$socket} =~ s/^(.*?\r\n\r\n)//s) {
    return drop($socket) unless act($1, sub { send_all($socket, $_[0]) });
  }
}

sub accept_one {
  my $socket = $listener->accept or return;
  $texts{$socket} = '';
  $select->add($socket);
  send_all($socket, $greeting) if defined $greeting;
}

sub serve_tcp {
  $select = IO::Select->new($listener);
  while (1) { $_ == $listener ? accept_one() : read_from($_) for $select->can_read }
}

$transport eq 'udp' ? serve_udp() : serve_tcp();
