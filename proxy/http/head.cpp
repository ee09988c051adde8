#include "proxy/http/head.h"

namespace chainmend::http {

const Field* MessageHead::find(std::string_view name) const noexcept {
  for (const Field& field : fields) {
    if (same_name(field.name, name)) {
      return &field;
    }
  }
  return nullptr;
}

const Field* MessageHead::find(FieldId id) const noexcept {
  for (const Field& field : fields) {
    if (field.id == id) {
      return &field;
    }
  }
  return nullptr;
}

bool MessageHead::connection_lists(std::string_view name) const noexcept {
  for (const std::string_view option : connection_options) {
    if (same_name(option, name)) {
      return true;
    }
  }
  return false;
}

void MessageHead::clear_common() noexcept {
  storage.clear();
  fields.clear();
  connection_options.clear();
  version = Version::http11;
  framing = Framing::none();
  content_length.reset();
  keep_alive = true;
  upgrade = {};
}

void RequestHead::clear() noexcept {
  clear_common();
  method = target = path = query = authority = host = {};
  form = TargetForm::origin;
  port.reset();
  https_target = expects_continue = false;
  max_forwards.reset();
}

void ResponseHead::clear() noexcept {
  clear_common();
  status = 0;
  reason = {};
}

}  // namespace chainmend::http
