# Passes bytes on between clients and a server, TLS or not. A signal USR1 closes all connections, as servers and
# firewalls do with idle ones.
#
#   perl forwarder.pl PORT      the server's port on 127.0.0.1
#
# Lines of output: "listening PORT PID", then "closed N" after each signal: how many connections that were.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

alarm 60; # never left behind
$SIG{PIPE} = 'IGNORE';
$| = 1;

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16, Proto => 'tcp') or die "listen: $!";
print 'listening ', $listener->sockport, " $$\n";

my $select = IO::Select->new($listener);
my %other; # each socket's counterpart
my $asked = 0;
$SIG{USR1} = sub { $asked = 1 };

sub forget {
  my ($socket) = @_;
  my @ends = ($socket, $other{$socket});
  for my $end (@ends) {
    $select->remove($end);
    delete $other{$end};
    close $end;
  }
}

sub close_all {
  my @ends = grep { $_ != $listener } $select->handles;
  for my $end (@ends) { forget($end) if $other{$end} }
  $asked = 0;
  print 'closed ', @ends / 2, "\n";
}

sub connect_one {
  my $client = $listener->accept or return;
  my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ARGV[0], Proto => 'tcp') or return close $client;
  @other{$client, $server} = ($server, $client);
  $select->add($client, $server);
}

sub pass_on {
  my ($socket) = @_;
  my $got = sysread $socket, my $text, 65536;
  return forget($socket) unless $got;
  while (length $text) {
    my $sent = syswrite $other{$socket}, $text or return forget($socket);
    substr($text, 0, $sent) = '';
  }
}

while (1) {
  for my $ready ($select->can_read(0.05)) {
    if ($ready == $listener) { connect_one() }
    elsif ($other{$ready}) { pass_on($ready) }
  }
  close_all() if $asked;
}
