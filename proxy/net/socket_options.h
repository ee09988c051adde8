// The socket options of every connection: no Nagle, as whoever writes here writes all there is, and
// probes for a peer that vanished without a word (a phone out of reach, a NAT that forgot), which
// is noticed after two minutes also while we only wait; the probes keep NATs from forgetting.
//
// A listening socket hands them down to those it accepts (Linux), which saves each of them the
// system calls.
#pragma once

namespace chainmend::net {

void set_tcp_options(int fd);  // failures are ignored: a connection works without them

// Looks every few seconds whether the peer still knows of the connection.
void probe_often(int fd);

}  // namespace chainmend::net
