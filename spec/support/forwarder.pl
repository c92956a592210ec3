# Passes bytes on between clients and a server, TLS or not. A signal USR1 closes all connections, as servers and
# firewalls do with idle ones.
#
#   perl forwarder.pl PORT [ADDRESS]    the server's port on 127.0.0.1; where to listen (127.0.0.1)
#
# Lines of output: "listening PORT PID CONTROL", then "closed N" after each signal: how many connections that were. What
# comes to the UDP port CONTROL of 127.0.0.1 is answered when it is done: "delay SECONDS", by which the server's bytes
# come later from then on; "cut", after which nothing is passed on; "mend".
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

alarm 60; # never left behind
$SIG{PIPE} = 'IGNORE';
$| = 1;

my ($server_port, $address) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => $address // '127.0.0.1', LocalPort => 0, Listen => 16, Proto => 'tcp')
  or die "listen: $!";
my $control = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "bind: $!";
print 'listening ', $listener->sockport, " $$ ", $control->sockport, "\n";

my $select = IO::Select->new($listener, $control);
my $only_control = IO::Select->new($control);
my %other; # each socket's counterpart
my %is_server;
my ($delay, $is_cut) = (0, 0);
my @late; # [when, to whom, bytes], in order
my $asked = 0;
$SIG{USR1} = sub { $asked = 1 };

sub forget {
  my ($socket) = @_;
  my @ends = ($socket, $other{$socket});
  for my $end (@ends) {
    $select->remove($end);
    delete $other{$end};
    delete $is_server{$end};
    close $end;
  }
}

sub close_all {
  my @ends = grep { $other{$_} } $select->handles;
  for my $end (@ends) { forget($end) if $other{$end} }
  $asked = 0;
  print 'closed ', @ends / 2, "\n";
}

sub connect_one {
  my $client = $listener->accept or return;
  my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server_port, Proto => 'tcp')
    or return close $client;
  @other{$client, $server} = ($server, $client);
  $is_server{$server} = 1;
  $select->add($client, $server);
}

sub send_all {
  my ($socket, $text) = @_;
  return unless $other{$socket};
  while (length $text) {
    my $sent = syswrite $socket, $text or return forget($socket);
    substr($text, 0, $sent) = '';
  }
}

sub pass_on {
  my ($socket) = @_;
  my $got = sysread $socket, my $text, 65536;
  return forget($socket) unless $got;
  return send_all($other{$socket}, $text) unless $delay && $is_server{$socket};
  push @late, [time + $delay, $other{$socket}, $text];
}

sub obey {
  my $from = $control->recv(my $text, 100) or return;
  $delay = $1 if $text =~ /^delay ([\d.]+)$/;
  $is_cut = $text eq 'cut' if $text =~ /^(?:cut|mend)$/;
  $control->send('done', 0, $from);
}

while (1) {
  for my $ready (($is_cut ? $only_control : $select)->can_read(@late ? 0.01 : 0.05)) {
    if ($ready == $control) { obey() }
    elsif ($ready == $listener) { connect_one() }
    elsif ($other{$ready}) { pass_on($ready) }
  }
  while (!$is_cut && @late && $late[0][0] <= time) { send_all(@{ shift @late }[1, 2]) }
  close_all() if $asked;
}
