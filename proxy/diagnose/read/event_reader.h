// EventReader: events of Windows' Schannel as XML, as the Event Viewer saves them and wevtutil
// prints them. It takes pieces that end with ">", because all events may stand in one line.
#pragma once

#include <string>

#include "proxy/diagnose/read/line_reader.h"

namespace chainmend::diagnose {

class EventReader : public LineReader {
 public:
  EventReader(Tally& tally, certs::Time now) : LineReader(tally), now_(now) {}
  void line(std::string_view piece, std::uint64_t number) override;

 private:
  void event(std::string_view xml, std::uint64_t number);

  certs::Time now_;
  std::string open_;  // an event whose end has not come
};

// True for the two events that tell of an alert, received and sent.
bool tells_alert(std::int64_t event);

// The sighting of a Schannel event, by its number and the alert that it tells; said is null when
// there is no such event. alert: -1 when it tells none. Only said, why and problem are set.
Sighting schannel_event(std::int64_t event, std::int64_t alert);

}  // namespace chainmend::diagnose
