#include "proxy/diagnose/lint/rules.h"

namespace chainmend::diagnose {

namespace {

constexpr enums::Array<RuleInfo, Rule> kRules{{{
    {Severity::error, "an entry or a file that cannot be read as certificates"},
    {Severity::error, "a private key beside the certificates"},
    {Severity::error, "a certificate that another one signed, among the roots"},
    {Severity::error, "a root that names itself as its issuer, but was signed by another key"},
    {Severity::warning, "a certificate after its last day"},
    {Severity::warning, "a certificate before its first day"},
    {Severity::warning, "a root whose basicConstraints say that it is no CA"},
    {Severity::warning, "a key that clients of today refuse"},
    {Severity::note, "a root that signed itself with SHA-1 or MD5"},
    {Severity::warning, "the same certificate once more"},
    {Severity::note, "two roots with the same name and the same key"},
    {Severity::warning, "more than 100 roots"},
    {Severity::error, "a list of trusted issuers of more than 16 KB"},
    {Severity::note, "no root of the makers of Mitel and ShoreTel phones"},
}}};

}  // namespace

const RuleInfo& info_on(Rule rule) { return kRules[rule]; }

}  // namespace chainmend::diagnose
