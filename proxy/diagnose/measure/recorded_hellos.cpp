#include "proxy/diagnose/measure/recorded_hellos.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "certs/file_text.h"
#include "proxy/clients/classifier.h"
#include "proxy/clients/fingerprint.h"
#include "proxy/diagnose/read/lines.h"

namespace chainmend::diagnose {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostOfName = 64;

std::string type_of(const Json& line, const clients::ClientHello& hello) {
  const auto named = line.find("client_type");
  if (named != line.end() && named->is_string()) {
    return named->get<std::string>().substr(0, kMostOfName);
  }
  return std::string(clients::classify_hello(hello, clients::ja4(hello)).type.name());
}

// Adds what one line says.
class Reader {
 public:
  explicit Reader(RecordedHellos& out) : out_(out) {}

  // number: of the line in the file, for messages.
  void take(std::string_view text, std::uint64_t number) {
    number_ = number;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) {
      return;
    }
    ++out_.lines;
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) {
      bad("no JSON object");
      return;
    }
    const auto event = line.find("event");
    if (event != line.end() && *event == "dropped") {
      return;
    }
    const auto hello = line.find("hello");
    if (hello == line.end()) {
      ++out_.without_hello;
    } else if (!hello->is_string() || !add(line, hello->get_ref<const std::string&>())) {
      bad("\"hello\" is no ClientHello in base64");
    }
  }

 private:
  bool add(const Json& line, const std::string& base64) {
    std::optional<certs::Bytes> bytes = certs::decode_base64(base64);
    if (!bytes) {
      return false;
    }
    clients::FirstFlight flight = clients::parse_client_hello(*bytes);
    if (flight.kind != clients::FlightKind::hello) {
      return false;
    }
    if (out_.hellos.size() == RecordedHellos::kMost ||
        kept_ + bytes->size() > RecordedHellos::kMostBytes) {
      ++out_.left_out;
      return true;
    }
    kept_ += bytes->size();
    std::string type = type_of(line, flight.hello);
    out_.hellos.push_back({std::move(type), *std::move(bytes), std::move(flight.hello)});
    return true;
  }
  void bad(const char* why) {
    if (out_.bad++ == 0) {
      out_.first_bad = "line " + std::to_string(number_) + ": " + why;
    }
  }

  RecordedHellos& out_;
  std::uint64_t number_ = 0;
  std::size_t kept_ = 0;  // bytes
};

}  // namespace

RecordedHellos read_recorded_hellos(std::istream& log) {
  RecordedHellos out;
  Reader reader(out);
  const auto take = [&reader](std::string_view line, std::uint64_t number) {
    reader.take(line, number);
  };
  Lines lines;
  std::array<char, 65'536> block;
  do {
    log.read(block.data(), block.size());
    lines.feed({block.data(), static_cast<std::size_t>(log.gcount())}, take);
  } while (log);
  lines.finish(take);
  return out;
}

}  // namespace chainmend::diagnose
