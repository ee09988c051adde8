#include "tests/certs/scenario.h"

#include <fmt/format.h>

#include <sstream>
#include <stdexcept>

namespace chainmend::certs::testing {

namespace {

Line parse_line(const std::string& text, std::size_t number) {
  Line line{.number = number, .words = {}, .values = {}};
  std::string word;
  bool quoted = false;
  for (const char c : text + " ") {
    if (c == '"') {
      quoted = !quoted;
    } else if (c != ' ' || quoted) {
      word += c;
    } else if (const auto equals = word.find('='); equals != std::string::npos) {
      line.values[word.substr(0, equals)] = word.substr(equals + 1);
      word.clear();
    } else if (!word.empty()) {
      line.words.push_back(std::move(word));
      word.clear();
    }
  }
  return line;
}

int string_type(const std::string& name) {
  static const std::map<std::string, int> kTypes{{"utf8", V_ASN1_UTF8STRING},
                                                 {"printable", V_ASN1_PRINTABLESTRING},
                                                 {"teletex", V_ASN1_T61STRING},
                                                 {"bmp", V_ASN1_BMPSTRING}};
  return kTypes.at(name);
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) {
    if (!part.empty()) {
      parts.push_back(part);
    }
  }
  return parts;
}

const std::string& Line::value(const std::string& key, const std::string& otherwise) const {
  const auto found = values.find(key);
  return found == values.end() ? otherwise : found->second;
}

// A date, or days from now: +30d, -1d.
Time Scenario::time_of(const std::string& text) const {
  if (text.ends_with('d') && (text.starts_with('+') || text.starts_with('-'))) {
    return now_ + std::chrono::days(std::stoi(text));
  }
  const auto time = parse_time(text);
  if (!time) {
    throw std::runtime_error(time.error().text);
  }
  return *time;
}

Scenario::Scenario(std::string text, const Setting& setting) : now_(setting.now), at_(setting.now) {
  replace_all(text, "{web}", setting.web);
  std::istringstream in(text);
  std::size_t number = 0;
  for (std::string raw; std::getline(in, raw);) {
    ++number;
    if (raw.empty() || raw.front() == '#') {
      continue;
    }
    const Line line = parse_line(raw, number);
    try {
      read(line);
    } catch (const std::exception& error) {
      throw std::runtime_error(fmt::format("line {}: {}", number, error.what()));
    }
  }
}

void Scenario::read(const Line& line) {
  const std::string& kind = line.words.at(0);
  if (kind == "at") {
    at_ = time_of(line.words.at(1));
  } else if (kind == "case" || kind == "profiles" || kind == "lint") {
    cases_.push_back(line);
  } else if (kind == "decoys") {
    make_decoys(line);
  } else if (kind == "roots" || kind == "leaves") {
    make_many(line, kind == "roots" ? "root" : "leaf");
  } else if (kind == "root" || kind == "ca" || kind == "leaf") {
    make_certificate(line);
  } else if (kind == "wire") {
    over_the_wire_ = true;
  } else if (!over_the_wire_) {
    throw std::runtime_error("no line begins with '" + kind + "'");
  }
}

void Scenario::make_certificate(const Line& line) {
  const std::string& kind = line.words.at(0);
  const std::string& alias = line.words.at(1);
  Spec spec;
  spec.subject = line.value("subject", "CN=" + alias);
  spec.string_type = string_type(line.value("type", "utf8"));
  spec.issuer_subject = line.value("issuer_name", "");
  spec.issuer_string_type = string_type(line.value("issuer_type", "utf8"));
  if (kind != "root") {
    spec.issuer = &identity(line.values.at("issuer"));
  }
  SharedKey& key = keys_[line.value("key", alias)];
  if (key == nullptr) {
    key = line.value("alg", "ec") == "ec" ? make_ec_key()
                                          : make_rsa_key(std::stoi(line.values.at("alg")));
  }
  spec.key = key;
  spec.digest = EVP_get_digestbyname(line.value("digest", "sha256").c_str());
  spec.not_before = time_of(line.value("from", "-2192d"));
  spec.not_after = time_of(line.value("to", kind == "leaf" ? "+365d" : "+1461d"));
  spec.basic_constraints = line.value("bc", kind == "leaf" ? "" : "critical,CA:TRUE");
  spec.key_usage = line.value("ku", "");
  spec.extended_key_usage = line.value("eku", kind == "leaf" ? "serverAuth" : "");
  spec.alternative_names = line.value("san", kind == "leaf" ? "DNS:mail.example" : "");
  spec.name_constraints = line.value("nc", "");
  spec.aia_urls = split(line.value("aia", ""), ' ');
  spec.subject_key_id = line.value("ski", "") != "none";
  if (spec.subject_key_id && line.values.contains("ski")) {
    spec.other_subject_key_id = bytes_of(line.values.at("ski"));
  }
  spec.authority.key_id = line.value("aki", "") != "none";
  if (spec.authority.key_id && line.values.contains("aki")) {
    spec.authority.other_key_id = bytes_of(line.values.at("aki"));
  }
  if (line.values.contains("aki_serial")) {
    spec.authority.serial_of = &identity(line.values.at("aki_serial"));
  }
  spec.unknown_critical_extension = line.values.contains("critical");
  spec.broken_signature = line.values.contains("broken");
  identities_[alias] = issue(spec);
}

// Certificates that only look the part: alias1, alias2, ... of one subject, each by a root of its
// own.
void Scenario::make_decoys(const Line& line) {
  const std::string& alias = line.words.at(1);
  const Identity stranger = make_root(line.value("issuer_name", "CN=Stranger"));
  for (int i = 1; i <= std::stoi(line.words.at(2)); ++i) {
    const std::string name = alias + std::to_string(i);
    identities_[name] = make_ca(line.value("subject", "CN=" + name), stranger);
  }
}

// alias1, alias2, ...; leaves are for alias1.example, alias2.example, ...
void Scenario::make_many(const Line& line, const std::string& kind) {
  for (int i = 1; i <= std::stoi(line.words.at(2)); ++i) {
    const std::string name = line.words.at(1) + std::to_string(i);
    Line one{.number = line.number, .words = {kind, name}, .values = line.values};
    if (kind == "leaf") {
      one.values["san"] = "DNS:" + name + ".example";
    }
    make_certificate(one);
  }
}

Identity& Scenario::identity(const std::string& alias) {
  const auto found = identities_.find(alias);
  if (found == identities_.end()) {
    throw std::runtime_error("no certificate '" + alias + "'");
  }
  return found->second;
}

// "I1,I2,D*": aliases separated by commas; a star at the end stands for any number.
std::vector<const Identity*> Scenario::identities(const std::string& aliases) const {
  std::vector<const Identity*> all;
  for (const std::string& wanted : split(aliases, ',')) {
    const bool open = wanted.ends_with('*');
    const std::string start = wanted.substr(0, wanted.size() - (open ? 1 : 0));
    const std::size_t before = all.size();
    for (const auto& [alias, identity] : identities_) {
      if (open ? alias.starts_with(start) && alias != start : alias == start) {
        all.push_back(&identity);
      }
    }
    if (all.size() == before) {
      throw std::runtime_error("no certificate '" + wanted + "'");
    }
  }
  return all;
}

}  // namespace chainmend::certs::testing
