# An SMSC made of Net::SMPP, an implementation that shares no line with ours: perl perl-smsc.pl PORT
# Prints what it takes, a line each, and sends a receipt for it.
use strict;
use warnings;
use Net::SMPP;

$| = 1;
my $server = Net::SMPP->new_listen('127.0.0.1', port => $ARGV[0], smpp_version => 0x34, interface_version => 0x34, async => 1)
  or die "cannot listen: $!";
print "listening\n";
my $count = 0;
while (1) {
  my $peer = $server->accept or next; # it gives up after five seconds
  while (my $pdu = $peer->read_pdu) {
    my ($cmd, $seq) = @$pdu{qw(cmd seq)};
    if ($cmd == 9) { $peer->bind_transceiver_resp(system_id => 'perl', seq => $seq) }
    elsif ($cmd == 0x15) { $peer->enquire_link_resp(seq => $seq) }
    elsif ($cmd == 6) { $peer->unbind_resp(seq => $seq); last }
    elsif ($cmd == 4) {
      my $id = 'p' . ++$count;
      print join("\t", 'took', @$pdu{qw(source_addr destination_addr esm_class data_coding)}, unpack('H*', $pdu->{short_message})), "\n";
      $peer->submit_sm_resp(message_id => $id, seq => $seq);
      $peer->deliver_sm(
        source_addr => $pdu->{destination_addr},
        destination_addr => $pdu->{source_addr},
        esm_class => 4,
        short_message => "id:$id sub:001 dlvrd:001 submit date:2611220900 done date:2611220901 stat:DELIVRD err:000 text:x",
      );
    }
    elsif ($cmd == 0x80000005) { print "acknowledged\t$pdu->{status}\n" }
    else { print "unexpected\t$cmd\n" }
  }
}
