#include "proxy/server/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

#include "config/quote.h"

namespace chainmend::server {

namespace {

constexpr std::uint32_t kBindLowPorts = 1U << CAP_NET_BIND_SERVICE;

using Capabilities = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

__user_cap_header_struct header_of_this_thread() { return {_LINUX_CAPABILITY_VERSION_3, 0}; }

// Leaves of the capabilities at most these, of the first 32; none to whatever we might execute.
// False with errno.
bool keep_only(std::uint32_t wanted) {
  auto header = header_of_this_thread();
  Capabilities now{};
  if (::syscall(SYS_capget, &header, now.data()) != 0) {
    return false;
  }
  const std::uint32_t kept = now[0].permitted & wanted;
  const Capabilities then{{{kept, kept, 0}, {0, 0, 0}}};
  return ::syscall(SYS_capset, &header, then.data()) == 0;
}

tl::unexpected<std::string> failed(const Account& account, const char* what) {
  const int why = errno;
  std::string text = "cannot become " + account.name + ": " + what + ": " + std::strerror(why);
  if (why == EPERM) {
    text += "; start chainmend as root, or as " + account.name + ", or leave process.user out";
  }
  return tl::unexpected(std::move(text));
}

tl::expected<void, std::string> change_ids(const Account& account) {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) {
    return failed(account, "PR_SET_KEEPCAPS");
  }
  if (::initgroups(account.name.c_str(), account.group) != 0) {
    return failed(account, "its groups");
  }
  if (::setresgid(account.group, account.group, account.group) != 0) {
    return failed(account, "its group");
  }
  if (::setresuid(account.user, account.user, account.user) != 0) {
    return failed(account, "its user id");
  }
  return {};
}

bool is_already(const Account& account) {
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  return ::getresuid(&real, &effective, &saved) == 0 && real == account.user &&
         effective == account.user && saved == account.user;
}

// ip(7): net.ipv4.ip_unprivileged_port_start. Containers often have 0.
unsigned first_free_port() {
  unsigned first = 1024;
  std::ifstream("/proc/sys/net/ipv4/ip_unprivileged_port_start") >> first;
  return first;
}

// getpwnam_r and getpwuid_r with the memory that they need.
template <typename Lookup>
tl::expected<Account, int> look_up(const Lookup& lookup) {
  constexpr std::size_t kMostMemory = 1 << 20;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> memory(1024);
  int error = lookup(&entry, memory.data(), memory.size(), &found);
  while (error == ERANGE && memory.size() < kMostMemory) {
    memory.resize(memory.size() * 2);
    error = lookup(&entry, memory.data(), memory.size(), &found);
  }
  if (found == nullptr) {
    return tl::unexpected(error);
  }
  return Account{found->pw_name, found->pw_uid, found->pw_gid};
}

}  // namespace

tl::expected<Account, std::string> find_account(const std::string& name) {
  const auto found = look_up([&name](auto... rest) { return ::getpwnam_r(name.c_str(), rest...); });
  if (!found) {
    // POSIX lets a system say in several ways that there is no such user.
    return tl::unexpected("there is no user " + config::quote(name) +
                          "; `useradd --system --user-group NAME` makes one");
  }
  return *found;
}

Account own_account() {
  const uid_t own = ::geteuid();
  const auto found = look_up([own](auto... rest) { return ::getpwuid_r(own, rest...); });
  return found ? *found : Account{std::to_string(own), own, ::getegid()};
}

bool has_low_ports(const config::Config& config) {
  const unsigned first = first_free_port();
  const auto is_low = [first](const config::Located<config::Endpoint>& at) {
    return at.value.port != 0 && at.value.port < first;
  };
  return (config.admin.listen && is_low(*config.admin.listen)) ||
         std::ranges::any_of(config.listeners, [&](const config::Listener& listener) {
           return std::ranges::any_of(listener.listen, is_low);
         });
}

bool may_bind_low_ports() {
  auto header = header_of_this_thread();
  Capabilities now{};
  return ::syscall(SYS_capget, &header, now.data()) == 0 && (now[0].effective & kBindLowPorts) != 0;
}

tl::expected<void, std::string> become(const Account& account, bool bind_low_ports) {
  if (!is_already(account)) {
    if (auto changed = change_ids(account); !changed) {
      return changed;
    }
  }
  if (!keep_only(bind_low_ports ? kBindLowPorts : 0)) {
    return failed(account, "capabilities");
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return failed(account, "no new privileges");
  }
  return {};
}

}  // namespace chainmend::server
