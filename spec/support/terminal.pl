# Runs a program at a pseudo-terminal, and types for it: terminal.pl STEP ... -- COMMAND ...
# A step is size:COLUMNS (first: how wide it is; later: somebody makes it so wide), expect:TEXT (wait until that was shown since the last step), send:TEXT (type it; \n, \x03, \x1a as in Perl) or
# run:COMMAND (a shell command, with its output away).
# Prints what the terminal showed, and ends with the program's status (after a signal 128 plus its number).
use strict;
use warnings;
use Fcntl;
use POSIX ();

my ($TIOCSPTLCK, $TIOCGPTN, $TIOCSCTTY, $TIOCSWINSZ) = (0x40045431, 0x80045430, 0x540E, 0x5414); # Linux
my @steps;
push @steps, shift @ARGV while @ARGV && $ARGV[0] ne '--';
shift @ARGV;

sysopen(my $master, '/dev/ptmx', O_RDWR | O_NOCTTY) or die "no terminal: $!";
my $number = pack 'i', 0;
ioctl($master, $TIOCSPTLCK, $number) or die "unlock: $!";
ioctl($master, $TIOCGPTN, $number) or die "number: $!";
sub resize {
  my $size = pack 'S4', 24, $_[0], 0, 0;
  ioctl($master, $TIOCSWINSZ, $size) or die "size: $!";
}
if (@steps && $steps[0] =~ /^size:(\d+)$/) {
  resize($1);
  shift @steps;
}
my $path = '/dev/pts/' . unpack('i', $number);

my $child = fork // die "fork: $!";
if (!$child) {
  POSIX::setsid();
  sysopen(my $slave, $path, O_RDWR) or die "$path: $!";
  ioctl($slave, $TIOCSCTTY, 0);
  POSIX::dup2(fileno $slave, $_) for 0, 1, 2;
  close $_ for $slave, $master;
  exec @ARGV or POSIX::_exit(127);
}

my ($shown, $seen) = ('', 0);
# False at the end, where reading fails with EIO.
sub more {
  my $count = sysread $master, my $bytes, 4096;
  return 0 unless $count;
  $shown .= $bytes;
  return 1;
}
# Kept open, so that the terminal doesn't hang up before the program has opened it.
sysopen(my $keep, $path, O_RDWR | O_NOCTTY) or die "$path: $!";
for my $step (@steps) {
  my ($what, $text) = $step =~ /^(expect|send|run|size):(.*)$/s or die "no step: $step";
  if ($what eq 'size') { resize($text); next }
  if ($what eq 'run') { system("{ $text; } >/dev/null 2>&1") == 0 or die "failed: $text"; next }
  $text =~ s/\\(n|x03|x04|x1a)/{ n => "\n", x03 => "\x03", x04 => "\x04", x1a => "\x1a" }->{$1}/ge;
  if ($what eq 'send') { syswrite $master, $text; next }
  while (index($shown, $text, $seen) < 0) { waiting() or die "never shown: $text, but:\n$shown" }
  $seen = index($shown, $text, $seen) + length $text;
}
while (waiting()) { }
print $shown =~ s/\r\n/\n/gr;
exit(($? & 127) ? 128 + ($? & 127) : $? >> 8);

# Reads on; false when the program has ended and all was read.
my $ended;
sub waiting {
  while (1) {
    my $set = '';
    vec($set, fileno $master, 1) = 1;
    if (select(my $ready = $set, undef, undef, $ended ? 0 : 0.02)) { return 1 if more() }
    elsif ($ended) { return 0 }
    $ended ||= waitpid($child, POSIX::WNOHANG()) == $child;
  }
}
