// Privileges: a process that root started becomes the user of process.user before it opens anything
// but the configuration, so that what its start could read and bind, each reload can, too. Of
// root's powers one is kept, and only where a listener needs it: to bind ports below 1024.
#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>

#include "config/config.h"

namespace chainmend::server {

struct Account {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;  // its first
};

// The error says how such a user is made.
tl::expected<Account, std::string> find_account(const std::string& name);
// Who runs this process: the effective user. By its number, where it has no name.
Account own_account();

// True when a listener, or the admin listener, has a port that only CAP_NET_BIND_SERVICE may bind.
bool has_low_ports(const config::Config& config);

// True when this thread may bind such ports.
bool may_bind_low_ports();

// Turns this process into one of the account, with all groups that it is in, for good: no
// set-user-id program gives anything back (PR_SET_NO_NEW_PRIVS). bind_low_ports: keeps
// CAP_NET_BIND_SERVICE, if it is there. Only while there is one thread, as capabilities belong to
// threads. On error the process must end: half of it may be done.
tl::expected<void, std::string> become(const Account& account, bool bind_low_ports);

}  // namespace chainmend::server
