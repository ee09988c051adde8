#include "proxy/diagnose/lint/profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "certs/leaf_file.h"
#include "certs/profile_chains.h"

namespace chainmend::diagnose {

namespace {

// "'mail' -> 'Server CA' -> 'Primary CA'".
std::string list_text(const certs::ServedChain& chain) {
  std::string text;
  for (const certs::Candidate& one : chain.certificates) {
    const std::string name = one.certificate->common_name();
    text +=
        (text.empty() ? "'" : " -> '") + (name.empty() ? one.certificate->subject() : name) + "'";
  }
  return text + (chain.anchor == nullptr ? "" : ", below '" + chain.anchor->subject() + "'");
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "'" : ", '") + name + "'";
  }
  return text;
}

// What those who refuse the list should be sent.
std::string fix_for(const certs::TrustProfile& profile, const certs::ProfileChains& chains) {
  if (std::ranges::find(chains.accepted_by, profile.name()) != chains.accepted_by.end()) {
    return "send " + list_text(chains.common) + "; --fix FILE writes it";
  }
  const auto left = std::ranges::find_if(chains.left_out, [&](const certs::LeftOut& one) {
    return one.profile->name() == profile.name();
  });
  if (left == chains.left_out.end() || !left->own.complete) {
    return "give the intermediates that lead to one of their roots with --bundle FILE, or put the "
           "root of the list into their store";
  }
  return "send them a list of their own, " + list_text(left->own) +
         (left->needs == nullptr ? ""
                                 : "; or put the root '" + left->needs->subject() +
                                       "' into their store, and one list suits all");
}

}  // namespace

ProfilesVerdict lint_profiles(const ProfilesQuestion& question) {
  std::vector<certs::FoundCertificate> found;
  for (const Entry& entry : question.entries) {
    found.push_back({entry.certificate, entry.place.file, entry.place.line});
  }
  const certs::LeafFile file = certs::make_leaf_file(found, certs::pick_leaf(found));
  const certs::ServeOptions options{.search = {.at = question.now}};
  const certs::ProfileChains chains =
      certs::build_profile_chains(file, question.sources, question.profiles, options);
  ProfilesVerdict verdict;
  for (const certs::TrustProfilePtr& profile : question.profiles) {
    const certs::ServedChain given = certs::serve_as_given(file, *profile, options);
    if (!given.complete) {
      verdict.findings.push_back({{to_string(Rule::profile_refuses),
                                   info_on(Rule::profile_refuses).severity,
                                   {},
                                   "clients that have the roots of '" + profile->name() +
                                       "' refuse the list as it is: " + given.failure->describe(),
                                   fix_for(*profile, chains)},
                                  {question.entries.front().place.file, 0, 0},
                                  {},
                                  {}});
    }
  }
  if (chains.accepted_by.empty()) {
    verdict.facts.emplace_back("No list leads to a root of any trust profile.");
    return verdict;
  }
  verdict.facts.push_back("For " + joined(chains.accepted_by) + ": " + list_text(chains.common) +
                          ".");
  for (const certs::LeftOut& one : chains.left_out) {
    verdict.facts.push_back(
        "For '" + one.profile->name() + "': " +
        (one.own.complete ? list_text(one.own) : std::string("no list leads to one of its roots")) +
        ".");
  }
  for (const certs::Candidate& one : chains.common.certificates) {
    verdict.common.push_back(one.certificate);
  }
  return verdict;
}

}  // namespace chainmend::diagnose
