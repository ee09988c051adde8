#include "proxy/clients/evidence.h"

#include <array>
#include <cstddef>

namespace chainmend::clients {
namespace {

constexpr std::size_t kMostLookedAt = 512;  // of a User-Agent

struct Product {
  std::string_view word;  // at the start of the field, or of a word or comment in it
  std::string_view type;
  std::string_view also = {};  // elsewhere in it
};

// The first row that fits counts: several clients name another product, or two, beside themselves.
constexpr std::array kProducts = {
    Product{"OCPhone/", "lync_phone_edition"},
    Product{"CPE/", "lync_phone_edition"},
    Product{"Polycom", "polycom_phone"},
    Product{"OC/", "lync_desktop"},
    Product{"UCCAPI/", "lync_desktop"},
    Product{"MacOutlook/", "outlook_mac"},
    Product{"Microsoft-MacOutlook/", "outlook_mac"},
    Product{"Mac OS X/", "apple_mail", "ExchangeWebServices/"},
    Product{"macOS/", "apple_mail", "ExchangeWebServices/"},
    Product{"Apple-iP", "ios"},  // iPhone, iPad, iPod
    Product{"iOS/", "ios"},
    Product{"Android/2.", "android_2"},
    Product{"Android/4.", "android_4"},
    Product{"Android/", "android_5plus", "-EAS"},
    Product{"Microsoft Office/", "outlook_windows", "Outlook"},
    Product{"ExchangeServicesClient/", "dotnet_ews"},
    Product{"MS-WebServices/", "dotnet_ews"},
    Product{"MS Web Services Client Protocol", "dotnet_ews"},
    Product{"Java/1.6", "java_6"},
    Product{"Java/1.7", "java_7"},
    Product{"Java/", "java_8plus"},
    Product{"check_http/", "monitor"},
    Product{"Zabbix", "monitor"},
    Product{"Blackbox Exporter/", "monitor"},
    Product{"kube-probe/", "monitor"},
    Product{"Pingdom", "monitor"},
    Product{"UptimeRobot/", "monitor"},
    Product{"AMProbe/", "monitor"},  // Exchange's own
    Product{"MSEXCHMON", "monitor"},
    Product{"curl/", "tool"},
    Product{"Wget/", "tool"},
    Product{"python-requests/", "tool"},
    Product{"Go-http-client/", "tool"},
};

struct Path {
  std::string_view path;
  std::string_view type;
};
constexpr std::array kPaths = {
    Path{"/shoreauth/certauth", "mitel_ip400"},  // the phone's browser engine says Mozilla/5.0
};

bool starts_word(std::string_view text, std::size_t at) {
  return at == 0 || std::string_view(" (;").find(text[at - 1]) != std::string_view::npos;
}

bool mentions(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    if (starts_word(text, at)) {
      return true;
    }
  }
  return false;
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::optional<ClientType> told_by(std::string_view user_agent, std::string_view normalised_path) {
  for (const Path& row : kPaths) {
    if (is_below(normalised_path, row.path)) {
      return ClientType::known(row.type);
    }
  }
  const std::string_view text = user_agent.substr(0, kMostLookedAt);
  for (const Product& row : kProducts) {
    if (mentions(text, row.word) && text.find(row.also) != std::string_view::npos) {
      return ClientType::known(row.type);
    }
  }
  return std::nullopt;
}

}  // namespace chainmend::clients
