#include "proxy/diagnose/explain/client_habits.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace chainmend::diagnose {

namespace {

// What is wrong with a list, in the order of the columns below.
constexpr std::array<std::string_view, 3> kFaults{"a list that leads to no root that it trusts",
                                                  "another name", "a date that is past"};

constexpr int kNone = -1;  // the handshake completes, and the connection is closed
constexpr int kUnseen = -2;

// Seen in TLS 1.2 with the versions of Debian 12 and Node.js 20, tests/e2e/explain.py.
struct Habit {
  std::string_view client;
  std::array<int, kFaults.size()> alerts;
  std::string_view when;  // may be empty
};
constexpr Habit kHabits[] = {
    {"OpenSSL 3, Python 3",
     {SSL_AD_UNKNOWN_CA, SSL_AD_BAD_CERTIFICATE, SSL_AD_CERTIFICATE_EXPIRED},
     ""},
    {"curl with OpenSSL", {SSL_AD_UNKNOWN_CA, kNone, SSL_AD_CERTIFICATE_EXPIRED}, ""},
    {"GnuTLS 3.7", {SSL_AD_BAD_CERTIFICATE, SSL_AD_BAD_CERTIFICATE, SSL_AD_BAD_CERTIFICATE}, ""},
    {"Java 17",
     {SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_CERTIFICATE_EXPIRED},
     ""},
    {"NSS 3.87 (Firefox)",
     {SSL_AD_UNKNOWN_CA, kUnseen, kUnseen},
     ", and only after the handshake has completed"},
    {"Node.js 20", {kNone, kNone, kNone}, ""},
};

// "a, b or c" of the faults whose alert is this one; empty: of none.
std::string faults_of(const Habit& habit, int alert) {
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < kFaults.size(); ++i) {
    if (habit.alerts.at(i) == alert) {
      found.push_back(kFaults.at(i));
    }
  }
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == found.size() ? " or " : ", ") + std::string(found[i]);
  }
  return text;
}

}  // namespace

std::vector<std::string> clients_that_send(std::uint8_t alert) {
  std::vector<std::string> out;
  for (const Habit& habit : kHabits) {
    if (const std::string faults = faults_of(habit, alert); !faults.empty()) {
      out.push_back(std::string(habit.client) + ": " + faults + std::string(habit.when));
    }
  }
  if (out.empty()) {
    return out;
  }
  for (const Habit& habit : kHabits) {
    if (const std::string faults = faults_of(habit, kNone); !faults.empty()) {
      out.push_back(std::string(habit.client) + " sends no alert of " + faults +
                    ": it completes the handshake and closes");
    }
  }
  return out;
}

}  // namespace chainmend::diagnose
