// TextReader: lines of any program: phones, proxies, load balancers, what clients print, events of
// Windows as text or CSV, articles that quote such lines.
#pragma once

#include <array>
#include <string>

#include "proxy/diagnose/read/handshake_reader.h"
#include "proxy/diagnose/read/w3c_reader.h"

namespace chainmend::diagnose {

class TextReader : public LineReader {
 public:
  TextReader(Tally& tally, certs::Time now)
      : LineReader(tally), now_(now), w3c_(tally), handshakes_(tally) {}
  void line(std::string_view line, std::uint64_t number) override;
  void finish() override;

 private:
  // A Schannel event whose alert may stand some lines below its number.
  struct OpenEvent {
    std::int64_t id = 0;  // 0: none
    std::int64_t alert = -1;
    std::optional<certs::Time> time;
    int lines = 0;
  };
  // stunnel tells the address once, and names the thread from then on.
  struct Accepted {
    std::string thread;
    std::string client;
  };

  void record(std::string_view text);
  bool takes_own(std::string_view text);
  bool takes_event(std::string_view text);
  void close_event();
  std::string_view client_of(std::string_view text, const Code& code);

  certs::Time now_;
  W3cReader w3c_;
  HandshakeReader handshakes_;
  std::string open_;  // a record that goes on in the next line
  int open_lines_ = 0;
  OpenEvent event_;
  std::optional<certs::Time> last_time_;  // the last one that a line of an event told
  std::array<Accepted, 64> accepted_;
  std::size_t next_accepted_ = 0;
};

}  // namespace chainmend::diagnose
