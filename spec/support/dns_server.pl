# A name server for a zone of its own, by UDP and TCP on one port. Tells on standard output what it is asked.
#
#   perl dns_server.pl ZONE
#
# Lines of the file ZONE:
#   NAME A|AAAA ADDRESS
#   NAME CNAME NAME
#   NAME SRV PRIORITY WEIGHT PORT NAME
#   NAME silent | servfail      no answer, whatever is asked; it can't say
#   NAME truncate               over UDP says that the answer is too long
#   NAME garbage                answers with what is no DNS
# What is not there is said not to be. Lines of output: "listening PORT PID", "NAME TYPE udp|tcp".
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(AF_INET AF_INET6 inet_pton);

alarm 60; # never left behind
$SIG{PIPE} = 'IGNORE';
$| = 1;

my %TYPES = (A => 1, CNAME => 5, AAAA => 28, SRV => 33);
my %NAMES = reverse %TYPES;
my (%records, %ways);
open(my $file, '<', $ARGV[0]) or die "$ARGV[0]: $!";
while (<$file>) {
  my ($name, $type, @data) = split or next;
  if ($TYPES{$type}) { push @{ $records{lc $name} }, [$type, @data] } else { $ways{lc $name}{$type} = 1 }
}
close $file;

my ($udp, $tcp);
until ($tcp) {
  $udp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "listen: $!";
  $tcp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $udp->sockport, Proto => 'tcp', Listen => 8);
}
print 'listening ', $udp->sockport, " $$\n";

sub name_bytes { return join('', map { pack 'C/a', $_ } grep { length } split /\./, $_[0]) . "\0" }

sub data_bytes {
  my ($type, @data) = @_;
  return inet_pton(AF_INET, $data[0]) if $type eq 'A';
  return inet_pton(AF_INET6, $data[0]) if $type eq 'AAAA';
  return name_bytes($data[0]) if $type eq 'CNAME';
  return pack('nnn', @data[0 .. 2]) . name_bytes($data[3]);
}

sub record_bytes {
  my ($name, $type, @data) = @_;
  return name_bytes($name) . pack('nnN n/a', $TYPES{$type}, 1, 60, data_bytes($type, @data));
}

# With an alias, what it stands for as well.
sub answers {
  my ($name, $type) = @_;
  my @found;
  for my $record (@{ $records{lc $name} // [] }) {
    push @found, record_bytes($name, @$record) if $record->[0] eq $type;
    push @found, record_bytes($name, @$record), answers($record->[1], $type) if $record->[0] eq 'CNAME';
  }
  return @found;
}

sub question {
  my ($query) = @_;
  my ($at, @labels) = 12;
  while (my $length = unpack "x$at C", $query) {
    push @labels, substr $query, $at + 1, $length;
    $at += 1 + $length;
  }
  return (join('.', @labels), $NAMES{ unpack 'x' . ($at + 1) . ' n', $query } // '?', substr $query, 12, $at - 7);
}

# undef: nothing
sub reply {
  my ($query, $how) = @_;
  my ($name, $type, $asked) = question($query);
  my $way = $ways{lc $name} // {};
  print "$name $type $how\n";
  return undef if $way->{silent};
  return "\xff" x 40 if $way->{garbage};
  my $header = sub { return pack('a2 n n n n n', $query, @_, 0, 0) . $asked };
  return $header->(0x8182, 1, 0) if $way->{servfail};
  return $header->(0x8380, 1, 0) if $way->{truncate} && $how eq 'udp';
  my @found = answers($name, $type);
  my $code = $records{lc $name} ? 0x8180 : 0x8183;
  return $header->($code, 1, scalar @found) . join '', @found;
}

sub serve_udp {
  my $peer = $udp->recv(my $query, 4096) // return;
  my $reply = reply($query, 'udp');
  $udp->send($reply, 0, $peer) if defined $reply;
}

sub serve_tcp {
  my $socket = $tcp->accept or return;
  sysread $socket, my $query, 4096;
  my $reply = reply(substr($query, 2), 'tcp');
  syswrite $socket, pack 'n/a', $reply if defined $reply;
}

my $select = IO::Select->new($udp, $tcp);
while (1) { $_ == $udp ? serve_udp() : serve_tcp() for $select->can_read }
